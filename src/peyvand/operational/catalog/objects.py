"""What the catalogue declares: products, and the taxes they carry."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.persian.identifiers import stuff_id
from peyvand.operational.catalog.models import Product, Tax, TaxRate
from peyvand.operational.catalog.taxes import keep_used_taxes, prepare_rates
from peyvand.operational.contacts.public import Tags
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Flag,
    Identifier,
    Link,
    LongText,
    Money,
    Option,
    Rate,
    Text,
)
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Related, Section, register

KINDS = (
    Option("goods", _("Goods"), "info"),
    Option("service", _("Service"), "acc"),
    Option("subscription", _("Subscription"), "good"),
    Option("other", _("Other")),
)

TAX = register(
    ObjectSpec(
        key="tax",
        admin=True,
        plural="taxes",
        model=Tax,
        label=_("Tax"),
        label_plural=_("Taxes"),
        icon="file",
        policy=SharedRows(),
        default_sort="name",
        fields=(Text(key="name", label=_("Name"), required=True, max_length=100, headers=("tax", "مالیات")),),
        related=(Related("tax_rate", "tax"),),
        keep=keep_used_taxes,
    )
)

TAX_RATE = register(
    ObjectSpec(
        key="tax_rate",
        admin=True,
        plural="tax-rates",
        model=TaxRate,
        label=_("Tax rate"),
        label_plural=_("Tax rates"),
        icon="file",
        policy=SharedRows(),
        default_sort="-from_on",
        in_search=False,
        fields=(
            Text(key="name", label=_("Name"), readonly=True, max_length=120),
            Link(key="tax", label=_("Tax"), to="tax", required=True, headers=("مالیات",)),
            Day(key="from_on", label=_("From"), required=True, headers=("از تاریخ",),
                help=_("The rate holds from this day until the next rate of the tax begins.")),
            Rate(key="percent", label=_("Percent"), required=True, headers=("rate", "نرخ", "درصد")),
        ),
        columns=("name", "tax", "from_on", "percent"),
        sections=(Section(_("Details"), ("tax", "from_on", "percent")),),
        prepare=prepare_rates,
    )
)  # fmt: skip

PRODUCT = register(
    ObjectSpec(
        key="product",
        admin=True,
        plural="products",
        model=Product,
        label=_("Product"),
        label_plural=_("Products"),
        icon="box",
        area=areas.CATALOGUE,
        menu=60,
        subtitle="code",
        policy=SharedRows(),
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=300, sorted_by="name_sort",
                 headers=("product", "product name", "item", "نام محصول", "محصول", "نام کالا", "کالا")),
            Text(key="code", label=_("Code"), search=True, max_length=60, headers=("sku", "product code", "کد کالا", "کد محصول")),
            Choice(key="kind", label=_("Kind"), options=KINDS, default="goods", headers=("type", "نوع")),
            Text(key="series", label=_("Series"), max_length=100, headers=("category", "product family", "سری", "دسته", "گروه کالا")),
            Text(key="unit", label=_("Unit"), max_length=30, headers=("uom", "واحد", "واحد شمارش")),
            Money(key="price", label=_("Price"), headers=("sales price", "unit price", "list price", "قیمت", "قیمت فروش", "فی")),
            Money(key="cost", label=_("Cost"), secondary=True, headers=("unit cost", "قیمت خرید", "بهای تمام‌شده")),
            Link(key="tax", label=_("Tax"), to="tax", headers=("vat", "مالیات", "ارزش افزوده"),
                 help=_("Without one the product is exempt.")),
            Flag(key="is_active", label=_("On sale"), default=True, headers=("active", "فعال")),
            Tags(key="tags", label=_("Tags"), of="product", headers=("labels", "برچسب", "برچسب‌ها")),
            Identifier(key="stuff_id", label=_("Product ID of the tax office"), check=stuff_id, max_length=13, secondary=True,
                       headers=("شناسه کالا", "شناسه کالا و خدمت")),
            LongText(key="description", label=_("Description"), secondary=True, headers=("about", "توضیحات", "شرح")),
        ),
        columns=("name", "code", "kind", "series", "unit", "price", "is_active"),
        sections=(
            Section(_("Details"), ("name", "code", "kind", "series", "is_active", "tags")),
            Section(_("Price"), ("price", "cost", "unit", "tax")),
            Section(_("More"), ("stuff_id", "description", "external_id")),
        ),
    )
)  # fmt: skip
