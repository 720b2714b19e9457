"""What a token's user was told, read and marked by a program."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.administration.members.actions import create_token
from peyvand.operational.activities.public import TASK
from peyvand.platform.actions.context import job_context
from peyvand.platform.notifications.models import Notification
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of
from peyvand.testing.telling import tell_all


@pytest.fixture
def told(cast: Any, acting: Any) -> list[int]:
    with workspace_scope(cast.arman.id):
        create_records(
            acting(cast.sara), TASK, [{"title": t, "owner": cast.babak.id} for t in ("One", "Two", "Three")]
        )
        tell_all(cast.arman)
        return list(Notification.objects.order_by("-id").values_list("id", flat=True))


@pytest.fixture
def babak(cast: Any) -> Program:
    return program_of(cast.babak, cast.arman)


def test_they_are_read_page_by_page_and_are_nobody_elses(
    babak: Program, sara: Program, cyrus: Program, told: list[int]
) -> None:
    first = babak.get("notifications?limit=2").json
    assert [item["id"] for item in first["items"]] == told[:2]
    assert first["items"][0] | {"at": "", "record": {}} == {
        "id": told[0], "type": "activities.task_given.v1", "at": "", "record": {}, "is_read": False,
        "sentence": "Sara Moini gave you the task Three",
    }  # fmt: skip
    assert first["items"][0]["record"]["title"] == "Three"
    rest = babak.get(f"notifications?after={first['next']}").json
    assert ([item["id"] for item in rest["items"]], rest["next"]) == (told[2:], None)
    assert sara.get("notifications").json["items"] == cyrus.get("notifications").json["items"] == []


def test_the_sentence_is_in_the_language_that_is_asked_for(cast: Any, told: list[int]) -> None:
    item = program_of(cast.babak, cast.arman, "fa").get("notifications?limit=1").json["items"][0]
    assert item["sentence"] == "Sara Moini کار Three را به شما سپرد"


def test_some_are_marked_then_all(babak: Program, sara: Program, told: list[int]) -> None:
    assert sara.post("notifications/read", {"ids": told}).json == {"changed": 0}
    assert babak.post("notifications/read", {"ids": told[:1]}).json == {"changed": 1}
    assert [item["id"] for item in babak.get("notifications?unread=true").json["items"]] == told[1:]
    assert babak.post("notifications/read", {}).json == {"changed": 2}
    assert babak.post("notifications/read", {"ids": told[:1], "read": False}).json == {"changed": 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ids": "all"}, "ids"),
        ({"ids": [0]}, "ids"),
        ({"ids": [True]}, "ids"),
        ({"read": 1}, "read"),
        ({"id": 1}, "id"),
    ],
)
def test_what_is_wrong_is_named(babak: Program, told: list[int], body: dict[str, Any], field: str) -> None:
    answer = babak.post("notifications/read", body)
    assert (answer.status, answer.json["errors"][0]["field"]) == (422, field)


@pytest.mark.parametrize("query", ["unread=perhaps", "after=elsewhere", "limit=0"])
def test_a_question_that_makes_no_sense_is_refused(babak: Program, query: str) -> None:
    assert babak.get(f"notifications?{query}").status == 422


def test_a_key_for_something_else_reads_none(cast: Any, told: list[int]) -> None:
    with workspace_scope(cast.arman.id):
        narrow, reading = (
            Program(create_token(job_context(cast.arman), cast.babak, scopes=scopes))
            for scopes in (["person.view"], ["*.view"])
        )
    assert narrow.get("notifications").status == 403
    assert len(reading.get("notifications").json["items"]) == 3
    assert reading.post("notifications/read", {}).status == 403
