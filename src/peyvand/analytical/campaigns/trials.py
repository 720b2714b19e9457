"""Trials: people whom a campaign came to and others whom it left alone by lot, and what was known of them the day before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from peyvand.analytical.analyses.columns import numbers, whole, words
from peyvand.analytical.analyses.contract import Inputs
from peyvand.analytical.campaigns.known import Fields, known_before, read
from peyvand.analytical.methods.guards import Whole, Yes


@dataclass(frozen=True, eq=False)
class Trial:
    """Those of one campaign whose time is over, treated and left alone; ``open`` is how many are still waited for.

    ``fields`` are known of each from before its day. ``least`` is the smallest difference worth knowing, ``alone`` the planned
    part of those left alone (0 to 1); both are 0 of a trial that is over as a whole, and its days may not be known.
    """

    key: str
    name: str
    since: date | None
    until: date | None
    treated: Yes
    came: Yes
    open: int
    fields: Fields
    least: float
    alone: float


def trials(given: Inputs) -> Iterator[Trial]:
    """The trials that have people in both groups, the newest first. A record that a campaign came to twice counts once, as it
    was the first time; whoever was to be treated counts as treated, whatever came of that."""
    every = given.tables["trial"]
    rows = every.filter(every.day <= given.as_of)
    told = _firsts(given.tables.fetch(rows))
    campaign, day = words(told, "campaign"), numbers(told, "day")
    last = {key: float(day[campaign == key].max()) for key in np.unique(campaign).tolist()}
    over = _over(told, given.as_of)
    for key in sorted(last, key=lambda key: (-last[key], key)):
        here = told.filter((campaign == key) & over)
        treated = np.array(here["is_treated"].to_pylist(), np.bool_)
        if not treated.any() or treated.all():
            continue
        own = rows.filter(rows.campaign == key)
        found = given.tables.fetch(
            known_before(given.tables, own.select(row="trial", customer="customer", day="day"))
        )
        place = {row: n for n, row in enumerate(found["row"].to_pylist())}
        days, newest = here["day"].to_pylist(), here.slice(here.num_rows - 1).to_pylist()[0]
        yield Trial(
            key=key,
            name=newest["name"],
            since=min(days),
            until=max(days),
            treated=treated,
            came=np.array(here["outcome"].to_pylist(), np.bool_),
            open=int(((campaign == key) & ~over).sum()),
            fields=read(found.take([place[row] for row in here["trial"].to_pylist()])),
            least=newest["least"] / 100,
            alone=newest["alone"] / 100,
        )


def everybody(given: Inputs) -> tuple[Whole, Fields]:
    """The keys of all customers, and what is known of them as of the day."""
    import ibis

    people = given.tables["customer"]
    # What happened on the day itself is known by its end.
    rows = people.select(
        row="customer", customer="customer", day=ibis.date(given.as_of) + ibis.interval(days=1)
    )
    found = given.tables.fetch(known_before(given.tables, rows).order_by("row"))
    return whole(found, "row"), read(found)


def _firsts(told: Any) -> Any:
    """The rows by their days, each record of a campaign once."""
    rows = told.sort_by([("day", "ascending"), ("trial", "ascending")])
    about = [
        f"{c}/{r}" for c, r in zip(rows["campaign"].to_pylist(), rows["record"].to_pylist(), strict=True)
    ]
    first = np.unique(np.array(about, np.str_), return_index=True)[1]
    return rows.take(np.sort(first))


def _over(rows: Any, as_of: date) -> Yes:
    """Whose time is over, with an outcome that was written down."""
    ends = zip(rows["until"].to_pylist(), rows["outcome"].to_pylist(), strict=True)
    return np.array([until < as_of and outcome is not None for until, outcome in ends], np.bool_)
