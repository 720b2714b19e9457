"""The ledger while others write: no entry hangs on a person or a purpose that goes away at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.consents.actions import give_consent, withdraw_consent
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.public import CONSENT, PURPOSE
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.committed import behind


def context(committed: Any) -> Context:
    return Context(user_actor(committed.arman.id, committed.sara.id), "web")


@pytest.fixture
def people(committed: Any) -> list[Any]:
    with workspace_scope(committed.arman.id):
        return [create_record(context(committed), PERSON, {"name": name}) for name in ("ندا", "ندا کریمی")]


@pytest.mark.parametrize("way", ["the verb", "the object"])
def test_an_entry_of_a_person_who_is_being_merged_away_is_refused(
    committed: Any, people: list[Any], way: str
) -> None:
    winner, loser = people

    def record() -> Any:
        if way == "the verb":
            return withdraw_consent(context(committed), loser, channel="email")
        said = {"person": loser.id, "channel": "email", "state": "refused"}
        return create_record(context(committed), CONSENT, said)

    refused = behind(
        committed.arman, lambda: merge_records(context(committed), PERSON, winner.id, [loser.id]), record
    )
    assert isinstance(refused, Invalid), refused
    assert [(p.field, p.code) for p in refused.problems] == [("person", "missing")]
    with workspace_scope(committed.arman.id):
        assert not Consent.objects.exists()


def test_a_merge_waits_for_the_entry_that_is_being_recorded(committed: Any, people: list[Any]) -> None:
    winner, loser = people
    behind(
        committed.arman,
        lambda: withdraw_consent(context(committed), loser, channel="email"),
        lambda: merge_records(context(committed), PERSON, winner.id, [loser.id]),
    )
    with workspace_scope(committed.arman.id):
        assert [entry.person_id for entry in Consent.objects.all()] == [winner.id]


def test_a_purpose_stays_with_the_entry_that_is_being_recorded(committed: Any, people: list[Any]) -> None:
    with workspace_scope(committed.arman.id):
        purpose = create_record(context(committed), PURPOSE, {"name": "جشنواره"})
    refused = behind(
        committed.arman,
        lambda: give_consent(context(committed), people[0], channel="email", purpose=purpose.id),
        lambda: delete_records(context(committed), PURPOSE, [purpose]),
    )
    assert isinstance(refused, RuleViolation), refused
    with workspace_scope(committed.arman.id):
        assert Purpose.objects.get(id=purpose.id).deleted_at is None


def test_no_entry_names_a_purpose_that_is_being_removed(committed: Any, people: list[Any]) -> None:
    with workspace_scope(committed.arman.id):
        purpose = create_record(context(committed), PURPOSE, {"name": "جشنواره"})
    refused = behind(
        committed.arman,
        lambda: delete_records(context(committed), PURPOSE, [purpose]),
        lambda: give_consent(context(committed), people[0], channel="email", purpose=purpose.id),
    )
    assert isinstance(refused, Invalid), refused
    with workspace_scope(committed.arman.id):
        assert not Consent.objects.exists()
