"""What is concluded about customers, people and companies alike: the insights of this slice's analyses."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.platform.fields.types import Option
from peyvand.platform.insights.fields import (
    InsightDay,
    InsightLevel,
    InsightMoney,
    InsightNumber,
    InsightPercent,
)

# The keys of methods/segments.Segment, from the best to the lost, as lists show them.
SEGMENTS = (
    Option("champions", _("Champions"), "good"),
    Option("loyal", _("Loyal"), "good"),
    Option("potential", _("Potentially loyal"), "info"),
    Option("new", _("New buyers"), "info"),
    Option("promising", _("Promising"), "info"),
    Option("attention", _("Need attention"), "warn"),
    Option("sleepy", _("About to sleep"), "warn"),
    Option("at_risk", _("At risk"), "bad"),
    Option("cannot_lose", _("Must not be lost"), "bad"),
    Option("lost", _("Lost"), ""),
)
TIERS = (
    Option("d", _("Low value"), ""),
    Option("c", _("Medium value"), "info"),
    Option("b", _("High value"), "good"),
    Option("a", _("Highest value"), "acc"),
)
RISKS = (
    Option("low", _("Low risk"), "good"),
    Option("medium", _("Medium risk"), "warn"),
    Option("high", _("High risk"), "bad"),
)
# What groups that were found in the data may be called (behaviour.FEATURES).
GROUPS = (
    Option("frequent", _("Buy often"), "good"),
    Option("seldom", _("Buy rarely"), ""),
    Option("big", _("Large orders"), "good"),
    Option("small", _("Small orders"), ""),
    Option("active", _("Bought lately"), "good"),
    Option("quiet", _("Gone quiet"), "warn"),
    Option("varied", _("Many different products"), "info"),
    Option("narrow", _("Always the same products"), ""),
    Option("discounts", _("Buy at a discount"), "warn"),
    Option("full_price", _("Buy at full price"), "good"),
    Option("returning", _("Return a lot"), "bad"),
    Option("keeping", _("Return nothing"), ""),
)
PROFITS = (
    Option("loss", _("Costs more than it brings"), "bad"),
    Option("small", _("Little profit"), ""),
    Option("good", _("Profitable"), "info"),
    Option("core", _("Profit pillar"), "good"),
)
_ORDERS = ("order.total", "invoice.total")
_COSTS = (*_ORDERS, "order.cost", "product.cost")
_CONTRACTS = ("contract.amount", "subscription.amount")

_NOT_WHEN = _(
    "The chance that they have not left for good, as of the day of the calculation. It says nothing of when they buy again: a customer "
    "who buys once a year is still one in the eleven months between."
)
_PURCHASE = _("What is ordered on one day counts as one purchase.")

_RFM = (
    InsightLevel(
        key="rfm_segment", slot="text1", label=_("Segment"), options=SEGMENTS, better="high", gathers=_ORDERS,
        help=_("How lately, how often and for how much they bought so far, among all buyers."),
    ),
    InsightNumber(
        key="order_count", slot="number1", label=_("Orders"), better="high", gathers=_ORDERS,
        help=_("Orders of an amount, and invoices without an order; returns are not counted."),
    ),
    InsightMoney(
        key="bought_amount", slot="number2", label=_("Bought in all"), better="high", gathers=_ORDERS,
        help=_("All orders so far without tax, returns taken off."),
    ),
    InsightDay(key="last_order", slot="day1", label=_("Last order"), better="high", gathers=_ORDERS),
    InsightDay(key="first_order", slot="day2", label=_("First order"), better="high", gathers=_ORDERS),
)  # fmt: skip
_VALUE = (
    InsightMoney(
        key="expected_value", slot="number1", label=_("Expected value"), is_ahead=True, better="high", gathers=_ORDERS,
        help=_("What they are expected to buy for in these days, counted from the day of the calculation."),
    ),
    InsightLevel(
        key="value_tier", slot="text1", label=_("Tier of value"), options=TIERS, is_ranked=True, is_told=False, better="high", gathers=_ORDERS,
        help=_("By expected value: the highest tier brings half of what is expected of all, the next ones 30 and 15 percent."),
    ),
    InsightPercent(
        key="alive", slot="number2", label=_("Still a customer"), is_chance=True, better="high", gathers=_ORDERS, help=_NOT_WHEN
    ),
    InsightNumber(
        key="expected_orders", slot="number3", label=_("Expected purchases"), is_ahead=True, decimals=1, better="high", gathers=_ORDERS,
        help=_PURCHASE,
    ),
    InsightDay(
        key="next_from", slot="day1", label=_("Next order from"), until="next_until", span=_("Next order"), better="high", gathers=_ORDERS,
        help=_("Half of the next orders of such customers come between these two days."),
    ),
    InsightDay(
        key="next_until", slot="day2", label=_("Next order until"), better="high", gathers=_ORDERS,
        help=_("Half of the next orders of such customers come between these two days."),
    ),
)  # fmt: skip
_CHURN = (
    InsightPercent(
        key="churn_risk", slot="number1", label=_("Risk of not buying"), is_ahead=True, is_chance=True, better="low", gathers=_ORDERS,
        help=_(
            "The chance of no order in these days, counted from the day of the calculation. Who buys seldom has a high one and is a customer still."
        ),
    ),
    InsightLevel(
        key="churn_level", slot="text1", label=_("Churn risk"), is_ahead=True, options=RISKS, is_ranked=True, better="low", gathers=_ORDERS,
        help=_("Low below 34 percent, high from 67 percent on."),
    ),
)  # fmt: skip
_LAPSE = (
    InsightPercent(
        key="lapse_risk", slot="number1", label=_("Risk that a contract ends"), is_ahead=True, is_chance=True, better="low", gathers=_CONTRACTS,
        help=_("Of the contract or subscription of theirs that is likeliest to end in these days, counted from the day of the calculation."),
    ),
    InsightLevel(
        key="lapse_level", slot="text1", label=_("Contract risk"), is_ahead=True, options=RISKS, is_ranked=True, better="low",
        gathers=_CONTRACTS, help=_("Low below 34 percent, high from 67 percent on."),
    ),
    InsightDay(key="agreed_until", slot="day1", label=_("Riskiest contract agreed until"), better="low", gathers=_CONTRACTS),
)  # fmt: skip
_BEHAVIOUR = (
    InsightLevel(
        key="behaviour",
        slot="text1",
        label=_("Way of buying"),
        options=GROUPS,
        is_told=False,
        gathers=_ORDERS,
    ),
)
_PROFIT = (
    InsightMoney(
        key="profit", slot="number1", label=_("Profit"), better="high", gathers=_COSTS,
        help=_("Of all orders so far whose cost is known: sales less returns, goods and the work spent on them."),
    ),
    InsightLevel(
        key="profit_level", slot="text1", label=_("Profitability"), options=PROFITS, is_ranked=True, better="high", gathers=_COSTS,
        help=_("By profit: the first level brings half of the profit of all, the next one 30 percent."),
    ),
    InsightPercent(key="profit_top", slot="number2", label=_("Among the first, by profit"), better="high", gathers=_COSTS),
)  # fmt: skip

RFM = register_analysis(
    Analysis(
        key="rfm",
        label=_("Segments of buyers"),
        about=_("Who bought lately, how often and for how much: fifths by rank, and a name for each kind of buyer."),
        run="peyvand.analytical.customers.rfm:run",
        absent=_("No purchases in its own name yet: segment, value and risk begin with the first order."),
        insights={"person": _RFM, "company": _RFM},
    )
)  # fmt: skip
VALUE = register_analysis(
    Analysis(
        key="value",
        label=_("Value of customers"),
        about=_(
            "Who is still a customer, how much they will buy in the coming period, and when the next order is due."
        ),
        run="peyvand.analytical.customers.value:run",
        insights={"person": _VALUE, "company": _VALUE},
        defaults={"horizon_days": 365, "margin": 100},
    )
)
CHURN = register_analysis(
    Analysis(
        key="churn",
        label=_("Churn of buyers"),
        about=_("Who is unlikely to buy again in the coming period, judged by their own rhythm."),
        run="peyvand.analytical.customers.churn:run",
        insights={"person": _CHURN, "company": _CHURN},
        defaults={"horizon_days": 90},
    )
)
LAPSE = register_analysis(
    Analysis(
        key="lapse",
        label=_("Contracts at risk"),
        about=_(
            "Whose contract or subscription is likely to end in the coming period, learned from those that ended."
        ),
        run="peyvand.analytical.customers.lapse:run",
        insights={"person": _LAPSE, "company": _LAPSE},
        defaults={"horizon_days": 30},
    )
)
BEHAVIOUR = register_analysis(
    Analysis(
        key="behaviour",
        label=_("Ways of buying"),
        about=_(
            "Groups of customers who buy alike, as many as the data clearly show, named by what sets them apart."
        ),
        run="peyvand.analytical.customers.behaviour:run",
        insights={"person": _BEHAVIOUR, "company": _BEHAVIOUR},
    )
)
PROFIT = register_analysis(
    Analysis(
        key="profit",
        label=_("Profit of customers"),
        about=_(
            "What is left of each customer's revenue after goods, returns and the work spent on them, and who brings most of it."
        ),
        run="peyvand.analytical.customers.profit:run",
        insights={"person": _PROFIT, "company": _PROFIT},
    )
)
COHORTS = register_analysis(
    Analysis(
        key="cohorts",
        label=_("Cohorts of buyers"),
        about=_("How many of those who first bought in the same month returned, month by month."),
        run="peyvand.analytical.customers.cohorts:run",
    )
)
