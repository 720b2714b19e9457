"""Whoever types somebody who is there already is told so, however they write it, and sees nothing that they may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from peyvand.operational.duplicates.actions import change_rules
from peyvand.platform.merging.similar import find_similar
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON, COMPANY = object_named("person"), object_named("company")


@pytest.fixture
def arman(cast: Any, acting: Callable[..., Any]) -> Any:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({"phones": "۰۹۱۲ ۱۱۱ ۲۲۳۳"}, "the same phone"),
        ({"phones": ["0098-912-111-22-33"]}, "the same phone"),
        ({"phones": [{"value": "+98 912 1112233", "label": "mobile"}]}, "the same phone"),
        ({"emails": "ALI@Example.ir"}, "the same e-mail"),
        ({"national_id": "۰۰۸۴۵۷۵۹۴۸"}, "the same ID"),
        ({"given_name": "علی رضا", "family_name": "كريمي"}, "the same name"),
        ({"given_name": "عليرضا", "family_name": "کریمی"}, "the same name"),
        ({"given_name": "دکتر علی‌رضا", "family_name": "کریمی"}, "the same name"),
        ({"given_name": "کریمی", "family_name": "علی‌رضا"}, "the same name"),
        ({"name": "علی‌رضا کریمی"}, "the same name"),
    ],
)
def test_a_person_is_recognised_however_they_are_typed(arman: Any, typed: Any, why: str) -> None:
    one = create_record(arman, PERSON, {
        "given_name": "علی‌رضا", "family_name": "کریمی", "phones": "09121112233", "emails": "ali@example.ir", "national_id": "0084575948",
    })  # fmt: skip
    create_record(arman, PERSON, {"given_name": "مریم", "family_name": "صادقی", "phones": "09351112233"})
    (found,) = find_similar(arman, PERSON, typed)
    assert (found.id, [str(r) for r in found.reasons]) == (one.id, [why])


@pytest.mark.parametrize(
    "typed", ["پارس گستر آریا", "شرکت پارس‌گستر اريا", "بازرگانی پارس گستر آریا (سهامی خاص)", "پارس‌گستر‌آریا"]
)
def test_a_company_is_recognised_whatever_stands_around_its_name(arman: Any, typed: str) -> None:
    one = create_record(arman, COMPANY, {"name": "شرکت پارس گستر آریا"})
    assert [s.id for s in find_similar(arman, COMPANY, {"name": typed})] == [one.id]


def test_the_company_makes_the_name_weigh_more(arman: Any) -> None:
    company = create_record(arman, COMPANY, {"name": "کاشی کویر"})
    create_record(arman, PERSON, {"name": "مریم صادقی"})
    two = create_record(arman, PERSON, {"name": "مریم صادقی", "company": company.id})
    found = find_similar(
        arman, PERSON, {"given_name": "مریم", "family_name": "صادقی", "company": str(company.id)}
    )
    reasons = {s.id: [str(r) for r in s.reasons] for s in found}
    assert reasons[two.id] == ["the same name and company"]
    assert len(reasons) == 2


def test_half_typed_and_wrong_values_are_no_mistake(arman: Any) -> None:
    create_record(arman, PERSON, {"name": "مریم صادقی", "phones": "09351112233"})
    for typed in (
        {"phones": "0935"},
        {"national_id": "12"},
        {"given_name": "م"},
        {"emails": "m@"},
        {"company": "x"},
        {},
    ):
        assert find_similar(arman, PERSON, typed) == []


def test_what_is_out_of_sight_is_only_said_to_exist_and_only_if_wanted(
    cast: Any, acting: Callable[..., Any]
) -> None:
    with workspace_scope(cast.arman.id):
        sara, babak = acting(cast.sara), acting(cast.babak)
        create_record(sara, PERSON, {"name": "مریم صادقی", "phones": "09351112233"})
        assert find_similar(babak, PERSON, {"phones": "09351112233"}) == []
        change_rules(sara, "person", tells_hidden=True)
        (told,) = find_similar(
            babak, PERSON, {"phones": "09351112233", "given_name": "مریم", "family_name": "صادقی"}
        )
        assert (told.id, told.title, [str(r) for r in told.reasons]) == (None, "", ["the same phone"])
        assert find_similar(babak, PERSON, {"given_name": "مریم", "family_name": "صادقی"}) == []
    with workspace_scope(cast.rival.id):
        assert find_similar(acting(cast.cyrus), PERSON, {"phones": "09351112233"}) == []


def test_the_question_costs_a_handful_of_statements(arman: Any) -> None:
    for n in range(5):
        create_record(arman, PERSON, {"name": "مریم صادقی", "phones": f"0935111223{n}"})
    typed = {
        "given_name": "مریم",
        "family_name": "صادقی",
        "phones": "09351112231",
        "national_id": "0084575948",
    }
    with CaptureQueriesContext(connection) as asked:
        assert len(find_similar(arman, PERSON, typed)) == 5
    assert len(asked) <= 5
