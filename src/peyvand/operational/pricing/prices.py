"""What a product costs for a customer on a day, and which list says so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from peyvand.kernel.errors import Message, msg
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import Company, tags_of
from peyvand.operational.pricing.models import Price, PriceList


@dataclass(frozen=True, slots=True)
class Ask:
    """A product for a customer: how many, on which day. ``price_list``: the one that was chosen, which goes before all others."""

    product: int
    company: int | None
    day: date
    quantity: Decimal = Decimal(1)
    price_list: int | None = None


@dataclass(frozen=True, slots=True)
class Priced:
    """The price of one unit in minor units, None where nobody knows one; the list that gave it; and why in words."""

    price: int | None
    list: PriceList | None
    why: Message


@dataclass(frozen=True, slots=True)
class _Customer:
    kind: str
    tags: frozenset[int]


_NOBODY = _Customer("", frozenset())


def prices_for(asks: Iterable[Ask], currency: str) -> dict[Ask, Priced]:
    """The price of each ask, in five queries however many there are.

    Of the active lists in this currency that hold for the customer on the day, the one of the highest priority that knows the product gives
    its price: by the row with the largest minimum that is reached, else by its adjustment of the product's own price. Among
    equals the one that is more about this customer goes first (company, tag, kind, everybody), then the newer one.
    """
    wanted = set(asks)
    if not wanted:
        return {}
    products = {p.id: p for p in Product.objects.filter(id__in={a.product for a in wanted})}
    lists = _lists(currency)
    rows: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    if lists:
        prices = Price.objects.filter(
            product_id__in=products, price_list_id__in=[each.id for each in lists], deleted_at__isnull=True
        ).order_by("-minimum")
        for list_id, product, minimum, price in prices.values_list(
            "price_list_id", "product_id", "minimum", "price"
        ):
            rows[list_id, product].append((minimum, price))
    customers = _customers({a.company for a in wanted if a.company}) if lists else {}
    ranked: dict[tuple[int | None, date, int | None], list[PriceList]] = {}
    found = {}
    for ask in wanted:
        key = (ask.company, ask.day, ask.price_list)
        if key not in ranked:
            ranked[key] = _ranked(lists, ask, customers.get(ask.company or 0, _NOBODY))
        found[ask] = _price(ask, products.get(ask.product), ranked[key], rows)
    return found


def _customers(companies: set[int]) -> dict[int, _Customer]:
    tags = tags_of("company", companies)
    rows = Company.objects.filter(id__in=companies).values_list("id", "kind")
    return {id: _Customer(kind, frozenset(tags.get(id, ()))) for id, kind in rows}


def _ranked(lists: Sequence[PriceList], ask: Ask, customer: _Customer) -> list[PriceList]:
    fits = []
    for each in lists:
        is_chosen = each.id == ask.price_list and each.company_id in (None, ask.company)
        closeness = 9 if is_chosen else _closeness(each, ask, customer)
        if closeness is not None and _is_valid(each, ask.day):
            fits.append((each.id == ask.price_list, each.priority, closeness, each.id, each))
    return [each for *_, each in sorted(fits, key=lambda fit: fit[:4], reverse=True)]


def _closeness(each: PriceList, ask: Ask, customer: _Customer) -> int | None:
    """How much a list is about this customer; None where it is not for them."""
    if each.company_id is None and each.tag_id is None and not each.kinds:
        return 0
    if each.company_id is not None and each.company_id == ask.company:
        return 3
    if each.tag_id is not None and each.tag_id in customer.tags:
        return 2
    return 1 if customer.kind in each.kinds else None


def _is_valid(each: PriceList, day: date) -> bool:
    return (each.valid_from is None or each.valid_from <= day) and (
        each.valid_until is None or day <= each.valid_until
    )


def _price(
    ask: Ask,
    product: Product | None,
    lists: Sequence[PriceList],
    rows: Mapping[tuple[int, int], Sequence[tuple[int, int]]],
) -> Priced:
    own = product.price if product else None
    for each in lists:
        for minimum, price in rows.get((each.id, ask.product), ()):
            if minimum <= ask.quantity:
                return Priced(price, each, _by_row(each, minimum))
        if each.adjustment is not None and own is not None:
            percent = Decimal(each.adjustment)
            why = msg(
                "from “%(list)s”: %(percent)s%% on the product's price", list=each.name, percent=percent
            )
            return Priced(_adjusted(own, percent), each, why)
    if own is None:
        return Priced(None, None, msg("no list and no product knows a price"))
    return Priced(own, None, msg("the product's own price"))


def _by_row(each: PriceList, minimum: int) -> Message:
    if minimum > 1:
        return msg("from “%(list)s”, for %(n)s and more", list=each.name, n=minimum)
    return msg("from “%(list)s”", list=each.name)


def _adjusted(price: int, percent: Decimal) -> int:
    return max(0, int((price * (100 + percent) / 100).to_integral_value(ROUND_HALF_UP)))


def _lists(currency: str) -> list[PriceList]:
    return list(PriceList.objects.filter(deleted_at__isnull=True, is_active=True, currency=currency))
