"""What a program may send and nobody means: nested without end, lists in the place of words, a thousand names. Each is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of


@pytest.fixture
def program(cast: Any) -> Program:
    made = program_of(cast.sara, cast.arman)
    made.client.raise_request_exception = False
    return made


def nested(deep: int) -> str:
    return "[" * deep + "]" * deep


@pytest.mark.parametrize("deep", [60, 300, 1000])
def test_what_is_nested_too_deep_is_refused(program: Program, deep: int) -> None:
    odd = nested(deep)
    for path, body in (
        ("people", f'{{"name":{odd}}}'),
        ("people", f'{{"emails":[{{"value":"a@b.ir","label":{odd}}}]}}'),
        ("people/batch", f'{{"create":{odd}}}'),
        ("consents", f'{{"person":{odd},"channel":{odd}}}'),
        ("webhooks", f'{{"name":"x","url":"https://a.example","condition":{{"and":{odd}}}}}'),
    ):
        assert program.send("POST", path, body.encode()).status == 400, path
    for part in (
        f'{{"field":{odd},"op":"is","value":1}}',
        f'{{"field":"name","op":{odd},"value":1}}',
        f'{{"field":"name","op":"is","value":{odd}}}',
    ):
        refused = program.get("people", filter=part)
        assert (refused.status, refused.json["errors"][0]["code"]) == (422, "too_deep"), part[:20]


@pytest.mark.parametrize("deep", [60, 300, 1000])
def test_a_webhooks_condition_that_is_typed_too_deep_is_refused(program: Program, deep: int) -> None:
    said = {"name": "x", "url": "https://a.example", "condition": f'{{"and":{nested(deep)}}}'}
    assert program.post("webhooks", said).status == 422


@pytest.mark.parametrize("label", [[], {}, ["work"], 7, True])
@pytest.mark.parametrize("key", ["emails", "phones"])
def test_a_label_that_is_no_word_is_refused(program: Program, key: str, label: Any) -> None:
    value = "neda@example.ir" if key == "emails" else "09124382217"
    refused = program.post("people", {"name": "Neda", key: [{"value": value, "label": label}]})
    assert refused.status == (201 if label in ([], {}) else 422)


def test_of_countless_unknown_fields_a_few_are_named(program: Program) -> None:
    refused = program.get("people", fields=",".join(f"x{n}" for n in range(5000)))
    assert refused.status == 422
    assert len(refused.json["errors"]) == 20


def test_a_filter_has_no_more_values_than_anybody_needs(program: Program, cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), object_named("person"), {"name": "Neda"})

    def asked(lists: int) -> Any:
        part = {"field": "owner", "op": "in", "value": [cast.sara.id, *range(10**9, 10**9 + 999)]}
        return program.get("people", filter=json.dumps({"or": [part] * lists}))

    assert len(asked(5).json["items"]) == 1
    refused = asked(6)
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "too_large")
