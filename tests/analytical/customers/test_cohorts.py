"""Cohorts in both calendars, and where customers moved between segments."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests.analytical.customers.making import TODAY, Row, figures, found, lived, sale_table

from peyvand.analytical.methods.guards import NotEnough

DAYS: list[Row] = [
    (2, date(2026, 3, 20), 100),  # 29 Esfand 1404
    (2, date(2026, 3, 21), 100),  # 1 Farvardin 1405
    (2, date(2026, 4, 25), 100),
    (3, date(2026, 4, 1), 300),
    (3, date(2026, 4, 1), -300),
    (3, date(2026, 5, 30), 50),
    (4, date(2026, 5, 2), 10),
    (None, date(2026, 1, 1), 5),
    (6, date(2026, 2, 1), 0),
    (8, date(2026, 6, 20), 70),
]


def test_months_are_those_of_either_calendar() -> None:
    finding = found("cohorts", {"sale": sale_table(DAYS)}, as_of=date(2026, 5, 31))
    gregorian, jalali = finding.more["gregorian"], finding.more["jalali"]
    assert gregorian["months"] == ["2026-03", "2026-04", "2026-05"]
    assert gregorian["customers"] == [[1, 1, 0], [1, 1, None], [1, None, None]]
    assert gregorian["amounts"] == [[200, 100, 0], [0, 50, None], [10, None, None]]
    assert jalali["months"] == ["1404-12", "1405-01", "1405-02", "1405-03"]
    assert jalali["customers"] == [[1, 1, 1, 0], [1, 0, 1, None], [1, 0, None, None], [0, None, None, None]]
    assert figures(finding)["Returned in the month after the first order"] == 100
    assert finding.scores == ()


def test_too_few_months_are_refused() -> None:
    with pytest.raises(NotEnough) as refusal:
        found("cohorts", {"sale": sale_table(DAYS[:2])}, as_of=date(2026, 3, 31))
    assert (refusal.value.needs, refusal.value.has) == (3, 1)
    with pytest.raises(NotEnough):
        found("cohorts", {})


def test_migration_counts_everybody_once() -> None:
    rows = lived(range(2, 402, 2))
    newcomer: list[Row] = [(9001, TODAY, 1_000_000)]
    finding = found("rfm", {"sale": sale_table([*rows, *newcomer])})
    counts = finding.more["migration"]["counts"]
    assert finding.more["migration"]["since"] == (TODAY - timedelta(days=30)).isoformat()
    assert sum(map(sum, counts)) == 201
    assert sum(counts[-1]) == 1 + len(
        {c for c, d, _ in rows} - {c for c, d, _ in rows if d <= TODAY - timedelta(days=30)}
    )
    now = list(finding.more["segments"].values())
    assert [sum(row[n] for row in counts) for n in range(10)] == now
