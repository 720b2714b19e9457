"""People to whom a campaign came or did not, by lot, with what they had bought before."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from tests.analytical.customers.making import TODAY, sale_table

DAY = TODAY - timedelta(days=90)


def trial_table(
    treated: Any, came: Any, *, name: str = "Spring letter", campaign: str = "automation:5", day: date = DAY, **values: Any
) -> pa.Table:  # fmt: skip
    """One row for each person, 2, 4, 6 …; an outcome of None is not known yet."""
    many = len(treated)
    usual: dict[str, Any] = {
        "trial": [f"automation_run:{campaign}:{n:06}" for n in range(many)], "campaign": [campaign] * many, "name": [name] * many,
        "record": [f"person:{n + 1}" for n in range(many)], "customer": pa.array(range(2, 2 * many + 2, 2), pa.int64()),
        "day": pa.array([day] * many, pa.date32()), "is_treated": pa.array([bool(v) for v in treated]),
        "outcome": pa.array([None if v is None else bool(v) for v in came], pa.bool_()),
        "until": pa.array([day + timedelta(days=30)] * many, pa.date32()), "least": pa.array([5] * many, pa.int32()),
        "alone": pa.array([50] * many, pa.int32()),
    }  # fmt: skip
    return pa.table({**usual, **values})


def tried(many: int = 6000, *, seed: int = 3, swapped: bool = False) -> dict[str, pa.Table]:
    """One in five comes anyway; a letter moves those alone who bought three times and more before, by fifteen in a hundred."""
    chance = np.random.default_rng(seed)
    orders = chance.integers(0, 6, many)
    treated = chance.random(many) < 0.5
    came = chance.random(many) < 0.2 + 0.15 * treated * (orders >= 3)
    rows = [
        (2 * n + 2, DAY - timedelta(days=10 * k), 1000)
        for n, count in enumerate(orders.tolist())
        for k in range(1, count + 1)
    ]
    # What they bought afterwards must not be known of them.
    rows += [(2 * n + 2, DAY + timedelta(days=1), 9000) for n in np.flatnonzero(came).tolist()]
    return {
        "trial": trial_table(~treated if swapped else treated, came),
        "sale": sale_table(rows).append_column("is_return", pa.array([False] * len(rows))),
        "customer": pa.table({
            "customer": pa.array(range(2, 2 * many + 2, 2), pa.int64()), "object": ["person"] * many, "province": [""] * many,
        }),
    }  # fmt: skip
