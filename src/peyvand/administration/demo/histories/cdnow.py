"""CDNOW: the purchases of 2,357 new customers of a music shop, January 1997 to June 1998, one order for each purchase."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from django.db.models import Sum

from peyvand.administration.demo.histories.laying import Figure, History, Told, another_file, create_in_sets
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.orders.public import ORDER, Order, OrderLine, line
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.scope import workspace_scope

_ROW: Final = re.compile(r"\s*(\d+)\s+(\d+)\s+(\d{8})\s+(\d+)\s+(\d+\.?\d*)\s*")


class _Bought(NamedTuple):
    customer: str
    day: str
    discs: int
    cents: int


def _check(path: Path) -> None:
    with path.open(encoding="ascii", errors="replace") as file:
        if _ROW.fullmatch(file.readline()) is None:
            raise another_file(path)


def _rows(path: Path) -> Iterator[_Bought]:
    with path.open(encoding="ascii", errors="replace") as file:
        for text in file:
            if not text.strip():
                continue
            found = _ROW.fullmatch(text)
            if found is None:
                raise another_file(path)
            yield _Bought(found[2], found[3], int(found[4]), int(Decimal(found[5]) * 100))


def _lay(ctx: Context, path: Path, told: Told) -> Sequence[Figure]:
    bought = list(_rows(path))
    ids = list(dict.fromkeys(one.customer for one in bought))
    people = dict(zip(ids, create_in_sets(ctx, PERSON, (
        {"given_name": "Customer", "family_name": id, "name": f"Customer {id}", "external_id": id} for id in ids
    ), told), strict=True))  # fmt: skip
    [disc] = create_in_sets(
        ctx, PRODUCT, [{"name": "CD", "code": "CD", "kind": "goods", "is_active": True}], told
    )
    create_in_sets(ctx, ORDER, _orders(ctx, bought, people, disc), told)
    with workspace_scope(ctx.tenant.id):
        sums = OrderLine.objects.aggregate(discs=Sum("quantity"), net=Sum("net"))
        return (
            Figure("Orders", Order.objects.count(), 6_919),
            Figure("Customers", Person.objects.count(), 2_357),
            Figure("CDs", int(sums["discs"] or 0), sum(one.discs for one in bought)),
            Figure("Net in dollars", sums["net"] or 0, sum(one.cents for one in bought), 2),
        )


def _orders(
    ctx: Context, bought: Sequence[_Bought], people: dict[str, int], disc: int
) -> Iterator[dict[str, Any]]:
    visits: Counter[tuple[str, str]] = Counter()
    for one in bought:
        visits[one.customer, one.day] += 1
        number = f"{one.customer}-{one.day}-{visits[one.customer, one.day]}"
        price = round(Decimal(one.cents) / one.discs)
        yield {
            "number": number, "external_id": number, "person": people[one.customer], "status": "fulfilled", "owner": None,
            "ordered_at": datetime.strptime(one.day, "%Y%m%d").replace(tzinfo=ctx.tenant.tz),
            "lines": (line({"id": disc, "title": "CD"}, one.discs, price, tax=0, gross=one.cents),),
        }  # fmt: skip


HISTORY: Final = History(
    "cdnow", "purchases/CDNOW_sample.txt", "CDNOW", "USD", "America/New_York", _check, _lay
)
