"""The dialog of one's calendar's address, what is read at that address, and a meeting as a file."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.http import require_GET, require_safe

from peyvand.api.limits import is_within
from peyvand.kernel.errors import NotAllowed, NotFound
from peyvand.operational.activities.public import MEETING
from peyvand.operational.scheduling.feeds import drop_feed, feed_of, invitation, make_feed, written
from peyvand.operational.scheduling.models import CalendarFeed
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.queries import load_record
from peyvand.platform.workspaces.addresses import full_address
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.guests import read_token
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import open_pages
from peyvand.web.shell.today import Card

PER_MINUTE: Final = 30


def feed_dialog(request: HttpRequest, workspace: str) -> HttpResponse:
    """GET: the address, with what can be done about it; POST ``do``: "make" or "drop"."""
    ctx = context_of(request)
    if not decide(ctx.actor, "meeting.make_feed") or ctx.actor.user_id is None:
        raise NotFound
    if request.method == "POST":
        (drop_feed if request.POST.get("do") == "drop" else make_feed)(ctx)
        if not request.headers.get("HX-Request"):
            return HttpResponseRedirect(request.path)
    feed = feed_of(ctx.actor)
    path = f"/feed/{ctx.tenant.id}-{feed.secret}.ics" if feed else ""
    context = {"url": (full_address(path, request) or path) if path else "", "post": request.path,
               "back": here(ctx, "calendar"), "both_ways": _both_ways(ctx)}  # fmt: skip
    part = "_feed" if request.headers.get("HX-Request") else "feed"
    return render(request, f"scheduling/{part}.html", context)


def _both_ways(ctx: Context) -> str:
    """Where devices are set up that also write, if there is such a page for this actor."""
    return next(
        (here(ctx, f"settings/{page.path}") for page in open_pages(ctx) if page.key == "calendars"), ""
    )


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Somebody's calendar for whoever has its address. Nobody signs in."""
    if not is_within(request, "calendar-feed", PER_MINUTE):
        return HttpResponse(status=429, headers={"Retry-After": "60"})
    tenant, secret = read_token(token, "scheduling")
    with workspace_scope(tenant.id):
        known = CalendarFeed.objects.filter(secret=secret).first()
        if known is None:
            raise NotFound
        try:
            actor = user_actor(tenant.id, known.user_id)
        except NotAllowed:
            raise NotFound from None
        if not decide(actor, "meeting.make_feed"):
            raise NotFound
        with translation.override(actor.language):
            return as_file(written(actor), "calendar.ics")


@require_GET
def meeting_file(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One meeting as a file."""
    ctx = context_of(request)
    meeting = load_record(MEETING, ctx.actor, id)
    if {"starts_at", "ends_at", "title", "place"} & set(ctx.actor.grants.hides("meeting")):
        raise NotFound
    return as_file(invitation(ctx.actor, meeting), f"meeting-{id}.ics")


def as_file(body: bytes, name: str) -> HttpResponse:
    """An iCalendar file to be taken along."""
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


@record_card("meeting", order=45)
def to_calendar(ctx: Context, opened: Opened) -> Card | None:
    """The way of a meeting into other calendars."""
    if "starts_at" not in opened.row.values:
        return None
    return Card(
        "scheduling/to_calendar.html", {"url": f"{address(ctx, MEETING, opened.record.id)}/meeting.ics"}
    )
