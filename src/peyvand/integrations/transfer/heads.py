"""How spreadsheets, and the exports of other products, call our objects and their fields. Compared by `plain`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from peyvand.kernel.persian.text import fold

# Most telling first: where two objects fit a file equally well, the earlier one is taken.
ALIASES: Final[dict[str, tuple[str, ...]]] = {
    "deal": ("deal", "opportunity", "معامله", "فرصت"),
    "company": ("company", "account", "organization", "organisation", "شرکت", "سازمان"),
    "person": ("person", "contact", "customer", "client", "شخص", "مخاطب", "مشتری"),
    "product": ("product", "item", "stock", "محصول", "کالا"),
    "user": ("user", "agent", "sales agent", "employee", "کاربر", "کارشناس"),
    "team": ("team", "تیم"),
    "task": ("task", "to do", "کار", "وظیفه"),
    "consent": ("consent", "رضایت"),
    "lead": ("lead", "inquiry", "سرنخ"),
    "order": ("order", "سفارش"),
    "subscription": ("subscription", "اشتراک"),
}
# What looks like something else unless a head, or the file's name, says that it is this.
ONLY_NAMED: Final = frozenset({"lead", "subscription"})
# Parts of file names that tell what is inside.
FILE_NAMES: Final[dict[str, tuple[str, ...]]] = {
    "deal": ("deal", "opportunit", "pipeline", "معامل", "فرصت"),
    "company": ("compan", "account", "organi", "شرکت"),
    "person": ("people", "person", "contact", "customer", "اشخاص", "مخاطب", "مشتری"),
    "product": ("product", "item", "catalog", "price", "محصول", "کالا"),
    "user": ("user", "team", "agent", "staff", "کاربر", "کارشناس"),
    "lead": ("lead", "inquir", "سرنخ"),
    "order": ("order", "retail", "purchase", "سفارش", "خرید"),
    "subscription": ("subscription", "اشتراک"),
}
_POSTAL_CODES: Final = (
    "postal code",
    "postcode",
    "zip",
    "zip code",
    "zip postal code",
    "billing zip",
    "mailing zip",
    "کد پستی",
    "کدپستی",
)
# Names beyond those that the fields themselves declare. A key with a dot names a part of a compound field.
FIELD_NAMES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "deal": {
        "name": ("opportunity name", "deal name", "title", "subject", "عنوان", "موضوع"),
        "company": (
            "account",
            "account name",
            "organization",
            "associated company",
            "company name",
            "customer",
            "مشتری",
        ),
        "person": (
            "contact person",
            "primary contact",
            "associated contact",
            "contact",
            "contact name",
            "مخاطب",
        ),
        "pipeline": ("pipeline", "sales process", "قیف فروش"),
        "stage": ("deal stage", "stage name", "status", "phase", "وضعیت"),
        "amount": ("close value", "value", "deal value", "total", "مبلغ", "ارزش"),
        "owner": (
            "sales agent",
            "sales rep",
            "deal owner",
            "opportunity owner",
            "salesperson",
            "کارشناس فروش",
        ),
        "engaged_on": ("engage date", "start date", "opened", "تاریخ شروع"),
        "closed_on": ("close date", "closed date", "won time", "lost time", "تاریخ بسته شدن"),
        "expected_on": ("expected close date", "expected closing", "forecast date", "تاریخ پیش‌بینی"),
        "lost_reason": ("loss reason", "closed lost reason", "reason lost", "دلیل شکست"),
        "probability": ("probability (%)", "win probability", "احتمال"),
        "lines.product": ("product", "product name", "item", "محصول", "کالا"),
        "lines.quantity": ("quantity", "qty", "تعداد"),
        "lines.price": ("unit price", "sales price", "price", "فی", "قیمت واحد"),
        "lines.discount": ("discount", "discount percent", "تخفیف"),
    },
    "company": {
        "parent": ("parent account", "parent organization", "holding", "subsidiary"),
        "website": ("company domain name", "domain name", "homepage"),
        "country": ("country region", "billing country", "office"),
        "city": ("billing city", "headquarters"),
        "owner": ("company owner", "sales rep", "کارشناس فروش"),
        "founded": (
            "founded year",
            "established",
            "date founded",
            "founding date",
            "تاریخ تأسیس",
            "تاریخ تاسیس",
            "سال تاسیس",
        ),
        "addresses": ("billing street", "street", "street address"),
        "addresses.province": ("province", "state", "state region", "billing state", "استان"),
        "addresses.city": ("address city",),
        "addresses.postal_code": _POSTAL_CODES,
        "addresses.country": ("address country",),
    },
    "person": {
        "phones.mobile": (
            "mobile",
            "mobile phone",
            "mobile phone number",
            "cell",
            "cell phone",
            "تلفن همراه",
            "موبایل",
            "همراه",
        ),
        "phones.work": ("work phone", "business phone", "office phone", "تلفن محل کار"),
        "phones.home": ("home phone", "تلفن منزل"),
        "phones.fax": ("fax", "دورنگار", "نمابر"),
        "emails.work": ("work email",),
        "company": ("company", "organization", "organisation", "associated company"),
        "birthday": ("birthdate",),
        "city": ("mailing city",),
        "addresses": ("mailing street", "street", "street address"),
        "addresses.province": ("province", "state", "state region", "mailing state", "استان"),
        "addresses.city": ("address city",),
        "addresses.postal_code": _POSTAL_CODES,
        "addresses.country": ("country", "country region", "mailing country", "کشور"),
        "owner": ("sales rep", "sales agent", "کارشناس فروش"),
    },
    "product": {
        "name": ("description of goods",),
        "price": ("sale price", "selling price", "نرخ"),
        "code": ("product id", "part number", "stock code"),
        "series": ("family", "line", "brand", "خانواده"),
    },
    "order": {
        "number": (
            "invoice no",
            "invoice number",
            "invoice",
            "order no",
            "order number",
            "receipt no",
            "شماره سفارش",
            "شماره فاکتور",
            "فاکتور",
        ),
        "company": (
            "customer id",
            "customer no",
            "customer",
            "customer name",
            "client",
            "account",
            "کد مشتری",
            "مشتری",
            "خریدار",
        ),
        "ordered_at": (
            "invoice date",
            "order date",
            "purchase date",
            "date",
            "تاریخ سفارش",
            "تاریخ فاکتور",
            "تاریخ خرید",
        ),
        "lines.code": (
            "stock code",
            "product code",
            "item code",
            "sku",
            "product id",
            "item id",
            "کد کالا",
            "کد محصول",
        ),
        "lines.product": (
            "product",
            "product name",
            "item",
            "item name",
            "نام کالا",
            "نام محصول",
            "کالا",
            "محصول",
        ),
        "lines.description": ("description", "شرح", "شرح کالا"),
        "lines.quantity": ("quantity", "qty", "units", "تعداد", "مقدار"),
        "lines.price": ("unit price", "price", "قیمت واحد", "فی", "قیمت"),
        "lines.amount": ("line total", "line amount", "amount", "total", "مبلغ", "جمع", "مبلغ کل"),
        "lines.discount": ("discount", "discount percent", "تخفیف", "درصد تخفیف"),
        "lines.tax": ("vat", "tax rate", "درصد مالیات"),
        "lines.cost": ("unit cost", "cost price", "cost", "قیمت خرید"),
        "lines.unit": ("unit", "uom", "واحد"),
    },
    "user": {
        "name": ("full name", "sales rep", "salesperson", "کارشناس فروش", "نام و نام خانوادگی"),
        "manager": ("sales manager", "supervisor", "reports to", "مدیر فروش", "سرپرست"),
        "team": ("sales team", "group", "گروه"),
        "office": (
            "regional office",
            "office",
            "region",
            "department",
            "branch",
            "دفتر",
            "منطقه",
            "شعبه",
            "واحد",
        ),
        "role": ("access", "permission", "سطح دسترسی"),
    },
}
# The ends of a pipeline under other names: what matters is that the deal was won or lost.
WON: Final = frozenset({"won", "closedwon", "win", "برنده", "برندهشد", "موفق", "بستهشدهموفق"})
LOST: Final = frozenset({"lost", "closedlost", "loss", "باخت", "ازدسترفته", "ناموفق", "بستهشدهناموفق"})

_SIGNS: Final = re.compile(r"[\W_]+")


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """A head or a name without case, signs and spaces: "Sales_Agent", "sales agent" and "SalesAgent" are one."""
    return _SIGNS.sub("", fold(text))
