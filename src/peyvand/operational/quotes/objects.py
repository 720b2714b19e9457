"""What this slice declares: quotes."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.quotes.fields import QuoteLines
from peyvand.operational.quotes.hooks import (
    begin_quote,
    fixed_of,
    keep_lines,
    prepare_quotes,
    why_fixed,
    why_quote_stays,
)
from peyvand.operational.quotes.models import Quote
from peyvand.operational.sales.public import DEAL
from peyvand.platform.fields.types import (
    Choice,
    CurrencyCode,
    Day,
    Instant,
    Link,
    LongText,
    Money,
    Number,
    Option,
    PaperNumber,
    Rate,
    Text,
    UserLink,
)  # fmt: skip
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, StandardView, extend, register

STATES = (
    Option("draft", _("Draft")),
    Option("waiting", _("Waiting for approval"), "warn"),
    Option("approved", _("Approved"), "info"),
    Option("sent", _("Sent"), "acc"),
    Option("accepted", _("Accepted"), "good"),
    Option("rejected", _("Rejected"), "bad"),
    Option("expired", _("Expired"), "warn"),
    Option("replaced", _("Replaced")),
)
LANGUAGES = (Option("fa", _("Persian")), Option("en", _("English")))


def _in_state(state: str) -> dict[str, str]:
    return {"field": "status", "op": "is", "value": state}


VIEWS = (
    StandardView("waiting", _("Waiting for approval"), _in_state("waiting")),
    StandardView("sent", _("Waiting for an answer"), _in_state("sent"), "valid_until"),
    StandardView(
        "accepted", _("Accepted, by month"), _in_state("accepted"), look={"group": "-issued_on:month"}
    ),
)

QUOTE = register(
    ObjectSpec(
        key="quote",
        plural="quotes",
        model=Quote,
        label=_("Quote"),
        label_plural=_("Quotes"),
        icon="file",
        area=areas.SALES,
        menu=32,
        subtitle="number",
        views=VIEWS,
        lasts=("issued_on", "valid_until"),
        fields=(
            Text(key="name", label=_("Title"), search=True, max_length=300,
                 help=_("Empty: the name of the deal, or the number."), headers=("quote", "پیشنهاد قیمت", "عنوان")),
            PaperNumber(key="number", label=_("Number"), readonly=True, search=True, max_length=60),
            Number(key="edition", label=_("Edition"), readonly=True, grouped=False),
            Choice(key="status", label=_("Status"), options=STATES, readonly=True, default="draft"),
            Link(key="deal", label=_("Deal"), to="deal", timeline=True, headers=("معامله",)),
            Link(key="company", label=_("Company"), to="company", search=True, timeline=True, headers=("شرکت",),
                 help=_("Empty: taken from the deal.")),
            Link(key="person", label=_("Person"), to="person", search=True, timeline=True, headers=("شخص",),
                 help=_("Empty: taken from the deal.")),
            Day(key="issued_on", label=_("Date"), headers=("date", "تاریخ")),
            Day(key="valid_until", label=_("Valid until"), headers=("expires", "معتبر تا")),
            Choice(key="language", label=_("Language of the paper"), options=LANGUAGES, secondary=True),
            Link(key="price_list", label=_("Price list"), to="price_list", secondary=True,
                 help=_("Asked before all lists that hold for the customer.")),
            QuoteLines(key="lines", label=_("Lines")),
            Rate(key="discount", label=_("Discount on the whole"), default=0, headers=("discount", "تخفیف")),
            Money(key="gross", label=_("Sum"), readonly=True, secondary=True),
            Money(key="reduced", label=_("Discounts"), readonly=True, secondary=True),
            Rate(key="reduction", label=_("Below the list prices"), readonly=True, secondary=True,
                 help=_("Discounts and prices typed below those of the lists: what approval is asked for.")),
            Money(key="net", label=_("After discounts"), readonly=True, secondary=True),
            Money(key="tax", label=_("Tax"), readonly=True, secondary=True),
            Money(key="total", label=_("Total"), readonly=True),
            Money(key="margin", label=_("Margin"), readonly=True, secondary=True, gathers=("product.cost",)),
            CurrencyCode(key="currency", label=_("Currency"), readonly=True, secondary=True, max_length=3),
            UserLink(key="owner", label=_("Owner"), headers=("مسئول",)),
            LongText(key="notes", label=_("Notes"), secondary=True),
            LongText(key="terms", label=_("Terms"), secondary=True),
            Link(key="replaces", label=_("Replaces"), to="quote", readonly=True, secondary=True),
            UserLink(key="approved_by", label=_("Approved by"), readonly=True, secondary=True),
            Instant(key="sent_at", label=_("Sent at"), readonly=True, secondary=True),
            Instant(key="viewed_at", label=_("First opened by the customer"), readonly=True, secondary=True),
            Instant(key="decided_at", label=_("Answered at"), readonly=True, secondary=True),
            Text(key="signer", label=_("Signed by"), readonly=True, secondary=True, max_length=200),
            Text(key="reason", label=_("Reason of the rejection"), readonly=True, secondary=True, max_length=500),
        ),
        columns=("name", "number", "company", "total", "status", "valid_until", "owner"),
        sections=(
            Section(_("Details"), ("name", "deal", "company", "person", "owner", "number", "edition", "status")),
            Section(_("What is offered"), ("lines", "discount", "gross", "reduced", "net", "tax", "total", "reduction", "margin")),
            Section(_("Date and validity"), ("issued_on", "valid_until", "language", "price_list")),
            Section(_("More"), (
                "notes", "terms", "replaces", "approved_by", "sent_at", "viewed_at", "decided_at", "signer", "reason", "external_id",
            )),
        ),
        begin=begin_quote,
        prepare=prepare_quotes,
        after=keep_lines,
        stays=why_quote_stays,
        fixed=fixed_of,
        fixed_because=why_fixed,
        told=lambda quote: ("gross", "reduced", "reduction", "net", "tax", "margin", "status", "sent_at", "viewed_at",
                            "decided_at", "signer", "reason", "approved_by"),
    )
)  # fmt: skip

extend(DEAL, related=(Related("quote", "deal", goes_on=True),))
extend(COMPANY, related=(Related("quote", "company", goes_on=True),))
