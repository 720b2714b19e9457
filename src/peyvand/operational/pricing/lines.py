"""The lines of a paper: a compound field that quotes and invoices share, and how they are priced, taxed and reckoned.

An object with such a field calls ``settle_lines`` in its ``prepare`` and ``keep_settled`` in its ``after``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from peyvand.kernel import money, numbers
from peyvand.kernel.errors import Invalid, Problem, Refusals, msg
from peyvand.kernel.invoicing import Line, Reckoned, Totals, percent_of, reckon
from peyvand.operational.catalog.public import (
    Product,
    ProductLines,
    amount_of,
    quantity_of,
    rates_on,
    read_lines,
)
from peyvand.operational.pricing.prices import Ask, prices_for
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Money
from peyvand.platform.workspaces.scope import current_workspace_id

Item = dict[str, Any]
# Columns of PricedLine besides its product, in the order in which they are read and written.
_TEXTS = ("description", "unit", "priced_by")
_RATES = ("quantity", "discount", "tax")
_FIGURES = ("price", "gross", "discount_amount", "share", "net", "tax_amount", "total")
_COLUMNS = (*_TEXTS, *_RATES, *_FIGURES, "tax_by_hand")
_PRICE = Money(key="price", label="")


@dataclass(frozen=True, kw_only=True)
class PricedLines(ProductLines):
    """Items {product: {id, title} or None, description, unit, quantity, price, discount, tax, tax_by_hand, priced_by, gross,
    discount_amount, share, net, tax_amount, total}; what is reckoned is never taken over.

    A line names a product or describes something else. Without a price it has that of the price lists (``priced_by``), without
    a tax that of its product on the paper's day. A subclass names its ``table`` and that table's link to the paper (``of``).
    """

    widget: ClassVar[str] = "priced"
    instead_of_product: ClassVar[tuple[dict[str, Any], ...]] = ({"type": "null"},)

    def understand(self, raw: Any, reader: Reader) -> Any:
        return read_lines(raw, lambda item, product: _understood(item, product, reader), or_text=True)

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[Item]] = defaultdict(list)
        rows = self.table.objects.filter(**{f"{self.of}_id__in": list(ids)}).order_by(
            f"{self.of}_id", "position"
        )
        for row in rows.values(f"{self.of}_id", "product_id", "product__name", *_COLUMNS):
            found[row[f"{self.of}_id"]].append(_item(row))
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        self.remove(values)
        self.add(ctx, values)

    def add(self, ctx: Context, values: Mapping[int, Any]) -> None:
        rows = [(id, n, item) for id, items in values.items() for n, item in enumerate(items)]
        if not rows:
            return
        products = {item["product"]["id"] for _, _, item in rows if item["product"]}
        costs = dict(Product.objects.filter(id__in=products).values_list("id", "cost"))
        if products - costs.keys():
            raise Invalid.of(msg("There is no such product."), self.key, "missing")
        workspace_id = current_workspace_id()
        columns = ("id", "workspace_id", f"{self.of}_id", "position", "product_id", "cost", *_COLUMNS)
        insert_rows(self.table, columns, (
            (new, workspace_id, id, n, product := item["product"]["id"] if item["product"] else None, costs.get(product),
             *(item[key] for key in _TEXTS), *(Decimal(str(item[key])) for key in _RATES), *(item[key] for key in _FIGURES),
             item["tax_by_hand"])
            for new, (id, n, item) in zip(next_ids(self.table, len(rows)), rows, strict=True)
        ))  # fmt: skip

    def further(self) -> dict[str, Any]:
        reckoned = {"type": "integer", "readOnly": True, "description": "minor units"}
        return {
            "description": {"type": "string", "maxLength": 500},
            "unit": {"type": "string", "maxLength": 30},
            "price": {
                "type": ["integer", "null"],
                "description": "minor units, for one; by the price lists where none is sent",
            },
            "tax": {
                "type": ["number", "null"],
                "minimum": 0,
                "maximum": 100,
                "description": "percent; of the product on the paper's day where none is sent",
            },
            "tax_by_hand": {"type": "boolean"},
            "priced_by": {"type": "string", "readOnly": True},
            **dict.fromkeys(_FIGURES[1:], reckoned),
        }


def _item(row: Mapping[str, Any]) -> Item:
    product = None
    if row["product_id"] is not None:
        product = {"id": row["product_id"], "title": row["product__name"]}
    plain = {key: numbers.plain(row[key]) if key in _RATES else row[key] for key in _COLUMNS}
    return {"product": product, **plain}


def _understood(item: Mapping[str, Any], product: Product | None, reader: Reader) -> Item:
    """A line as it was given; what it comes to is reckoned with its paper."""
    currency = item.get("currency")
    if currency and currency != reader.currency:
        sentence = msg(
            "This is in %(one)s, the workspace counts in %(other)s; two currencies do not go together.",
            one=str(currency),
            other=reader.currency,
        )
        raise Invalid.of(sentence, "price", "mixed_currencies")
    try:
        price = _PRICE.parse(item.get("price"), reader)
    except Invalid as error:
        raise error.at("price") from None
    if price is not None and price < 0:
        raise Invalid.of(msg("This must not be below zero."), "price")
    description = " ".join(str(item.get("description") or "").split())
    unit = str(item.get("unit") or "").strip()
    for key, text, most in (("description", description, 500), ("unit", unit, 30)):
        if len(text) > most:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=most), key)
    # What was read from us comes back with the tax that followed from the product; it still follows.
    by_hand = item.get("tax") not in (None, "") and item.get("tax_by_hand") in (None, True, "1")
    return {
        "product": {"id": product.id, "title": product.name} if product else None,
        "description": description or (product.name if product else ""),
        "unit": unit or (product.unit if product else ""),
        "quantity": numbers.plain(quantity_of(item)),
        "price": price,
        "discount": numbers.plain(amount_of(item, "discount", Decimal(0), Decimal(100), 2)),
        "tax": numbers.plain(amount_of(item, "tax", Decimal(0), Decimal(100), 2)) if by_hand else None,
        "tax_by_hand": by_hand,
        "priced_by": "" if price is None else str(item.get("priced_by") or "")[:200],
    }


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a paper its lines depend on. The discount is on the whole, in percent or as an amount."""

    day: date
    company: int | None = None
    price_list: int | None = None
    discount: Decimal | None = None
    discount_amount: int | None = None


def settle_lines(
    ctx: Context,
    field: PricedLines,
    papers: Sequence[Any],
    values: Sequence[Mapping[str, Any]],
    terms_of: Callable[[Any], Terms],
) -> list[Totals]:
    """Price, tax and reckon the lines of papers about to be saved; the totals of each, in order. In sets.

    Lines given in ``values`` are completed there. Those of a paper that got none are reckoned anew too, for its day or
    discount may be another: ``keep_settled`` writes them. Each paper has its lines as ``lines_now`` then.

    Raises:
        Invalid: a line has no price, or the paper comes to too much; of one line named by its number.
    """
    stored = field.load(
        [p.id for p, v in zip(papers, values, strict=True) if field.key not in v and not p._state.adding]
    )
    terms = [terms_of(paper) for paper in papers]
    lines: list[tuple[Item, ...]] = [
        tuple(dict(item) for item in (v[field.key] if field.key in v else stored.get(p.id, ())))
        for p, v in zip(papers, values, strict=True)
    ]
    _price_lines(ctx, terms, lines)
    _tax_lines(terms, lines)
    totals = []
    refusals = Refusals()
    for paper, given, asked, items in zip(papers, values, terms, lines, strict=True):
        with refusals.of(None if paper._state.adding else paper.id):
            totals.append(_reckoned(field, asked, items))
        paper.lines_now = items
        if field.key in given:
            put_lines(field, given, items)
            paper.settled_lines = None
        else:
            paper.settled_lines = items if items != stored.get(paper.id, ()) else None
    refusals.settle()
    return totals


def put_lines(field: PricedLines, given: Mapping[str, Any], items: Sequence[Item]) -> None:
    """Put the lines of a paper among the values that it is written with: whoever stores and compares them reads them there."""
    assert isinstance(given, dict), "only a paper with values of its own was given lines"
    given[field.key] = items


def keep_settled(ctx: Context, field: PricedLines, papers: Sequence[Any]) -> None:
    """Write the lines that changed because of what else their paper says."""
    changed = {p.id: p.settled_lines for p in papers if getattr(p, "settled_lines", None) is not None}
    if changed:
        field.store(ctx, changed)


def _price_lines(ctx: Context, terms: Sequence[Terms], lines: Sequence[Sequence[Item]]) -> None:
    asks: list[tuple[Item, Ask]] = []
    for asked, items in zip(terms, lines, strict=True):
        for item in items:
            if item["product"] and (item["price"] is None or item["priced_by"]):
                asks.append((item, _ask(asked, item, asked.price_list)))
            elif not item["product"]:
                item["priced_by"] = ""
    found = prices_for((ask for _, ask in asks), ctx.tenant.currency)
    for item, ask in asks:
        priced = found[ask]
        list_name = priced.list.name if priced.list else ""
        if item["price"] is None:
            item["price"], item["priced_by"] = priced.price, list_name
        elif (item["price"], item["priced_by"]) != (priced.price, list_name):
            # A list is named only where the price is that list's.
            item["priced_by"] = ""


def _ask(asked: Terms, item: Item, price_list: int | None) -> Ask:
    return Ask(item["product"]["id"], asked.company, asked.day, Decimal(str(item["quantity"])), price_list)


def reductions(ctx: Context, terms: Sequence[Terms], lines: Sequence[Sequence[Item]]) -> list[Decimal]:
    """What papers with reckoned lines take off, in percent with two decimals, of the prices that hold for their customers
    by themselves: their discounts, prices typed below those, and what a list takes off that somebody chose. In sets."""
    asks = [
        [_ask(asked, item, None) if item["product"] else None for item in items]
        for asked, items in zip(terms, lines, strict=True)
    ]
    found = prices_for((ask for of in asks for ask in of if ask), ctx.tenant.currency)
    out = []
    for of, items in zip(asks, lines, strict=True):
        full = reckon(
            Line(Decimal(str(item["quantity"])), max(item["price"], (found[ask].price or 0) if ask else 0))
            for ask, item in zip(of, items, strict=True)
        )
        out.append(percent_of(full.gross - sum(item["net"] for item in items), full.gross))
    return out


def _tax_lines(terms: Sequence[Terms], lines: Sequence[Sequence[Item]]) -> None:
    open_lines = [
        (item, asked.day)
        for asked, items in zip(terms, lines, strict=True)
        for item in items
        if not item["tax_by_hand"]
    ]
    products = {item["product"]["id"] for item, _ in open_lines if item["product"]}
    taxes = dict(Product.objects.filter(id__in=products).values_list("id", "tax_id")) if products else {}
    asked_rates = [
        (item, (taxes.get(item["product"]["id"]) if item["product"] else None, day))
        for item, day in open_lines
    ]
    rates = rates_on(ask for _, ask in asked_rates)
    for item, ask in asked_rates:
        item["tax"] = numbers.plain(rates[ask])


def _reckoned(field: PricedLines, terms: Terms, items: Sequence[Item]) -> Totals:
    problems = [
        Problem(
            f"{field.key}.{n}.price", msg("No list knows a price of this product; write one."), "required"
        )
        for n, item in enumerate(items)
        if item["price"] is None
    ]
    if problems:
        raise Invalid(problems)
    lines = [
        Line(Decimal(str(i["quantity"])), i["price"], Decimal(str(i["discount"])), Decimal(str(i["tax"])))
        for i in items
    ]
    totals = reckon(lines, discount=terms.discount, discount_amount=terms.discount_amount)
    if max(totals.gross, totals.total) > money.MOST:
        raise Invalid.of(msg("This amount is too large."), field.key, "too_large")
    for item, line in zip(items, totals.lines, strict=True):
        item.update(figures(line))
    return totals


def figures(line: Reckoned) -> Item:
    """What a reckoned line adds to its item."""
    return {
        "gross": line.gross,
        "discount_amount": line.discount,
        "share": line.share,
        "net": line.net,
        "tax_amount": line.tax,
        "total": line.total,
    }
