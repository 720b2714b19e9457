"""What channels are owed: each sum by hand, what is too little to say anything, and what stands on the page."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytical.customers.making import TODAY, figures, found

from peyvand.analytical.campaigns.attribution import METHODS, once, together
from peyvand.analytical.methods.attribution import numbered, paths
from peyvand.analytical.methods.guards import NotEnough

Way = tuple[list[str], int | None]
# Of 600: 200 came by a form and a call, 100 by a form alone, 100 by mails and a call, and 200 by mails to nowhere.
WAYS: list[Way] = [
    *((["form", "call"], 100) for _ in range(200)), *((["form"], 300) for _ in range(100)),
    *((["mail", "mail", "call"], 50) for _ in range(100)), *((["mail"], None) for _ in range(200)),
]  # fmt: skip


def tables(ways: list[Way]) -> dict[str, pa.Table]:
    """People who came on these ways, a day between two touches, to a first sale of this amount on the last day or to none."""
    touches: list[tuple[int, datetime, str]] = []
    sales: list[tuple[int, datetime, int]] = []
    ended = datetime.combine(TODAY, datetime.min.time()) - timedelta(days=100)
    for n, (channels, brought) in enumerate(ways, 1):
        touches += [
            (2 * n, ended - timedelta(days=len(channels) - at), name) for at, name in enumerate(channels)
        ]
        if brought is not None:
            sales.append((2 * n, ended, brought))
    return {
        "touch": pa.table({
            "touch": [f"t{n:06}" for n in range(len(touches))], "customer": pa.array([t[0] for t in touches], pa.int64()),
            "at": pa.array([t[1] for t in touches], pa.timestamp("us")), "day": pa.array([t[1].date() for t in touches], pa.date32()),
            "channel": pa.array([t[2] for t in touches], pa.string()),
        }),
        "sale": pa.table({
            "sale": pa.array(range(0, 2 * len(sales), 2), pa.int64()), "customer": pa.array([s[0] for s in sales], pa.int64()),
            "at": pa.array([s[1] for s in sales], pa.timestamp("us")), "day": pa.array([s[1].date() for s in sales], pa.date32()),
            "net": pa.array([s[2] for s in sales], pa.int64()), "is_return": pa.array([False] * len(sales)),
        }),
    }  # fmt: skip


def test_each_method_shares_out_all_there_is() -> None:
    finding = found("attribution", tables(WAYS), own_contacts=True)
    more = finding.more
    assert (more["converted"], more["lost"], more["value"], more["within"]) == (400, 200, 55_000, 90)
    assert {one["key"]: (one["touches"], one["ways"]) for one in more["channels"]} == {
        "form": (300, 300), "call": (300, 300), "mail": (400, 300),
    }  # fmt: skip
    assert set(more["methods"]) == set(METHODS)
    for key, one in more["methods"].items():
        assert sum(one["conversions"]) == pytest.approx(400, abs=0.2), key
        assert sum(one["value"]) == pytest.approx(55_000, abs=0.2), key
        assert all(
            low <= value <= high
            for low, value, high in zip(one["low"], one["conversions"], one["high"], strict=True)
        ), key

    def owed(method: str, what: str) -> dict[str, float]:
        return dict(zip((one["key"] for one in more["channels"]), more["methods"][method][what], strict=True))

    assert owed("first", "conversions") == {"form": 300, "call": 0, "mail": 100}
    assert owed("last", "value") == {"form": 30_000, "call": 25_000, "mail": 0}
    assert owed("linear", "conversions") == {"form": 200, "call": 133.3, "mail": 66.7}
    assert more["ways"] == [
        {"way": ["form", "call"], "converted": 200, "lost": 0, "value": 20_000},
        {"way": ["form"], "converted": 100, "lost": 0, "value": 30_000},
        {"way": ["mail", "call"], "converted": 100, "lost": 0, "value": 5000},
    ]
    assert figures(finding)["Channels"] == 3
    assert any("control group" in note.template for note in finding.card.notes)


@pytest.mark.parametrize(
    ("ways", "needs", "has"),
    [([], 300, 0), (WAYS[:299], 300, 299), ([(["form"], 10)] * 300, 2, 1)],
    ids=["no touches", "too few purchases", "one channel"],
)
def test_too_little_is_refused_with_what_is_missing(ways: list[Way], needs: int, has: int) -> None:
    with pytest.raises(NotEnough) as refused:
        found("attribution", tables(ways))
    assert (refused.value.needs, refused.value.has) == (needs, has)


def test_how_far_back_a_way_goes_is_the_workspaces_choice() -> None:
    far = [(["form", *["call"] * 40], 100)] * 300 + [(["form"], 1)]
    assert found("attribution", tables(far), own_contacts=True).more["ways"][0]["way"] == ["form", "call"]
    assert found("attribution", tables(far), horizon_days=30, own_contacts=True).more["ways"][0]["way"] == [
        "call"
    ]


def test_many_channels_are_told_without_the_sets_of_all_of_them() -> None:
    many: list[Way] = [([f"source {n % 15}", "call"], 10) for n in range(300)]
    finding = found("attribution", tables(many), own_contacts=True)
    assert set(finding.more["methods"]) == set(METHODS) - {"shapley"}
    assert len(finding.card.notes) == 3


def test_own_calls_and_meetings_are_no_channels_unless_the_workspace_says_so() -> None:
    ways: list[Way] = [*WAYS, *((["call", "meeting"], 10) for _ in range(50))]
    more = found("attribution", tables(ways)).more
    assert {one["key"] for one in more["channels"]} == {"form", "mail"}
    # Of those to whom nothing but a call came no path is known, and none of the others is owed their purchases.
    assert (more["converted"], more["untouched"], more["own_contacts"]) == (400, 50, False)
    more = found("attribution", tables(ways), own_contacts=True).more
    assert {one["key"] for one in more["channels"]} == {"form", "mail", "call", "meeting"}
    assert (more["converted"], more["untouched"]) == (450, 0)


@given(st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=5), min_size=1, max_size=30))
def test_paths_told_together_are_the_same_paths(rows: list[list[str]]) -> None:
    touches, lengths, _ = numbered(rows)
    came = np.arange(len(rows)) % 2
    each = paths(touches, lengths, came, 1 - came, came * 10.0)
    told, short = together(each), together(once(each))

    def ways(of: Any) -> list[tuple[int, ...]]:
        return [tuple(of.touches[a:b]) for a, b in zip(of.starts[:-1], of.starts[1:], strict=True)]

    for of in (told, short):
        assert len(set(ways(of))) == len(ways(of))
        assert (of.converted.sum(), of.lost.sum(), of.value.sum()) == (
            came.sum(),
            (1 - came).sum(),
            came.sum() * 10,
        )
    assert set(ways(told)) == set(ways(each))
    assert all(a != b for way in ways(short) for a, b in pairwise(way))
