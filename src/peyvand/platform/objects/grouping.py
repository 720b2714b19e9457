"""Records put together by a value, and figures over all that match: one statement for the groups, one for the totals.

A group says itself as a condition, so its records are the same list narrowed, and whoever wants them filters by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from django.db import models
from django.db.models import Avg, Count, F, Func, IntegerField, Max, Min, Sum, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import TruncDate

from peyvand.kernel.conditions import All, EvalContext, FieldType, parse
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import UNITS, Unit, period
from peyvand.kernel.persian.text import fold
from peyvand.platform.database.compiled import statement
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Choice, Field, Link, Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.expressions import expressions
from peyvand.platform.objects.filters import eval_context
from peyvand.platform.objects.queries import ListQuery, parse_sort
from peyvand.platform.objects.sight import shown_refs
from peyvand.platform.objects.spec import ObjectSpec, find_object

DATES: Final = frozenset({FieldType.date, FieldType.instant})
FIGURES: Final = frozenset({FieldType.number, FieldType.money})
HOWS: Final = {"sum": Sum, "avg": Avg, "min": Min, "max": Max}
MOST_GROUPS: Final = 200
# Spellings of one word are put together after the database counted them.
_MOST_VALUES: Final = 1000
_MOST_PERIODS: Final = 4000


@dataclass(frozen=True)
class Grouping:
    """What puts records together: a field, by day … year where it is a date."""

    field: Field = field(hash=False)
    unit: Unit | None = None
    descending: bool = False

    @property
    def text(self) -> str:
        """As an address says it: "stage", "-created_at:month"."""
        return f"{'-' if self.descending else ''}{self.field.key}{f':{self.unit}' if self.unit else ''}"


@dataclass(frozen=True)
class Measure:
    """One figure over a column: its sum, average, least or greatest value."""

    field: Field = field(hash=False)
    how: str

    @property
    def key(self) -> str:
        return f"{self.how}_{self.field.key}"


@dataclass(frozen=True)
class Group:
    """One group. ``name`` is what an address calls it, ``value`` what Field.show wants, None for records without one.

    A period is named by its first day; ``until`` is the first day after it.
    """

    name: str
    value: Any
    count: int
    figures: Mapping[str, Any]
    until: date | None = None


@dataclass(frozen=True)
class Groups:
    groups: list[Group]
    # There are more values than are shown; the largest groups are.
    is_cut: bool = False


@dataclass(frozen=True)
class Totals:
    count: int
    is_exact: bool
    figures: Mapping[str, Any]


def can_group(field: Field) -> bool:
    """Whether records can be put together by this field."""
    return not field.is_compound and field.widget not in ("textarea", "about") and field.key not in ("id", "external_id") and (
        field.type in DATES
        or (field.type in (FieldType.choice, FieldType.link, FieldType.user, FieldType.flag, FieldType.text))
    )  # fmt: skip


def parse_group(text: str, spec: ObjectSpec) -> Grouping | None:
    """A grouping as an address says it; None for none.

    Raises:
        Invalid: there is no such field, it cannot be grouped by, or the unit is unknown.
    """
    if not text:
        return None
    key, _, unit = text.removeprefix("-").partition(":")
    known = spec.all_fields.get(key)
    if known is None or not can_group(known) or (unit and unit not in UNITS):
        raise Invalid.of(msg("Records cannot be grouped by “%(name)s”.", name=text), "group")
    dated = known.type in DATES
    return Grouping(known, unit or "month" if dated else None, text.startswith("-"))


def can_measure(field: Field, how: str) -> bool:
    """Whether this figure makes sense of a field: dates have a first and a last, but no sum."""
    if field.is_compound or field.key == "id" or how not in HOWS:
        return False
    if field.type in DATES:
        return how in ("min", "max")
    return field.type in FIGURES and getattr(field, "grouped", True)


def group_condition(grouping: Grouping, name: str, context: EvalContext) -> dict[str, Any]:
    """The condition, as JSON, that the records of one group meet.

    Raises:
        Invalid: no group has this name.
    """
    key, kind = grouping.field.key, grouping.field.type
    if not name:
        return {"field": key, "op": "empty"}
    if kind is FieldType.flag:
        return {"field": key, "op": "is", "value": name == "yes"}
    if grouping.unit is None:
        return {"field": key, "op": "is", "value": name}
    try:
        first = date.fromisoformat(name)
        start, end = period(grouping.unit, first, context.calendar)
    except (ValueError, OverflowError):
        raise Invalid.of(msg("There is no such group."), "group") from None
    return {
        "field": key,
        "op": "between",
        "value": [start.isoformat(), (end - timedelta(days=1)).isoformat()],
    }


def narrowed(query: ListQuery, grouping: Grouping, name: str) -> ListQuery:
    """The same list with the records of one group alone.

    Raises:
        Invalid: no group has this name.
    """
    json = group_condition(grouping, name, eval_context(query.actor))
    own = parse(json, query.spec.condition_schema)
    return replace(query, condition=own if query.condition is None else All((query.condition, own)))


def fetch_groups(query: ListQuery, grouping: Grouping, measures: Sequence[Measure] = ()) -> Groups:
    """The groups of all records that match, in their order, with their figures; records without a value come last."""
    context = eval_context(query.actor)
    if grouping.unit is not None:
        return _periods(query, grouping, measures, context)
    return _values(query, grouping, measures)


def fetch_totals(query: ListQuery, measures: Sequence[Measure], most: int) -> Totals:
    """The number of records that match and their figures, in one statement that reads ``most`` records at the most."""
    columns = dict.fromkeys(m.field.column for m in measures)
    rows = (
        query.rows().order_by().annotate(**{f"in_{n}": stored(query.spec, c) for n, c in enumerate(columns)})
    )
    names = {column: f"in_{n}" for n, column in enumerate(columns)}
    seen = rows.values(*names.values())[: most + 1] if names else rows.values("id")[: most + 1]
    asked: dict[str, Any] = {m.key: HOWS[m.how](names[m.field.column]) for m in measures}
    found = seen.aggregate(records=Count("*"), **asked)
    count = found.pop("records")
    figures = {m.key: _figure(m, found[m.key]) for m in measures}
    return Totals(min(count, most), count <= most, figures if count <= most else {})


def stored(spec: ObjectSpec, column: str) -> Any:
    """What groups and figures read of a record: a column, or the value that a workspace's own field has."""
    return expressions(spec, (column,)).get(column, F(column))


def _values(query: ListQuery, grouping: Grouping, measures: Sequence[Measure]) -> Groups:
    """Groups by plain values, the largest of them."""
    known, asked = grouping.field, _asked(query.spec, measures)
    rows = query.rows().order_by().values(group_value=stored(query.spec, known.column))
    rows = rows.annotate(group_count=Count("*"), **asked).order_by("-group_count", "group_value")
    most = _MOST_VALUES if known.type is FieldType.text else MOST_GROUPS
    found = statement(rows[: most + 1], ("group_value", "group_count", *asked)).run()
    merged: dict[str, list[tuple[Any, ...]]] = {}
    for row in found[:most]:
        name = _name(known, row[0])
        # Spellings of one word are one group: the condition of the group finds them all.
        merged.setdefault(fold(name) if known.type is FieldType.text else name, []).append(row)
    titles = _titles(query.actor, known, [row[0] for row in found])
    places = {id: place for place, id in enumerate(titles)}
    groups = []
    for several in list(merged.values())[:MOST_GROUPS]:
        value = several[0][0]
        groups.append(
            Group(
                _name(known, value),
                None if value == "" else titles.get(value, value),
                sum(row[1] for row in several),
                _merged(query.spec, measures, [row[2:] for row in several]),
            )
        )
    named = [group for group in groups if group.name]
    named.sort(key=lambda group: _place(known, group, places), reverse=grouping.descending)
    # Those without a value stand last, whichever way the others are turned.
    ordered = [*named, *(group for group in groups if not group.name)]
    return Groups(ordered, len(found) > most or len(merged) > MOST_GROUPS)


def _titles(actor: Actor, known: Field, ids: Sequence[Any]) -> dict[Any, Ref]:
    """The records that a link's groups stand for, in the order that their own list has: stages along their pipeline."""
    linked = find_object(known.to) if isinstance(known, Link) else None
    if linked is None:
        return {}
    rows = linked.rows.filter(id__in=[id for id in ids if id is not None]).values_list("id", linked.title)
    if linked.default_sort == "-id":
        found = sorted(rows, key=lambda row: fold(row[1] or ""))
    else:
        sort = parse_sort(linked.default_sort, linked)
        found = list(rows.order_by(*(f"{'-' if s.descending else ''}{s.field.column}" for s in sort), "id"))
    titles = {id: Ref(linked.key, id, title or "") for id, title in found}
    shown = shown_refs(actor, titles.values())
    return {id: shown[ref] for id, ref in titles.items()}


def _name(known: Field, value: Any) -> str:
    if value is None:
        return ""
    if known.type is FieldType.flag:
        return "yes" if value else "no"
    return str(value)


def _place(known: Field, group: Group, places: Mapping[Any, int]) -> Any:
    if isinstance(known, Choice):
        keys = [option.key for option in known.options]
        return keys.index(group.name) if group.name in keys else len(keys)
    if isinstance(group.value, Ref):
        return places[group.value.id]
    return fold(group.name) if isinstance(group.value, str) else group.value is True


def _periods(
    query: ListQuery, grouping: Grouping, measures: Sequence[Measure], context: EvalContext
) -> Groups:
    """Groups by days, weeks … of the reader's calendar.

    No database knows the months of every calendar: the first and the last day are asked for, the periods between them
    are worked out here, and the database puts each record into its period.
    """
    assert grouping.unit is not None
    known, rows = grouping.field, query.rows().order_by()
    moment = stored(query.spec, known.column)
    day = moment if known.type is FieldType.date else TruncDate(moment, tzinfo=context.tz)
    bounds = rows.aggregate(first=Min(moment), last=Max(moment))
    starts = _starts(grouping.unit, bounds["first"], bounds["last"], context)
    if grouping.unit == "day":
        bucket: Any = day
    else:
        places = [_instant(start, known, context.tz) for start in starts] or [
            _instant(context.today, known, context.tz)
        ]
        kind = "date[]" if known.type is FieldType.date else "timestamptz[]"
        # One parameter for each first day: a list of them would be taken for text.
        array = Func(
            *map(Value, places), template=f"array[%(expressions)s]::{kind}", output_field=_Thresholds()
        )
        bucket = Func(moment, array, function="width_bucket", output_field=IntegerField())
    grouped = rows.values(group_value=bucket).annotate(group_count=Count("*"), **_asked(query.spec, measures))
    order = OrderBy(F("group_value"), descending=grouping.descending, nulls_last=True)
    found = statement(
        grouped.order_by(order)[: MOST_GROUPS + 1],
        ("group_value", "group_count", *_asked(query.spec, measures)),
    ).run()
    groups = []
    for value, count, *figures in found[:MOST_GROUPS]:
        first = value if grouping.unit == "day" or value is None else starts[max(value, 1) - 1]
        until = period(grouping.unit, first, context.calendar)[1] if first is not None else None
        shown = first.isoformat() if first is not None else ""
        groups.append(Group(shown, first, count, _merged(query.spec, measures, [figures]), until))
    return Groups(groups, len(found) > MOST_GROUPS)


class _Thresholds(models.Field):  # type: ignore[type-arg]
    """The type of an array of first days; it is never a column."""


def _starts(unit: Unit, first: Any, last: Any, context: EvalContext) -> list[date]:
    """The first days of all periods from the first moment to the last."""
    if first is None or unit == "day":
        return []
    low, high = (
        moment.astimezone(context.tz).date() if isinstance(moment, datetime) else moment
        for moment in (first, last)
    )
    starts: list[date] = []
    at, end = period(unit, low, context.calendar)
    while at <= high and len(starts) < _MOST_PERIODS:
        starts.append(at)
        at, end = period(unit, end, context.calendar)
    return starts


def _instant(day: date, known: Field, tz: tzinfo) -> date:
    return day if known.type is FieldType.date else datetime.combine(day, time(), tz)


def _asked(spec: ObjectSpec, measures: Sequence[Measure]) -> dict[str, Any]:
    """The aggregates of each measure. An average is a sum and a number, so that groups can be put together."""
    asked: dict[str, Any] = {}
    for measure in measures:
        value = stored(spec, measure.field.column)
        asked[measure.key] = Sum(value) if measure.how == "avg" else HOWS[measure.how](value)
        if measure.how == "avg":
            asked[f"n_{measure.key}"] = Count(value)
    return asked


def _merged(spec: ObjectSpec, measures: Sequence[Measure], rows: Sequence[Sequence[Any]]) -> dict[str, Any]:
    names = tuple(_asked(spec, measures))
    by_name = {name: [row[n] for row in rows if row[n] is not None] for n, name in enumerate(names)}
    figures: dict[str, Any] = {}
    for measure in measures:
        values = by_name[measure.key]
        if not values:
            figures[measure.key] = None
        elif measure.how in ("min", "max"):
            figures[measure.key] = _figure(measure, (min if measure.how == "min" else max)(values))
        elif measure.how == "sum":
            figures[measure.key] = _figure(measure, sum(values))
        else:
            figures[measure.key] = _figure(measure, sum(values) / sum(by_name[f"n_{measure.key}"]))
    return figures


def _figure(measure: Measure, value: Any) -> Any:
    """A figure as its field shows it: whole numbers, dates as they are."""
    if value is None or isinstance(value, date):
        return value
    kept = measure.field
    return kept.decode(round(value)) if isinstance(kept, InCustom) else round(value)
