"""The timeline: records as bars from their start to their end, in lanes of one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel import clock, numbers
from peyvand.kernel.persian.calendar import Unit, format_date, month_names, parts, period
from peyvand.platform.fields.types import Choice, Ref
from peyvand.platform.objects.calendar import fetch_bars
from peyvand.platform.objects.looks import group_fields
from peyvand.platform.objects.queries import ListQuery, Row
from peyvand.web.objects.calendars.shape import Shape, frame, read_shape, tone_of
from peyvand.web.objects.lists.columns import title_field
from peyvand.web.objects.lists.rows import title_text
from peyvand.web.objects.resolve import address

UNITS: Final[tuple[Unit, ...]] = ("month", "quarter", "year")
LABELS: Final[dict[Unit, str | Promise]] = {"month": _("Month"), "quarter": _("Quarter"), "year": _("Year")}
# What one mark of the scale stands for.
_TICKS: Final[dict[Unit, Unit]] = {"month": "day", "quarter": "week", "year": "month"}


@dataclass(frozen=True)
class Tick:
    label: str
    is_now: bool


@dataclass(frozen=True)
class Bar:
    """``before`` and ``width`` are shares of the whole period in percent."""

    title: str
    href: str
    tone: str
    before: int
    width: int
    says: str


@dataclass(frozen=True)
class Lane:
    name: str
    bars: list[Bar] = field(default_factory=list)


@require_GET
def object_timeline(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The timeline; for its own refetch only the picture."""
    shape = read_shape(request, plural, "timeline", UNITS)
    state, (first, until) = shape.state, shape.bounds
    bars = fetch_bars(shape.query, shape.start, shape.end, first, until, shape.ended)
    starts = _ticks(shape)
    hidden = state.ctx.actor.grants.hides(state.spec.key)
    lanes = [f for f in group_fields(state.spec, hidden) if f.widget not in ("date", "instant", "text")]
    context = {
        **frame(shape, UNITS, LABELS),
        # Whoever has no record at all finds none by going on in time.
        "is_bare": not bars.rows and not ListQuery(state.spec, state.ctx.actor, ()).rows().exists(),
        "ticks": [_tick(shape, start) for start in starts],
        "lanes": _lanes(shape, bars.rows, starts),
        "is_cut": bars.is_cut,
        "ends": [(str(f.label), shape.href(until=f.key), f.key == shape.end.key) for f in shape.dates],
        "lane_fields": [
            (gettext("Without lanes"), shape.href(lane=""), shape.lane is None),
            *((str(f.label), shape.href(lane=f.key), shape.lane is f) for f in lanes),
        ],
        "here": shape.href(),
    }
    template = "_bars" if request.GET.get("part") == "bars" else "timeline"
    return render(
        request, f"objects/calendars/{template}.html", context, status=422 if state.problems else 200
    )


def _ticks(shape: Shape) -> list[date]:
    first, until = shape.bounds
    unit, starts, at = _TICKS[shape.unit], list[date](), first
    while at < until:
        starts.append(at)
        at = period(unit, at, shape.calendar)[1]
    return starts


def _tick(shape: Shape, start: date) -> Tick:
    reader, unit = shape.state.ctx.reader, _TICKS[shape.unit]
    _, month, number = parts(start, shape.calendar)
    if unit == "month":
        label = month_names(reader.language)[month - 1]
    elif unit == "week":
        label = format_date(start, reader.language, "day")
    else:
        label = numbers.localize(str(number), reader.language)
    today = clock.today(reader.tz)
    return Tick(label, start <= today < period(unit, start, shape.calendar)[1])


def _lanes(shape: Shape, rows: Sequence[Row], starts: Sequence[date]) -> list[Lane]:
    """Bars in the lanes of a field's values: choices in their order, records by their title, the rest at the end."""
    known = shape.lane
    if known is None:
        return [Lane("", [_bar(shape, row, starts) for row in rows])] if rows else []
    found: dict[Any, Lane] = {}
    for row in rows:
        value = row.values.get(known.key)
        key = value.id if isinstance(value, Ref) else value or None
        name = known.show(value, shape.state.ctx.reader) if key is not None else ""
        lane = found.setdefault(key, Lane(name or gettext("Without “%(field)s”") % {"field": known.label}))
        lane.bars.append(_bar(shape, row, starts))
    order = [option.key for option in known.options] if isinstance(known, Choice) else []
    return [
        found[key]
        for key in sorted(
            found, key=lambda key: (key is None, order.index(key) if key in order else 0, found[key].name)
        )
    ]


def _bar(shape: Shape, row: Row, starts: Sequence[date]) -> Bar:
    state, reader = shape.state, shape.state.ctx.reader
    low, ended = shape.day_of(row.values[shape.start.key]), shape.ended
    last = (row.values.get(ended.key) if ended else None) or row.values.get(shape.end.key)
    high = max(low, shape.day_of(last)) if last is not None else low
    until = shape.bounds[1]
    begins = _share(low, starts, until)
    ends = _share(high + timedelta(days=1), starts, until)
    before = min(99, round(begins))
    says = format_date(low, reader.language, "day")
    if high > low:
        says = gettext("%(low)s to %(high)s") % {
            "low": says,
            "high": format_date(high, reader.language, "day"),
        }
    return Bar(
        title_text(title_field(state.spec), row),
        f"{address(state.ctx, state.spec, row.id)}/",
        tone_of(state, row),
        before,
        max(1, min(100 - before, round(ends) - before)),
        says,
    )


def _share(day: date, starts: Sequence[date], until: date) -> float:
    """Where a day lies between the first mark and the last, in percent: every mark is as wide as the others."""
    if day <= starts[0]:
        return 0
    if day >= until:
        return 100
    at = max(n for n, start in enumerate(starts) if start <= day)
    end = starts[at + 1] if at + 1 < len(starts) else until
    return (at + (day - starts[at]) / (end - starts[at])) * 100 / len(starts)
