"""What to offer customers next: the insight of this slice's analysis."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.platform.insights.fields import InsightLink, InsightPercent

_LINES = ("order.total", "invoice.total")
_OFFER = (
    InsightLink(key="next_offer", slot="number1", label=_("Next offer"), to="product", gathers=_LINES),
    InsightPercent(key="offer_share", slot="number2", label=_("Bought by such customers"), gathers=_LINES),
)

OFFERS = register_analysis(
    Analysis(
        key="offers",
        label=_("Next best offers"),
        about=_("The product that a customer has not bought yet and is likeliest to, and which purchases speak for it."),
        run="peyvand.analytical.offers.next:run",
        insights={"person": _OFFER, "company": _OFFER},
    )
)  # fmt: skip
