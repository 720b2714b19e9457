"""How a list, calendar or timeline is laid out: a few short words, the same in addresses and in saved views.

``group`` what records are put together by ("stage", "-created_at:month"); ``fold`` all groups begin closed ("1");
``sums`` figures of columns ("amount:avg,probability:max"); ``pin`` how many columns stay while the others scroll;
``density`` of rows; ``on`` and ``until`` the dates that place a record; ``span`` how much is seen at once; ``lane``
what the timeline's lanes are; ``lanes`` what else a board's address names ("pipeline=2": whose stages its lanes are).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from peyvand.kernel.errors import Invalid
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.grouping import DATES, HOWS, Measure, can_group, can_measure, parse_group
from peyvand.platform.objects.spec import ObjectSpec

DENSITIES: Final = ("compact", "", "roomy")
SPANS: Final = ("week", "month", "quarter", "year")
MOST_PINNED: Final = 4
# Said in ``sums`` of a column that shows none of its figures.
NONE: Final = "none"


def read_look(given: Mapping[str, Any], spec: ObjectSpec) -> dict[str, str]:
    """The words that are understood; what is not, or is no longer there, is passed over as an absent column is."""
    return {
        word: text
        for word, is_known in _KNOWN.items()
        if isinstance(text := given.get(word), str) and text and is_known(text, spec)
    }


def date_fields(spec: ObjectSpec, hidden: frozenset[str] = frozenset()) -> list[Field]:
    """The fields that can place a record in time: its own dates first, those every record has last."""
    return [f for f in spec.all_fields.values() if f.type in DATES and f.key not in hidden]


def group_fields(spec: ObjectSpec, hidden: frozenset[str] = frozenset()) -> list[Field]:
    """The fields that records can be put together by."""
    return [f for f in spec.all_fields.values() if can_group(f) and f.key not in hidden]


def measures_of(text: str, fields: list[Field]) -> list[Measure]:
    """One figure for each of these columns that has one: the one chosen, else the sum of an amount."""
    chosen = dict(part.partition(":")[::2] for part in text.split(",") if part)
    found = []
    for field in fields:
        how = chosen.get(field.key, "sum" if field.widget == "money" else NONE)
        if can_measure(field, how):
            found.append(Measure(field, how))
    return found


def _is_group(text: str, spec: ObjectSpec) -> bool:
    try:
        return parse_group(text, spec) is not None
    except Invalid:
        return False


def _is_sums(text: str, spec: ObjectSpec) -> bool:
    pairs = [part.partition(":")[::2] for part in text.split(",")]
    return all(key in spec.all_fields and (how in HOWS or how == NONE) for key, how in pairs)


def _is_date(text: str, spec: ObjectSpec) -> bool:
    return text in spec.all_fields and spec.field(text).type in DATES


_KNOWN: Final[dict[str, Callable[[str, ObjectSpec], bool]]] = {
    "group": _is_group,
    "fold": lambda text, spec: text == "1",
    "sums": _is_sums,
    "pin": lambda text, spec: text in map(str, range(MOST_PINNED + 1)),
    "density": lambda text, spec: text in DENSITIES,
    "on": _is_date,
    "until": _is_date,
    "span": lambda text, spec: text in SPANS,
    "lane": _is_group,
    "lanes": lambda text, spec: all(key in spec.all_fields for key, _ in parse_qsl(text)),
}
WORDS: Final = tuple(_KNOWN)
