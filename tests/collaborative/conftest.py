"""A line by which messages reach the fake gateway of these tests, and a customer with a phone."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.testing.programs import program_of


@pytest.fixture
def gateway(cast: Any, near: None, receiver: Any) -> Any:
    """The receiver as the gateway of an active line; ``gateway.requests`` is what it was asked."""
    made = program_of(cast.sara, cast.arman).post("sms_lines", {
        "name": "Main", "gateway": "general", "url": receiver.url, "sender": "3000", "secret": "key-1", "header": "Authorization: Bearer {secret}",
    })  # fmt: skip
    assert made.status == 201, made.body
    return receiver


@pytest.fixture
def customer(cast: Any) -> int:
    made = program_of(cast.sara, cast.arman).post(
        "people", {"given_name": "Reza", "family_name": "Karimi", "phones": [{"value": "09121112233"}]}
    )
    assert made.status == 201, made.body
    return int(made.json["id"])
