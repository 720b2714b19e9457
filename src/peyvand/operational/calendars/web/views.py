"""The settings' page of calendars elsewhere: devices that keep step with one's own, and those whose times count as taken."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.kernel.errors import NotFound
from peyvand.operational.calendars.models import CalendarPassword, Subscription
from peyvand.operational.calendars.passwords import make_password, revoke_password
from peyvand.operational.calendars.subscriptions import (
    NO_CALENDAR,
    SEALED,
    TOO_LONG,
    WRONG_STATUS,
    read_soon,
    subscribe,
    unsubscribe,
)
from peyvand.operational.calendars.web import CALENDARS
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Text
from peyvand.platform.identity.models import User
from peyvand.platform.outgoing.reasons import in_words
from peyvand.platform.workspaces.addresses import full_address
from peyvand.web.objects.dialogs import answered, done
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

DEVICE = (Text(key="name", label=_("Which device is it for?"), required=True, max_length=100),)
ELSEWHERE = (
    Text(key="name", label=_("Name"), required=True, max_length=100),
    Text(
        key="address", label=_("Address of the calendar"), required=True, max_length=2000,
        help=_("It ends in .ics as a rule, and is found among the calendar's settings under “share” or “secret address”."),
    ),
)  # fmt: skip


@require_GET
def calendars(request: HttpRequest, workspace: str) -> HttpResponse:
    """One's devices, the way to set them up, and the calendars that are read in."""
    ctx = context_of(request)
    demand(ctx.actor, CALENDARS.operation)
    context = _lists(ctx)
    if "part" in request.GET:
        return render(request, "calendars/_lists.html", context)
    return render_settings(request, CALENDARS, "calendars/calendars.html", context | _way_in(request, ctx))


def _lists(ctx: Context) -> dict[str, Any]:
    mine = CalendarPassword.objects.filter(user_id=ctx.actor.user_id, revoked_at=None).order_by("-id")
    read = Subscription.objects.filter(user_id=ctx.actor.user_id).order_by("id")
    further = (NO_CALENDAR, SEALED, TOO_LONG, WRONG_STATUS)
    return {
        "passwords": mine,
        "subscriptions": [(row, in_words(row.problem, further) if row.problem else "") for row in read],
        "may_import": bool(decide(ctx.actor, "meeting.create")),
    }


def _way_in(request: HttpRequest, ctx: Context) -> dict[str, Any]:
    """What is typed into a device."""
    emails = User.objects.filter(id=ctx.actor.user_id).values_list("account__email", "email").first() or ()
    return {
        "server": full_address("/dav/", request) or request.build_absolute_uri("/dav/"),
        "user_name": next((email for email in emails if email), ""),
        "is_open": request.is_secure(),
    }


@require_http_methods(["GET", "POST"])
def new_password(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that makes a password for a device, and then shows it this once."""
    ctx = context_of(request)
    demand(ctx.actor, CALENDARS.operation)

    def make(values: dict[str, Any]) -> HttpResponse:
        context = {"secret": make_password(ctx, name=values["name"]), **_way_in(request, ctx)}
        response = render(request, "calendars/_secret.html", context)
        return with_events(response, changed={"object": "user", "ids": [ctx.actor.user_id]})

    return answered(request, _("A password for a device"), DEVICE, {}, make, button=_("Make a password"))


@require_POST
def end_password(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """End a device's password."""
    ctx = context_of(request)
    revoke_password(ctx, id)
    return _done(request, ctx, gettext("The device keeps step no more."))


@require_http_methods(["GET", "POST"])
def new_subscription(request: HttpRequest, workspace: str) -> HttpResponse:
    """The dialog that names a calendar whose times are to count as taken."""
    ctx = context_of(request)
    demand(ctx.actor, "meeting.subscribe_calendar")

    def make(values: dict[str, Any]) -> HttpResponse:
        subscribe(ctx, name=values["name"], address=values["address"])
        return _done(request, ctx, gettext("The calendar is read in a moment."))

    return answered(request, _("A calendar elsewhere"), ELSEWHERE, {}, make, button=_("Add"))


@require_POST
def read_subscription(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Read a calendar again now."""
    ctx = context_of(request)
    if not Subscription.objects.filter(id=id, user_id=ctx.actor.user_id).exists():
        raise NotFound
    read_soon(id)
    return _done(request, ctx, gettext("The calendar is read in a moment."))


@require_POST
def end_subscription(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Read a calendar no more."""
    ctx = context_of(request)
    unsubscribe(ctx, id)
    return _done(request, ctx, gettext("Its times are free again."))


def _done(request: HttpRequest, ctx: Context, words: str) -> HttpResponse:
    return done(request, words, CALENDARS.path, object="user", ids=[ctx.actor.user_id])
