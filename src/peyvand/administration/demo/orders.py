"""Two years of orders: who buys again and again, who stopped, who buys in one season, and what goes together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any, Final

from peyvand.administration.demo.demand import Buyer, Period, order_all, seasonal
from peyvand.administration.demo.stage import DAYS, Stage
from peyvand.administration.demo.writing import write_down
from peyvand.operational.catalog.public import Product
from peyvand.operational.contacts.public import COMPANY, Company
from peyvand.operational.orders.public import ORDER, Line, Order, line
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import update_records

Habit = tuple[str, int, tuple[int, int]]
# One of twelve companies does not buy.
NOT_BUYING: Final = 11
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
# How customers buy, so many of twenty: usual days between two orders, and how many days ago at least and at most they stopped.
# What comes and goes is about as much in every month.
HABITS: Final = (
    *(("regular", 75, (0, 0)),) * 8,
    *(("lapsed", 55, (45, 650)),) * 4,
    *(("growing", 45, (0, 0)),) * 4,
    *(("rare", 150, (0, 0)),) * 2,
    *(("once", 60, (0, 0)),) * 2,
)
# How people buy for themselves, so many of ten: usual days between two orders, and how many of a hundred stop after each.
WAYS: Final = (*((75, 25),) * 5, *((38, 10),) * 3, *((60, 100),) * 2)
# Whoever the automation won back orders in these days (config/demo/automation): from, until so many days ago, and how many they are.
WON_BACK: Final = (60, 105, 52)


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
    companies = [company for n, company in enumerate(stage.companies) if n % 12 != NOT_BUYING]
    tasted = [(company, dice.choice(tastes), HABITS[n % len(HABITS)]) for n, company in enumerate(companies)]
    own = [(person, first, dice.choice(tastes)) for person, first in stage.households]
    buyers = [_business(stage, dice, *one) for one in tasted]
    buyers += [_household(stage, dice, first) for _, first, _ in own]
    order_all(buyers, _days(stage), dice, seasonal(stage.is_persian, stage.today), _won_back(stage))
    rows: list[dict[str, Any]] = []
    for (company, taste, habit), buyer in zip(tasted, buyers, strict=False):
        whose = {"company": company.id, "person": people.get(company.id)}
        for k, at in enumerate(buyer.orders):
            growth = 1 + min(k, 6) * (habit[0] == "growing") / 12
            lines = _basket(dice, taste, products, stage.words.products, growth)
            rows.append(_row(stage, dice, company.owner_id, at, lines, **whose))
    for (person, _, taste), buyer in zip(own, buyers[len(tasted) :], strict=True):
        for at in buyer.orders:
            liked = taste if dice.randrange(5) else dice.choice(tastes)
            lines = _basket(dice, liked, products, stage.words.products, OF_PEOPLE)
            rows.append(_row(stage, dice, person.owner_id, at, lines, person=person.id))
    rows.sort(key=lambda row: row["ordered_at"])
    # Of what happened long ago nobody is told any more.
    ctx = replace(stage.acting[stage.owner], silent=True)
    prospects = [company for company in companies if company.kind == "prospect"]
    with stage.on(stage.now - timedelta(days=179)):
        update_records(ctx, COMPANY, prospects, [{"kind": "customer"} for _ in prospects])
    orders = _placed(ctx, rows)
    back = _returns(stage, dice, zip(orders, rows, strict=True))
    _placed(ctx, sorted(back, key=lambda row: row["ordered_at"]))


def _placed(ctx: Context, rows: Sequence[dict[str, Any]]) -> list[Order]:
    """Write orders down in their order, month by month, each at its own moment."""
    made: list[Order] = []
    for _month, some in groupby(rows, key=lambda row: row["ordered_at"].strftime("%Y-%m")):
        group = list(some)
        made += write_down(ctx, ORDER, group, [row["ordered_at"] for row in group])
    return made


def _returns(
    stage: Stage, dice: Random, orders: Iterable[tuple[Order, dict[str, Any]]]
) -> Iterator[dict[str, Any]]:
    """A part of a few orders that came back some days later."""
    for order, row in orders:
        if row["status"] == "fulfilled" and dice.randrange(100) < 4:
            yield {
                "original": order.id, "company": order.company_id, "person": order.person_id, "owner": order.owner_id,
                "ordered_at": stage.hours.past(order.ordered_at + timedelta(days=dice.randrange(3, 15))), "status": "fulfilled",
                "channel": order.channel, "lines": (_returned(row["lines"][0]),),
            }  # fmt: skip


def _business(stage: Stage, dice: Random, company: Company, taste: Taste, habit: Habit) -> Buyer:
    name, gap, (least, most) = habit
    until = stage.now - timedelta(days=dice.randrange(least, most)) if most else stage.now
    since = max(company.created_at + timedelta(days=30), stage.now - timedelta(days=DAYS))
    if name == "once":
        # At any time of the two years.
        since += (stage.now - since) * dice.random()
    return Buyer(gap, 100 if name == "once" else 0, since, until, season=taste.season)


def _household(stage: Stage, dice: Random, first: datetime) -> Buyer:
    gap, stops = dice.choice(WAYS)
    return Buyer(gap, stops, first, stage.now, first=first)


def _days(stage: Stage) -> list[Period]:
    """The working periods of two years up to now."""
    start = stage.now - timedelta(days=DAYS)
    return [(begin, min(end, stage.now)) for begin, end in stage.hours.periods if start < begin < stage.now]


def _won_back(stage: Stage) -> Callable[[date], float]:
    """What those order on a day whom the automation won back."""
    least, most, many = WON_BACK
    worked = [begin.date() for begin, _ in _days(stage)]
    meant = {day for day in worked if least <= (stage.today - day).days < most}
    return lambda day: many / len(meant) if day in meant else 0.0


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
    if age < timedelta(days=6):
        status = dice.choice(("placed",) * 5 + ("draft",))
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
