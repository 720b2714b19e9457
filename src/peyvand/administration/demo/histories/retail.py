"""Online Retail: the invoices of a wholesaler of gifts in the United Kingdom, December 2010 to December 2011."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.db.models import Count, Sum

from peyvand.administration.demo.histories.laying import Figure, History, Told, another_file, create_in_sets
from peyvand.operational.catalog.public import PRODUCT, Product
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.orders.public import ORDER, Order, OrderLine, line
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.scope import workspace_scope

HEADS: Final = (
    "InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country",
)  # fmt: skip
_BATCH: Final = 20_000
# Orders have twenty lines on average.
_ORDERS: Final = 500


class _Sold(NamedTuple):
    """A line of the file."""

    number: str
    code: str
    words: str | None
    quantity: int
    at: datetime
    price: float
    customer: float | None
    country: str


@dataclass(slots=True)
class _Goods:
    """What a code is called last among the lines that somebody paid for, and what it cost then."""

    name: str = ""
    price: int | None = None
    at: datetime = datetime.min


@dataclass(slots=True)
class _Seen:
    """What the whole file speaks of."""

    countries: dict[int, str] = field(default_factory=dict)
    goods: dict[str, _Goods] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    # Lines of known customers at less than half a penny: here they cost nothing.
    trifles: int = 0


def _check(path: Path) -> None:
    from pyarrow import ArrowException
    from pyarrow.parquet import ParquetFile

    try:
        with ParquetFile(path) as file:
            heads = tuple(file.schema_arrow.names)
    except ArrowException:
        raise another_file(path) from None
    if heads != HEADS:
        raise another_file(path)


def _lay(ctx: Context, path: Path, told: Told) -> Sequence[Figure]:
    seen = _look(path)
    companies = dict(zip(seen.countries, create_in_sets(ctx, COMPANY, (
        {"name": f"Customer {id}", "external_id": str(id), "kind": "customer", "country": country}
        for id, country in seen.countries.items()
    ), told), strict=True))  # fmt: skip
    products = dict(zip(seen.goods, create_in_sets(ctx, PRODUCT, (
        {"name": goods.name or code, "code": code, "kind": "goods", "price": goods.price, "is_active": True}
        for code, goods in seen.goods.items()
    ), told), strict=True))  # fmt: skip
    named = {code: {"id": id, "title": seen.goods[code].name or code} for code, id in products.items()}
    zone = ctx.tenant.tz
    create_in_sets(ctx, ORDER, (
        {
            "number": sold[0].number, "external_id": sold[0].number, "status": "fulfilled",
            "company": companies[int(sold[0].customer)] if sold[0].customer is not None else None,
            # Some invoices took more than a minute to write.
            "ordered_at": min(one.at for one in sold).replace(tzinfo=zone), "owner": None,
            "lines": tuple(_line(one, named[one.code]) for one in sold),
        }
        for sold in _orders(path, seen.rows)
    ), told, size=_ORDERS)  # fmt: skip
    return _figures(ctx, seen.trifles)


def _line(sold: _Sold, product: Mapping[str, Any]) -> Any:
    exact = Decimal(str(sold.price)) * 100
    price = round(exact)
    # A few cost less than a penny: what the line comes to is rounded, not the price.
    gross = None if price == exact else round(exact * sold.quantity)
    return line(product, sold.quantity, price, description=_words(sold), tax=0, gross=gross)


def _words(sold: _Sold) -> str:
    return " ".join((sold.words or "").split())


def _rows(path: Path) -> Iterator[_Sold]:
    from pyarrow.parquet import ParquetFile

    with ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_BATCH):
            yield from map(_Sold, *(column.to_pylist() for column in batch.columns))


def _look(path: Path) -> _Seen:
    seen = _Seen()
    for sold in _rows(path):
        seen.rows[sold.number] = seen.rows.get(sold.number, 0) + 1
        if sold.customer is not None:
            seen.countries[int(sold.customer)] = sold.country
            seen.trifles += sold.quantity > 0 and 0 < sold.price < 0.005
        goods = seen.goods.get(sold.code)
        if goods is None:
            goods = seen.goods[sold.code] = _Goods()
        # What nobody paid for is often a remark: "damaged", "check".
        if sold.words and sold.price > 0 and sold.at >= goods.at:
            goods.name, goods.price, goods.at = _words(sold), round(sold.price * 100), sold.at
    return seen


def _orders(path: Path, rows: Mapping[str, int]) -> Iterator[list[_Sold]]:
    """The lines of each invoice together, once its last one was read."""
    waiting: dict[str, list[_Sold]] = {}
    for sold in _rows(path):
        mine = waiting.setdefault(sold.number, [])
        mine.append(sold)
        if len(mine) == rows[sold.number]:
            yield waiting.pop(sold.number)


def _figures(ctx: Context, trifles: int) -> Sequence[Figure]:
    with workspace_scope(ctx.tenant.id):
        clean = OrderLine.objects.filter(quantity__gt=0, price__gt=0, order__company__isnull=False)
        sums = clean.aggregate(
            lines=Count("id"), customers=Count("order__company", distinct=True), orders=Count("order", distinct=True), net=Sum("net")
        )  # fmt: skip
        return (
            Figure("Lines", OrderLine.objects.count(), 541_909),
            Figure("Orders", Order.objects.count(), 25_900),
            Figure("Customers", Company.objects.count(), 4_372),
            Figure("Products", Product.objects.count(), 4_070),
            Figure("Paid lines of known customers", sums["lines"] + trifles, 397_884),
            Figure("their customers", sums["customers"], 4_338),
            Figure("their orders", sums["orders"], 18_532),
            Figure("their net in pounds", sums["net"] or 0, 891_140_790, 2),
        )


HISTORY: Final = History(
    "retail", "purchases/online_retail.parquet", "Online Retail", "GBP", "Europe/London", _check, _lay
)
