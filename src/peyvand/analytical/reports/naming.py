"""What the values of dimensions are called: people, products, choices and periods in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.reports.question import EVER, LAST_DAYS, LAST_MONTHS, OWN, SPANS, Question
from peyvand.analytical.warehouse.public import Tables
from peyvand.kernel import ranges
from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.calendar import Calendar, format_date, period
from peyvand.operational.targets.public import name_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.objects.spec import find_object

# Where a choice's labels are: the object and the field that have its options.
_OPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "customer_kind": ("company", "kind"),
    "product_kind": ("product", "kind"),
    "payment_method": ("payment", "method"),
    "deal_status": ("deal", "status"),
    "lead_status": ("lead", "state"),
    "source": ("lead", "source"),
    "direction": ("call", "direction"),
}
_OBJECTS: Final = {"customer_object", "paper", "interaction_kind"}
_RENAMED: Final = {"mail": "mail_message", "sms": "sms_message"}
_WEEKDAYS: Final = {
    "1": _("Monday"), "2": _("Tuesday"), "3": _("Wednesday"), "4": _("Thursday"), "5": _("Friday"), "6": _("Saturday"),
    "7": _("Sunday"),
}  # fmt: skip
_NAMED_IN: Final = {
    "customer": ("customer", "customer"),
    "product": ("product", "product"),
    "member": ("member", "member"),
}

Name = Callable[[Any], str]
SPAN_LABELS: Final = {
    **{key: ranges.LABELS[key] for key in SPANS if key in ranges.LABELS},
    EVER: msgid("All time"), OWN: msgid("Own days"), LAST_DAYS: msgid("The last 30 days"), LAST_MONTHS: msgid("The last 12 months"),
}  # fmt: skip


def namer(ctx: Context, tables: Tables, key: str, values: Collection[Any]) -> Name:
    """How the values of a dimension are called; those given are looked up in one question."""
    dimension = DIMENSIONS[key]
    nothing = gettext("None")
    if dimension.kind == "day":
        return lambda value: nothing if value is None else period_name(dimension, value, ctx.reader.language)
    if dimension.kind in _NAMED_IN:
        names = _names(tables, dimension.kind, [v for v in values if v is not None])
        return lambda value: names.get(value, nothing)
    if dimension.kind == "flag":
        return lambda value: nothing if value is None else gettext("Yes") if value else gettext("No")
    labels = _labels(key, values)
    return lambda value: nothing if value in (None, "") else labels.get(str(value), str(value))


def span_name(question: Question, language: str) -> str:
    """The days that a question is about: «۱۲ ماه گذشته», «از ۱ آبان ۱۴۰۵ تا ۱۵ آبان ۱۴۰۵»."""
    if question.span != OWN:
        return gettext(SPAN_LABELS[question.span])
    since, until = (
        format_date(day, language, "long") if day else "…" for day in (question.since, question.until)
    )
    return gettext("from %(since)s to %(until)s") % {"since": since, "until": until}


def period_name(dimension: Dimension, first: date, language: str) -> str:
    """«مهر ۱۴۰۵», «پاییز ۱۴۰۵», "2026"."""
    if dimension.unit in ("month", "quarter", "year"):
        calendar = dimension.calendar or "gregorian"
        return name_of(dimension.unit, first, calendar, language)
    return format_date(first, language, "long")


def period_told(
    dimension: Dimension, first: date, days: Span, today: date, calendar: Calendar, language: str
) -> str:
    """The same, and whether all of it is in ``days``: «آذر ۱۴۰۵ تا امروز»."""
    name = period_name(dimension, first, language)
    if not dimension.unit or dimension.unit == "day":
        return name
    after = period(dimension.unit, first, dimension.calendar or calendar)[1]
    if first <= today < after and (days.until is None or days.until > today):
        return gettext("%(period)s so far") % {"period": name}
    if (days.since and first < days.since) or (days.until and days.until < after):
        return gettext("%(period)s in part") % {"period": name}
    return name


def _names(tables: Tables, kind: str, keys: list[Any]) -> dict[Any, str]:
    table, column = _NAMED_IN[kind]
    rows = tables[table]
    found = (
        tables.fetch(rows.filter(rows[column].isin(keys)).select(key=rows[column], name=rows["name"]))
        if keys
        else None
    )
    return (
        dict(zip(found["key"].to_pylist(), found["name"].to_pylist(), strict=True))
        if found is not None
        else {}
    )


def labels_of(key: str) -> dict[str, str]:
    """The words for a dimension's values where these are a fixed set; empty where they are not."""
    return _labels(
        key,
        ("person", "company", "order", "invoice", "call", "meeting", "mail", "sms", "note", "task")
        if key in _OBJECTS
        else (),
    )


def _labels(key: str, values: Collection[Any]) -> dict[str, str]:
    if key == "weekday":
        return {k: str(label) for k, label in _WEEKDAYS.items()}
    if key in _OBJECTS:
        specs = {str(v): find_object(_RENAMED.get(str(v), str(v))) for v in values if v}
        return {value: str(spec.label) for value, spec in specs.items() if spec is not None}
    if key in _OPTIONS:
        object_key, field_key = _OPTIONS[key]
        spec = find_object(object_key)
        field = spec.all_fields.get(field_key) if spec is not None else None
        if isinstance(field, Choice):
            return {option.key: str(option.label) for option in field.options}
    return {}
