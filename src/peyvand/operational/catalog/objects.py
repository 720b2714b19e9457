"""What the catalogue declares: products."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.operational.catalog.models import Product
from peyvand.operational.contacts.public import Tags
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Choice, Flag, LongText, Money, Option, Text
from peyvand.platform.objects.spec import ObjectSpec, Section, register

KINDS = (
    Option("goods", _("Goods"), "info"),
    Option("service", _("Service"), "acc"),
    Option("subscription", _("Subscription"), "good"),
    Option("other", _("Other")),
)

PRODUCT = register(
    ObjectSpec(
        key="product",
        admin=True,
        plural="products",
        model=Product,
        label=_("Product"),
        label_plural=_("Products"),
        icon="box",
        group=_("Sales"),
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
            Flag(key="is_active", label=_("On sale"), default=True, headers=("active", "فعال")),
            Tags(key="tags", label=_("Tags"), of="product", headers=("labels", "برچسب", "برچسب‌ها")),
            LongText(key="description", label=_("Description"), secondary=True, headers=("about", "توضیحات", "شرح")),
        ),
        columns=("name", "code", "kind", "series", "unit", "price", "is_active"),
        sections=(
            Section(_("Details"), ("name", "code", "kind", "series", "is_active", "tags")),
            Section(_("Price"), ("price", "cost", "unit")),
            Section(_("More"), ("description", "external_id")),
        ),
    )
)  # fmt: skip
