"""What is sent is data: nothing of it becomes SQL, and nothing of it is a failure of ours."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from peyvand.platform.objects.spec import all_objects
from peyvand.testing.programs import Program, program_of

EVIL = (
    "'; drop table person; --", "1 or 1=1", "x' or 'x'='x", '"; select pg_sleep(9); --', "%", "_", "\\", "$$", "\u202e", "a" * 20_000,
    "{{7*7}}", "%(name)s", "%s", "1e309", "NaN", "-9223372036854775809", "../../etc/passwd", "\x00", "ي" * 5000, "null", "[]", "{}",
)  # fmt: skip
OBJECTS = all_objects()


@pytest.fixture
def program(cast: Any) -> Program:
    return program_of(cast.sara, cast.arman)


def cursor_of(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_addresses(program: Program) -> None:
    for spec in OBJECTS:
        for name in ("filter", "sort", "after", "limit", "fields", "deleted"):
            for text in EVIL[:3]:
                answer = program.get(spec.plural, **{name: text})
                assert answer.status == 422, (spec.key, name, text[:40], answer.json)
        for text in EVIL[:5]:
            assert program.get(spec.plural, q=text).status in (200, 422), (spec.key, text[:40])


def test_every_parameter(program: Program, subtests: Any) -> None:
    for n, text in enumerate(EVIL):
        with subtests.test(n):
            every_parameter(program, text)


def every_parameter(program: Program, text: str) -> None:
    for name in ("filter", "sort", "after", "limit", "fields", "deleted", "q"):
        assert program.get("people", **{name: text}).status in (200, 422), name
    for path in (f"people/{text[:50]}", f"people/1/{text[:50]}", text[:50]):
        assert program.get(path.replace("\x00", "%00")).status in (400, 404, 405), path


def test_values_come_back_as_they_were_or_not_at_all(program: Program, subtests: Any) -> None:
    for n, text in enumerate(EVIL):
        with subtests.test(n):
            values_come_back(program, text)


def values_come_back(program: Program, text: str) -> None:
    for field in (
        "name",
        "city",
        "about",
        "phones",
        "tags",
        "owner",
        "revenue",
        "kind",
        "website",
        "parent",
        "external_id",
    ):
        answer = program.post("companies", {"name": "x", field: text})
        assert answer.status in (201, 409, 422), (field, answer.json)
        answer = program.post("companies", {"name": "x", field: {"a": [text]}})
        assert answer.status in (201, 409, 422), (field, answer.json)
        condition = {"field": field, "op": "is", "value": text}
        assert program.get("companies", filter=json.dumps(condition)).status in (200, 422), field


CURSORS = (
    cursor_of(), cursor_of(1), cursor_of("x", "x"), cursor_of("x"), cursor_of(None), cursor_of({"d": "x"}), cursor_of({"d": 1}),
    cursor_of([1]), cursor_of(True), cursor_of(2**70), cursor_of("'; drop table person; --", 1), cursor_of({"d": "2026-01-01"}, 5),
    cursor_of("\x00", 5), cursor_of(5, 5), cursor_of(None, None), "=", "é", "a" * 5000,
)  # fmt: skip


def test_cursors(program: Program, subtests: Any) -> None:
    for n, cursor in enumerate(CURSORS):
        with subtests.test(n):
            for sort in ("", "name", "-created_at", "company", "birthday", "national_id"):
                assert program.get("people", sort=sort, after=cursor).status in (200, 422), sort
            assert program.get("people/1/timeline", after=cursor).status in (404, 422)


def test_idempotency_keys(program: Program) -> None:
    for key in ("", "x" * 201, "a\tb"):
        assert program.post("companies", {"name": "x"}, Idempotency_Key=key).status == 400, key
    assert program.post("companies", {"name": "x"}, Idempotency_Key="'; drop table person; --").status == 201


def test_bodies(program: Program) -> None:
    for body in (
        b"",
        b"null",
        b"[]",
        b"1",
        b'"x"',
        b"{",
        b"\xff",
        b'{"name": "\\ud800"}',
        b"[" * 5000,
        b'{"name":' + b"9" * 400 + b"}",
    ):
        assert program.send("POST", "companies", body).status in (201, 400, 422), body[:40]


def test_a_nul_inside_of_lists_is_no_failure(program: Program) -> None:
    sent = {
        "name": "آوند",
        "addresses": [{"street": "خیابان\x00 یکم", "label": "\x00x"}],
        "tags": ["ویژه\x00"],
    }
    answer = program.post("companies", sent)
    assert answer.status == 201
    assert (answer.json["addresses"][0]["street"], answer.json["addresses"][0]["label"]) == (
        "خیابان یکم",
        "x",
    )
    assert [tag["name"] for tag in answer.json["tags"]] == ["ویژه"]
