"""The measures that reports, dashboards and models are made of. Keys are kept for good.

A ``Plain`` measure is one aggregate over the rows of a fact; a ``Made`` one is reckoned from others after these are added up,
so that a rate of a year is the year's, not the mean of its months'. Nothing here loads an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from peyvand.analytical.measures.sources import SOURCES, is_ordered
from peyvand.kernel.errors import msgid

if TYPE_CHECKING:
    import ibis.expr.types as ir

Unit = Literal["money", "number", "percent", "days", "hours"]
How = Literal["sum", "rows", "distinct"]
Adds = Literal["sum", "anew"]
Of = Callable[["ir.Table"], Any]


@dataclass(frozen=True)
class Plain:
    """One aggregate: the sum of ``what``, the number of rows, or of different values of ``what``, where ``where`` holds.

    ``sources`` are the facts that can tell it, the first that knows what is asked is taken. ``is_open`` says that nothing may mean
    "not known" (NULL) rather than 0. ``fields`` are those that people must be allowed to read for it ("object.field").
    """

    key: str
    label: str
    says: str
    unit: Unit
    sources: tuple[str, ...]
    how: How
    what: Of | None = None
    where: Of | None = None
    is_open: bool = False
    fields: tuple[str, ...] = ()

    @property
    def adds(self) -> Adds:
        """Whether its values may be added up, or must be asked anew for a total."""
        return "anew" if self.how == "distinct" else "sum"

    @property
    def parts(self) -> tuple[str, ...]:
        return (self.key,)

    @property
    def objects(self) -> tuple[str, ...]:
        """Of which objects people must see all records."""
        return SOURCES[self.sources[0]].objects

    def reckoned(self, rows: ir.Table) -> Any:
        """Its aggregate over rows of one of its sources."""
        # What is not known does not hold, which engines otherwise count each in their own way.
        where = None if self.where is None else self.where(rows).fill_null(False)
        if self.how == "rows":
            return rows.count(where=where)
        assert self.what is not None
        value = self.what(rows)
        return value.nunique(where=where) if self.how == "distinct" else value.sum(where=where)


@dataclass(frozen=True)
class Made:
    """A measure reckoned by ``of`` from the values of ``parts``, plain measures all."""

    key: str
    label: str
    says: str
    unit: Unit
    parts: tuple[str, ...]
    of: Callable[..., Any]
    adds: Adds = "anew"

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(o for part in self.parts for o in PLAIN[part].objects))

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f for part in self.parts for f in PLAIN[part].fields))


Measure = Plain | Made


def _share(part: Any, whole: Any) -> Any:
    """In percent; NULL of nothing. As floats: some engines reckon with decimals of few digits otherwise."""
    return part.cast("float64") * 100 / whole.nullif(0)


def _mean(total: Any, count: Any) -> Any:
    return total.cast("float64") / count.nullif(0)


_SOLD: Final = ("sale", "sale_line")
_LINE: Final = ("sale_line",)
_COST: Final = ("product.cost", "order.cost")

_SALES: Final = (
    Plain("revenue", msgid("Revenue without tax"), msgid("What was sold, less discounts and returns, without tax."),
          "money", _SOLD, "sum", lambda t: t.net),
    Plain("gross", msgid("Sales before discount"), msgid("What was sold at full price, less returns, without tax."),
          "money", _SOLD, "sum", lambda t: t.gross),
    Plain("discount", msgid("Discounts"), msgid("What was taken off the full price."),
          "money", _SOLD, "sum", lambda t: t.discount),
    Plain("tax", msgid("Tax"), msgid("The tax on top of what was sold."), "money", ("sale",), "sum", lambda t: t.tax),
    Plain("sold", msgid("Sales before returns"), msgid("What was sold, less discounts, before what came back."),
          "money", _SOLD, "sum", lambda t: t.net, lambda t: ~t.is_return),
    Plain("returned", msgid("Returns"), msgid("The worth of what came back."),
          "money", _SOLD, "sum", lambda t: -t.net, lambda t: t.is_return),
    Plain("goods_cost", msgid("Cost of goods"), msgid("What the goods sold cost us, where that is known."),
          "money", _SOLD, "sum", lambda t: t.cost, is_open=True, fields=_COST),
    Plain("margin", msgid("Margin"), msgid("Revenue less the cost of the goods, of sales whose cost is known."),
          "money", _SOLD, "sum", lambda t: t.net - t.cost, lambda t: t.cost.notnull(), is_open=True, fields=_COST),
    Plain("orders", msgid("Orders"), msgid("How many orders and invoices of an amount there were, without returns."),
          "number", _SOLD, "distinct", lambda t: t.sale, is_ordered),
    Plain("returns", msgid("Orders with returns"), msgid("How many times something came back."),
          "number", _SOLD, "distinct", lambda t: t.sale, lambda t: t.is_return),
    Plain("buyers", msgid("Buyers"), msgid("How many different customers bought."),
          "number", _SOLD, "distinct", lambda t: t.customer, is_ordered),
    Plain("new_buyers", msgid("New buyers"), msgid("How many customers bought for the first time."),
          "number", ("buyer",), "rows"),
    Plain("items", msgid("Items sold"), msgid("How many pieces were sold, less returns."),
          "number", _LINE, "sum", lambda t: t.quantity),
    Plain("products", msgid("Different products sold"), msgid("How many different products were sold."),
          "number", _LINE, "distinct", lambda t: t["product"], lambda t: ~t.is_return),
)  # fmt: skip

_WORK: Final = (
    Plain("payments", msgid("Payments"), msgid("The money that came, less what went back."),
          "money", ("payment",), "sum", lambda t: t.amount),
    Plain("payment_count", msgid("Number of payments"), msgid("How many payments came."),
          "number", ("payment",), "rows", None, lambda t: t.amount > 0),
    Plain("interactions", msgid("Interactions"), msgid("How many calls, meetings, e-mails, messages, notes and tasks there were."),
          "number", ("interaction",), "rows"),
    Plain("contacted", msgid("Customers in touch"), msgid("With how many different customers there were interactions."),
          "number", ("interaction",), "distinct", lambda t: t.customer),
    Plain("hours", msgid("Hours of work"), msgid("How long interactions took, where that is known."),
          "hours", ("interaction",), "sum", lambda t: t.minutes / 60, is_open=True),
    Plain("service_cost", msgid("Cost to serve"), msgid("What the time spent on customers cost, by the price of an hour's work."),
          "money", ("interaction",), "sum", lambda t: t.cost, is_open=True),
    Plain("touches", msgid("Touches"), msgid("How many times customers met us before they bought."),
          "number", ("touch",), "rows"),
    Plain("touched", msgid("Customers touched"), msgid("How many different customers met us before they bought."),
          "number", ("touch",), "distinct", lambda t: t.customer),
    Plain("subscriptions_started", msgid("Subscriptions started"), msgid("How many contracts and subscriptions began."),
          "number", ("subscription_started",), "rows"),
    Plain("subscriptions_ended", msgid("Subscriptions ended"), msgid("How many contracts and subscriptions ended."),
          "number", ("subscription_ended",), "rows"),
    Plain("subscriptions_running", msgid("Subscriptions running"),
          msgid("How many contracts and subscriptions run now, by when they began."), "number", ("subscription_running",), "rows"),
    Plain("monthly_running", msgid("Recurring revenue"),
          msgid("What contracts and subscriptions that run now are worth in a month, by when they began."),
          "money", ("subscription_running",), "sum", lambda t: t.amount),
    Plain("monthly_started", msgid("Monthly worth started"), msgid("The worth in a month of what was subscribed to."),
          "money", ("subscription_started",), "sum", lambda t: t.amount),
    Plain("monthly_ended", msgid("Monthly worth ended"), msgid("The worth in a month of what was ended."),
          "money", ("subscription_ended",), "sum", lambda t: t.amount),
)  # fmt: skip

_AMOUNT: Final = ("deal.amount",)
_PIPELINE: Final = (
    Plain("deals_opened", msgid("Deals opened"), msgid("How many deals were opened."), "number", ("deal",), "rows"),
    Plain("opened_amount", msgid("Amount of deals opened"), msgid("What the deals opened are worth."),
          "money", ("deal",), "sum", lambda t: t.amount, fields=_AMOUNT),
    Plain("open_deals", msgid("Open deals"), msgid("How many deals are open now, by when they were opened."),
          "number", ("deal",), "rows", None, lambda t: t.status == "open"),
    Plain("open_amount", msgid("Amount of open deals"), msgid("What the deals open now are worth."),
          "money", ("deal",), "sum", lambda t: t.amount, lambda t: t.status == "open", fields=_AMOUNT),
    Plain("weighted_amount", msgid("Weighted amount of open deals"),
          msgid("What the deals open now are worth, each by the probability that people gave it."),
          "money", ("deal",), "sum", lambda t: t.amount.cast("float64") * t.probability / 100, lambda t: t.status == "open", fields=_AMOUNT),
    Plain("deals_won", msgid("Deals won"), msgid("How many deals were won."),
          "number", ("deal_closed",), "rows", None, lambda t: t.status == "won"),
    Plain("deals_lost", msgid("Deals lost"), msgid("How many deals were lost."),
          "number", ("deal_closed",), "rows", None, lambda t: t.status == "lost"),
    Plain("won_amount", msgid("Amount won"), msgid("What the deals won are worth."),
          "money", ("deal_closed",), "sum", lambda t: t.amount, lambda t: t.status == "won", fields=_AMOUNT),
    Plain("lost_amount", msgid("Amount lost"), msgid("What the deals lost were worth."),
          "money", ("deal_closed",), "sum", lambda t: t.amount, lambda t: t.status == "lost", fields=_AMOUNT),
    Plain("stage_moves", msgid("Moves between stages"), msgid("How many times deals went from one stage to another."),
          "number", ("stage_change",), "rows", None, lambda t: t.from_stage != ""),
    Plain("stage_hours", msgid("Hours in stages"), msgid("How long deals stood in the stages that they left."),
          "hours", ("stage_change",), "sum", lambda t: t.hours, lambda t: t.from_stage != ""),
    Plain("leads", msgid("Leads"), msgid("How many inquiries came."), "number", ("lead",), "rows"),
    Plain("conversions", msgid("Leads converted"), msgid("How many inquiries became a customer or deal, by when they did."),
          "number", ("lead_converted",), "rows"),
)  # fmt: skip

# What others are made of, and says too little by itself.
_PARTS: Final = (
    Plain("costed", "", "", "money", _SOLD, "sum", lambda t: t.net, lambda t: t.cost.notnull()),
    Plain("known_orders", "", "", "number", _SOLD, "distinct", lambda t: t.sale,
          lambda t: is_ordered(t) & t.customer.notnull()),
    Plain("line_revenue", "", "", "money", _LINE, "sum", lambda t: t.net),
    Plain("listed", "", "", "money", _LINE, "sum", lambda t: t.list_price * t.quantity,
          lambda t: (t.list_price > 0) & ~t.is_return),
    Plain("listed_got", "", "", "money", _LINE, "sum", lambda t: t.net, lambda t: (t.list_price > 0) & ~t.is_return),
    Plain("won_days", "", "", "days", ("deal_closed",), "sum",
          lambda t: t.day.epoch_days() - t.opened.epoch_days(), lambda t: t.status == "won"),
    Plain("leads_turned", "", "", "number", ("lead",), "rows", None, lambda t: t.converted.notnull()),
)  # fmt: skip

_MADE: Final = (
    Made("discount_rate", msgid("Discount rate"), msgid("Discounts in percent of the full price."),
         "percent", ("discount", "gross"), _share),
    Made("margin_rate", msgid("Margin rate"), msgid("Margin in percent of revenue, of sales whose cost is known."),
         "percent", ("margin", "costed"), _share),
    Made("cost_known", msgid("Revenue of known cost"), msgid("Of how many percent of revenue the cost of goods is known."),
         "percent", ("costed", "revenue"), _share),
    Made("average_order", msgid("Average order"), msgid("What an order brings, before returns."),
         "money", ("sold", "orders"), _mean),
    Made("order_frequency", msgid("Orders of a buyer"), msgid("How many orders a buyer gave on average."),
         "number", ("known_orders", "buyers"), _mean),
    Made("returns_rate", msgid("Return rate"), msgid("What came back, in percent of what was sold."),
         "percent", ("returned", "sold"), _share),
    Made("average_price", msgid("Average price"), msgid("What one piece brought on average."),
         "money", ("line_revenue", "items"), _mean),
    Made("price_realisation", msgid("Price realisation"), msgid("What was got, in percent of today's list price."),
         "percent", ("listed_got", "listed"), _share),
    Made("price_gap", msgid("Below list price"), msgid("What today's list price would have brought above what was got."),
         "money", ("listed", "listed_got"), lambda listed, got: listed - got, adds="sum"),
    Made("profit", msgid("Profit after service"), msgid("Margin less the cost to serve, where costs are known."),
         "money", ("margin", "service_cost"), lambda margin, cost: margin - cost.fill_null(0), adds="sum"),
    Made("win_rate", msgid("Win rate"), msgid("Deals won in percent of deals closed."),
         "percent", ("deals_won", "deals_lost"), lambda won, lost: _share(won, won + lost)),
    Made("average_deal", msgid("Average deal won"), msgid("What a deal won is worth on average."),
         "money", ("won_amount", "deals_won"), _mean),
    Made("cycle_days", msgid("Days to win"), msgid("How many days a deal took from opening until it was won."),
         "days", ("won_days", "deals_won"), _mean),
    Made("stage_stay", msgid("Hours in a stage"), msgid("How long a deal stood in a stage on average."),
         "hours", ("stage_hours", "stage_moves"), _mean),
    Made("conversion", msgid("Conversion of leads"), msgid("How many percent of the inquiries became a customer or deal by now."),
         "percent", ("leads_turned", "leads"), _share),
)  # fmt: skip

PLAIN: Final[Mapping[str, Plain]] = {m.key: m for m in (*_SALES, *_WORK, *_PIPELINE, *_PARTS)}
MEASURES: Final[Mapping[str, Measure]] = {m.key: m for m in (*_SALES, *_WORK, *_PIPELINE, *_MADE)}
"""What can be asked for, by key."""


def plain_of(keys: tuple[str, ...]) -> Iterator[Plain]:
    """The plain measures that these need, each once.

    Raises:
        KeyError: there is no such measure.
    """
    for part in dict.fromkeys(part for key in keys for part in MEASURES[key].parts):
        yield PLAIN[part]


def is_zero_where_nothing_is(key: str) -> bool:
    """Whether a measure is 0 in a period of which there is nothing to count; else it has no value there."""
    measure = MEASURES[key]
    return isinstance(measure, Plain) and not PLAIN[key].is_open
