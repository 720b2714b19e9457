"""What pricing declares: price lists and their prices."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.contacts.public import COMPANY_KINDS
from peyvand.operational.pricing.hooks import prepare_lists, prepare_prices
from peyvand.operational.pricing.models import Price, PriceList
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import CurrencyCode, Day, Flag, Link, Money, Number, Rate, Text
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, register

PRICE_LIST = register(
    ObjectSpec(
        key="price_list",
        admin=True,
        plural="price-lists",
        model=PriceList,
        label=_("Price list"),
        label_plural=_("Price lists"),
        icon="tag",
        area=areas.CATALOGUE,
        menu=62,
        policy=SharedRows(),
        default_sort="-priority",
        lasts=("valid_from", "valid_until"),
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=200, headers=("price list", "فهرست قیمت")),
            CurrencyCode(key="currency", label=_("Currency"), readonly=True, secondary=True, max_length=3),
            Day(key="valid_from", label=_("Valid from"), headers=("معتبر از",)),
            Day(key="valid_until", label=_("Valid until"), headers=("معتبر تا",)),
            Choices(key="kinds", label=_("For relations"), options=COMPANY_KINDS,
                    help=_("Who the list is for. If you choose no relation, no tag and no company, it is for everybody.")),
            Link(key="tag", label=_("For the tag"), to="tag"),
            Link(key="company", label=_("For the company"), to="company", headers=("شرکت",)),
            Number(key="priority", label=_("Priority"), min=0, max=1000, default=0,
                   help=_("Where several lists hold, the highest number is asked first.")),
            Rate(key="adjustment", label=_("On all other products"), min=-100, max=1000,
                 help=_("Percent on the product's own price; below zero is a reduction. Empty: only the prices of the list.")),
            Flag(key="is_active", label=_("In use"), default=True),
        ),
        columns=("name", "valid_from", "valid_until", "kinds", "company", "priority", "adjustment", "is_active"),
        sections=(
            Section(_("Details"), ("name", "is_active", "priority", "adjustment")),
            Section(_("For whom"), ("kinds", "tag", "company")),
            Section(_("When it holds"), ("valid_from", "valid_until", "currency", "external_id")),
        ),
        related=(Related("price", "price_list"),),
        prepare=prepare_lists,
    )
)  # fmt: skip

PRICE = register(
    ObjectSpec(
        key="price",
        admin=True,
        plural="prices",
        model=Price,
        label=_("Price"),
        label_plural=_("Prices"),
        icon="money",
        policy=SharedRows(),
        default_sort="name",
        in_search=False,
        fields=(
            Text(key="name", label=_("Name"), readonly=True, max_length=300),
            Link(key="price_list", label=_("Price list"), to="price_list", required=True, headers=("فهرست قیمت",)),
            Link(key="product", label=_("Product"), to="product", required=True, headers=("محصول", "کالا")),
            Money(key="price", label=_("Price"), required=True, headers=("قیمت",)),
            Number(key="minimum", label=_("For so many and more"), min=1, default=1, headers=("minimum quantity", "حداقل تعداد")),
        ),
        columns=("name", "price_list", "price", "minimum"),
        sections=(Section(_("Details"), ("price_list", "product", "price", "minimum")),),
        prepare=prepare_prices,
    )
)  # fmt: skip
