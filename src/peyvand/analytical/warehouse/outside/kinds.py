"""What kind of values a column of text holds, and its values read: numbers and days as people write them, in any digits.

The kernel's readers say what is a number and what is a day. They are not asked about every cell: whether a text is a number is
decided by its shape (every digit a 9), and of days there are few, so that millions of rows cost what DuckDB takes for them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from peyvand.kernel.errors import Invalid
from peyvand.kernel.numbers import parse_number
from peyvand.kernel.persian.calendar import from_parts, parse_date

if TYPE_CHECKING:
    import duckdb

READ: Final = ("bigint", "integer", "double", "date", "timestamp")
"""The types whose values are read here; all others are DuckDB's own matter."""
# Of twenty values one may be of another kind and does not make all of them texts: it is refused by its line.
_MISFITS: Final = 0.05
# So many digits an identifier has, and no amount; a bigint holds eighteen.
_LONGEST: Final = 18
# With a sign of plus and so many digits it is somebody's phone.
_PHONE: Final = 7
# A century and all the ways to write its days; what has more is no column of days.
_MOST_DAYS: Final = 100_000

_DIGIT: Final = "[0-9۰-۹٠-٩]"
_NOTED: Final = "\u200c\u200e\u200f\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e"
_EDGE: Final = f"[\\s{_NOTED}]*"
_FROM: Final = "۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩٫\u2212٬،, \t\u00a0" + _NOTED
_TO: Final = "0123456789" * 2 + ".-"
# Strict where the kernel is not: spaces within are those of a phone or a card.
_NUMBER: Final = f"{_EDGE}[-+\u2212]?{_EDGE}({_DIGIT}+([,٬،]{_DIGIT}+)*([.٫]{_DIGIT}*)?|[.٫]{_DIGIT}+){_EDGE}"
_ZERO_FIRST: Final = f"^([^0-9۰-۹٠-٩]*)[0۰٠]({_DIGIT})"
_WHOLE: Final = "-?[1-9][0-9]{0,17}"
_EXPONENT: Final = r"[-+]?[0-9]+(\.[0-9]+)?[eE][-+][0-9]{1,3}"
# Stands for a text that begins with a needless zero: never a number's shape.
_ZERO: Final = "Z"
_TOLD_APART: Final = rf"\1{_ZERO}\2"
_DAYS: Final = ("date", "timestamp")
_DAY: Final = r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{1,2} [^0-9\s]+ [0-9]{4}"
# Eight digits are a number, unless somebody says that they are a day.
_ANY_DAY: Final = rf"{_DAY}|[0-9]{{8}}"
_CLOCK: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"
_MOMENT: Final = rf"^(.*?[0-9])(?:(?:\s*[,،]\s*|\s+|T)({_CLOCK})\s*(Z|[-+][01][0-9]:?[0-5][0-9])?)?$"
_MONTH_FIRST: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")

# What needs no reader: as programs write it, and no year that only the Jalali calendar has now.
_ISO: Final = "(1[7-9]|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}"
_PLAIN: Final[Mapping[str, str]] = {
    "bigint": "-?[0-9]{1,18}",
    "integer": "-?[0-9]{1,10}",
    "double": rf"-?[0-9]{{1,18}}(\.[0-9]*)?|{_EXPONENT}",
    "date": _ISO,
    "timestamp": rf"{_ISO}[ T][0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}(\.[0-9]{{1,6}})?",
}


@dataclass(frozen=True)
class Reading:
    """A column's value in SQL, and what must be joined for it: (table, its key, the text that is looked up)."""

    value: str
    joined: str = ""


def recognised(
    here: duckdb.DuckDBPyConnection, source: str, names: Iterable[str], sniffed: Iterable[str], sample: int
) -> list[tuple[str, int]]:
    """The type of each column of ``source`` (all texts), by every value that is not empty, and how many of these do not fit it.

    It is the type of all values but very few. Identifiers stay texts: where one begins with a needless zero, is longer than a
    whole number, or looks like a phone. The first ``sample`` rows say what each column could be, so that only that is looked for
    in all of them.
    """
    columns = list(zip(names, sniffed, strict=True))
    first = _could_be(here, f"(from {source} limit {sample})", columns, [None] * len(columns))
    return [
        next(iter((found or {}).values()), ("varchar", 0))
        for found in _could_be(here, source, columns, first)
    ]


def readings(
    here: duckdb.DuckDBPyConnection, source: str, columns: Sequence[Mapping[str, str]]
) -> tuple[dict[str, Reading], int]:
    """How each of these columns (all texts in ``source``, of a type that is READ) is read, and how many rows there are. What
    cannot be read is NULL."""
    asked = ["count(*)"]
    for column in columns:
        name, type = quoted(column["name"]), column["type"]
        said = _said(name, type)
        is_one = f"regexp_full_match({said}, {text(_ANY_DAY)})" if type in _DAYS else _looks(name, _NUMBER)
        asked.append(f"list(distinct {said}) filter (not {_plain(name, type)} and {is_one})")
    rows, *stand = here.execute(f"select {', '.join(asked)} from {source}").fetchone() or (0,)
    found = {}
    for n, (column, values) in enumerate(zip(columns, stand, strict=True)):
        cell, type = f"t.{quoted(column['name'])}", column["type"]
        read = (
            _days(here, f"days_{n}", cell, type, values or ())
            if type in _DAYS
            else _number(cell, type, values or ())
        )
        plain = f"when {_plain(cell, type)} then try_cast({cell} as {type})"
        found[column["name"]] = replace(read, value=f"case {plain} {read.value} end")
    return found, rows


def text(value: str) -> str:
    """A text in SQL."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A name in SQL."""
    return '"' + name.replace('"', '""') + '"'


# What a column's values can be: of which type, and how many do not fit it; None: it has none.
_Found = dict[str, tuple[str, int]] | None
_KINDS: Final = ("number", "day", "boolean")


def _could_be(
    here: duckdb.DuckDBPyConnection,
    source: str,
    columns: Sequence[tuple[str, str]],
    before: Sequence[_Found],
) -> list[_Found]:
    """What each column (name, type that was sniffed) holds, of that which it could be ``before``."""
    asked: list[str] = []
    for (name, _), known in zip(columns, before, strict=True):
        cell, sought = quoted(name), _KINDS if known is None else known
        asked.append(f"count({cell})")
        if "number" in sought:
            is_one = f"({_looks(cell, _NUMBER)} or regexp_full_match({cell}, {text(_EXPONENT)}))"
            asked += [
                f"count({cell}) filter (not {is_one})",
                f"list(distinct {_shape(cell)}) filter ({is_one})",
            ]
        if "day" in sought:
            day, clock, _zone = _parts(cell)
            said = f"case when {_plain(cell, 'date')} then {cell} when regexp_full_match({day}, {text(_DAY)}) then {day} end"
            asked += [
                f"count({cell}) - count({said})", f"histogram({said}) filter ({said} is not null)",
                f"coalesce(bool_or(not {_plain(cell, 'date')} and {clock} <> ''), false)",
            ]  # fmt: skip
        if "boolean" in sought:
            asked.append(f"count({cell}) filter (try_cast({cell} as boolean) is null)")
    row = iter(here.execute(f"select {', '.join(asked)} from {source}").fetchone() or ())
    return [
        _judged(row, sniffed, _KINDS if known is None else known)
        for (_, sniffed), known in zip(columns, before, strict=True)
    ]


def _judged(row: Iterator[Any], sniffed: str, sought: Collection[str]) -> _Found:
    """What the columns that _could_be asked for say of one of the file's."""
    count, found = next(row), dict[str, tuple[str, int]]()
    few = int(count * _MISFITS)
    if "number" in sought:
        others, shapes = next(row), next(row) or []
        if others <= few and (type := _number_type(shapes)):
            found["number"] = (type, others)
    if "day" in sought:
        others, days, has_clock = next(row), next(row) or {}, next(row)
        if others <= few and len(days) <= _MOST_DAYS:
            read = read_days(days)
            others += sum(many for said, many in days.items() if said not in read)
            if others <= few:
                found["day"] = ("timestamp" if has_clock else "date", others)
    if "boolean" in sought:
        others = next(row)
        if not others and sniffed == "boolean":
            found["boolean"] = ("boolean", 0)
    return found if count else None


def _number_type(shapes: Iterable[str]) -> str | None:
    is_whole = True
    for shape in shapes:
        if _ZERO in shape or not _is_number(shape, "double"):
            return None
        digits = shape.count("9")
        is_grouped = any(sign in shape for sign in ",٬،")
        has_decimals = any(sign in shape for sign in ".٫eE")
        if (digits > _LONGEST and not has_decimals) or (
            "+" in shape and digits >= _PHONE and not is_grouped and not has_decimals
        ):
            return None
        is_whole = is_whole and not has_decimals
    return "bigint" if is_whole else "double"


def _is_number(shape: str, type: str) -> bool:
    if re.fullmatch(_EXPONENT, shape):
        return type == "double"
    try:
        parse_number(shape)
    except Invalid:
        return False
    return type == "double" or not re.search(r"[.٫]9", shape)


def read_days(values: Iterable[str]) -> dict[str, date]:
    """The days that these texts say, by the kernel's reader; month before day, where only so more of them are days."""
    listed = list(values)
    found = {value: day for value in listed if (day := _day(value))}
    if len(found) == len(listed):
        return found
    other = {value: day for value in listed if (day := _month_first(value))}
    return other if len(other) > len(found) else found


def _day(value: str) -> date | None:
    try:
        return parse_date(value, "en")
    except Invalid:
        return None


def _month_first(value: str) -> date | None:
    if (match := _MONTH_FIRST.fullmatch(value.strip())) is None:
        return None
    try:
        return from_parts(int(match[4]), int(match[1]), int(match[3]), "gregorian")
    except Invalid:
        return None


def _said(cell: str, type: str) -> str:
    """What of a text is asked about: the shape of a number, the day of a moment."""
    if type not in _DAYS:
        return _shape(cell)
    return _parts(cell)[0] if type == "timestamp" else _digits(cell)


def _number(cell: str, type: str, shapes: Iterable[str]) -> Reading:
    # A needless zero is no reason against a type that somebody chose.
    good = ", ".join(text(shape) for shape in shapes if _is_number(shape.replace(_ZERO, "9"), type))
    return Reading(f"when {_shape(cell)} in ({good}) then try_cast({_ascii(cell)} as {type})" if good else "")


def _days(
    here: duckdb.DuckDBPyConnection, table: str, cell: str, type: str, values: Iterable[str]
) -> Reading:
    """Days by a table of those that stand there; moments by the same, with their hours."""
    import pyarrow as pa

    days = read_days(values)
    here.execute(f"create temp table {table} (said varchar, day date)")
    known = {"said": pa.array(days.keys(), pa.string()), "day": pa.array(days.values(), pa.date32())}
    here.register("known_days", pa.table(known))
    here.execute(f"insert into {table} select said, day from known_days")
    here.unregister("known_days")
    value = f"{table}.day"
    if type == "timestamp":
        _day, clock, zone = _parts(cell)
        plain = f"replace({zone}, ':', '')"
        minutes = f"(substr({plain}, 2, 2)::int * 60 + substr({plain}, 4, 2)::int)"
        ahead = (
            f"case when {plain} in ('', 'Z') then 0 when {plain} like '-%' then -{minutes} else {minutes} end"
        )
        hours = f"case when {clock} = '' then time '00:00' else try_cast({clock} as time) end"
        value = f"{table}.day + {hours} - to_minutes({ahead})"
    looked = f"case when not {_plain(cell, type)} then {_said(cell, type)} end"
    return Reading(f"else {value}", f"left join {table} on {table}.said = {looked}")


def _plain(cell: str, type: str) -> str:
    return f"regexp_full_match({cell}, {text(_PLAIN[type])})"


def _looks(cell: str, pattern: str) -> str:
    return f"(length({cell}) <= 60 and regexp_full_match({cell}, {text(pattern)}))"


def _shape(cell: str) -> str:
    """The text with every digit as 9, told apart by a needless zero at its beginning."""
    told = f"regexp_replace({cell}, {text(_ZERO_FIRST)}, {text(_TOLD_APART)})"
    return f"regexp_replace({told}, {text(_DIGIT)}, '9', 'g')"


def _ascii(cell: str) -> str:
    """A number with its digits and decimal point as SQL has them, and nothing between its thousands."""
    return f"translate({cell}, {text(_FROM)}, {text(_TO)})"


def _digits(cell: str) -> str:
    return f"trim(translate({cell}, {text(_FROM[:20])}, {text(_TO[:20])}))"


def _parts(cell: str) -> tuple[str, str, str]:
    """Day, hours and zone of a text; empty where it has none."""
    found = f"regexp_extract({_digits(cell)}, {text(_MOMENT)}, ['day', 'clock', 'zone'])"
    return f"{found}.day", f"{found}.clock", f"{found}.zone"
