"""By what measures are shown and filtered: the days of both calendars, who, with whom, what, where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from peyvand.analytical.measures.sources import Source
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import msgid
from peyvand.kernel.persian.calendar import Calendar, Unit

Kind = Literal["day", "choice", "flag", "member", "customer", "product", "text", "number", "money"]

TYPES: Final[Mapping[Kind, FieldType]] = {
    "day": FieldType.date,
    "choice": FieldType.choice,
    "flag": FieldType.flag,
    "member": FieldType.user,
    "customer": FieldType.link,
    "product": FieldType.link,
    "text": FieldType.text,
    "number": FieldType.number,
    "money": FieldType.money,
}
"""How a dimension of each kind is filtered."""


@dataclass(frozen=True)
class Dimension:
    """``paths`` lead to it through the star, the first that fits a fact is taken; ``of`` makes its value of what lies there.

    A day dimension's value is the first day of the period of ``unit`` in ``calendar`` ("": both calendars alike, or a
    week, which is the workspace's). Numbers and amounts can be filtered by, not grouped by. ``objects`` are those whose
    records it tells of, beside the fact's own.
    """

    key: str
    label: str
    kind: Kind
    paths: tuple[str, ...]
    objects: tuple[str, ...] = ()
    unit: Unit | Literal[""] = ""
    calendar: Calendar | Literal[""] = ""
    of: Callable[[Any], Any] = lambda value: value

    @property
    def type(self) -> FieldType:
        return TYPES[self.kind]

    @property
    def groups(self) -> bool:
        """Whether measures can be shown by it."""
        return self.kind not in ("number", "money")

    def way(self, source: Source) -> str | None:
        """How it is reached from a row of the source; None: it says nothing of such rows."""
        return next(filter(None, map(source.way, self.paths)), None)


def _back(start: Any, days_of_month: tuple[int, ...]) -> Any:
    """Day of a Jalali month's beginning, moved back by the days that stand for the month's place.

    The Gregorian month in which a Jalali one begins says which it is: Farvardin in March … Esfand in February.
    """
    import ibis

    month = start.month()
    moved = [
        (month == (jalali + 1) % 12 + 1, start - ibis.interval(days=days))
        for jalali, days in enumerate(days_of_month, 1)
        if days
    ]
    return ibis.cases(*moved, else_=start).cast("date")


# Six months of 31 days, then of 30: from the first day of each to that of its season, and of its year.
_TO_SEASON: Final = (0, 31, 62, 0, 31, 62, 0, 30, 60, 0, 30, 60)
_TO_YEAR: Final = (0, 31, 62, 93, 124, 155, 186, 216, 246, 276, 306, 336)

_MONTH: Final = ("calendar_day.month_start",)
_JALALI: Final = ("calendar_day.jalali_month_start",)
_CUSTOMERS: Final = ("person", "company")
_D = Dimension

DIMENSIONS: Final[Mapping[str, Dimension]] = {
    d.key: d
    for d in (
        _D("day", msgid("Day"), "day", ("calendar_day",), unit="day"),
        _D("week", msgid("Week"), "day", ("calendar_day.week_start",), unit="week"),
        _D("jalali_month", msgid("Month (Jalali)"), "day", _JALALI, unit="month", calendar="jalali"),
        _D("jalali_quarter", msgid("Season (Jalali)"), "day", _JALALI, unit="quarter", calendar="jalali",
           of=lambda start: _back(start, _TO_SEASON)),
        _D("jalali_year", msgid("Year (Jalali)"), "day", _JALALI, unit="year", calendar="jalali",
           of=lambda start: _back(start, _TO_YEAR)),
        _D("month", msgid("Month (Gregorian)"), "day", _MONTH, unit="month", calendar="gregorian"),
        _D("quarter", msgid("Quarter (Gregorian)"), "day", _MONTH, unit="quarter", calendar="gregorian",
           of=lambda start: start.truncate("Q").cast("date")),
        _D("year", msgid("Year (Gregorian)"), "day", _MONTH, unit="year", calendar="gregorian",
           of=lambda start: start.truncate("Y").cast("date")),
        _D("weekday", msgid("Day of the week"), "choice", ("calendar_day.weekday",), of=lambda day: day.cast("string")),
        _D("holiday", msgid("Public holiday"), "flag", ("calendar_day.is_holiday",)),
        _D("customer", msgid("Customer"), "customer", ("customer",), _CUSTOMERS),
        _D("customer_object", msgid("Person or company"), "choice", ("customer.object",), _CUSTOMERS),
        _D("customer_kind", msgid("Kind of customer"), "choice", ("customer.kind",), _CUSTOMERS),
        _D("customer_owner", msgid("Customer's owner"), "member", ("customer.owner",), _CUSTOMERS),
        _D("customer_name", msgid("Customer's name"), "text", ("customer.name",), _CUSTOMERS),
        _D("city", msgid("City"), "text", ("customer.city",), _CUSTOMERS),
        _D("province", msgid("Province"), "text", ("customer.province",), _CUSTOMERS),
        _D("industry", msgid("Industry"), "text", ("customer.industry",), _CUSTOMERS),
        _D("product", msgid("Product"), "product", ("product",), ("product",)),
        _D("product_name", msgid("Product's name"), "text", ("product.name",), ("product",)),
        _D("product_code", msgid("Product's code"), "text", ("product.code",), ("product",)),
        _D("product_kind", msgid("Kind of product"), "choice", ("product.kind",), ("product",)),
        _D("series", msgid("Product series"), "text", ("product.series",), ("product",)),
        _D("member", msgid("Colleague"), "member", ("member",)),
        _D("team", msgid("Team"), "text", ("member.team",)),
        _D("sale_channel", msgid("Sales channel"), "text", ("sale.channel",)),
        _D("paper", msgid("Order or invoice"), "choice", ("sale.source",)),
        _D("is_return", msgid("Return"), "flag", ("sale_line.is_return", "sale.is_return")),
        _D("payment_method", msgid("Way of payment"), "choice", ("payment.method",)),
        _D("interaction_kind", msgid("Kind of interaction"), "choice", ("interaction.kind",)),
        _D("direction", msgid("Direction"), "choice", ("interaction.direction",)),
        _D("pipeline", msgid("Pipeline"), "text", ("deal.pipeline",), ("deal",)),
        _D("stage", msgid("Stage"), "text", ("stage_change.from_stage", "deal.stage"), ("deal",)),
        _D("to_stage", msgid("Into stage"), "text", ("stage_change.to_stage",), ("deal",)),
        _D("deal_name", msgid("Deal"), "text", ("deal.name",), ("deal",)),
        _D("deal_status", msgid("State of the deal"), "choice", ("deal.status",), ("deal",)),
        _D("lost_reason", msgid("Reason of the loss"), "text", ("deal.lost_reason",), ("deal",)),
        _D("competitor", msgid("Competitor"), "text", ("deal.competitor",), ("deal",)),
        _D("lead_status", msgid("State of the lead"), "choice", ("lead.status",), ("lead",)),
        _D("source", msgid("Source"), "text", ("lead.source", "deal.source")),
        _D("touch_channel", msgid("Channel of the touch"), "text", ("touch.channel",)),
        _D("campaign", msgid("Campaign"), "text", ("touch.campaign",)),
        _D("plan", msgid("Kind of contract"), "text", ("subscription.kind",)),
        _D("sale_amount", msgid("Amount of the sale"), "money", ("sale.net",)),
        _D("deal_amount", msgid("Amount of the deal"), "money", ("deal.amount",), ("deal",)),
        _D("lead_score", msgid("Score of the lead"), "number", ("lead.score",), ("lead",)),
    )
}  # fmt: skip

FIELDS: Final = {d.key: d.type for d in DIMENSIONS.values()}
"""The schema of a report's filter."""
