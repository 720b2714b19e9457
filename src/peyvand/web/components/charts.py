"""Charts: what a page says of its figures, drawn in the browser by the island ``pv-chart`` (frontend/src/islands/chart.ts).

A chart repeats what a table on the same page says in full; every mark of it opens the rows behind it. All words and numbers that
are read come from here, in the reader's language and digits: the island only places them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import orjson
from django.utils.html import format_html
from django.utils.safestring import SafeString

# More names than these do not stand beside each other; the table has them all.
MOST = 24
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


@dataclass(frozen=True)
class Chart:
    """Columns side by side. ``names`` stand along the axis; ``label`` is what the chart is about; several series are stacked."""

    label: str
    names: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def html(self) -> SafeString:
        """The element, for a page."""
        told = orjson.dumps({"names": self.names, "series": [asdict(one) for one in self.series]}).decode()
        return format_html(
            '<pv-chart class="chart" role="img" aria-label="{}" data-chart="{}"></pv-chart>', self.label, told
        )


def columns(label: str, names: Sequence[str], *series: Series) -> Chart | None:
    """Columns side by side, as far as they have room; None where there is nothing to compare."""
    if len(names) < 2 or not any(mark.value for one in series for mark in one.marks):
        return None
    kept = tuple(Series(one.name, one.marks[:MOST], one.tone, one.is_line) for one in series)
    return Chart(label, tuple(names[:MOST]), kept)
