"""What to offer customers next: the insight of this slice's analysis."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.platform.insights.fields import InsightLink, InsightPercent

_LINES = ("order.total", "invoice.total")
_COSTS = (*_LINES, "order.cost", "product.cost")
_OFFER = (
    # The first of them is the one to act upon: for whom it is hidden, and where it is not chosen, the likeliest.
    InsightLink(
        key="margin_offer", slot="number3", label=_("Next offer by margin"), to="product", gathers=_COSTS
    ),
    InsightLink(key="next_offer", slot="number1", label=_("Next offer"), to="product", gathers=_LINES),
    InsightPercent(key="offer_share", slot="number2", label=_("Bought by such customers"), gathers=_LINES),
)

OFFERS = register_analysis(
    Analysis(
        key="offers",
        label=_("Next best offers"),
        about=_("The product a customer has not bought yet and is most likely to buy, and the purchases that suggest it."),
        run="peyvand.analytical.offers.next:run",
        insights={"person": _OFFER, "company": _OFFER},
    )
)  # fmt: skip
