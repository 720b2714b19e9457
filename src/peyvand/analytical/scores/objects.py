"""How likely leads convert and deals are won: the insights of this slice's analyses, beside the points that rules give."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.platform.fields.types import Option
from peyvand.platform.insights.fields import InsightLevel, InsightPercent

LEVELS = (
    Option("cold", _("Cold"), ""),
    Option("warm", _("Warm"), "warn"),
    Option("hot", _("Hot"), "good"),
)
_OF_LEADS = ("lead.source", "lead.campaign")
_OF_DEALS = ("deal.source", "deal.stage", "deal.pipeline")

LEAD_SCORE = register_analysis(
    Analysis(
        key="lead_score",
        label=_("Scores of leads"),
        about=_("How likely each new lead is to convert in the coming period, learned from what was known of earlier ones when they came in."),
        run="peyvand.analytical.scores.leads:run",
        insights={
            "lead": (
                InsightPercent(
                    key="lead_score", slot="number1", label=_("Chance to convert"), better="high", gathers=_OF_LEADS
                ),
                InsightLevel(
                    key="lead_level", slot="text1", label=_("Learned level"), options=LEVELS, is_ranked=True, better="high",
                    gathers=_OF_LEADS,
                ),
            )
        },
        defaults={"horizon_days": 90},
    )
)  # fmt: skip
DEAL_SCORE = register_analysis(
    Analysis(
        key="deal_score",
        label=_("Scores of deals"),
        about=_("How likely each open deal is to be won, learned from what was known of closed ones while they were open."),
        run="peyvand.analytical.scores.deals:run",
        insights={
            "deal": (
                InsightPercent(
                    key="deal_score", slot="number1", label=_("Chance to be won"), better="high", gathers=_OF_DEALS
                ),
                InsightLevel(
                    key="deal_level", slot="text1", label=_("Learned level"), options=LEVELS, is_ranked=True, better="high",
                    gathers=_OF_DEALS,
                ),
            )
        },
    )
)  # fmt: skip
