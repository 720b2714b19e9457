"""What is reckoned about the time ahead: this slice's analyses. They say nothing of single records; its pages show what they found."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.analytical.measures.catalogue import MEASURES

_SOLD, _WON = ((*MEASURES[key].objects, *MEASURES[key].fields) for key in ("revenue", "won_amount"))

SALES = register_analysis(
    Analysis(
        key="sales_forecast",
        label=_("Sales forecast"),
        about=_("The months ahead, with intervals, learned from full months and tested on earlier ones."),
        run="peyvand.analytical.forecasts.sales:run",
        gathers=(*_SOLD, *_WON),
        defaults={"horizon_days": 180},
    )
)
PIPELINE = register_analysis(
    Analysis(
        key="pipeline_forecast",
        label=_("Pipeline forecast"),
        about=_(
            "What open deals and those still to come bring, by their age and stage, learned from closed ones."
        ),
        run="peyvand.analytical.forecasts.pipeline:run",
        gathers=_WON,
        defaults={"horizon_days": 90},
    )
)
WHAT_IF = register_analysis(
    Analysis(
        key="what_if",
        label=_("Starting points of what-if"),
        about=_("How the last whole months went: where a question of what would be if … begins."),
        run="peyvand.analytical.forecasts.starting:run",
        gathers=(*_SOLD, *_WON),
    )
)
