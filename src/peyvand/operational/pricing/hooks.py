"""Rules of price lists and prices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.operational.catalog.public import Product
from peyvand.operational.pricing.models import Price, PriceList
from peyvand.platform.actions.context import Context

Values = Mapping[str, Any]


def prepare_lists(ctx: Context, lists: Sequence[PriceList], values: Sequence[Values]) -> None:
    """A list keeps the currency in which it was written, and does not end before it begins."""
    refusals = Refusals()
    for each in lists:
        with refusals.of(each.id):
            each.currency = each.currency or ctx.tenant.currency
            if each.valid_from and each.valid_until and each.valid_until < each.valid_from:
                raise RuleViolation(msg("The end cannot be before the beginning."), "valid_until")
    refusals.settle()


def prepare_prices(ctx: Context, prices: Sequence[Price], values: Sequence[Values]) -> None:
    """Name each price after its product; refuse a second one of a product for as many, and one below zero."""
    names = dict(Product.objects.filter(id__in={p.product_id for p in prices}).values_list("id", "name"))
    lists = {each.id: each for each in PriceList.objects.filter(id__in={p.price_list_id for p in prices})}
    others = Price.objects.filter(
        price_list_id__in=lists, product_id__in=names, deleted_at__isnull=True
    ).exclude(id__in=[p.id for p in prices])
    taken = set(others.values_list("price_list_id", "product_id", "minimum"))
    refusals = Refusals()
    for price in prices:
        with refusals.of(price.id):
            price.name = names.get(price.product_id, "")[:300]
            if price.price is not None and price.price < 0:
                raise Invalid.of(msg("This must not be below zero."), "price")
            demand_currency(ctx, lists[price.price_list_id].currency, "price_list")
            key = (price.price_list_id, price.product_id, price.minimum)
            if key in taken:
                raise RuleViolation(
                    msg("The list has a price of this product for as many already."), "minimum"
                )
            taken.add(key)
    refusals.settle()


def demand_currency(ctx: Context, currency: str, field: str) -> None:
    """Refuse what was written in another currency than the workspace's.

    Raises:
        RuleViolation: it was.
    """
    if currency != ctx.tenant.currency:
        raise RuleViolation(
            msg(
                "This is in %(one)s, the workspace counts in %(other)s; two currencies do not go together.",
                one=currency,
                other=ctx.tenant.currency,
            ),
            field,
        )
