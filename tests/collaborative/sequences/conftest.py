"""A sequence of an SMS, a call and an SMS, two working days apart; and the moments at which its tests happen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from peyvand.testing.programs import program_of

# A Sunday, noon in Tehran: Sara works from 8 to 17 there, on Thursdays to 13, on Fridays not.
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def sequence(cast: Any, gateway: Any) -> int:
    program = program_of(cast.sara, cast.arman)
    made = program.post("sequences", {"name": "پیگیری"})
    assert made.status == 201, made.json
    id = int(made.json["id"])
    for values in (
        {"kind": "sms", "name": "First", "text": "سلام {{person.given_name|دوست}}"},
        {"kind": "call", "name": "Call {{person.name}}", "days": 2},
        {"kind": "sms", "name": "Last", "text": "آخرین پیام", "days": 2, "hours": 1},
    ):
        answer = program.post("sequence_steps", {"sequence": id, **values})
        assert answer.status == 201, answer.json
    on = program.patch(f"sequences/{id}", {"is_active": True})
    assert on.status == 200, on.json
    return id
