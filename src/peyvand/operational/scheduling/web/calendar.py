"""The calendar: tasks and meetings of oneself, of people or of a team, by day, week or month."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel import clock, numbers
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.kernel.persian.calendar import (
    Unit,
    calendar_of,
    format_date,
    format_time,
    parts,
    period,
    weekday_name,
    weekday_names,
)
from peyvand.operational.availability.public import working_periods
from peyvand.operational.scheduling.planning import Item, plan
from peyvand.operational.scheduling.series import KINDS, STARTS
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.models import Team, User
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import update_record
from peyvand.web.components.avatars import tint_of
from peyvand.web.components.tags import say
from peyvand.web.objects.calendars.month import DayCell, Event, moved
from peyvand.web.objects.lists.groups import period_label
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

SCREEN = register_screen(
    Screen(
        "calendar", _("Calendar"), "cal", "calendar", menu=42, shortcut="k",
        opens=lambda ctx: any(decide(ctx.actor, spec.permission("view")) for spec in KINDS.values()),
    )
)  # fmt: skip
SPANS: Final[Mapping[Unit, Any]] = {
    "day": pgettext_lazy("calendar", "Day"),
    "week": _("Week"),
    "month": _("Month"),
}
SHOWN: Final = {"day": 200, "week": 40, "month": 5}
# So many people at once, and so many to choose from.
MOST_PEOPLE: Final = 60


@dataclass(frozen=True)
class View:
    """What the address asks for."""

    ctx: Context
    unit: Unit
    at: date
    who: tuple[int, ...]
    team: int

    @cached_property
    def bounds(self) -> tuple[date, date]:
        return period(self.unit, self.at, calendar_of(self.ctx.reader.language))

    @cached_property
    def users(self) -> list[Any]:
        """Everybody who works here."""
        rows = User.objects.filter(is_active=True, deleted_at__isnull=True).order_by("name", "id")
        return list(rows.values_list("id", "name", "team_id", named=True))

    @cached_property
    def people(self) -> list[int]:
        """Whose days are shown: a team's, those chosen, else one's own."""
        if self.team:
            chosen = [u.id for u in self.users if u.team_id == self.team]
        else:
            chosen = [u.id for u in self.users if u.id in self.who]
        own = self.ctx.actor.user_id
        return chosen[:MOST_PEOPLE] or ([own] if own else [])

    def href(self, at: date | None = None, **changed: Any) -> str:
        words: dict[str, Any] = {
            "span": self.unit, "at": (at or self.at).isoformat(), "who": ",".join(map(str, self.who)), "team": self.team or "",
        } | changed  # fmt: skip
        return f"{here(self.ctx, SCREEN.path)}?{urlencode({k: v for k, v in words.items() if v})}"


def read_view(request: HttpRequest) -> View:
    """The view that an address asks for; what makes no sense in it is passed over.

    Raises:
        NotFound: the actor sees neither tasks nor meetings.
    """
    ctx = context_of(request)
    if not SCREEN.open_to(ctx):
        raise NotFound
    today = clock.today(ctx.reader.tz)
    try:
        at = date.fromisoformat(request.GET.get("at", ""))
    except ValueError:
        at = today
    if abs(at.year - today.year) > 100:
        at = today
    unit: Unit = next((u for u in SPANS if u == request.GET.get("span")), "week")
    ids = (whole_id(text) for text in request.GET.get("who", "")[:1000].split(","))
    return View(ctx, unit, at, tuple(dict.fromkeys(filter(None, ids))), whole_id(request.GET.get("team", "")))


@require_GET
def calendar(request: HttpRequest, workspace: str) -> HttpResponse:
    """The calendar; for its own refetch only the days."""
    view = read_view(request)
    ctx, (first, until) = view.ctx, view.bounds
    can_create = bool(decide(ctx.actor, KINDS["meeting"].permission("create")))
    context = {
        "shape": {"unit": view.unit}, "live": " ".join(KINDS), "here": view.href(), "days": _cells(view),
        "heads": weekday_names(ctx.reader.language), "can_create": can_create,
        "can_move": any(decide(ctx.actor, spec.permission("update")) for spec in KINDS.values()),
        "move_url": here(ctx, "calendar/move"), "title": period_label(view.unit, first, until, ctx.reader),
        "previous": view.href(first - timedelta(days=1)), "next": view.href(until),
        "now": view.href(clock.today(ctx.reader.tz)),
        "spans": [(label, view.href(span=unit), unit == view.unit) for unit, label in SPANS.items()],
        "feed": here(ctx, "calendar/feed") if ctx.actor.user_id and decide(ctx.actor, "meeting.make_feed") else "",
        "booking": here(ctx, "booking_pages/") if decide(ctx.actor, "booking_page.view") else "",
        **_choice(view),
    }  # fmt: skip
    template = (
        "objects/calendars/_days.html" if request.GET.get("part") == "days" else "scheduling/calendar.html"
    )
    return render(request, template, context)


def _choice(view: View) -> dict[str, Any]:
    """The menu of people and teams."""
    own, shown = view.ctx.actor.user_id, set(view.people)
    names = {u.id: u.name for u in view.users}
    teams = dict(Team.objects.filter(deleted_at__isnull=True).order_by("name").values_list("id", "name"))
    people = []
    for user in view.users[:MOST_PEOPLE]:
        rest = [id for id in view.people if id != user.id] if user.id in shown else [*view.people, user.id]
        who = "" if rest == [own] else ",".join(map(str, rest))
        people.append(
            (user.name, view.href(who=who, team=""), user.id in shown, tint_of(user.name, user.id), user.id)
        )
    if view.team in teams:
        says = teams[view.team]
    elif view.people == [own]:
        says = gettext("My calendar")
    else:
        comma = "، " if view.ctx.reader.is_persian else ", "
        says = comma.join(names[id] for id in view.people[:2])
        if (more := len(view.people) - 2) > 0:
            says += " +" + numbers.format_number(more, view.ctx.reader.language)
    return {
        "people": people, "whose": says, "mine": view.href(who="", team=""),
        "teams": [(name, view.href(team=id, who=""), id == view.team) for id, name in teams.items()],
    }  # fmt: skip


def _cells(view: View) -> list[DayCell]:
    ctx, language = view.ctx, view.ctx.reader.language
    kind = calendar_of(language)
    first, until = view.bounds
    low, high = first, until
    if view.unit != "day":
        # Whole weeks, so that every column is one weekday.
        low, high = period("week", first, kind)[0], period("week", until - timedelta(days=1), kind)[1]
    items = plan(ctx.actor, view.people, low, high)
    worked, today = _worked(view, low, high), clock.today(ctx.reader.tz)
    several = len(view.people) > 1
    names = {u.id: u.name for u in view.users} if several else {}
    create = f"{address(ctx, KINDS['meeting'])}/new"
    cells = []
    for n in range((high - low).days):
        on = low + timedelta(days=n)
        own = items.get(on, [])
        shown = own[: SHOWN[view.unit]]
        left = len(own) - len(shown)
        words = {
            "starts_at": f"{on.isoformat()}T09:00",
            "ends_at": f"{on.isoformat()}T10:00",
            "next": view.href(),
        }
        cells.append(
            DayCell(
                on.isoformat(),
                numbers.localize(str(parts(on, kind)[2]), language),
                f"{weekday_name(on, language)} {format_date(on, language, 'day')}",
                [_event(ctx, item, names) for item in shown],
                gettext("%(n)s more") % {"n": numbers.format_number(left, language)} if left else "",
                view.href(on, span="day") if left else "",
                f"{create}?{urlencode(words)}",
                on == today,
                not first <= on < until,
                on not in worked,
            )
        )
    return cells


def _worked(view: View, low: date, high: date) -> set[date]:
    """The days on which one of those shown works: others are shaded."""
    tz = view.ctx.reader.tz
    start, end = (datetime.combine(day, time(), tz) for day in (low, high))
    found = working_periods(view.people, start, end)
    return {begin.astimezone(tz).date() for periods in found.values() for begin, _end in periods}


def _event(ctx: Context, item: Item, names: Mapping[int, str]) -> Event:
    language, spec = ctx.reader.language, KINDS[item.kind]
    clash = ""
    if item.clashes:
        clash = gettext("At the same time: %(titles)s") % {
            "titles": _joined(item.clashes, ctx.reader.is_persian)
        }
    tone = f"t{tint_of('', item.owner)}" if names and item.owner else "acc" if item.kind == "meeting" else ""
    if item.status in ("done", "held"):
        tone = f"{tone} over".strip()
    return Event(
        f"{item.kind}:{item.id}", item.title, format_time(item.starts_at, ctx.reader.tz, language), tone,
        f"{address(ctx, spec, item.id)}/", clash, item.is_coming, "refresh" if item.is_coming else spec.icon,
        names.get(item.owner or 0, ""),
    )  # fmt: skip


def _joined(titles: Sequence[str], is_persian: bool) -> str:
    return ("، " if is_persian else ", ").join(titles[:3])


@require_POST
def calendar_move(request: HttpRequest, workspace: str) -> HttpResponse:
    """POST ``card`` ("task:5"), ``day`` and ``from``, the day it was taken from: it goes to that day, its time stays.

    204 with a toast that can take it back; a refusal says why and changes nothing.
    """
    ctx = context_of(request)
    given = request.POST if "card" in request.POST else request.GET
    kind, _colon, text = given.get("card", "").partition(":")
    if kind not in KINDS or not SCREEN.open_to(ctx):
        raise NotFound
    spec, tz = KINDS[kind], ctx.reader.tz
    try:
        day, taken = date.fromisoformat(given.get("day", "")), date.fromisoformat(given.get("from", ""))
    except ValueError:
        raise NotFound from None
    record = load_record(spec, ctx.actor, whole_id(text), lock=True)
    start = getattr(record, STARTS[kind])
    events: dict[str, Any] = {"changed": {"object": kind, "ids": [record.id]}}
    response = HttpResponse(status=204)
    try:
        if start is None or start.astimezone(tz).date() != taken:
            raise Conflict
        changes = {STARTS[kind]: moved(start, day - taken, tz)}
        if (ends := getattr(record, "ends_at", None)) is not None:
            changes["ends_at"] = moved(ends, day - taken, tz)
        update_record(ctx, spec, record, changes)
    except (Conflict, Invalid, RuleViolation, NotAllowed) as error:
        sentence = say(error.problems[0].message if isinstance(error, Invalid) else error.message)
        response.status_code = error.status
        response["HX-Trigger"] = json.dumps({"toast": {"text": sentence, "kind": "bad"}, **events})
        return response
    words = {"card": f"{kind}:{record.id}", "day": taken.isoformat(), "from": day.isoformat()}
    said = gettext("Moved to %(day)s") % {"day": format_date(day, ctx.reader.language, "day")}
    undo = f"{here(ctx, 'calendar/move')}?{urlencode(words, quote_via=quote)}"
    response["HX-Trigger"] = json.dumps({"toast": {"text": said, "undo": undo}, **events})
    return response
