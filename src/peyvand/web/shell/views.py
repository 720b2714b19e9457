"""Pages of the shell itself: Today, the way in to a workspace, language, and what installs the product as an app."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel import clock
from peyvand.kernel.errors import msg
from peyvand.kernel.persian.calendar import weekday_name
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account, Membership
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.web.components.tags import full_day, say
from peyvand.web.shell.first_day import checklist_of
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.today import card_named, cards_of

YEAR = timedelta(days=365)
ENTERED_EVERY = timedelta(minutes=10)


@require_GET
def root(request: HttpRequest) -> HttpResponse:
    """To the workspace last worked in; a stranger to the sign-in page; who has no workspace is told what to do."""
    account_id = request.session.get(ACCOUNT)
    if account_id is None:
        return HttpResponseRedirect("/sign-in")
    slug = last_workspace(account_id)
    if slug is None:
        return render(
            request,
            "shell/no_workspace.html",
            {"email": Account.objects.values_list("email", flat=True).get(id=account_id)},
        )
    return HttpResponseRedirect(f"/w/{slug}/")


def last_workspace(account_id: int) -> str | None:
    """The slug of the workspace that the account entered last."""
    members = Membership.objects.filter(account_id=account_id)
    return (
        members.order_by(F("last_entered_at").desc(nulls_last=True), "id")
        .values_list("workspace__slug", flat=True)
        .first()
    )


@require_GET
def today(request: HttpRequest, workspace: str) -> HttpResponse:
    """The first page of the day."""
    ctx = context_of(request)
    now = clock.now()
    entered = Membership.objects.filter(account_id=ctx.actor.account_id or 0, workspace_id=ctx.tenant.id)
    # Which workspace was entered last need not be exact, so it is not written at every visit.
    if entered.exclude(last_entered_at__gt=now - ENTERED_EVERY).update(last_entered_at=now):
        # Whoever comes every day is not signed out, and the list of sessions says when each was seen.
        request.session.modified = True
    context = {
        "first": checklist_of(ctx),
        "columns": cards_of(ctx),
        "greeting": _greeting(now.astimezone(ctx.tenant.tz).hour, ctx.actor.name),
        "date": f"{weekday_name(now.astimezone(ctx.tenant.tz).date(), ctx.actor.language)} {full_day(now)}",
    }
    return render(request, "shell/today.html", context)


@require_GET
def today_part(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """One card of Today, drawn anew."""
    drawn = card_named(context_of(request), key)
    return render(request, drawn.template, {"card": drawn.card, "live": drawn.live})


def _greeting(hour: int, name: str) -> str:
    first = name.split(" ")[0]
    if hour < 4:
        return say(msg("Hello, %(name)s", name=first))
    if hour < 12:
        return say(msg("Good morning, %(name)s", name=first))
    if hour < 17:
        return say(msg("Good afternoon, %(name)s", name=first))
    return say(msg("Good evening, %(name)s", name=first))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language: on the account if there is one, and in a cookie for the pages before signing in."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(safe_next(request, "/"))
    if language not in dict(settings.LANGUAGES):
        return response
    account_id = request.session.get(ACCOUNT)
    if account_id is not None:
        Account.objects.filter(id=account_id).update(language=language)
        for workspace_id in Membership.objects.filter(account_id=account_id).values_list(
            "workspace_id", flat=True
        ):
            access_changed(workspace_id)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure(),
    )
    return response


def safe_next(request: HttpRequest, otherwise: str) -> str:
    """Where the request asks to go on to, if that lies on this very site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return otherwise


@require_GET
def manifest(request: HttpRequest) -> JsonResponse:
    """What lets a browser install the product as an app."""
    response = JsonResponse(
        {
            "name": gettext("Peyvand"),
            "short_name": gettext("Peyvand"),
            "lang": get_language(),
            "start_url": "/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f6f5f2",
            "theme_color": "#0a757d",
            "icons": [
                {"src": "/static/app/icon.svg", "sizes": "any", "type": "image/svg+xml"},
                {"src": "/static/app/icon-192.png", "sizes": "192x192", "type": "image/png"},
                {
                    "src": "/static/app/icon-512.png",
                    "sizes": "512x512",
                    "type": "image/png",
                    "purpose": "any maskable",
                },
            ],
        },
        content_type="application/manifest+json",
    )
    response["Cache-Control"] = "private, max-age=3600"
    return response
