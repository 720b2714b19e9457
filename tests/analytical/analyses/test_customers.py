"""Columns about customers become scores of people and companies, set by set."""

from __future__ import annotations

from datetime import date

import numpy as np

from peyvand.analytical.analyses.customers import by_object


def test_values_are_plain_and_what_is_told_is_made_when_it_is_asked_for() -> None:
    asked: list[int] = []

    def told(place: int) -> dict[str, int]:
        asked.append(place)
        return {"low": place}

    days = np.array(["2026-11-01", "NaT", "2026-11-03", "2026-11-04"], "datetime64[D]")
    values = {"share": [1.0, np.nan, 2.5, 4.0], "day": days, "level": ["a", None, "b", "c"]}
    people, companies = by_object([2, 3, 4, 8], values, {"share": told})
    assert (people.object, people.ids, companies.object, companies.ids) == (
        "person",
        [1, 2, 4],
        "company",
        [1],
    )
    assert asked == []
    assert people.told["share"][1:3] == [{"low": 2}, {"low": 3}]
    assert asked == [2, 3]
    assert people.values["share"][:] == [1, 2.5, 4]
    assert [type(value) for value in people.values["share"][:]] == [int, float, int]
    assert people.values["day"][:2] == [date(2026, 11, 1), date(2026, 11, 3)]
    assert [companies.values[key][0] for key in ("share", "day", "level")] == [None, None, None]
