"""The hours of a day or a week, as columns: what lasts from when to when, who works then, and what is free."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from peyvand.kernel import clock, numbers
from peyvand.kernel.persian.calendar import calendar_of, format_date, format_time, parts, weekday_name
from peyvand.operational.availability.public import approved, free_days, working_periods
from peyvand.operational.scheduling.elsewhere import ELSEWHERE, with_elsewhere
from peyvand.operational.scheduling.free import LONGEST, USUAL
from peyvand.operational.scheduling.lanes import DAY, Box, beside
from peyvand.operational.scheduling.planning import Item, Plan, plan
from peyvand.operational.scheduling.series import KINDS
from peyvand.operational.scheduling.web.view import View
from peyvand.platform.actions.context import Context
from peyvand.web.components.avatars import tint_of
from peyvand.web.objects.resolve import address
from peyvand.web.shell.navigation import here

# Rows of what lasts all day that are drawn; the rest is counted.
MOST_WHOLE: Final = 4
_ONE: Final = timedelta(days=1)


@dataclass(frozen=True)
class Block:
    """A task or meeting where it stands in a day. ``id`` is its card, by which it is carried; empty: it stays. Without ``href``
    it is a time of another calendar.

    ``was`` is when it begins and ends, by which the server knows that nobody moved it meanwhile.
    """

    id: str
    kind: str
    title: str
    # When it begins, and the whole of its time.
    begins: str
    time: str
    tone: str
    href: str
    icon: str
    box: Box
    was: str = ""
    clash: str = ""
    whose: str = ""
    is_coming: bool = False


@dataclass
class Column:
    """A day, or a person's day where several stand side by side."""

    iso: str
    number: str
    name: str
    # «یکشنبه ۱ آذر», and whose day it is.
    full: str
    create_href: str
    person: int = 0
    notes: list[str] = field(default_factory=list)
    whole: list[Block] = field(default_factory=list)
    more: str = ""
    blocks: list[Block] = field(default_factory=list)
    works: list[Box] = field(default_factory=list)
    is_today: bool = False
    is_rest: bool = False
    # The lines that notes and what lasts all day take.
    height: int = 0


def columns(view: View) -> list[Column]:
    """The columns of a view: its days, or the chosen people's on its one day."""
    first, until = view.bounds
    tz, language = view.ctx.reader.tz, view.ctx.reader.language
    start, end = (datetime.combine(day, time(), tz) for day in (first, until))
    found = planned(view, first - LONGEST, until)
    works = working_periods(view.people, start, end)
    free = free_days(first, until - _ONE, language)
    away: dict[date, dict[int, str]] = defaultdict(dict)
    for absence in approved(view.people, first, until - _ONE):
        low, high = max(absence.starts_on, first), min(absence.ends_on, until - _ONE)
        for n in range((high - low).days + 1):
            away[low + timedelta(days=n)][absence.owner_id or 0] = absence.hours
    apart = view.unit == "day" and len(view.people) > 1
    made = []
    for n in range((until - first).days):
        day = first + timedelta(days=n)
        items = _of_day(found.days, day, tz)
        for person in view.people if apart else [0]:
            column = _column(view, day, person)
            who = [person] if person else view.people
            column.notes = [free[day]] if day in free else []
            column.notes += [_absent(view, id, hours) for id, hours in away[day].items() if id in who]
            column.works = _works([p for id in who for p in works[id]], day, tz)
            column.is_rest = not column.works
            own = [i for i in items if not person or i.owner == person]
            names = view.names if len(view.people) > 1 and not apart else {}
            _fill(view.ctx, column, own, day, names, found.more.get(day, 0))
            made.append(column)
    return made


def planned(view: View, first: date, until: date) -> Plan:
    """What stands in these days of the people of a view, and what other calendars of theirs say."""
    found = plan(view.ctx.actor, view.people, first, until, view.kinds)
    if "meeting" not in view.kinds:
        return found
    return with_elsewhere(found, view.ctx.actor, view.people, first, until)


def begins(shown: Sequence[Column]) -> int:
    """The minute that a screen of these columns begins with: before work, and before whatever comes first."""
    lows = [box.low for column in shown for box in column.works]
    lows += [block.box.low for column in shown for block in column.blocks]
    return max(0, min(lows, default=8 * 60) - 30)


def _column(view: View, day: date, person: int) -> Column:
    ctx, language = view.ctx, view.ctx.reader.language
    full = f"{weekday_name(day, language)} {format_date(day, language, 'day')}"
    words = {"at": f"{day.isoformat()}T09:00", "until": f"{day.isoformat()}T10:00", "owner": person or ""}
    return Column(
        day.isoformat(),
        "" if person else numbers.localize(str(parts(day, calendar_of(language))[2]), language),
        view.names.get(person, "") if person else weekday_name(day, language),
        f"{full} · {view.names.get(person, '')}" if person else full,
        f"{here(ctx, 'calendar/new')}?{urlencode({k: v for k, v in words.items() if v})}",
        person,
        is_today=day == clock.today(ctx.reader.tz),
    )


def _of_day(found: Mapping[date, list[Item]], day: date, tz: ZoneInfo) -> list[Item]:
    """What touches a day: it begins then, or began before and still lasts."""
    midnight = datetime.combine(day, time(), tz)
    earlier = [
        item
        for n in range(LONGEST.days, 0, -1)
        for item in found.get(day - timedelta(days=n), ())
        if item.ends_at is not None and item.ends_at > midnight
    ]
    return [*earlier, *found.get(day, ())]


def _fill(
    ctx: Context, column: Column, items: Sequence[Item], day: date, names: Mapping[int, str], left: int
) -> None:
    """``left``: how much of the day was not read."""
    tz = ctx.reader.tz
    spans: list[tuple[int, int]] = []
    drawn: list[Block] = []
    for item in items:
        start = item.starts_at.astimezone(tz)
        end = (item.ends_at or item.starts_at + USUAL).astimezone(tz)
        block = block_of(ctx, item, names)
        if _is_whole(item, start, end):
            column.whole.append(block)
            continue
        low = 0 if start.date() < day else start.hour * 60 + start.minute
        high = DAY if end.date() > day else end.hour * 60 + end.minute
        if start.date() != end.date() and end.time() > time():
            # What goes on past midnight has two boxes, and is moved on its page.
            block = replace(block, id="")
        spans.append((low, high))
        drawn.append(block)
    column.blocks = [replace(block, box=box) for block, box in zip(drawn, beside(spans), strict=True)]
    if len(column.whole) > MOST_WHOLE:
        left += len(column.whole) - MOST_WHOLE + 1
        column.whole = column.whole[: MOST_WHOLE - 1]
    if left:
        column.more = gettext("%(n)s more") % {"n": numbers.format_number(left, ctx.reader.language)}
    column.height = len(column.notes) + len(column.whole) + bool(column.more)


def _is_whole(item: Item, start: datetime, end: datetime) -> bool:
    """Whether it belongs to its day rather than to an hour of it."""
    if item.kind == "task":
        return start.time() == time()
    return end - start >= _ONE


def block_of(ctx: Context, item: Item, names: Mapping[int, str]) -> Block:
    """How an item is drawn; ``names`` of people where several stand together."""
    reader = ctx.reader
    shown = start = format_time(item.starts_at, reader.tz, reader.language)
    if item.ends_at is not None:
        shown += f"–{format_time(item.ends_at, reader.tz, reader.language)}"
    whose = names.get(item.owner or 0, "")
    if item.kind == ELSEWHERE:
        # It stands in another calendar: nothing here leads to it, and nothing moves it.
        return Block("", item.kind, item.title, start, shown, ELSEWHERE, "", "globe", Box(0, 0), whose=whose)
    spec = KINDS[item.kind]
    tone = f"t{tint_of('', item.owner)}" if names and item.owner else "acc" if item.kind == "meeting" else ""
    if item.status in ("done", "held"):
        tone = f"{tone} over".strip()
    clash = ""
    if item.clashes:
        titles = reader.comma.join(item.clashes[:3])
        clash = gettext("At the same time: %(titles)s") % {"titles": titles}
    return Block(
        "" if item.is_coming else f"{item.kind}:{item.id}", item.kind, item.title, start, shown, tone,
        f"{address(ctx, spec, item.id)}/", "refresh" if item.is_coming else spec.icon, Box(0, 0),
        stamp(item.starts_at, item.ends_at, reader.tz), clash, whose, item.is_coming,
    )  # fmt: skip


def stamp(start: datetime | None, end: datetime | None, tz: ZoneInfo) -> str:
    """When something begins and ends, as one word: "2026-11-24T10:00/2026-11-24T11:00"."""
    return "/".join(f"{at.astimezone(tz):%Y-%m-%dT%H:%M}" if at else "" for at in (start, end))


def _works(periods: Sequence[tuple[datetime, datetime]], day: date, tz: ZoneInfo) -> list[Box]:
    """The minutes of a day in which one of those shown works, in order and without seams."""
    spans: list[tuple[int, int]] = []
    for begin, end in sorted(periods):
        low, high = begin.astimezone(tz), end.astimezone(tz)
        if high.date() < day or low.date() > day:
            continue
        start = 0 if low.date() < day else low.hour * 60 + low.minute
        stop = DAY if high.date() > day else high.hour * 60 + high.minute
        if stop <= start:
            continue
        if spans and start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], stop))
        else:
            spans.append((start, stop))
    return [Box(*span) for span in spans]


def _absent(view: View, id: int, hours: str) -> str:
    """Who is away, and for which hours if not all day."""
    words = {"name": view.names.get(id, ""), "hours": numbers.localize(hours, view.ctx.reader.language)}
    return (gettext("Away: %(name)s, %(hours)s") if hours else gettext("Away: %(name)s")) % words
