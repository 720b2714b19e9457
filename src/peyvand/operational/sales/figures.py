"""What a deal's own values come to: amount, margin, recurring revenue, chance, forecast, and the marks of its way.

Runs in ``prepare_deals``, before deals are saved, in sets.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from peyvand.kernel.errors import Message, RuleViolation, msg
from peyvand.operational.catalog.public import Product
from peyvand.operational.sales.fields import is_listed, lasting, margin, monthly, settled, total
from peyvand.operational.sales.models import Deal, DealLine, Stage

Values = Mapping[str, Any]
# The forecast category of deals that enter a stage which names none.
BY_KIND = {"open": "pipeline", "won": "closed", "lost": "omitted"}

# What makes two lines come to the same.
_PRICED_BY = ("deal_id", "product_id", "quantity", "price", "discount")

SUM = msg("The amount is the sum of the products; change those.")
OTHER_SUM = msg("The products come to another amount: leave this one empty, or change the products.")


def summed(deal: Deal) -> Mapping[str, Message]:
    """The amount of a deal with priced lines is not typed: it is their sum."""
    has_sum = DealLine.objects.filter(deal_id=deal.id, amount__isnull=False).exists()
    return {"amount": SUM} if has_sum else {}


def keep_open_prices(
    deals: Sequence[Deal], values: Sequence[dict[str, Any]], amounts: Mapping[int, int | None]
) -> None:
    """A line whose price is open stays so until one is typed: a form that sends it back as it is adds no price to it.

    A price that nobody typed is the product's own, but not against an amount that somebody did (a list from elsewhere, with
    product and amount): then it is open, and the amount holds. ``amounts``: as in ``reckon_lines``.
    """
    given = [
        (d, v)
        for d, v in zip(deals, values, strict=True)
        if any(is_listed(item) for item in v.get("lines") or ())
    ]
    ids = [d.id for d, _ in given if not d._state.adding]
    rows = (
        DealLine.objects.filter(deal_id__in=ids, price=None).values_list("deal_id", "product_id")
        if ids
        else ()
    )
    without_price = Counter(rows)
    for deal, each in given:
        lines = []
        is_said = each.get("amount") not in (None, amounts.get(deal.id), total(each["lines"]))
        for item in each["lines"]:
            key = (deal.id, item["product"]["id"])
            is_open = is_listed(item) and (is_said or without_price[key] > 0)
            if is_open:
                without_price[key] -= 1
            lines.append(settled(item, is_open=is_open))
        each["lines"] = tuple(lines)


def keep_amounts(deals: Sequence[Deal], values: Sequence[dict[str, Any]]) -> None:
    """A line that is sent back as it is comes to what it came to, also where that is some units off its price times its
    quantity (what its quote said); unless the amount given with the lines says that they come to something else."""
    given = [
        (d, v)
        for d, v in zip(deals, values, strict=True)
        if not d._state.adding and v.get("lines") and v.get("amount") != total(v["lines"])
    ]
    rows = DealLine.objects.filter(deal_id__in=[d.id for d, _ in given], amount__isnull=False)
    kept = defaultdict(list)
    for *key, amount in rows.order_by("position").values_list(*_PRICED_BY, "amount") if given else ():
        kept[tuple(key)].append(amount)
    for deal, each in given:
        lines = []
        for item in each["lines"]:
            said = (Decimal(str(item["quantity"])), item["price"], Decimal(str(item["discount"])))
            found = kept.get((deal.id, item["product"]["id"], *said))
            lines.append({**item, "amount": found.pop(0)} if found else item)
        each["lines"] = tuple(lines)


def take_rounding(values: Sequence[dict[str, Any]]) -> None:
    """An amount given with its lines that the price of one piece cannot say to the unit (1,000 for three pieces) is what
    they come to: the rest of at most half a unit for each piece belongs to the line with the most of them."""
    for given in values:
        lines, amount = given.get("lines") or (), given.get("amount")
        sum_ = total(lines)
        if sum_ is None or amount is None or amount == sum_:
            continue
        pieces = {
            n: Decimal(str(item["quantity"])) for n, item in enumerate(lines) if item["amount"] is not None
        }
        if 2 * abs(amount - sum_) <= sum(pieces.values()):
            most = max(pieces, key=lambda n: pieces[n])
            whole = {**lines[most], "amount": lines[most]["amount"] + amount - sum_}
            given["lines"] = (*lines[:most], whole, *lines[most + 1 :])


def reckon_lines(
    deals: Sequence[Deal], values: Sequence[dict[str, Any]], amounts: Mapping[int, int | None]
) -> None:
    """The amount of a deal with lines is their sum, and can be nothing else; what else follows from lines follows them.

    ``amounts`` until now, by deal: a program that sends the former amount back beside changed lines asks for none of its own.

    Raises:
        RuleViolation: another amount was given, with the lines or without.
    """
    keep_open_prices(deals, values, amounts)
    keep_amounts(deals, values)
    take_rounding(values)
    kept = [
        d.id
        for d, given in zip(deals, values, strict=True)
        if "lines" not in given and "amount" in given and not d._state.adding
    ]
    sums: dict[int, int | None] = (
        dict(DealLine.objects.filter(deal_id__in=kept).values_list("deal_id").annotate(Sum("amount")))
        if kept
        else {}
    )
    products = {item["product"]["id"] for given in values for item in given.get("lines") or ()}
    costs: dict[int, int | None] = (
        dict(Product.objects.filter(id__in=products).values_list("id", "cost")) if products else {}
    )
    summed_first = _without_lines([d for d, v in zip(deals, values, strict=True) if v.get("lines")])
    for deal, given in zip(deals, values, strict=True):
        if "lines" in given:
            lines = given["lines"] or ()
            deal.margin, deal.recurring = margin(lines, costs), monthly(lines)
            deal.total_value = lasting(lines)
        sum_ = total(given["lines"]) if given.get("lines") else sums.get(deal.id)
        if sum_ is None:
            if "lines" in given or "amount" in given:
                deal.total_value = deal.amount
            continue
        asked = given.get("amount")
        if asked not in (None, sum_) and ("lines" not in given or asked != amounts.get(deal.id)):
            raise RuleViolation(OTHER_SUM if "lines" in given else SUM, "amount")
        deal.amount = sum_
        if deal.id in summed_first:
            # A rough sum that its first products replace was no worth to fall from.
            deal.amount_high = None


def _without_lines(deals: Sequence[Deal]) -> set[int]:
    """Those of the deals, about to be given lines, that are there and have none."""
    ids = {deal.id for deal in deals if not deal._state.adding}
    if not ids:
        return ids
    return ids - set(DealLine.objects.filter(deal_id__in=ids).values_list("deal_id", flat=True))


def settle_chance(deal: Deal, given: Values, stage: Stage, entering: bool) -> None:
    """The stage's chance and forecast category, or those that somebody gave the deal itself."""
    if stage.kind != "open":
        deal.probability = 100 if stage.kind == "won" else 0
        deal.has_own_probability = False
    elif given.get("probability") is not None:
        deal.has_own_probability = deal.probability != stage.probability
    elif entering or deal.probability is None or "probability" in given:
        deal.probability, deal.has_own_probability = stage.probability, False
    if stage.kind != "open":
        deal.forecast = BY_KIND[stage.kind]
    elif given.get("forecast") == BY_KIND["won"]:
        raise RuleViolation(msg("A deal is closed once it is won."), "forecast")
    elif not given.get("forecast") and (entering or not deal.forecast):
        deal.forecast = stage.forecast or BY_KIND["open"]


def mark_way(deal: Deal, was_expected: Any, was_new: bool) -> None:
    """Count how often the expected day was put off while the deal was open, and keep the most that it was worth."""
    if (
        not was_new
        and deal.status == "open"
        and was_expected
        and deal.expected_on
        and deal.expected_on > was_expected
    ):
        deal.pushes = min((deal.pushes or 0) + 1, 32000)
    if deal.amount is not None and (deal.amount_high is None or deal.amount > deal.amount_high):
        deal.amount_high = deal.amount
