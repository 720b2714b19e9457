"""What the makers of the demonstration share: the cast, the dice and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any

from peyvand.administration.demo.hours import Hours
from peyvand.administration.demo.words import Words
from peyvand.kernel import clock
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import Company, Person
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Tenant

STEP = timedelta(days=18)
# The books go back so many days; whoever works here and what is sold was known before.
DAYS = 730
BEGINNING = timedelta(days=DAYS + 60)


@dataclass(frozen=True)
class Size:
    """How much there is, and over how many steps of eighteen days it came about.

    ``deals`` are open; of others so many ended a month (``ended``). ``households`` buy for themselves; they, ``inquiries`` that
    came to little, deals and ``subscriptions`` go back two years.
    """

    companies: int
    people: int
    deals: int
    steps: int
    households: int
    inquiries: int
    ended: int
    subscriptions: int


@dataclass
class Way:
    """A deal that began at ``opened`` and entered the stage after it at each of ``moves``, one after the other.

    With an ``end``, won or lost, the last of the moves is that; ``loss`` says why. The deal is made of ``values``, unless it
    is there, as one that came of an inquiry is.
    """

    opened: datetime
    moves: tuple[datetime, ...]
    owner: int
    expected_on: date
    values: dict[str, Any] = field(default_factory=dict)
    end: str = ""
    loss: dict[str, Any] = field(default_factory=dict)
    made: Deal | None = None

    @property
    def deal(self) -> Deal:
        assert self.made is not None
        return self.made

    @property
    def ended(self) -> datetime | None:
        return self.moves[-1] if self.end else None


@dataclass
class Stage:
    tenant: Tenant
    words: Words
    size: Size
    dice: Random
    # Contexts by user: everything is done by somebody.
    acting: Mapping[int, Context]
    owner: int
    agents: list[int]
    hours: Hours
    companies: list[Company] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    # Their phones as they were written down, by id.
    phones: dict[int, Any] = field(default_factory=dict)
    # People who buy for themselves, and from which day on.
    households: list[tuple[Person, datetime]] = field(default_factory=list)
    # What the business makes, in the order of its words.
    products: list[Product] = field(default_factory=list)
    # Deals that came of inquiries: how they went on is written down with all others.
    ways: list[Way] = field(default_factory=list)

    @cached_property
    def now(self) -> datetime:
        """The last moment of work so far: nothing that happened is later."""
        return self.hours.latest

    @property
    def today(self) -> date:
        """The day on which the demonstration is made, also where nobody works on it."""
        return self.hours.made.astimezone(self.tenant.tz).date()

    @property
    def is_persian(self) -> bool:
        return self.tenant.language == "fa"

    def moment(self, step: int) -> datetime:
        """A time of a working day in this step of history; the last step ends today."""
        day = self.now - STEP * (self.size.steps - step) + timedelta(days=self.dice.randrange(18))
        at = time(8 + self.dice.randrange(9), self.dice.randrange(60))
        return self.hours.past(datetime.combine(day.astimezone(self.tenant.tz).date(), at, self.tenant.tz))

    def ahead(self, days: int, hour: int = 9) -> datetime:
        """A full or half hour of the day that lies so many days ahead of today, or of the next one on which there is work."""
        at = datetime.combine(
            self.today + timedelta(days=days), time(hour, self.dice.choice((0, 30))), self.tenant.tz
        )
        # On a day off it would be at the same hour of the next day of work, not all of them together in its morning.
        for later in (at + timedelta(days=n) for n in range(5)):
            if self.hours.near(later) == later:
                return later
        return self.hours.near(at).astimezone(self.tenant.tz).replace(minute=30, second=0, microsecond=0)

    def ago(self, long: timedelta) -> datetime:
        """A moment of work about so long ago, as of the clock."""
        return min(self.hours.past(clock.now() - long), clock.now())

    @contextmanager
    def on(self, at: datetime) -> Iterator[datetime]:
        """Do what is inside at a moment, or when there is work after it, but not later than now."""
        with clock.freeze(self.hours.past(at)) as moment:
            yield moment

    @contextmanager
    def at(self, step: int) -> Iterator[datetime]:
        """Do what is inside at a moment of that step."""
        with clock.freeze(self.moment(step)) as moment:
            yield moment

    def tags(self, most: int = 2) -> tuple[dict[str, object], ...]:
        names: Iterable[str] = self.dice.sample(self.words.tags, self.dice.randrange(most + 1))
        return tuple({"id": None, "name": name, "tone": ""} for name in names)
