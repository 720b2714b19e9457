"""Where what-if questions begin: how the last whole months went, in levels and from month to month."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import fmean, pstdev
from typing import Any, Final

from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.forecasts.months import context_of, dimension_of, first_whole, running
from peyvand.analytical.measures.asking import ask
from peyvand.analytical.measures.dimensions import FIELDS
from peyvand.analytical.measures.following import WHAT_IF, series, starting_points
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.methods.guards import require
from peyvand.analytical.methods.what_if import LEAST
from peyvand.kernel.conditions import EvalContext, parse
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.kernel.persian.calendar import shift

# Months that it looks back, and products that a plan can be made of.
_YEAR: Final = 12
_PLANNED: Final = 6
_LATELY: Final = 3
_OF_DEALS: Final = {"field": "deal_name", "op": "filled"}
# Where the cost of less of the revenue is known, nothing is said of the margin.
_COSTED: Final = 50.0


def run(given: Inputs) -> Finding:
    """Months and levels as ``more``. NotEnough below six whole months of sales, or of won deals where nothing is sold."""
    context = context_of(given)
    base, since, until = _span(given, context)
    span, month = Span(since, until), dimension_of(context.calendar)
    by_month = given.tables.fetch(starting_points(given.tables, span, context=context)).to_pylist()
    won = given.tables.fetch(series(given.tables, ["won_amount"], month, span, context=context)).to_pylist()
    [levels] = given.tables.fetch(
        ask(given.tables, [*WHAT_IF, "cost_known"], span=span, context=context)
    ).to_pylist()
    total = [float(row[base] or 0) for row in (by_month if base == "revenue" else won)]
    dealt, is_linked = _dealt(
        given, span, month, context, base, total, [float(row["won_amount"]) for row in won]
    )
    cost_known = float(levels["cost_known"] or 0)
    margin = levels["margin_rate"] if base == "revenue" and cost_known >= _COSTED else None
    cycle = levels["cycle_days"]
    more = {
        "calendar": context.calendar,
        "base": base,
        "months": [row[month].isoformat() for row in by_month],
        "dealt": dealt,
        "other": [max(0.0, all_ - part) for all_, part in zip(total, dealt, strict=True)],
        "is_linked": is_linked,
        "levels": levels,
        "people": _people(given, shift(until, -_LATELY, "month", context.calendar), until),
        "from_leads": _from_leads(given, since, until),
        "lag": 0 if cycle is None else min(_YEAR, max(0, round(cycle / 30.4))),
        "discount": max(0.0, min(0.9, float(levels["discount_rate"] or 0) / 100)),
        "margin": None if margin is None else float(margin) / 100,
        "cost_known": cost_known,
        "plan": _plan(given, span, context, margin is not None),
    }  # fmt: skip
    return Finding((), _card(more, total, since, until), more)


def _span(given: Inputs, context: EvalContext) -> tuple[str, date, date]:
    """What revenue is told by, and the whole months to begin with: the last twelve, or as many as there are."""
    sale, deal = given.tables["sale"], given.tables["deal"]
    found = {}
    for base, days in (
        ("revenue", sale.select("day")),
        ("won_amount", deal.filter((deal.status == "won") & deal.closed.notnull()).select(day=deal.closed)),
    ):
        known = days.filter(days.day <= given.as_of)
        [row] = given.tables.fetch(known.agg(first=known.day.min())).to_pylist()
        found[base] = row["first"]
    base = "revenue" if found["revenue"] is not None else "won_amount"
    now, first = running(given.as_of, context.calendar), found[base]
    if first is None:
        require(msgid("whole months"), LEAST, 0)
    since = max(first_whole(first, context.calendar), shift(now, -_YEAR, "month", context.calendar))
    require(
        msgid("whole months"),
        LEAST,
        len(Span(since, now).periods("month", context.calendar)) if since < now else 0,
    )
    return base, since, now


def _dealt(
    given: Inputs, span: Span, month: str, context: EvalContext, base: str, total: list[float], won: list[float]
) -> tuple[list[float], bool]:  # fmt: skip
    """What of each month came through deals: of orders and invoices that name one; where none does, what was won."""
    if base == "won_amount":
        return total, True
    rows = given.tables.fetch(
        series(given.tables, ["revenue"], month, span, filters=parse(_OF_DEALS, FIELDS), context=context)
    ).to_pylist()
    linked = [float(row["revenue"]) for row in rows]
    is_linked = any(linked)
    of = linked if is_linked else won
    return [max(0.0, min(part, all_)) for part, all_ in zip(of, total, strict=True)], is_linked


def _people(given: Inputs, since: date, until: date) -> int:
    """How many people opened or closed deals lately."""
    deal = given.tables["deal"]
    lately = deal.filter(
        ((deal.day >= since) & (deal.day < until))
        | ((deal.closed >= since) & (deal.closed < until)).fill_null(False)
    )
    return int(given.tables.fetch(lately.agg(people=lately.member.nunique())).to_pylist()[0]["people"] or 0)


def _from_leads(given: Inputs, since: date, until: date) -> float:
    """The share of the deals opened that came of leads."""
    deal, lead = given.tables["deal"], given.tables["lead"]
    opened = deal.filter((deal.day >= since) & (deal.day < until))
    of_leads = opened.semi_join(lead.filter(lead.deal.notnull()), "deal")
    every, some = (
        given.tables.fetch(rows.agg(n=rows.count())).to_pylist()[0]["n"] for rows in (opened, of_leads)
    )
    return some / every if every else 0.0


def _plan(given: Inputs, span: Span, context: EvalContext, is_costed: bool) -> list[dict[str, Any]]:
    """The products that bring most, each with its share of the revenue and of the cost of goods."""
    rows = given.tables.fetch(
        ask(given.tables, ["revenue", "goods_cost"], ("product",), span=span, context=context)
    ).to_pylist()
    revenue = sum(row["revenue"] or 0 for row in rows)
    cost = sum(row["goods_cost"] or 0 for row in rows)
    if not revenue > 0:
        return []
    best = sorted(
        (r for r in rows if r["product"] is not None and r["revenue"] > 0),
        key=lambda r: (-r["revenue"], r["product"]),
    )
    return [
        {
            "product": row["product"], "share": row["revenue"] / revenue,
            "cost_share": (row["goods_cost"] or 0) / cost if is_costed and cost > 0 else row["revenue"] / revenue,
        }
        for row in best[:_PLANNED]
    ]  # fmt: skip


def _card(more: dict[str, Any], total: list[float], since: date, until: date) -> Card:
    notes: list[Message] = []
    if more["margin"] is None and more["base"] == "revenue":
        notes.append(msg("The cost of too few of the sales is known: nothing is said of the margin."))
    if not more["is_linked"] and any(more["dealt"]):
        notes.append(
            msg("No order or invoice names its deal: what was won in a month is taken for the part of deals.")
        )
    usual, away = fmean(total), pstdev(total)
    return Card(
        rows=len(total),
        first=since,
        last=until - timedelta(days=1),
        figures=(
            Figure(msgid("Full months of history"), len(total)),
            Figure(msgid("Revenue in a usual month"), usual, "money", usual - away, usual + away),
            Figure(
                msgid("Of which through deals"),
                100 * sum(more["dealt"]) / sum(total) if sum(total) > 0 else 0.0,
                "percent",
            ),
        ),
        notes=tuple(notes),
        watched=("Revenue in a usual month",),
    )
