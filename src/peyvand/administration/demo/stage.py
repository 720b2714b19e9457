"""What the makers of the demonstration share: the cast, the dice and the clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from random import Random
from typing import Any

from peyvand.administration.demo.words import Words
from peyvand.kernel import clock
from peyvand.operational.contacts.public import Company, Person
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Tenant

STEP = timedelta(days=18)


@dataclass(frozen=True)
class Size:
    """How much there is, and over how many steps of eighteen days it came about.

    ``households`` buy for themselves; they, ``inquiries`` that came to little, ``past`` deals and ``subscriptions`` go back
    two years.
    """

    companies: int
    people: int
    deals: int
    steps: int
    households: int
    inquiries: int
    past: int
    subscriptions: int


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
    companies: list[Company] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    # Their phones as they were written down, by id.
    phones: dict[int, Any] = field(default_factory=dict)
    # People who buy for themselves, and from which day on.
    households: list[tuple[Person, datetime]] = field(default_factory=list)

    @cached_property
    def now(self) -> datetime:
        return clock.now()

    @property
    def is_persian(self) -> bool:
        return self.tenant.language == "fa"

    def moment(self, step: int) -> datetime:
        """A time of a working day in this step of history; the last step ends today."""
        day = (
            (self.now - STEP * (self.size.steps - step) + timedelta(days=self.dice.randrange(18)))
            .astimezone(self.tenant.tz)
            .date()
        )
        at = datetime.combine(day, time(8 + self.dice.randrange(9), self.dice.randrange(60)), self.tenant.tz)
        return min(at.astimezone(UTC), self.now - timedelta(hours=1))

    def ahead(self, days: int, hour: int = 9) -> datetime:
        """A full or half hour of the day that lies so many days ahead of today."""
        day = self.now.astimezone(self.tenant.tz).date() + timedelta(days=days)
        return datetime.combine(day, time(hour, self.dice.choice((0, 30))), self.tenant.tz)

    @contextmanager
    def at(self, step: int) -> Iterator[datetime]:
        """Do what is inside at a moment of that step."""
        with clock.freeze(self.moment(step)) as moment:
            yield moment

    def tags(self, most: int = 2) -> tuple[dict[str, object], ...]:
        names: Iterable[str] = self.dice.sample(self.words.tags, self.dice.randrange(most + 1))
        return tuple({"id": None, "name": name, "tone": ""} for name in names)
