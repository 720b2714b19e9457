"""The first board: what a business looks at every morning."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.sources import SOURCES
from peyvand.analytical.reports.question import EVER, LAST_MONTHS, Question
from peyvand.analytical.reports.web import buyers, contracts, segments
from peyvand.analytical.reports.web.cards import Board, Card, asking, tile
from peyvand.analytical.reports.web.members import any_of

# What contracts and subscriptions do is told where there are any; in a workspace that has nothing else, before all that is sold.
OVERVIEW: Final = Board("insights", _("Insights"), "insights", (
    tile("revenue", _("Sales"), "revenue", of="sale"),
    tile("margin-rate", _("Margin rate"), "margin_rate", of="sale"),
    tile("buyers", _("Buyers"), "buyers", of="sale"),
    Card("recurring", _("Recurring revenue"), 1, Question(("monthly_running",), chart="number", span=EVER), says=_("a month, now"),
         opens=contracts.opens, of="subscription", is_now=True),
    tile("win-rate", _("Win rate"), "win_rate"),
    tile("leads", _("Leads"), "leads"),
    asking("sales", _("Sales by month"), "revenue", "margin", by=("month",), chart="lines", of="sale"),
    Card("segments", _("Segments of buyers"), draw=segments.segments, opens=segments.opens, says=_("recency, frequency and value"), of="sale"),
    Card("whale", _("Whale curve"), draw=buyers.whale, opens=buyers.sees_profit,
         says=_("in percent, from the most profitable customer on"), of="sale"),
    Card("cohorts", _("Cohorts of buyers"), draw=buyers.cohorts, opens=buyers.sees_orders,
         says=_("percent who bought again, by months since"), of="sale"),
    Card("migration", _("Moves between segments"), draw=segments.migration, opens=segments.opens, says=_("a month ago and now"), of="sale"),
    Card("contracts-at-risk", _("Contracts at risk"), draw=contracts.risks, opens=contracts.sees_risk, of="subscription"),
    asking("recurring-months", _("Recurring revenue started and ended"), "monthly_started", "monthly_ended", by=("month",),
           opens=contracts.opens, of="subscription"),
    asking("running-months", _("Subscriptions started and ended"), "subscriptions_started", "subscriptions_ended", by=("month",),
           opens=contracts.opens, of="subscription"),
    Card("stays", _("Who stays"), draw=contracts.retention, opens=contracts.opens,
         says=_("percent that still run, by month of the beginning and months since"), of="subscription"),
    asking("products", _("Best sellers"), "revenue", by=("product",), chart="bars", most=10, of="sale"),
    Card("provinces", _("Sales by province"), question=Question(("revenue",), ("province",), span=LAST_MONTHS, chart="map"),
         opens=lambda ctx: ctx.reader.currency == "IRR", of="sale"),
    asking("sources", _("Where deals come from"), "deals_won", "win_rate", by=("source",)),
), needs=tuple(MEASURES), shows_pinned=True)  # fmt: skip


def sells() -> bool:
    """Whether the workspace has an order or invoice at all."""
    return any_of(SOURCES["sale"].objects)
