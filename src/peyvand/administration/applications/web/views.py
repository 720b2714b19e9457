"""The page of applications: those that are registered here, and those that act for oneself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.applications.actions import end_consent, register_application, remove_application
from peyvand.administration.applications.models import Application, Grant
from peyvand.administration.applications.web import APPLICATIONS
from peyvand.administration.members.public import SCOPES, in_words
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Flag, LongText, Text
from peyvand.web.objects.dialogs import answered, done
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

FIELDS = (
    Text(key="name", label=_("Name"), required=True, max_length=100, help=_("As people will read it when they are asked.")),
    LongText(key="redirect_uris", label=_("Addresses to come back to"), max_length=4000, help=_("One on each line.")),
    SCOPES,
    Flag(key="is_public", label=_("It cannot keep a secret"), help=_("An app on a phone, a page in a browser.")),
    Flag(key="is_service", label=_("It may come without a person"), help=_("It then acts for you, within what is chosen above.")),
)  # fmt: skip


@require_GET
def applications(request: HttpRequest, workspace: str) -> HttpResponse:
    """The page; with ``part`` only its lists, for they follow changes."""
    ctx = context_of(request)
    demand(ctx.actor, APPLICATIONS.operation)
    assert ctx.actor.user_id is not None  # whoever looks at a page is a user
    may_register = bool(decide(ctx.actor, "application.register"))
    here = Application.objects.filter(workspace_id=ctx.tenant.id, revoked_at=None).order_by("name", "id")
    mine = Grant.objects.filter(
        workspace_id=ctx.tenant.id, user_id=ctx.actor.user_id, revoked_at=None, code_used_at__isnull=False
    )
    context = {
        "may_register": may_register,
        "registered": [(a, in_words(a.scopes)) for a in here] if may_register else [],
        "grants": [(g, in_words(g.scopes)) for g in mine.select_related("application").order_by("-id")[:200]],
    }
    if "part" in request.GET:
        return render(request, "applications/_lists.html", context)
    return render_settings(request, APPLICATIONS, "applications/page.html", context)


@require_http_methods(["GET", "POST"])
def new_application(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that registers one, and then shows its identity and secret this once."""
    ctx = context_of(request)
    demand(ctx.actor, "application.register")

    def register(values: dict[str, Any]) -> HttpResponse:
        application, secret = register_application(
            ctx, name=values["name"], redirect_uris=(values["redirect_uris"] or "").split(), scopes=values["scopes"] or (),
            is_public=bool(values["is_public"]), is_service=bool(values["is_service"]),
        )  # fmt: skip
        shown = {"application": application, "secret": secret}
        response = render(request, "applications/_secret.html", shown)
        return with_events(response, changed={"object": "user", "ids": [ctx.actor.user_id]})

    return answered(request, _("Register an application"), FIELDS, {}, register, button=_("Register"))


@require_POST
def remove(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Make an application unknown."""
    ctx = context_of(request)
    remove_application(ctx, id)
    return _over(request, ctx, gettext("The application is removed."))


@require_POST
def end(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """End what an application may do for oneself."""
    ctx = context_of(request)
    end_consent(ctx, id)
    return _over(request, ctx, gettext("It may do nothing for you any more."))


def _over(request: HttpRequest, ctx: Context, words: str) -> HttpResponse:
    """Say so; the lists, which follow changes of users, are drawn anew."""
    return done(request, words, APPLICATIONS.path, object="user", ids=[ctx.actor.user_id])
