"""A question to the warehouse as a report keeps it: measures, by what, of which rows and days, beside what, how drawn.

An address holds it (``to_address``), so that a report is shared by its link; a report record holds it as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Literal, cast
from urllib.parse import urlencode

import orjson
from django.utils.datastructures import MultiValueDict

from peyvand.analytical.measures.dimensions import DIMENSIONS, FIELDS
from peyvand.analytical.measures.spans import ALWAYS, Compared, Span
from peyvand.kernel import ranges
from peyvand.kernel.conditions import All, Condition, parse
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import Calendar
from peyvand.platform.fields.types import whole_id

ChartKind = Literal["columns", "lines", "bars", "share", "funnel", "heat", "map", "number", "table"]
CHARTS: Final[tuple[ChartKind, ...]] = (
    "columns", "lines", "bars", "share", "funnel", "heat", "map", "number", "table",
)  # fmt: skip
EVER, OWN = "ever", "own"
LAST_DAYS, LAST_MONTHS = "last_30_days", "last_12_months"
_ROLLING: Final = {
    LAST_DAYS: ranges.Rolling("last", 30, "day"),
    LAST_MONTHS: ranges.Rolling("last", 12, "month"),
}
SPANS: Final = (
    "this_month", "last_month", "this_quarter", "last_quarter", "this_year", "last_year", LAST_DAYS, LAST_MONTHS, EVER,
)  # fmt: skip
MOST_MEASURES, MOST_WAYS = 4, 2
MOST_ROWS: Final = 200
# What a key of the catalogue is made of.
_KEY: Final = re.compile(r"[a-z_0-9]{1,40}")
_UNREADABLE = msg("This filter cannot be read.")


@dataclass(frozen=True)
class Question:
    """``filters`` is a condition as JSON over measures' dimensions; ``sort`` a measure's key, "" is the order of the first
    dimension; ``most`` rows are shown."""

    measures: tuple[str, ...] = ("revenue",)
    by: tuple[str, ...] = ()
    filters: Any = None
    span: str = "this_year"
    since: date | None = None
    until: date | None = None
    compare: Compared = ""
    chart: ChartKind = "columns"
    sort: str = ""
    most: int = 50
    # Whether rows of which nothing is counted are left out; elsewhere a zero is an answer.
    some: bool = False

    @property
    def condition(self) -> Condition:
        """The filter, checked.

        Raises:
            Invalid: it means nothing.
        """
        return parse(self.filters, FIELDS) if self.filters else All(())

    def days(self, today: date, calendar: Calendar) -> Span:
        """The days that it is about, seen from a day."""
        if self.span == OWN:
            return Span(self.since, self.until + timedelta(days=1) if self.until else None)
        if self.span == EVER:
            return ALWAYS
        return Span(*ranges.resolve(_ROLLING.get(self.span, self.span), today, calendar))

    def to_json(self) -> dict[str, Any]:
        """What a record keeps."""
        return {key: value for key, value in self._said().items() if value not in ("", None, [], ())}

    def to_address(self, **changed: Any) -> str:
        """The query of an address; what is changed to nothing is left out."""
        said: dict[str, Any] = self._said() | changed
        flat = {
            "m": ",".join(said["measures"]),
            "by": ",".join(said["by"]),
            "where": orjson.dumps(said["filters"]).decode() if said["filters"] else "",
            "span": said["span"],
            "from": said["since"] if said["span"] == OWN else "",
            "to": said["until"] if said["span"] == OWN else "",
            "compare": said["compare"],
            "chart": said["chart"],
            "sort": said["sort"],
            "most": "" if said["most"] == 50 else str(said["most"]),
            "some": said["some"],
        }
        return urlencode({key: value for key, value in flat.items() if value})

    def _said(self) -> dict[str, Any]:
        return {
            "measures": list(self.measures), "by": list(self.by), "filters": self.filters, "span": self.span,
            "since": self.since.isoformat() if self.since else "", "until": self.until.isoformat() if self.until else "",
            "compare": self.compare, "chart": self.chart, "sort": self.sort, "most": self.most, "some": "1" if self.some else "",
        }  # fmt: skip


def of_json(kept: Mapping[str, Any]) -> Question:
    """The question that a record keeps; what it does not know any more is left out."""
    return _read(
        kept.get("measures", ()), kept.get("by", ()), kept.get("filters"), kept, str(kept.get("most", ""))
    )


def of_address(given: Mapping[str, str]) -> Question:
    """The question of an address; what means nothing there is passed over.

    Raises:
        Invalid: at "where": the filter cannot be read.
    """
    where = given.get("where", "")
    try:
        filters = orjson.loads(where) if where else None
    except orjson.JSONDecodeError as error:
        raise Invalid.of(_UNREADABLE, "where") from error
    said = {
        **{key: given.get(key, "") for key in given},
        "since": given.get("from", ""),
        "until": given.get("to", ""),
    }
    return _read(_keys(given, "m"), _keys(given, "by"), filters, said, given.get("most", ""))


def _keys(given: Mapping[str, str], name: str) -> list[str]:
    """Keys with commas between them, or, as a form sends them, under one name several times."""
    texts = given.getlist(name) if isinstance(given, MultiValueDict) else [given.get(name, "")]
    return [key for text in texts for key in text.split(",") if key]


def _read(measures: Any, by: Any, filters: Any, said: Mapping[str, Any], most: str) -> Question:
    chart, compare = str(said.get("chart", "")), str(said.get("compare", ""))
    span = str(said.get("span", ""))
    return Question(
        measures=tuple(key for key in dict.fromkeys(measures) if _KEY.fullmatch(str(key)))[:MOST_MEASURES]
        or ("revenue",),
        by=tuple(key for key in dict.fromkeys(by) if key in DIMENSIONS)[:MOST_WAYS],
        filters=filters,
        span=span if span in (*SPANS, OWN) else "this_year",
        since=_day(said.get("since")),
        until=_day(said.get("until")),
        compare=cast(Compared, compare) if compare in ("before", "year") else "",
        chart=chart if chart in CHARTS else "columns",
        sort=str(said.get("sort", "")),
        most=min(MOST_ROWS, whole_id(most)) or 50,
        some=bool(said.get("some")),
    )


def _day(text: Any) -> date | None:
    try:
        return ranges.within_reach(date.fromisoformat(str(text)[:10]))
    except (ValueError, Invalid):
        return None
