"""The first board: what a business looks at every morning."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.reports.question import LAST_MONTHS, Question
from peyvand.analytical.reports.web import buyers, segments
from peyvand.analytical.reports.web.cards import Board, Card, asking, tile

OVERVIEW: Final = Board("insights", _("Insights"), "insights", (
    tile("revenue", _("Sales"), "revenue"),
    tile("margin-rate", _("Margin rate"), "margin_rate"),
    tile("buyers", _("Buyers"), "buyers"),
    tile("win-rate", _("Win rate"), "win_rate"),
    tile("leads", _("Leads"), "leads"),
    asking("sales", _("Sales by month"), "revenue", "margin", by=("month",), chart="lines"),
    Card("segments", _("Segments of buyers"), draw=segments.segments, opens=segments.opens, says=_("recency, frequency and value")),
    Card("whale", _("Whale curve"), draw=buyers.whale, opens=buyers.sees_profit,
         says=_("in percent, from the most profitable customer on")),
    Card("cohorts", _("Cohorts of buyers"), draw=buyers.cohorts, opens=buyers.sees_orders,
         says=_("percent who bought again, by months since")),
    Card("migration", _("Moves between segments"), draw=segments.migration, opens=segments.opens, says=_("a month ago and now")),
    asking("products", _("Best sellers"), "revenue", by=("product",), chart="bars", most=10),
    Card("provinces", _("Sales by province"), question=Question(("revenue",), ("province",), span=LAST_MONTHS, chart="map"),
         opens=lambda ctx: ctx.reader.currency == "IRR"),
    asking("sources", _("Where deals come from"), "deals_won", "win_rate", by=("source",)),
), needs=tuple(MEASURES), shows_pinned=True)  # fmt: skip
