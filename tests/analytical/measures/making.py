"""A world of sales, deals, leads and work, made by a seed, on an engine; and the same rows for pandas to reckon with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from peyvand.analytical.measures.spans import Span
from peyvand.analytical.warehouse.tables import Tables
from peyvand.kernel.conditions import EvalContext
from peyvand.kernel.persian.calendar import parts, period

TODAY = date(2026, 11, 22)
CONTEXT = EvalContext(TODAY, ZoneInfo("Asia/Tehran"), "jalali", me="7", my_team=frozenset({"7", "8"}))
FIRST = date(2024, 12, 20)
YEAR = Span(date(2025, 3, 21), date(2026, 3, 21))

Filled = Callable[[Mapping[str, pa.Table | None]], Tables]


@dataclass(frozen=True)
class World:
    """The tables on the engine, and their rows as pandas'."""

    tables: Tables
    rows: Mapping[str, pd.DataFrame]

    def told(self, expression: Any) -> pd.DataFrame:
        """The rows of an expression."""
        return self.tables.fetch(expression).to_pandas()


def calendar(first: date = FIRST, last: date = date(2028, 11, 22)) -> pa.Table:
    """The calendar's days as the warehouse has them."""
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    jalali = [parts(day, "jalali") for day in days]
    return pa.table(
        {
            "day": days,
            "year": [day.year for day in days],
            "month": [day.month for day in days],
            "month_start": [day.replace(day=1) for day in days],
            "week_start": [period("week", day, "jalali")[0] for day in days],
            "weekday": [day.isoweekday() for day in days],
            "jalali_year": [year for year, _, _ in jalali],
            "jalali_month": [month for _, month, _ in jalali],
            "jalali_month_start": [period("month", day, "jalali")[0] for day in days],
            "is_holiday": [day.isoweekday() == 5 for day in days],
        }
    )


def rows(seed: int = 7) -> dict[str, pa.Table]:
    """Two years of a small company; some customers, members, costs, cities and channels are not known."""
    chance = np.random.default_rng(seed)
    customers = [int(2 * n + n % 3 % 2) for n in range(1, 61)]
    cities = ["تهران", "شیراز", "تبريز", None]
    customer = {
        "customer": customers,
        "object": ["company" if key % 2 else "person" for key in customers],
        "id": [key // 2 for key in customers],
        "name": [f"مشتری {key}" for key in customers],
        "kind": [str(chance.choice(["customer", "partner"])) for _ in customers],
        "city": [cities[int(chance.integers(4))] for _ in customers],
        "owner": [int(chance.choice([7, 8, 9])) for _ in customers],
    }
    member = {"member": [7, 8, 9], "name": ["ناز", "کیان", "Mo"], "team": ["شمال", "شمال", "South"]}
    product = {
        "product": list(range(1, 13)),
        "name": [f"کالا {n}" for n in range(1, 13)],
        "code": [f"P{n}" for n in range(1, 13)],
        "series": [["الف", "ب", "پ"][n % 3] for n in range(12)],
        "price": [None if n == 11 else 1000 * (n + 1) for n in range(12)],
    }
    sale, line = _sold(chance, customers)
    return {
        "calendar_day": calendar(),
        "customer": pa.table(customer),
        "member": pa.table(member),
        "product": pa.table(product),
        "sale": sale,
        "sale_line": line,
        **_worked(chance, customers),
    }


def _sold(chance: np.random.Generator, customers: list[int]) -> tuple[pa.Table, pa.Table]:
    sales: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for n in range(700):
        day = FIRST + timedelta(int(chance.integers(760)))
        # The last days lie ahead of today; some customers buy often, some once, some sales are nobody's.
        who = None if n % 23 == 0 else customers[int(60 * chance.random() ** 2)]
        back = bool(chance.random() < 0.08)
        sale = {
            "sale": 2 * n + n % 2,
            "source": "invoice" if n % 2 else "order",
            "customer": who,
            "member": [7, 8, 9, None][int(chance.integers(4))],
            "deal": n // 5 if n % 5 == 0 else None,
            "day": day,
            "at": datetime(day.year, day.month, day.day, int(chance.integers(24))),
            "channel": ["فروشگاه", "تلفن", None][int(chance.integers(3))],
            "is_return": back,
        }
        of = []
        for item in chance.choice(12, int(chance.integers(1, 5)), replace=False):
            quantity = (-1 if back else 1) * int(chance.integers(0, 4))
            price = 1000 * (int(item) + 1)
            gross, discount = quantity * price, quantity * int(chance.choice([0, 0, 100, 250]))
            cost = None if chance.random() < 0.2 else quantity * (price * 6 // 10)
            of.append(
                {
                    "line": 10 * n + len(of), "sale": sale["sale"], "customer": who, "product": int(item) + 1, "day": day,
                    "is_return": back, "quantity": float(quantity), "unit_price": float(price),
                    "list_price": None if item == 11 else price, "gross": gross, "discount": discount,
                    "net": gross - discount, "cost": cost,
                }
            )  # fmt: skip
        costs = [each["cost"] for each in of]
        total = {name: sum(each[name] for each in of) for name in ("gross", "discount", "net")}
        sales.append({**sale, **total, "tax": 0, "cost": None if None in costs else sum(costs)})
        lines += of
    return pa.Table.from_pylist(sales), pa.Table.from_pylist(lines)


def _worked(chance: np.random.Generator, customers: list[int]) -> dict[str, pa.Table]:
    def day(of: int = 700) -> date:
        return FIRST + timedelta(int(chance.integers(of)))

    def who() -> int:
        return customers[int(chance.integers(60))]

    deals: list[dict[str, Any]] = []
    moves: list[dict[str, Any]] = []
    stages = ["new", "talk", "offer"]
    for n in range(140):
        begun, status = day(), ["open", "won", "lost"][int(chance.integers(3))]
        closed = None if status == "open" else begun + timedelta(int(chance.integers(1, 90)))
        rival = ["", "رقیب", "Other"][int(chance.integers(3))]
        deals.append(
            {
                "deal": n, "name": f"d{n}", "customer": who(), "member": int(chance.choice([7, 8, 9])), "pipeline": "main",
                "stage": stages[n % 3], "stage_position": n % 3, "status": status, "amount": 1000 * int(chance.integers(1, 50)),
                "probability": 10 * int(chance.integers(1, 10)), "source": ["web", "call"][n % 2],
                "lost_reason": "price" if status == "lost" else "", "competitor": rival, "day": begun, "closed": closed,
            }
        )  # fmt: skip
        moves += [
            {
                "change": 10 * n + place, "deal": n, "customer": deals[-1]["customer"], "member": deals[-1]["member"],
                "from_stage": stages[place - 1] if place else "", "to_stage": stages[place],
                "from_position": place - 1 if place else None, "to_position": place, "status": "open",
                "day": begun + timedelta(5 * place), "at": datetime(begun.year, begun.month, begun.day) + timedelta(5 * place),
                "hours": 24.0 * int(chance.integers(1, 9)) if place else None,
            }
            for place in range(int(chance.integers(1, 4)))
        ]  # fmt: skip
    leads = [
        {
            "lead": n, "customer": who() if n % 3 else None, "member": int(chance.choice([7, 8, 9])), "status": "new",
            "source": ["web", "call", "fair"][n % 3], "day": (at := day()), "score": n % 100, "deal": n // 4 if n % 4 == 0 else None,
            "converted": at + timedelta(10) if n % 4 == 0 else None,
        }
        for n in range(160)
    ]  # fmt: skip
    touches = [
        {
            "touch": f"t{n}", "customer": who(), "lead": n if n < 160 else None, "day": (at := day()),
            "at": datetime(at.year, at.month, at.day, n % 24), "channel": ["form", "mail", "call"][n % 3], "campaign": "",
        }
        for n in range(400)
    ]  # fmt: skip
    work = [
        {
            "interaction": f"{kind}:{n}", "kind": kind, "customer": who(), "member": int(chance.choice([7, 8, 9])),
            "day": day(), "direction": "out",
            "deal": n // 4 if n % 4 == 0 else None, "minutes": (long := None if n % 5 == 0 else float(chance.integers(1, 90))),
            "cost": None if long is None else round(long * 100),
        }
        for n in range(500)
        for kind in [["call", "meeting", "mail"][n % 3]]
    ]  # fmt: skip
    payments = [
        {
            "payment": n,
            "customer": who(),
            "day": day(),
            "amount": int(chance.integers(-50, 500)),
            "method": "card",
        }
        for n in range(200)
    ]
    plans = [
        {
            "subscription": n, "customer": who(), "product": n % 12 + 1, "kind": "plan", "started": (at := day()), "amount": 100,
            "ended": at + timedelta(30) if n % 3 == 0 else None,
        }
        for n in range(60)
    ]  # fmt: skip
    of = {
        "deal": deals,
        "stage_change": moves,
        "lead": leads,
        "touch": touches,
        "interaction": work,
        "payment": payments,
    }
    return {name: pa.Table.from_pylist(table) for name, table in {**of, "subscription": plans}.items()}
