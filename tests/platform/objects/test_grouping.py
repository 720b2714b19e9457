"""Groups and totals: the same records as the list, put together by values and by the reader's calendar."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from tests.web.lists.filling import context, make

from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import UNITS, Unit, period, to_jalali
from peyvand.platform.objects.grouping import (
    Measure,
    fetch_groups,
    fetch_totals,
    narrowed,
    parse_group,
)
from peyvand.platform.objects.looks import group_fields
from peyvand.platform.objects.queries import ListQuery, count_up_to, fetch_page
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

DEAL = object_named("deal")


def deals(user: Any, *raws: dict[str, Any]) -> list[int]:
    return make(user, "deal", *({"name": f"Deal {n}", **raw} for n, raw in enumerate(raws)))


def query(user: Any, condition: Any = None) -> ListQuery:
    asked = parse(condition, DEAL.condition_schema) if condition else None
    return ListQuery(DEAL, context(user).actor, ("name", "amount"), asked)


def grouped(user: Any, text: str, *measures: Measure, condition: Any = None) -> list[tuple[str, int]]:
    grouping = parse_group(text, DEAL)
    assert grouping is not None
    found = fetch_groups(query(user, condition), grouping, measures)
    return [(group.name, group.count) for group in found.groups]


def test_every_group_holds_exactly_its_records(cast: Any) -> None:
    deals(
        cast.sara,
        {"amount": 10, "source": "website", "expected_on": "2026-11-21"},
        {"amount": 30, "source": "website", "expected_on": "2026-11-22"},
        {"amount": 5, "source": "referral", "expected_on": "2027-03-21"},
        {"source": ""},
    )
    with workspace_scope(cast.arman.id):
        for field in group_fields(DEAL):
            for unit in UNITS if field.type.value in ("date", "instant") else ("",):
                grouping = parse_group(f"{field.key}:{unit}" if unit else field.key, DEAL)
                assert grouping is not None
                found = fetch_groups(query(cast.sara), grouping)
                assert sum(group.count for group in found.groups) == 4, field.key
                seen: Counter[int] = Counter()
                for group in found.groups:
                    inside = narrowed(query(cast.sara), grouping, group.name)
                    assert count_up_to(inside)[0] == group.count, (field.key, unit, group.name)
                    seen.update(row.id for row in fetch_page(inside).rows)
                assert set(seen.values()) == {1}, "a record stands in one group and no other"


@pytest.mark.parametrize("unit", UNITS)
def test_periods_are_those_of_the_jalali_calendar(cast: Any, unit: Unit) -> None:
    """Around the turn of the Jalali year 1403, a leap year: 30 Esfand is there, and Farvardin begins behind it."""
    days = [date(2025, 3, 10) + timedelta(days=n) for n in range(30)]
    deals(cast.sara, *({"expected_on": day.isoformat()} for day in days))
    wanted = Counter(period(unit, day, "jalali")[0].isoformat() for day in days)
    with workspace_scope(cast.arman.id):
        assert context(cast.sara).actor.language == "fa"
        assert dict(grouped(cast.sara, f"expected_on:{unit}")) == dict(wanted)
        if unit == "month":
            assert [
                to_jalali(date.fromisoformat(name))[1:] for name, _ in grouped(cast.sara, "expected_on:month")
            ] == [
                (12, 1),
                (1, 1),
            ]


def test_figures_of_groups_and_totals_agree(cast: Any) -> None:
    deals(
        cast.sara,
        {"amount": 10, "source": "website", "probability": 20},
        {"amount": 31, "source": "website", "probability": 50},
        {"amount": 5, "source": "referral", "probability": 90},
        {"source": "referral", "probability": 40},
    )
    amount, probability = DEAL.field("amount"), DEAL.field("probability")
    measures = [
        Measure(amount, "sum"),
        Measure(amount, "avg"),
        Measure(amount, "min"),
        Measure(probability, "max"),
    ]
    with workspace_scope(cast.arman.id):
        grouping = parse_group("source", DEAL)
        assert grouping is not None
        groups = {g.name: g.figures for g in fetch_groups(query(cast.sara), grouping, measures).groups}
        assert groups["website"] == {
            "sum_amount": 41,
            "avg_amount": 20,
            "min_amount": 10,
            "max_probability": 50,
        }
        assert groups["referral"]["avg_amount"] == 5, "what is empty does not count towards an average"
        totals = fetch_totals(query(cast.sara), measures, 100)
        assert (totals.count, totals.is_exact) == (4, True)
        assert totals.figures == {"sum_amount": 46, "avg_amount": 15, "min_amount": 5, "max_probability": 90}
        assert fetch_totals(query(cast.sara), measures, 3).figures == {}, "no figure is told of a part"


def test_spellings_of_a_word_are_one_group(cast: Any) -> None:
    make(cast.sara, "person", *({"given_name": "A", "city": city} for city in ("كرج", "کرج", "Yazd", "")))
    person = object_named("person")
    with workspace_scope(cast.arman.id):
        grouping = parse_group("city", person)
        assert grouping is not None
        asked = ListQuery(person, context(cast.sara).actor, ("name",))
        groups = fetch_groups(asked, grouping).groups
        assert [group.count for group in groups] == [1, 2, 1]
        assert groups[-1].value is None, "those without a value stand last"
        assert count_up_to(narrowed(asked, grouping, groups[1].name))[0] == 2


def test_groups_are_bounded_by_the_row_scope(cast: Any) -> None:
    deals(cast.sara, {"source": "website"}, {"source": "website"})
    deals(cast.babak, {"source": "website"})
    with workspace_scope(cast.arman.id):
        assert grouped(cast.babak, "source") == [("website", 1)]
        assert grouped(cast.sara, "source") == [("website", 3)]


@pytest.mark.parametrize("text", ["nope", "tags", "amount", "expected_on:decade", "description"])
def test_what_cannot_be_grouped_by_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_group(text, DEAL)


@pytest.mark.parametrize("name", ["nonsense", "2026-99-01"])
def test_a_group_that_cannot_be_is_refused(cast: Any, name: str) -> None:
    with workspace_scope(cast.arman.id), pytest.raises(Invalid):
        grouping = parse_group("expected_on:month", DEAL)
        assert grouping is not None
        narrowed(query(cast.sara), grouping, name)
