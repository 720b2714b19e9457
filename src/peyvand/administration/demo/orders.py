"""Two years of orders: who buys again and again, who stopped, who buys in one season, and what goes together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from random import Random
from typing import Any, Final

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.orders.public import ORDER, Line, Order, line
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_records, update_records

DAYS: Final = 730
# Of what businesses buy at once, people take so much.
OF_PEOPLE: Final = 0.3


@dataclass(frozen=True)
class Taste:
    """What a customer buys: one of ``mains``, and with it, so often in a hundred, what belongs to it."""

    mains: tuple[str, ...]
    along: tuple[tuple[str, int], ...]
    # Months of the Gregorian year in which it is wanted most; empty: always.
    season: tuple[int, ...] = ()


TASTES: Final = {
    True: (
        Taste(("پرسلان مات ۶۰×۱۲۰", "پرسلان براق ۶۰×۶۰"), (("چسب کاشی پودری", 75), ("نصب و اجرا", 20))),
        Taste(("نمای سرامیکی خشک",), (("نصب و اجرا", 70),)),
        Taste(
            ("کاشی هفت‌رنگ لاجوردی", "کاشی معرق دست‌ساز"),
            (("کتیبهٔ کاشی سفارشی", 45), ("طراحی نقش اختصاصی", 20)),
        ),
        Taste(("کاشی ضداسید صنعتی",), (("کف‌پوش ضدلغزش", 55), ("چسب کاشی پودری", 40))),
        Taste(("موزاییک استخری فیروزه‌ای",), (("کف‌پوش ضدلغزش", 60), ("چسب کاشی پودری", 50)), (4, 5, 6, 7)),
    ),
    False: (
        Taste(("Matt porcelain 60×120",), (("Installation", 55),)),
        Taste(("Hand-painted seven-colour tile", "Mosaic faience panel"), (("Custom pattern design", 35),)),
        Taste(("Acid-proof floor tile",), (("Installation", 40),)),
        Taste(("Turquoise pool mosaic",), (("Acid-proof floor tile", 50),), (4, 5, 6, 7)),
    ),
}
CHANNELS: Final = {
    True: ("نمایشگاه", "تلفنی", "تلفنی", "نماینده", "وب‌گاه"),
    False: ("Showroom", "Phone", "Phone", "Agent", "Website"),
}
# How customers buy, so many of twenty: usual days between two orders, days ago when they began and when they stopped.
HABITS: Final = (
    *(("regular", 75, DAYS, 0),) * 8,
    *(("lapsed", 55, DAYS, 190),) * 4,
    *(("growing", 40, 210, 0),) * 3,
    *(("rare", 150, DAYS, 0),) * 2,
    *(("new", 25, 45, 0),) * 1,
    *(("once", 0, 400, 60),) * 2,
)
# How people buy for themselves, so many of ten: usual days between two orders, and how many of a hundred stop after each.
WAYS: Final = (*((75, 30),) * 5, *((38, 6),) * 3, *((60, 100),) * 2)


def fill_orders(stage: Stage) -> None:
    """Orders of nearly all companies, as they came in over the days; a few came back, were cancelled, or are open yet."""
    # Dice of its own: what else is invented stays as it is.
    dice = Random(f"{stage.tenant.slug} orders")  # noqa: S311 made-up data, not a secret
    products = {product.name: product for product in Product.objects.order_by("id")}
    tastes = [t for t in TASTES[stage.is_persian] if all(name in products for name in t.mains)]
    people: dict[int, int] = {}
    for person in stage.people:
        if person.company_id is not None:
            people.setdefault(person.company_id, person.id)
    rows: list[dict[str, Any]] = []
    buyers: list[Company] = []
    for n, company in enumerate(stage.companies):
        if n % 12 == 11:
            # Not everybody buys.
            continue
        buyers.append(company)
        taste, habit = tastes[dice.randrange(len(tastes))], HABITS[n % len(HABITS)]
        for k, at in enumerate(_moments(stage, dice, habit, taste)):
            lines = _basket(dice, taste, products, stage.words.products, 1 + k * (habit[0] == "growing") / 4)
            rows.append(
                _row(
                    stage,
                    dice,
                    company.owner_id,
                    at,
                    lines,
                    company=company.id,
                    person=people.get(company.id),
                )
            )
    for person, first in stage.households:
        taste = dice.choice(tastes)
        for at in _own_moments(stage, dice, first):
            lines = _basket(
                dice,
                taste if dice.randrange(5) else dice.choice(tastes),
                products,
                stage.words.products,
                OF_PEOPLE,
            )
            rows.append(_row(stage, dice, person.owner_id, at, lines, person=person.id))
    rows.sort(key=lambda row: row["ordered_at"])
    # Of what happened long ago nobody is told any more.
    ctx = replace(stage.acting[stage.owner], silent=True)
    prospects = [company for company in buyers if company.kind == "prospect"]
    update_records(ctx, COMPANY, prospects, [{"kind": "customer"} for _ in prospects])
    orders = _placed(ctx, rows)
    _placed(
        ctx, sorted(_returns(stage, dice, zip(orders, rows, strict=True)), key=lambda row: row["ordered_at"])
    )


def _placed(ctx: Context, rows: Sequence[dict[str, Any]]) -> list[Order]:
    """Write orders down in their order, month by month."""
    made: list[Order] = []
    for _month, some in groupby(rows, key=lambda row: row["ordered_at"].strftime("%Y-%m")):
        group = list(some)
        with clock.freeze(group[-1]["ordered_at"]):
            made += create_records(ctx, ORDER, group)
    return made


def _returns(
    stage: Stage, dice: Random, orders: Iterable[tuple[Order, dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """A part of a few orders that came back some days later."""
    for order, row in orders:
        if row["status"] == "fulfilled" and dice.randrange(100) < 4:
            at = min(order.ordered_at + timedelta(days=dice.randrange(3, 15)), stage.now - timedelta(hours=1))
            yield {
                "original": order.id, "company": order.company_id, "person": order.person_id, "owner": order.owner_id,
                "ordered_at": at, "status": "fulfilled", "channel": order.channel, "lines": (_returned(row["lines"][0]),),
            }  # fmt: skip


def _moments(
    stage: Stage, dice: Random, habit: tuple[str, int, int, int], taste: Taste
) -> Iterator[datetime]:
    """When a customer orders: on working hours, at their own pace, in their season more often."""
    name, gap, began, stopped = habit
    today = stage.now.astimezone(stage.tenant.tz).date()
    ago = began - dice.randrange(max(1, gap or 300))
    while ago > stopped:
        day = today - timedelta(days=ago)
        if not taste.season or day.month in taste.season or dice.randrange(4) == 0:
            at = datetime.combine(day, time(8 + dice.randrange(9), dice.randrange(60)), stage.tenant.tz)
            yield min(at, stage.now - timedelta(hours=1))
        if name == "once":
            return
        ago -= max(4, round(gap * dice.uniform(0.6, 1.4)))


def _own_moments(stage: Stage, dice: Random, first: datetime) -> Iterator[datetime]:
    """When somebody orders who buys for themselves, from their first order on."""
    (gap, stops), at = dice.choice(WAYS), first
    while at < stage.now - timedelta(hours=1):
        yield at
        if dice.randrange(100) < stops:
            return
        at += timedelta(days=max(3, round(gap * dice.uniform(0.5, 1.6))), minutes=dice.randrange(-90, 90))


def _basket(
    dice: Random, taste: Taste, products: dict[str, Product], items: Sequence[Any], growth: float
) -> tuple[Line, ...]:
    most = {item.name: item.most for item in items}
    chosen = [dice.choice(taste.mains), *(name for name, often in taste.along if dice.randrange(100) < often)]
    lines = []
    for name in chosen:
        product = products.get(name)
        if product is None or product.price is None:
            continue
        quantity = max(1, round(most[name] * dice.uniform(0.03, 0.15) * growth))
        lines.append(line(
            {"id": product.id, "title": product.name}, quantity, product.price, unit=product.unit,
            discount=dice.choice((0, 0, 0, 0, 5, 8)),
        ))  # fmt: skip
    return tuple(lines)


def _row(
    stage: Stage,
    dice: Random,
    owner: int | None,
    at: datetime,
    lines: tuple[Line, ...],
    **customer: int | None,
) -> dict[str, Any]:
    age = stage.now - at
    if age < timedelta(days=8):
        status = dice.choice(("placed", "placed", "draft"))
    else:
        status = "cancelled" if dice.randrange(50) == 0 else "fulfilled"
    return {
        **customer, "owner": owner, "ordered_at": at, "status": status,
        "channel": dice.choice(CHANNELS[stage.is_persian]), "lines": lines,
    }  # fmt: skip


def _returned(sold: Line) -> Line:
    """A third of what was sold, at its price."""
    return line(
        sold["product"],
        -max(1, sold["quantity"] // 3),
        sold["price"],
        unit=sold["unit"],
        discount=sold["discount"],
    )
