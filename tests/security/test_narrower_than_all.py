"""Entries of the ledger are their person's, also for a role that may do everything to entries: no way out passes that by."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from peyvand.administration.members.roles import change_role
from peyvand.administration.schema.actions import add_field
from peyvand.integrations.transfer.exporting import export_of
from peyvand.integrations.webhooks.choosing import chosen
from peyvand.kernel.errors import Invalid
from peyvand.operational.consents.actions import give_consent, record_consents, withdraw_consent
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.public import CONSENT
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.access.decisions import decide
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.events.log import Recorded
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

ENTRIES = {"consent.*": "all", "purpose.view": "all"}


@pytest.fixture
def entry(cast: Any, acting: Any) -> Any:
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"name": "Neda", "owner": cast.sara.id})
        return withdraw_consent(acting(cast.sara), person, channel="email", words="never again")


def give(user: Any, grants: dict[str, str]) -> Role:
    role: Role = Role.objects.create(key="narrow", name="narrow", grants=grants, fields={})
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)
    return role


@pytest.mark.parametrize("people", ["own", "all"])
def test_all_entries_are_those_of_the_people_in_sight(
    cast: Any, acting: Any, entry: Any, people: str
) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.babak, {"person.view": people, "person.export": people, **ENTRIES})
        actor = acting(cast.babak).actor
        sees = people == "all"
        assert reaches_all(actor, "consent.view") is sees
        assert bool(decide(actor, "consent.view", Consent.objects.get(id=entry.id))) is sees
        event: Recorded = SimpleNamespace(  # type: ignore[assignment]
            id=1, wire="consents.withdrawn.v1", object="consent", object_id=entry.id
        )
        hook: Any = SimpleNamespace(since_id=0, events=[], objects_told=[], condition="")
        assert bool(chosen(hook, actor, [event])) is sees


@pytest.mark.parametrize("takes_away", ["none", "own", "all"])
def test_entries_leave_only_with_people_who_may_leave(
    cast: Any, acting: Any, entry: Any, takes_away: str
) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.babak, {"person.view": "all", "person.export": takes_away, **ENTRIES})
        rows = [row.id for page in export_of(acting(cast.babak), CONSENT, "").rows() for row in page]
        assert rows == ([entry.id] if takes_away == "all" else [])


@pytest.mark.parametrize(
    ("may", "granted", "refused"), [({}, 201, 201), ({"person.give_consent": "none"}, 403, 201),
                                    ({"person.withdraw_consent": "none"}, 201, 403), ({"person.give_consent": "own"}, 403, 201)],
)  # fmt: skip
def test_the_right_to_give_or_withdraw_is_asked_whichever_way_an_entry_comes(
    cast: Any, acting: Any, entry: Any, may: dict[str, str], granted: int, refused: int
) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.babak, {"person.*": "all", **ENTRIES, **may})
    program = program_of(cast.babak, cast.arman)
    for state, expected in (("granted", granted), ("refused", refused)):
        said = {"person": entry.person_id, "channel": "sms", "state": state}
        assert program.post("consents", said).status == expected, state
    with workspace_scope(cast.arman.id):
        purpose = Purpose.objects.get(word="newsletter").id
        many = {"ids": [entry.person_id], "channel": "phone", "purpose": purpose, "state": "granted"}
    assert program.post("people/record_consent", many).status == (200 if granted == 201 else 403)


def test_what_has_no_owners_is_given_whole_or_not_at_all(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        role = Role.objects.create(key="x", name="x", grants={}, fields={})
        for pattern in ("consent.view", "consent.*", "product.update"):
            with pytest.raises(Invalid), transaction.atomic():
                change_role(ctx, role, grants={pattern: "own"}, fields={})
        change_role(ctx, role, grants={"consent.view": "all", "person.view": "own"}, fields={})
        # What an older role says stays as it is until somebody changes it.
        Role.objects.filter(id=role.id).update(grants={"consent.view": "own"})
        role.refresh_from_db()
        change_role(ctx, role, grants={"consent.view": "own"}, fields={})


def test_actions_still_write_what_they_may(cast: Any, acting: Any, entry: Any) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.babak, {"person.*": "all", **ENTRIES})
        ctx, person = acting(cast.babak), PERSON.rows.get(id=entry.person_id)
        give_consent(ctx, person, channel="email")
        record_consents(
            ctx, [person], state="refused", channel="sms", purpose=Purpose.objects.get(word="newsletter").id
        )
        assert Consent.objects.count() == 3


def test_own_entries_are_those_of_ones_own_people(cast: Any, acting: Any, entry: Any) -> None:
    with workspace_scope(cast.arman.id):
        mine = create_record(acting(cast.babak), PERSON, {"name": "Mani", "owner": cast.babak.id})
        of_mine = withdraw_consent(acting(cast.sara), mine, channel="sms")
        give(cast.babak, {"person.*": "all", "consent.view": "own", "purpose.view": "all"})
        actor = acting(cast.babak).actor
        allowed = [e.id for e in (entry, of_mine) if decide(actor, "consent.view", e)]
        assert allowed == [of_mine.id]
    listed = program_of(cast.babak, cast.arman).get("consents").json["items"]
    assert [one["id"] for one in listed] == [of_mine.id]


@pytest.mark.parametrize(("people", "hidden"), [("own", True), ("all", False)])
def test_a_roll_up_quotes_no_entry_of_a_person_out_of_sight(
    cast: Any, acting: Any, people: str, hidden: bool
) -> None:
    with workspace_scope(cast.arman.id):
        last = {"of": "consent", "via": "person", "how": "max", "field": "given_at"}
        key = add_field(acting(cast.sara), "person", "rollup", labels={"en": "Last word"}, **last).key
        give(cast.babak, {"person.view": people, **ENTRIES})
        assert (key in acting(cast.babak).actor.grants.hides("person")) is hidden
