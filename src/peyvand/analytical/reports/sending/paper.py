"""An answer as a paper: its days, its total, and its table with a bar at each figure that can be compared."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext

from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.measures.catalogue import Measure
from peyvand.analytical.reports.answering import Answer, Row
from peyvand.analytical.reports.saying import change_of
from peyvand.analytical.warehouse.public import figures_context
from peyvand.kernel import money
from peyvand.kernel.numbers import format_number
from peyvand.kernel.persian.calendar import calendar_of, format_date, format_instant
from peyvand.operational.documents.public import Part, Sheet, pdf, seller
from peyvand.platform.actions.context import Context


def days_in_words(ctx: Context, found: Answer) -> str:
    """From which day until which it counts."""
    language = ctx.reader.language
    context = figures_context(ctx.actor)
    span = found.question.days(context.today, calendar_of(language)).known(context.today)
    last = format_date(_day_before(span.until, context.today), language, "long")
    if span.since is None:
        return gettext("until %(day)s") % {"day": last}
    return gettext("from %(since)s until %(until)s") % {
        "since": format_date(span.since, language, "long"), "until": last,
    }  # fmt: skip


def totals(ctx: Context, found: Answer) -> list[tuple[str, str]]:
    """Each measure's total and how it stands beside the earlier one, as it is read."""
    told = []
    for measure in found.measures:
        value = found.total.figures[measure.key]
        change, _tone = change_of(value, found.total.before.get(measure.key), ctx.reader, measure.unit)
        figure = f"{shown(value, measure.unit, ctx.reader)} {_unit(ctx, measure)}".strip()
        told.append((gettext(measure.label), f"{figure} – {change}" if change else figure))
    return told


def as_of(ctx: Context, found: Answer) -> str:
    """The moment of the facts."""
    return format_instant(found.at, ctx.tenant.tz, ctx.reader.language, "long") if found.at else ""


def paper(ctx: Context, name: str, found: Answer) -> bytes:
    """The report as PDF, in the reader's language and digits."""
    return pdf(sheet_of(ctx, name, found))


def sheet_of(ctx: Context, name: str, found: Answer) -> Sheet:
    """What stands on the paper."""
    own, footer, logo = seller(ctx.tenant)
    head = [(gettext("Time"), days_in_words(ctx, found))]
    if at := as_of(ctx, found):
        head.append((gettext("Figures of"), at))
    parts = [
        Part(
            gettext("All together"), text="\n".join(f"{label}: {said}" for label, said in totals(ctx, found))
        )
    ]
    if found.dimensions:
        parts.append(_table(ctx, found))
    return Sheet(
        title=gettext("Report"), subject=name, language=ctx.reader.language, head=tuple(head), parts=tuple(parts),
        sender=own.name, footer=footer, logo=logo,
    )  # fmt: skip


def _table(ctx: Context, found: Answer) -> Part:
    heads = [gettext(d.label) for d in found.dimensions]
    heads += [
        " ".join(filter(None, (gettext(m.label), f"({unit})" if (unit := _unit(ctx, m)) else "")))
        for m in found.measures
    ]
    rows = [_cells(ctx, found, row) for row in found.rows]
    text = ""
    if found.is_cut:
        n = format_number(len(rows), ctx.reader.language)
        text = gettext("The first %(n)s lines; the report has more.") % {"n": n}
    first = found.measures[0].key
    sizes = [row.figures[first] or 0 for row in found.rows]
    most = max(sizes, default=0)
    # Bars of what falls below nothing would point the wrong way.
    shares = tuple(size / most for size in sizes) if most > 0 and min(sizes) >= 0 else ()
    return Part(
        gettext("By %(dimensions)s") % {"dimensions": gettext(" and ").join(gettext(d.label) for d in found.dimensions)},
        text=text, columns=tuple(heads), rows=tuple(rows), figures=len(found.measures), shares=shares,
    )  # fmt: skip


def _cells(ctx: Context, found: Answer, row: Row) -> tuple[str, ...]:
    return (*row.names, *(_figure(ctx, measure, row.figures[measure.key]) for measure in found.measures))


def _figure(ctx: Context, measure: Measure, value: float | None) -> str:
    """A figure in full; the unit of amounts stands at the head of their column."""
    text = shown(value, measure.unit, ctx.reader, is_short=False)
    return text.removesuffix(f" {unit}") if (unit := _unit(ctx, measure)) else text


def _unit(ctx: Context, measure: Measure) -> str:
    """What short amounts count in; nothing where each carries its currency's sign."""
    reader = ctx.reader
    if measure.unit != "money" or reader.currency != "IRR":
        return ""
    return money.format_amount(0, money.IRR, reader.money_unit, reader.language).rpartition(" ")[2]


def _day_before(until: date | None, today: date) -> date:
    return min(until - timedelta(days=1), today) if until else today
