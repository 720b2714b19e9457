"""Ways to a first sale, and what attribution says of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from tests.analytical.measures.making import FIRST, TODAY, Filled, World

from peyvand.analytical.measures.paths import as_paths, touch_paths
from peyvand.analytical.methods.attribution import numbered, paths


def expected(world: World, within: int) -> dict[int, tuple[list[str], int | None]]:
    """Each customer's way: channels, and what the first sale brought."""
    sales, touches = world.rows["sale"], world.rows["touch"]
    known = sales[
        ~sales.is_return & (sales.net > 0) & sales.customer.notna() & (sales.day <= TODAY)
    ].sort_values(["day", "at", "sale"])
    ways: dict[int, tuple[list[str], int | None]] = {}
    for who, own in touches[touches.day <= TODAY].sort_values(["at", "touch"]).groupby("customer"):
        bought = known[known.customer == who]
        if len(bought):
            first = bought.iloc[0]
            end, brought = first.day, int(first.net)
            own = own[own["at"] <= first["at"]]
        elif len(own) and (end := own.day.max()) < TODAY - timedelta(days=within):
            brought = None
        else:
            continue
        near = own[[(end - day).days <= within for day in own.day]]
        if len(near):
            ways[int(who)] = (list(near.channel), brought)
    return ways


@pytest.mark.parametrize("within", [20, 365])
def test_ways_of_the_world(world: World, within: int) -> None:
    found = world.tables.fetch(touch_paths(world.tables, TODAY, within=within))
    ways: dict[int, tuple[list[str], int | None]] = {}
    for row in found.sort_by([("customer", "ascending"), ("place", "ascending")]).to_pylist():
        way = ways.setdefault(row["customer"], ([], row["value"] if row["converted"] else None))
        assert row["place"] == len(way[0])
        way[0].append(row["channel"])
    wanted = expected(world, within)
    assert ways == wanted
    assert wanted
    read, names = as_paths(found)
    own_touches, lengths, own_names = numbered([wanted[who][0] for who in sorted(wanted)])
    by_hand = paths(own_touches, lengths, [0.0 if wanted[who][1] is None else 1.0 for who in sorted(wanted)])
    assert [names[n] for n in read.touches] == [own_names[n] for n in by_hand.touches]
    assert read.starts.tolist() == by_hand.starts.tolist()
    assert (read.converted.tolist(), read.value.sum()) == (
        by_hand.converted.tolist(),
        sum(w[1] or 0 for w in wanted.values()),
    )


def test_a_way_ends_with_the_sale_and_begins_within_reach(duck: Filled) -> None:
    """What came after the sale, before the window, or of nobody is on no way; a way that may still lead somewhere is not lost."""

    def at(days: int, hour: int = 9) -> datetime:
        return datetime(2026, 11, 22, hour) - timedelta(days=days)

    touches: list[tuple[Any, ...]] = [
        (2, at(200), "fair"), (2, at(60), "form"), (2, at(50, 8), "call"), (2, at(50, 10), "mail"),
        (4, at(100), "sms"), (4, at(95), "form"), (6, at(5), "form"), (None, at(50), "form"), (10, at(90), "call"), (8, at(-3), "mail"),
    ]  # fmt: skip
    tables = duck(
        {
            "touch": pa.table({
                "touch": [f"t{n}" for n in range(len(touches))], "customer": [t[0] for t in touches],
                "at": [t[1] for t in touches], "day": [t[1].date() for t in touches], "channel": [t[2] for t in touches],
            }),
            "sale": pa.table({"sale": [2, 4], "customer": [2, 2], "at": [at(50), at(1)], "day": [at(50).date(), at(1).date()],
                              "net": [70, 900], "is_return": [False, False]}),
        }
    )  # fmt: skip
    found = tables.fetch(touch_paths(tables, TODAY)).sort_by(
        [("customer", "ascending"), ("place", "ascending")]
    )
    assert [tuple(row.values()) for row in found.to_pylist()] == [
        (2, "form", 0, True, 70), (2, "call", 1, True, 70), (4, "sms", 0, False, 0), (4, "form", 1, False, 0),
    ]  # fmt: skip
    assert tables.fetch(touch_paths(tables, FIRST)).num_rows == 0
    nobody, names = as_paths(tables.fetch(touch_paths(tables, date(2000, 1, 1))))
    assert (nobody.channels, names) == (0, ())
