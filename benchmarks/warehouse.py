"""How fast measures are reckoned over the lines of sales, beside pandas in the same run: the order roll-up, and on it RFM, cohorts,
the whale curve and what models of lifetime value need.

python -m benchmarks.analytics --only warehouse [--small]
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.analytics import Asked, Line, timed

if TYPE_CHECKING:
    import pyarrow as pa

FIRST: Final = np.datetime64("2023-03-21")
AS_OF: Final = date(2026, 3, 20)
ROLL_UP_SECONDS: Final = 1.5
ON_IT_SECONDS: Final = 0.6
TIMES: Final = 8.0


def lines(count: int, seed: int = 1) -> pa.Table:
    """So many lines of a quarter as many sales of a fortieth as many customers, over three years, in the order they were sold."""
    import pyarrow as pa

    chance = np.random.default_rng(seed)
    sales = count // 4
    day = np.sort(chance.integers(0, 1096, sales))
    customer = (chance.random(sales) ** 2 * (count // 40)).astype(np.int64) * 2
    sale = np.sort(chance.integers(0, sales, count))
    net = chance.integers(100, 20_000, count)
    return pa.table(
        {
            "line": np.arange(count),
            "sale": sale * 2,
            "customer": customer[sale],
            "product": (chance.random(count) ** 2 * 5_000).astype(np.int64),
            "day": (FIRST + day)[sale].astype("datetime64[D]"),
            "is_return": np.zeros(count, np.bool_),
            "net": net,
            "cost": net * 6 // 10,
        }
    )


def days() -> pa.Table:
    """The calendar's days, as far as Gregorian cohorts read them."""
    import pyarrow as pa

    day = np.arange(FIRST, np.datetime64("2026-03-21"), dtype="datetime64[D]")
    month = day.astype("datetime64[M]")
    number = month.astype(np.int64)
    return pa.table(
        {
            "day": day,
            "year": number // 12 + 1970,
            "month": number % 12 + 1,
            "month_start": month.astype("datetime64[D]"),
        }
    )


def warehouse(asked: Asked) -> Iterator[Line]:
    """Ours on DuckDB through the star's tables; pandas by the usual groupby over the same lines."""
    import ibis
    import pandas as pd

    from peyvand.analytical.measures import customers
    from peyvand.analytical.warehouse.tables import filled

    count = 1_000_000 if asked.small else 10_000_000
    known = lines(count)
    tables = filled(ibis.duckdb.connect(), {"sale_line": known, "calendar_day": days()})
    frame = known.select(["sale", "customer", "day", "net"]).to_pandas()
    frame["day"] = pd.to_datetime(frame["day"])
    del known

    def keep(name: str, expression: Any) -> Any:
        return tables.backend.create_table(name, expression, overwrite=True)

    def rolled() -> Any:
        return keep("orders", customers.orders(tables, AS_OF, of="sale_line"))

    def usual() -> Any:
        return frame.groupby("sale").agg(customer=("customer", "max"), day=("day", "max"), net=("net", "sum"))

    seconds, orders = timed(rolled, 3)
    other, _ = timed(usual, 1)
    figure = f"{orders.count().execute():,} sales"
    yield Line(
        f"order roll-up of {count:,} lines",
        seconds,
        "pandas",
        other,
        figure,
        _met(asked, seconds, ROLL_UP_SECONDS),
    )

    def on_it() -> Any:
        buyers = keep("buyers", customers.buyers(orders))
        keep("rfm", customers.rfm(buyers, AS_OF))
        keep("cohorts", customers.cohorts(tables, orders, buyers, "gregorian"))
        return keep("whale", customers.whale(buyers, "revenue")), buyers

    def usual_of_all() -> Any:
        """From the lines, as it is usually written."""
        of = frame.groupby("customer").agg(
            last=("day", "max"), orders=("sale", "nunique"), net=("net", "sum")
        )
        for name in ("last", "orders", "net"):
            of[f"{name}5"] = (of[name].rank(method="min") - 1) * 5 // len(of) + 1
        month = frame["day"].dt.year * 12 + frame["day"].dt.month
        first = month.groupby(frame["customer"]).transform("min")
        grid = frame.groupby([first.rename("first"), (month - first).rename("age")]).agg(
            customers=("customer", "nunique"), net=("net", "sum")
        )
        return of["net"].sort_values(ascending=False).cumsum() / of["net"].sum(), grid

    beside, (curve, buyers) = timed(on_it, 3)
    best = customers.brought_by(curve, 0.2).execute().share[0]
    yield Line(
        f"RFM, cohorts and the whale curve of {buyers.count().execute():,} customers on it", beside,
        figure=f"best fifth {100 * best:.4f} %", is_met=_met(asked, beside, ON_IT_SECONDS),
    )  # fmt: skip
    all_of_pandas, (by_pandas, _) = timed(usual_of_all, 1)
    same = float(by_pandas.iloc[len(by_pandas) // 5 - 1])
    yield Line(
        "both, from the lines", seconds + beside, "pandas", all_of_pandas, f"best fifth {100 * same:.4f} %",
        _met(asked, TIMES * (seconds + beside), all_of_pandas),
    )  # fmt: skip
    summary, _ = timed(lambda: keep("purchases", customers.purchases(orders, AS_OF)), 3)
    yield Line("what models of lifetime value know of them", summary)


def _met(asked: Asked, seconds: float, most: float) -> bool | None:
    """The aims are for 10,000,000 lines."""
    return None if asked.small else seconds <= most


PARTS: Final = {"warehouse": warehouse}
