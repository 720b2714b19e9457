"""Charts: what a page says of its figures, drawn in the browser by the island ``pv-chart`` (frontend/src/islands/chart.ts).

A chart repeats what a table on the same page says in full; every mark of it opens the rows behind it. All words and numbers that
are read come from here, in the reader's language and digits: the island only places them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import orjson
from django.utils.html import format_html
from django.utils.safestring import SafeString

# More names than these do not stand beside each other; the table has them all.
MOST = 24
# Of other kinds.
ROOM = {"lines": 120, "columns": 60, "share": 8, "funnel": 12}
Tone = Literal["", "good", "bad", "warn", "info", "quiet"]


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


Kind = Literal["columns", "lines", "bars", "share", "funnel", "curve", "flow"]


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

    A curve has its names at ``places``, 0 to 100. A flow is drawn from the names of one side to those of the other, each in its
    own of ``tones``."""

    label: str
    names: tuple[str, ...]
    series: tuple[Series, ...]
    kind: Kind = "columns"
    places: tuple[float, ...] = ()
    flows: tuple[Flow, ...] = ()
    tones: tuple[Tone, ...] = ()

    @property
    def html(self) -> SafeString:
        """The element, for a page."""
        told = orjson.dumps({
            "kind": self.kind, "names": self.names, "series": [asdict(one) for one in self.series], "places": self.places,
            "flows": [asdict(one) for one in self.flows], "tones": self.tones,
        }).decode()  # fmt: skip
        return format_html(
            '<pv-chart class="chart chart-{}" role="img" aria-label="{}" data-chart="{}"></pv-chart>',
            self.kind, self.label, told,
        )  # fmt: skip


def columns(label: str, names: Sequence[str], *series: Series) -> Chart | None:
    """Columns side by side, as far as they have room; None where there is nothing to compare."""
    if len(names) < 2 or not any(mark.value for one in series for mark in one.marks):
        return None
    kept = tuple(Series(one.name, one.marks[:MOST], one.tone, one.is_line) for one in series)
    return Chart(label, tuple(names[:MOST]), kept)


def drawn(kind: Kind, label: str, names: Sequence[str], *series: Series) -> Chart | None:
    """A chart of any kind, as far as its marks have room; None where there is nothing to draw."""
    if not names or not any(mark.value for one in series for mark in one.marks):
        return None
    most = ROOM.get(kind, MOST)
    kept = tuple(replace(one, marks=one.marks[:most]) for one in series)
    return Chart(label, tuple(names[:most]), kept, kind)
