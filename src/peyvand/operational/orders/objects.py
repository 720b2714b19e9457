"""What is declared of orders and subscriptions."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.operational.billing.public import INVOICE
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY, PERSON, Tags
from peyvand.operational.orders.choices import KINDS, LIVES, PERIODS, STATES
from peyvand.operational.orders.fields import ExchangeRate, OrderLines
from peyvand.operational.orders.hooks import (
    after_orders,
    prepare_orders,
    prepare_subscriptions,
    tell_subscriptions,
    why_order_stays,
)
from peyvand.operational.orders.models import Order, Subscription
from peyvand.operational.orders.returning import keep_originals
from peyvand.operational.sales.public import DEAL
from peyvand.platform.fields.types import (
    Choice,
    CurrencyCode,
    Day,
    Field,
    Instant,
    Label,
    Link,
    LongText,
    Money,
    Text,
    UserLink,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import Board, ObjectSpec, Related, Section, StandardView, extend, register


def _customer() -> tuple[Field, ...]:
    return (
        Link(key="company", label=_("Company"), to="company", search=True, timeline=True,
             headers=("account", "customer", "شرکت", "مشتری")),
        Link(key="person", label=_("Person"), to="person", search=True, timeline=True, headers=("contact", "شخص", "مخاطب")),
    )  # fmt: skip


def _sum(key: str, label: Label) -> Money:
    """A sum of the lines."""
    return Money(key=key, label=label, readonly=True, secondary=key != "total", reads=("lines",))


_LATER: Final = {"and": [
    {"field": "ordered_at", "op": "within", "value": {"next": 100, "unit": "year"}},
    {"not": {"field": "ordered_at", "op": "within", "value": "today"}},
]}  # fmt: skip
_NOBODY: Final = {"and": [{"field": "company", "op": "empty"}, {"field": "person", "op": "empty"}]}

ORDER = register(
    ObjectSpec(
        key="order",
        plural="orders",
        model=Order,
        label=pgettext_lazy("sale", "Order"),
        label_plural=_("Orders"),
        icon="bag",
        area=areas.SALES,
        menu=33,
        title="number",
        subtitle="company",
        default_sort="-ordered_at",
        board=Board(by="status", amount="total"),
        stays=why_order_stays,
        keep=keep_originals,
        views=(
            StandardView("open", _("To be fulfilled"), {"field": "status", "op": "is", "value": "placed"}, "ordered_at"),
            StandardView("returns", _("Returns"), {"field": "kind", "op": "is", "value": "return"}),
            StandardView("nobody", _("Without a customer"), _NOBODY),
            StandardView("later", _("Dated in the future"), _LATER, "ordered_at"),
        ),
        fields=(
            Text(key="number", label=_("Number"), search=True, max_length=60, help=_("Left empty: the next number of the series.")),
            *_customer(),
            Choice(key="status", label=_("Status"), options=STATES, default="draft", headers=("وضعیت",)),
            Choice(key="kind", label=_("Kind"), options=KINDS, readonly=True, default="sale"),
            Instant(key="ordered_at", label=_("Ordered at"), headers=("date", "تاریخ", "زمان سفارش"), help=_("Default: now.")),
            _sum("total", _("Total with tax")),
            OrderLines(key="lines", label=_("Lines"), headers=("products", "items", "اقلام", "کالاها")),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            Text(key="channel", label=_("Sales channel"), max_length=60, headers=("sales channel", "کانال", "کانال فروش")),
            Link(key="original", label=_("Takes back"), to="order", title="number", timeline=True, secondary=True,
                 headers=("original order", "سفارش اصلی"), help=_("Of a return: the order it takes back.")),
            Link(key="deal", label=_("Deal"), to="deal", timeline=True, secondary=True, headers=("opportunity", "معامله")),
            Link(key="invoice", label=_("Became the invoice"), to="invoice", timeline=True, secondary=True,
                 help=_("Both are one sale, and count once.")),
            CurrencyCode(key="currency", label=_("Written in"), max_length=3, secondary=True, headers=("currency", "ارز"),
                         help=_("Left empty: the workspace's currency. Lines are in that, whatever the order was written in.")),
            ExchangeRate(key="rate", label=_("Rate"), secondary=True, headers=("exchange rate", "نرخ ارز", "نرخ تبدیل"),
                         help=_("How much of the workspace's money one unit of the other currency is.")),
            _sum("gross", _("Before discount")),
            _sum("discount", _("Discounts")),
            _sum("net", _("Before tax")),
            _sum("tax", _("Tax")),
            Money(key="cost", label=_("Cost"), readonly=True, secondary=True, reads=("lines",), gathers=("product.cost",),
                  help=_("Empty as long as the cost of any line is unknown.")),
            Text(key="reason", label=_("Reason"), readonly=True, secondary=True, max_length=300),
            LongText(key="note", label=_("Note"), secondary=True, max_length=4000, headers=("notes", "comment", "توضیحات")),
            Tags(key="tags", label=_("Tags"), of="order", secondary=True, headers=("labels", "برچسب")),
        ),
        columns=("number", "company", "person", "kind", "status", "total", "ordered_at", "owner"),
        sections=(
            Section(_("Details"), ("company", "person", "ordered_at", "channel", "number", "owner", "tags")),
            Section(_("Lines"), ("lines",)),
            Section(_("Sums"), ("gross", "discount", "net", "tax", "total", "cost")),
            Section(_("Connected with"), ("deal", "invoice", "original")),
            Section(_("More"), ("currency", "rate", "note", "reason", "external_id")),
        ),
        related=(Related("order", "original", _("Returns")),),
        prepare=prepare_orders,
        after=after_orders,
        told=lambda order: ("gross", "discount", "net", "tax", "total", "cost", "kind"),
    )
)  # fmt: skip

SUBSCRIPTION = register(
    ObjectSpec(
        key="subscription",
        plural="subscriptions",
        model=Subscription,
        label=_("Subscription"),
        label_plural=_("Subscriptions"),
        icon="refresh",
        area=areas.SALES,
        menu=39,
        subtitle="company",
        default_sort="-started_on",
        lasts=("started_on", "ended_on"),
        views=(
            StandardView("active", _("Active"), {"field": "state", "op": "is", "value": "active"}, "started_on"),
            StandardView("ended", _("Ended"), {"field": "state", "op": "is", "value": "ended"}, "-ended_on"),
        ),
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=300, headers=("subscription", "plan", "اشتراک")),
            *_customer(),
            Link(key="product", label=_("Product"), to="product", headers=("محصول", "کالا")),
            Money(key="amount", label=_("Amount of a period"), required=True, headers=("monthly charges", "price", "مبلغ")),
            Choice(key="every", label=_("Period"), options=PERIODS, default="month", required=True, headers=("period", "billing period", "دوره")),
            Day(key="started_on", label=_("Started on"), headers=("start date", "تاریخ شروع"), help=_("Default: today.")),
            Day(key="ended_on", label=_("Ended on"), headers=("end date", "cancelled on", "تاریخ پایان"),
                help=_("The first day without it.")),
            Text(key="ended_reason", label=_("Why it ended"), secondary=True, max_length=300, headers=("churn reason", "دلیل پایان")),
            Choice(key="state", label=_("Status"), options=LIVES, readonly=True, default="active"),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            LongText(key="note", label=_("Note"), secondary=True, max_length=4000, headers=("notes", "توضیحات")),
        ),
        columns=("name", "company", "person", "amount", "every", "started_on", "ended_on", "state", "owner"),
        sections=(
            Section(_("Details"), ("name", "company", "person", "product", "amount", "every", "owner")),
            Section(_("Duration"), ("started_on", "ended_on", "ended_reason")),
            Section(_("More"), ("note", "external_id")),
        ),
        prepare=prepare_subscriptions,
        after=tell_subscriptions,
    )
)  # fmt: skip

_OF_CUSTOMERS: Final = ("order", "subscription")
extend(COMPANY, related=tuple(Related(key, "company") for key in _OF_CUSTOMERS))
extend(PERSON, related=tuple(Related(key, "person") for key in _OF_CUSTOMERS))
extend(PRODUCT, related=(Related("subscription", "product"),))
extend(DEAL, related=(Related("order", "deal"),))
extend(INVOICE, related=(Related("order", "invoice"),))
