"""Charts: what a page says of its figures, drawn in the browser by the island ``pv-chart`` (frontend/src/islands/chart.ts).

A chart repeats what a table on the same page says in full; every mark of it opens the rows behind it. All words and numbers that
are read come from here, in the reader's language and digits: the island only places them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from math import ceil, floor, log10
from typing import Final, Literal, NamedTuple

import orjson
from django.utils.html import format_html
from django.utils.safestring import SafeString

Tone = Literal["", "good", "bad", "warn", "info", "quiet"]
Kind = Literal["columns", "lines", "bars", "share", "funnel", "curve", "flow"]
# More names than these do not stand beside each other; the table has them all.
MOST: Final = 24
_ROOM: Final = {"share": 8, "funnel": 12}
_ROOM_OF_TIME: Final = {"lines": 400, "columns": 60}
_STEPS: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
Says = Callable[[float], str]
"""How a value of an axis reads."""


class Axis(NamedTuple):
    """How the values of an axis read and what they count in. ``whole``: where the axis ends if all its values are nothing."""

    says: Says
    unit: str = ""
    whole: float = 1.0


@dataclass(frozen=True)
class Mark:
    """One value: how long it is drawn, what is read of it, and where its rows are; None is not drawn."""

    value: float | None
    shown: str
    url: str = ""


@dataclass(frozen=True)
class Series:
    """Values of one kind, one for each name. A ``line`` has an axis of its own, which it does not share with columns."""

    name: str
    marks: tuple[Mark, ...]
    tone: Tone = ""
    is_line: bool = False
    # Drawn at the side of the others, not upon them.
    beside: bool = False


@dataclass(frozen=True)
class Area:
    """What values lie between, name by name, as a filled area behind the lines; a name without both has none."""

    name: str
    low: tuple[Mark, ...]
    high: tuple[Mark, ...]


@dataclass(frozen=True)
class Scale:
    """What an axis says: values from ``low`` on by ``step``, in words; the ``unit`` stands above them."""

    low: float
    step: float
    says: tuple[str, ...]
    unit: str = ""


@dataclass(frozen=True)
class Flow:
    """How much goes from one name to another, told by their places among the names."""

    origin: int
    target: int
    mark: Mark


@dataclass(frozen=True)
class Chart:
    """Columns side by side, or as ``kind`` says: lines, bars that lie, shares of a ring, a funnel (of the first series alone).
    ``names`` stand along the axis; ``label`` is what the chart is about; several series of columns and bars are stacked.
    ``scales`` are of the axis of the columns and of that of the lines; ``is_time``: the names are periods, in their order;
    ``is_running``: the last of them is not over, and is drawn as what is still to be filled.
    ``area`` lies behind the lines. ``note`` is what must be said of it beside: what is not drawn.

    A curve has its names at ``places``, 0 to 100. A flow is drawn from the names of one side to those of the other, each in its
    own of ``tones``."""

    label: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Kind = "columns"
    places: tuple[float, ...] = ()
    flows: tuple[Flow, ...] = ()
    tones: tuple[Tone, ...] = ()
    scales: tuple[Scale, ...] = ()
    is_time: bool = False
    is_running: bool = False
    note: str = ""
    area: Area | None = None

    @property
    def html(self) -> SafeString:
        """The element, for a page."""
        told = orjson.dumps({
            "kind": self.kind, "names": self.names, "series": [asdict(one) for one in self.series], "places": self.places,
            "flows": [asdict(one) for one in self.flows], "tones": self.tones, "is_time": self.is_time, "is_running": self.is_running,
            "scales": [asdict(one) for one in self.scales], "area": asdict(self.area) if self.area else None,
        }).decode()  # fmt: skip
        return format_html(
            '<pv-chart class="chart chart-{}" role="figure" aria-label="{}" data-chart="{}"></pv-chart>',
            self.kind, self.label, told,
        )  # fmt: skip


def room(kind: Kind, *, is_time: bool = False) -> int:
    """How many names a chart of this kind has room for."""
    return _ROOM_OF_TIME.get(kind, MOST) if is_time else _ROOM.get(kind, MOST)


def columns(
    label: str,
    names: Sequence[str],
    *series: Series,
    says: Sequence[Axis] = (),
    is_time: bool = False,
    is_running: bool = False,
) -> Chart | None:
    """Columns side by side, as far as they have room; None where there is nothing to compare."""
    if len(names) < 2:
        return None
    return drawn("columns", label, names, *series, says=says, is_time=is_time, is_running=is_running)


def drawn(
    kind: Kind,
    label: str,
    names: Sequence[str],
    *series: Series,
    says: Sequence[Axis] = (),
    is_time: bool = False,
    is_running: bool = False,
    note: str = "",
    area: Area | None = None,
) -> Chart | None:
    """A chart of any kind, as far as its marks have room (of periods the newest); None where there is nothing to draw.

    ``says`` tells of the axis of the columns, and of that of the lines, how its values read and what their unit is.
    """
    most = room(kind, is_time=is_time)
    part = slice(-most, None) if is_time else slice(most)
    kept = tuple(replace(one, marks=one.marks[part]) for one in series)
    if not names or not any(mark.value for one in kept for mark in one.marks):
        return None
    behind = replace(area, low=area.low[part], high=area.high[part]) if area else None
    sides = (Series("", side) for side in (behind.low, behind.high)) if behind else ()
    scales = _scales(kind, (*kept, *sides), says)
    return Chart(
        label, tuple(names[part]), kept, kind, scales=scales, is_time=is_time, is_running=is_running, note=note, area=behind,
    )  # fmt: skip


def _scales(kind: Kind, series: Sequence[Series], says: Sequence[Axis]) -> tuple[Scale, ...]:
    stacked: dict[int, float] = {}
    own: list[float] = []
    of_lines: list[float] = []
    for one in series:
        for at, mark in enumerate(one.marks):
            value = mark.value or 0
            if one.is_line:
                of_lines.append(value)
            elif kind == "lines" or one.beside or value < 0:
                own.append(value)
            else:
                stacked[at] = stacked.get(at, 0) + value
    values = ([*own, *stacked.values()], of_lines)
    return tuple(scale(each, *told) for each, told in zip(values, says, strict=False) if each)


def scale(values: Iterable[float], says: Says, unit: str = "", whole: float = 1.0) -> Scale:
    """Four or five round values that hold these, and nothing; up to ``whole`` where there is nothing else."""
    known = [0.0, *values]
    low, high = min(known), max(known)
    if low == high:
        high = whole
    is_whole = all(value == int(value) for value in known)
    reach = high - low
    found: list[tuple[float, int, float, int]] = []
    for parts in (3, 4):
        size = 10.0 ** floor(log10(reach / parts))
        for step in (n * size for n in _STEPS if n * size >= reach / parts * (1 - 1e-9)):
            first, last = floor(low / step + 1e-9), ceil(high / step - 1e-9)
            if last - first <= parts and (not is_whole or step == int(step)):
                found.append(((last - first) * step, last - first, step, first))
                break
    if not found:
        found = [(reach, 1, ceil(reach), floor(low / ceil(reach)))]
    _reach, parts, step, first = min(found)
    marks = [round((first + n) * step, 10) for n in range(parts + 1)]
    return Scale(marks[0], step, tuple(says(value) for value in marks), unit)
