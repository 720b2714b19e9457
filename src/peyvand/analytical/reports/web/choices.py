"""What the builder offers: measures and dimensions that the actor may ask for, and the lines of a filter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.measures.fitting import fits
from peyvand.analytical.reports.naming import SPAN_LABELS, labels_of
from peyvand.analytical.reports.question import CHARTS, OWN, SPANS, Question
from peyvand.analytical.reports.rights import open_dimensions, open_measures
from peyvand.analytical.warehouse.public import figures_context
from peyvand.kernel import money, numbers
from peyvand.kernel.errors import Invalid, PeyvandError
from peyvand.kernel.persian.calendar import period
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Option, whole_id
from peyvand.platform.identity.models import User

# Lines of a filter that a form has.
LINES: Final = 4
OPERATORS: Final = (
    ("is", _("is")), ("is_not", _("is not")), ("contains", _("contains")), ("gte", _("at least")), ("lte", _("at most")),
    ("empty", _("is empty")), ("filled", _("is filled")),
)  # fmt: skip
CHART_LABELS: Final = {
    "columns": _("Columns"), "lines": _("Line chart"), "bars": _("Bars"), "share": _("Shares"), "funnel": _("Funnel"),
    "heat": _("Heat map"), "map": _("Map of Iran"), "number": _("One figure"), "table": _("Table only"),
}  # fmt: skip
COMPARED: Final = (("", _("None")), ("before", _("Previous period")), ("year", _("A year earlier")))
# Not filtered by in the builder: whom or what it names is chosen by name.
_BY_NAME: Final = ("customer", "product", "day")


@dataclass(frozen=True)
class Filter:
    """One line of the filter as the form has it."""

    field: str = ""
    op: str = "is"
    value: str = ""
    # What can be chosen; none: it is typed.
    options: Sequence[Option] = ()


def measure_groups(ctx: Context) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """Measures by unit of work, each with its key, label and what it means."""
    return [(
        str(label), [(m.key, gettext(m.label), gettext(m.says)) for m in open_measures(ctx.actor) if m.objects[0] in objects]
    ) for label, objects in (
        (_("Sales"), ("order", "invoice")), (_("Deals"), ("deal",)), (_("Leads"), ("lead",)), (_("Payments"), ("payment",)),
        (_("Work"), ("call", "meeting", "task", "note")), (_("Subscriptions"), ("contract", "subscription")),
    )]  # fmt: skip


def ways(ctx: Context) -> list[Dimension]:
    """By what measures can be shown; the days of the reader's calendar first."""
    return [d for d in open_dimensions(ctx.actor) if d.groups]


_GROUPS: Final = (
    (_("Time"), ("calendar_day",)), (_("Customers"), ("customer",)), (_("Products"), ("product",)), (_("Team"), ("member",)),
    (_("Sales"), ("sale", "sale_line")), (_("Deals"), ("deal", "stage_change")), (_("Leads"), ("lead", "touch")),
    (_("Payments"), ("payment",)), (_("Work"), ("interaction",)), (_("Subscriptions"), ("subscription",)),
)  # fmt: skip


def grouped(dimensions: Iterable[Dimension]) -> list[tuple[str, list[Dimension]]]:
    """Dimensions by what they tell of, each group in the order that they came in; groups without any are left out."""
    listed = list(dimensions)
    found = [
        (str(label), [d for d in listed if d.paths[0].partition(".")[0] in roots]) for label, roots in _GROUPS
    ]
    return [(label, those) for label, those in found if those]


def fitting(question: Question, key: str) -> bool:
    """Whether the measures of a question say anything by a dimension."""
    try:
        fits(question.measures, (key,))
    except PeyvandError:
        return False
    return True


def spans(ctx: Context) -> list[tuple[str, str]]:
    return [(key, gettext(SPAN_LABELS[key])) for key in (*SPANS, OWN)]


def whole_weeks(ctx: Context, count: int) -> tuple[date, date]:
    """The first and the last day of so many weeks before the running one."""
    context = figures_context(ctx.actor)
    start, _after = period("week", context.today, context.calendar)
    return start - timedelta(weeks=count), start - timedelta(days=1)


def unit_within(ctx: Context, question: Question) -> str:
    """By which periods the course of a question's time is told: a month's by day, a quarter's by week, of longer ones by month."""
    context = figures_context(ctx.actor)
    days = question.days(context.today, context.calendar).known(context.today)
    if days.since is not None and days.until is not None:
        for unit, most in (("day", 31), ("week", 92)):
            if (days.until - days.since).days <= most:
                return unit
    return "jalali_month" if context.calendar == "jalali" else "month"


def charts() -> list[tuple[str, Any]]:
    return [(key, CHART_LABELS[key]) for key in CHARTS]


def filterable(ctx: Context) -> list[Dimension]:
    return [d for d in open_dimensions(ctx.actor) if d.kind not in _BY_NAME]


def filters_of(ctx: Context, question: Question) -> tuple[list[Filter], bool]:
    """The lines of a question's filter, and whether the form can show all of it."""
    told = question.filters
    parts = told.get("and", [told]) if isinstance(told, Mapping) else []
    lines: list[Filter] = []
    is_whole = True
    for part in parts:
        if not isinstance(part, Mapping) or part.get("field") not in DIMENSIONS or len(lines) >= LINES:
            is_whole = False
            continue
        dimension = DIMENSIONS[part["field"]]
        value = part.get("value", "")
        lines.append(
            Filter(
                dimension.key,
                str(part.get("op", "is")),
                _typed(dimension, value, ctx.reader),
                options_of(dimension),
            )
        )
    return lines, is_whole


def written(fields: Sequence[str], ops: Sequence[str], values: Sequence[str]) -> list[Filter]:
    """The lines of the form as they were sent, those without a field left out."""
    return [
        Filter(field, op, value, options_of(DIMENSIONS[field]))
        for field, op, value in zip(fields, ops, values, strict=False)
        if field in DIMENSIONS
    ]


def read_filters(ctx: Context, fields: Sequence[str], ops: Sequence[str], values: Sequence[str]) -> Any:
    """The condition, as JSON, that the lines of the form say; None where they say nothing.

    Raises:
        Invalid: at "wv": an amount or number cannot be read.
    """
    parts = []
    for field, op, value in zip(fields, ops, values, strict=False):
        dimension = DIMENSIONS.get(field)
        if dimension is None or (op not in ("empty", "filled") and not value.strip()):
            continue
        part: dict[str, Any] = {"field": field, "op": op}
        if op not in ("empty", "filled"):
            part["value"] = _meant(dimension, value.strip(), ctx.reader)
        parts.append(part)
    return {"and": parts} if parts else None


def options_of(dimension: Dimension) -> list[Option]:
    """What a filter by this dimension can name."""
    if dimension.kind == "member":
        people = User.objects.filter(deleted_at__isnull=True).order_by("name").values_list("id", "name")
        return [Option(str(id), name) for id, name in people]
    if dimension.kind == "flag":
        return [Option("true", _("Yes")), Option("false", _("No"))]
    return [Option(key, label) for key, label in labels_of(dimension.key).items()]


def _meant(dimension: Dimension, text: str, reader: Reader) -> Any:
    try:
        if dimension.kind == "money":
            return int(money.parse_amount(text, money.currency(reader.currency), reader.money_unit))
        if dimension.kind == "number":
            return int(numbers.parse_number(text))
    except Invalid as error:
        raise error.at("wv") from error
    if dimension.kind == "member":
        return str(whole_id(text))
    return text == "true" if dimension.kind == "flag" else text.replace("\x00", "")


def _typed(dimension: Dimension, value: Any, reader: Reader) -> str:
    if dimension.kind == "money" and isinstance(value, int):
        return money.format_amount(
            value, money.currency(reader.currency), reader.money_unit, reader.language, "full"
        )
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
