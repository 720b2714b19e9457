"""Times taken in other calendars as they stand in the days of this one, said by whoever reads those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.utils.translation import gettext

from peyvand.operational.scheduling.planning import Item, Plan
from peyvand.platform.identity.actor import Actor

# The kind of such items; there is no record behind them.
ELSEWHERE: Final = "elsewhere"


@dataclass(frozen=True)
class Taken:
    """A time that is taken for a user; without a title the actor is not to know what it is."""

    user: int
    starts_at: datetime
    ends_at: datetime
    title: str = ""


Telling = Callable[[Actor, Sequence[int], datetime, datetime], Iterable[Taken]]
_tellings: list[Telling] = []


def show_as_taken(telling: Telling) -> Telling:
    """Have the times that this says of users, between two moments, drawn in the calendar."""
    _tellings.append(telling)
    return telling


def with_elsewhere(found: Plan, actor: Actor, people: Sequence[int], first: date, until: date) -> Plan:
    """A plan of these days with what these people have in other calendars, each day's part of it by itself."""
    tz = actor.tenant.tz
    low, high = (datetime.combine(day, time(), tz) for day in (first, until))
    days: dict[date, list[Item]] = defaultdict(list, {day: list(items) for day, items in found.days.items()})
    for telling in _tellings:
        for one in telling(actor, people, low, high):
            for day, start, end in _parts(
                max(one.starts_at, low).astimezone(tz), min(one.ends_at, high).astimezone(tz)
            ):
                title = one.title or gettext("Busy in another calendar")
                days[day].append(Item(ELSEWHERE, 0, title, start, end, one.user, ""))
    ordered: Mapping[date, list[Item]] = {
        day: sorted(items, key=lambda i: i.starts_at) for day, items in days.items()
    }
    return Plan(ordered, found.more)


def _parts(start: datetime, end: datetime) -> Iterable[tuple[date, datetime, datetime]]:
    """A time as what each of its days has of it."""
    while start < end:
        midnight = datetime.combine(start.date() + timedelta(days=1), time(), start.tzinfo)
        yield start.date(), start, min(end, midnight)
        start = midnight
