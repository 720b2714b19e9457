"""Keys for programs: made once, shown once, ended at any time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.administration.members.actions import create_token, revoke_token, rotate_token
from peyvand.administration.members.scopes import SCOPES, in_words
from peyvand.administration.members.web import TOKENS
from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.types import Number, Text
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import ApiToken, User
from peyvand.web.objects.dialogs import answered, done
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

FIELDS = (
    Text(key="name", label=_("What it is for"), required=True, max_length=100),
    Number(
        key="days", label=_("Ends after (days)"), min=1, max=3650, help=_("Empty: it does not end by itself.")
    ),
    SCOPES,
)


@require_GET
def tokens(request: HttpRequest, workspace: str) -> HttpResponse:
    """The tokens: everybody's for those who may end them, else one's own."""
    ctx = context_of(request)
    demand(ctx.actor, TOKENS.operation)
    found = ApiToken.objects.filter(workspace_id=ctx.tenant.id, grant_id=None).order_by("-id")
    if ctx.actor.grants.scope("token.revoke") is not Scope.ALL:
        assert ctx.actor.user_id is not None  # whoever looks at a page is a user
        found = found.filter(user_id=ctx.actor.user_id)
    names = dict(User.objects.values_list("id", "name"))
    now = clock.now()
    rows = [
        {
            "token": t,
            "user": names.get(t.user_id, ""),
            "may": in_words(t.scopes) if t.scopes is not None else [],
            "is_over": bool(t.revoked_at or (t.expires_at and t.expires_at < now)),
        }
        for t in found[:200]
    ]
    if "part" in request.GET:
        return render(request, "members/_tokens.html", {"rows": rows})
    return render_settings(request, TOKENS, "members/tokens.html", {"rows": rows})


@require_http_methods(["GET", "POST"])
def new_token(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that makes a token for oneself, and then shows its secret this once."""
    ctx = context_of(request)
    demand(ctx.actor, "token.create")

    def make(values: dict[str, Any]) -> HttpResponse:
        user = User.objects.filter(id=ctx.actor.user_id).first()
        if user is None:
            raise NotAllowed
        ends = clock.now() + timedelta(days=values["days"]) if values["days"] else None
        secret = create_token(ctx, user, name=values["name"], expires_at=ends, scopes=values["scopes"])
        response = render(request, "members/_secret.html", {"secret": secret})
        return with_events(response, changed={"object": "user", "ids": [user.id]})

    return answered(request, _("New API token"), FIELDS, {}, make, button=_("Create"))


@require_POST
def end_token(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Make a token useless from now on."""
    ctx = context_of(request)
    revoke_token(ctx, id)
    return done(request, gettext("The token ended."), TOKENS.path, object="user", ids=[ctx.actor.user_id])


@require_POST
def renew_token(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Give a token a new secret, and show it this once."""
    ctx = context_of(request)
    response = render(request, "members/_secret.html", {"secret": rotate_token(ctx, id)})
    return with_events(response, changed={"object": "user", "ids": [ctx.actor.user_id]})
