"""Addresses and forms of the screens with numbers, letters and nestings that nobody types: an answer, never a failure of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peyvand.testing.programs import Program, program_of

HUGE = ("9" * 25, "9" * 5000, "²", "-1", "\x00")
HALF = '{"field":"name","op":"contains","value":"\\ud800abc"}'
DEEP = '{"not":' * 500 + "1" + "}" * 500
LISTS = ("people", "deals", "tasks", "users")


@pytest.fixture
def sara(browse: Callable[..., Client], cast: Any) -> Client:
    return browse(cast.sara)


@pytest.fixture
def program(cast: Any) -> Program:
    return program_of(cast.sara, cast.arman)


@pytest.mark.parametrize("plural", LISTS)
def test_rows_views_and_columns(sara: Client, plural: str) -> None:
    for text in HUGE:
        assert sara.get(f"/w/arman/{plural}/", {"ids": f"1,{text}"}).status_code == 200
        led = sara.get(f"/w/arman/{plural}/", {"view": text})
        assert (led.status_code, led["Location"].partition("?")[0]) == (302, f"/w/arman/{plural}/")
        assert sara.get(led["Location"]).status_code == 200
        assert (
            sara.post(f"/w/arman/{plural}/columns", {"order": "name", "widths": f"name:{text}"}).status_code
            == 204
        )
        assert sara.get("/w/arman/palette", {"on": f"deal:{text}"}).status_code == 200


@pytest.mark.parametrize("text", [HALF, DEEP, "[" * 1500, "[" * 900 + "]" * 900])
def test_filters(sara: Client, text: str) -> None:
    for place in ("deals/", "deals/count", "deals/filter", "deals/board", "deals/board/filter"):
        assert sara.get(f"/w/arman/{place}", {"filter": text}).status_code in (200, 422), place
    for place in ("deals/", "deals/board/"):
        assert sara.get(f"/w/arman/{place}", {"build": text}).status_code == 302, place


def test_a_filter_of_the_api_takes_no_half_of_a_character(program: Program) -> None:
    assert program.get("people", filter=HALF).status == 422


def test_cells_and_bulk(sara: Client, program: Program) -> None:
    deal = program.post("deals", {"name": "Odd"}).json
    cell = f"/w/arman/deals/{deal['id']}/cell/name"
    for text in HUGE:
        assert sara.post(f"{cell}?undo=%22Older%22&version={text}").status_code == 409
        answer = sara.post("/w/arman/deals/bulk/delete", {"ids": [text]})
        assert answer.status_code in (200, 422)
    version = program.get(f"deals/{deal['id']}").json["version"]
    for text in ('"\\ud800"', "[" * 5000, DEEP, ""):
        assert sara.post(f"{cell}?undo={text}&version={version}").status_code == 404


def test_a_place_in_a_timeline(sara: Client, program: Program) -> None:
    id = program.post("deals", {"name": "Odd"}).json["id"]
    for place in (
        "x",
        "2026-01-01T00:00:00+00:00~" + "9" * 25,
        "2026-01-01T00:00:00~5",
        "~",
        "2026-01-01T00:00:00+00:00~²",
    ):
        assert sara.get(f"/w/arman/deals/{id}/timeline", {"after": place}).status_code == 422, place


@pytest.mark.parametrize(
    "text", ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"]
)
def test_a_day_at_the_end_of_time_spoils_no_list(sara: Client, program: Program, text: str) -> None:
    for plural, field in (("tasks", "due_at"), ("deals", "expected_on")):
        title = "title" if plural == "tasks" else "name"
        assert program.post(plural, {title: "Late", field: text}).status == 422
    assert sara.get("/w/arman/tasks/").status_code == 200


def test_people_of_a_meeting(program: Program) -> None:
    for text in ("9" * 5000, "²", ["9" * 25], [{"id": "9" * 5000}]):
        answer = program.post(
            "meetings", {"title": "M", "starts_at": "2026-01-01T10:00:00Z", "participants": text}
        )
        assert answer.status == 422, answer.json


def test_a_verb_done_without_its_dialog(sara: Client, program: Program, cast: Any) -> None:
    """Verbs that ask something, or that no form could ask for, say so."""
    id = program.post("deals", {"name": "Odd"}).json["id"]
    assert sara.post(f"/w/arman/do/user/{cast.babak.id}/give_role").status_code == 404
    assert sara.post(f"/w/arman/do/deal/{id}/lose").status_code == 422
    assert json.loads(sara.post(f"/w/arman/do/deal/{id}/win").headers["HX-Trigger"])["changed"]["ids"] == [id]


@pytest.mark.parametrize("page", ["/sign-in", "/forgot"])
def test_an_address_with_what_cannot_be_stored(client: Client, db: None, page: str) -> None:
    assert client.post(page, {"email": "a\x00b@arman.example", "password": "\x00"}).status_code in (200, 422)
