"""What a calendar or timeline shows, read from its address: by which dates, how much of time, around which day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise

from peyvand.kernel import clock
from peyvand.kernel.errors import NotFound
from peyvand.kernel.persian.calendar import Calendar, Unit, calendar_of, period, shift
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import Choice, Field, Link, Ref
from peyvand.platform.objects.looks import date_fields
from peyvand.platform.objects.queries import ListQuery, Row
from peyvand.web.objects.lists.filters import Chip, chips
from peyvand.web.objects.lists.groups import period_label
from peyvand.web.objects.lists.saved import is_mine
from peyvand.web.objects.lists.state import ListState, read_state
from peyvand.web.objects.lists.tabs import kinds, tabs
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of


@dataclass(frozen=True)
class Shape:
    """One calendar or timeline as its address says it. ``first`` and ``until`` bound the period that is named."""

    kind: str
    state: ListState
    anchor: date
    unit: Unit

    @property
    def calendar(self) -> Calendar:
        return calendar_of(self.state.ctx.reader.language)

    @property
    def bounds(self) -> tuple[date, date]:
        """First day of the period, and first day after it."""
        return period(self.unit, self.anchor, self.calendar)

    @property
    def dates(self) -> list[Field]:
        return date_fields(self.state.spec, self.state.ctx.actor.grants.hides(self.state.spec.key))

    @property
    def start(self) -> Field:
        """The date that places a record."""
        return self._date("on", 0)

    @property
    def end(self) -> Field:
        """The date until which a record lasts."""
        return self._date("until", 1)

    @property
    def ended(self) -> Field | None:
        """The date on which a record ended after all; it goes before an end that nobody chose."""
        found = next((f for f in self.dates if f.key == self.state.spec.ended), None)
        return found if found and found.type is self.end.type and "until" not in self.state.look else None

    def _date(self, word: str, place: int) -> Field:
        spec, known = self.state.spec, {f.key: f for f in self.dates}
        if (chosen := self.state.look.get(word, "")) in known:
            return known[chosen]
        own = [f.key for f in spec.own_fields if f.key in known]
        usual = spec.lasts or (("created_at", own[0]) if own else ("created_at", "updated_at"))
        if self.kind == "calendar" and not spec.lasts and own:
            usual = (own[0], own[-1])
        return known.get(usual[place]) or self.dates[0]

    @property
    def lane(self) -> Field | None:
        """What a timeline's lanes are."""
        text = self.state.look.get("lane", "")
        return self.state.spec.all_fields.get(text) if text else None

    @property
    def query(self) -> ListQuery:
        """The records with the fields that are drawn."""
        lane, ended = self.lane, self.ended
        keys = [
            self.start.key,
            self.end.key,
            *([ended.key] if ended else []),
            *(f.key for f in tone_fields(self.state)),
            *([lane.key] if lane else []),
        ]
        own = self.state.query
        return ListQuery(own.spec, own.actor, tuple(dict.fromkeys(keys)), own.condition, (), own.text)

    @property
    def base(self) -> str:
        return address(self.state.ctx, self.state.spec, self.kind)

    def href(self, at: date | None = None, **words: str) -> str:
        """The address of this screen around another day, or with words of its look changed."""
        query = self.state.with_look(**words) if words else self.state.query_string
        around = at or self.anchor
        return (
            f"{self.base}?{query}&at={around.isoformat()}"
            if query
            else f"{self.base}?at={around.isoformat()}"
        )

    def day_of(self, value: date) -> date:
        """The day in which a value lies on the clocks of the reader."""
        return value.astimezone(self.state.ctx.reader.tz).date() if isinstance(value, datetime) else value

    @property
    def title(self) -> str:
        first, until = self.bounds
        return period_label(self.unit, first, until, self.state.ctx.reader)


def read_shape(request: HttpRequest, plural: str, kind: str, units: tuple[Unit, ...]) -> Shape:
    """The calendar or timeline that an address asks for.

    Raises:
        NotFound: the actor never sees such records, or none of their dates.
    """
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    today = clock.today(ctx.reader.tz)
    try:
        anchor = date.fromisoformat(request.GET.get("at", "")) if "at" in request.GET else today
        shift(anchor, 400, "day", calendar_of(ctx.reader.language))
    except (ValueError, OverflowError):
        anchor = today
    if abs(anchor.year - today.year) > 150:
        anchor = today
    span = state.look.get("span", "")
    unit: Unit = next((u for u in units if u == span), "month")
    shape = Shape(kind, state, anchor, unit)
    if not shape.dates:
        raise NotFound
    return shape


def tone_fields(state: ListState) -> list[Field]:
    """The field that colours a record: the first choice that has tones, else the first link with a mark."""
    hidden = state.ctx.actor.grants.hides(state.spec.key)
    own = [f for f in state.spec.own_fields if f.key not in hidden]
    toned = [f for f in own if isinstance(f, Choice) and any(o.tone for o in f.options)]
    marked = [f for f in own if isinstance(f, Link) and f.mark]
    return [*marked[:1], *toned[:1]][:1]


def tone_of(state: ListState, row: Row) -> str:
    """The meaning that colours this record, as a class."""
    for known in tone_fields(state):
        value = row.values.get(known.key)
        if isinstance(value, Ref):
            return value.mark if value.mark in ("good", "warn", "bad", "info", "acc") else ""
        option = known.option(value) if isinstance(known, Choice) else None
        return option.tone if option else ""
    return ""


def frame(shape: Shape, units: tuple[Unit, ...], labels: Mapping[Unit, str | Promise]) -> dict[str, Any]:
    """What stands around the picture: tabs, conditions, the way through time, and the menus that choose."""
    state, ctx, spec = shape.state, shape.state.ctx, shape.state.spec
    first, until = shape.bounds
    return {
        "spec": spec,
        "state": state,
        "shape": shape,
        "base": address(ctx, spec),
        "tabs": tabs(state, state.habit.order),
        "kinds": kinds(state, shape.kind),
        "chips": [chip_at(chip, shape) for chip in chips(state)],
        "title": shape.title,
        "previous": shape.href(first - timedelta(days=1)),
        "next": shape.href(until),
        "now": shape.href(clock.today(ctx.reader.tz)),
        "spans": [(labels[unit], shape.href(span=unit), unit == shape.unit) for unit in units],
        "fields": [(str(f.label), shape.href(on=f.key), f.key == shape.start.key) for f in shape.dates],
        "can_keep": bool(decide(ctx.actor, "view.create")),
        "can_keep_here": is_mine(state),
        "can_create": spec.creatable and bool(decide(ctx.actor, spec.permission("create"))),
    }


def chip_at(chip: Chip, shape: Shape) -> Chip:
    """A chip whose cross leads to this screen around the same day."""
    return replace(chip, without=f"{shape.base}{chip.without}&at={shape.anchor.isoformat()}")
