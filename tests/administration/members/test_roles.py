"""Who may give which role to whom, and what ends when someone is switched off."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from peyvand.administration.members.actions import create_token, role_named
from peyvand.administration.members.roles import (
    change_role,
    create_role,
    give_role,
    remove_role,
    switch_off,
    switch_on,
)
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.models import ApiToken, User
from peyvand.platform.identity.roles import BUILTIN_ROLES
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope


def test_the_last_owner_stays_an_owner_and_stays_on(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation, match="needs an owner"):
        give_role(acting(cast.sara), cast.sara, role="admin")
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), cast.babak, role="owner")
        give_role(acting(cast.sara), cast.sara, role="admin")
        with pytest.raises(NotAllowed):
            give_role(acting(cast.sara), cast.babak, role="member")  # an admin is no owner


def test_nobody_gives_more_than_they_have(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), cast.mina, role="admin")
        give_role(acting(cast.mina), cast.viewer, role="manager")
        with pytest.raises(NotAllowed):
            give_role(acting(cast.mina), cast.viewer, role="owner")
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        give_role(acting(cast.babak), cast.viewer, role="member")


def test_a_member_cannot_raise_themselves_by_any_way_of_writing_users(cast: Any, acting: Any) -> None:
    admin = Grants.from_json(BUILTIN_ROLES["admin"][1], {})
    member = Grants.from_json(BUILTIN_ROLES["member"][1], {})
    assert admin.covers(member)
    assert not member.covers(admin)
    for raw in ({"role": 1}, {"name": "Boss"}, {"manager": None}):
        with workspace_scope(cast.arman.id), pytest.raises((NotAllowed, Invalid)):
            update_record(acting(cast.babak), object_named("user"), User.objects.get(id=cast.babak.id), raw)
    with workspace_scope(cast.arman.id), pytest.raises(Invalid):
        update_record(
            acting(cast.sara), object_named("user"), User.objects.get(id=cast.babak.id), {"role": 1}
        )


def test_a_role_of_ones_own_takes_effect_at_once(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"name": "Neda", "city": "Yazd"})
        role = create_role(acting(cast.sara), name="Field sales", copy_of="member")
        change_role(
            acting(cast.sara),
            role,
            grants={**role.grants, "person.view": "all", "person.create": "none"},
            fields={"person.city": "hidden"},
        )
        give_role(acting(cast.sara), cast.babak, role=role.key)

        actor = user_actor(cast.arman.id, cast.babak.id)
        assert ListQuery(PERSON, actor, ("name", "city")).rows().count() == 1
        assert [f.key for f in ListQuery(PERSON, actor, ("name", "city")).visible_fields()] == ["name"]
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation):
        remove_role(acting(cast.sara), role)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        create_record(acting(cast.babak), PERSON, {"name": "x"})


def test_rules_of_a_role_must_name_what_there_is(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        role = create_role(acting(cast.sara), name="Odd", copy_of="viewer")
    for grants, fields in (
        ({"person.view": "some"}, {}),
        ({"drop table": "all"}, {}),
        ({}, {"person.nosuch": "hidden"}),
    ):
        with workspace_scope(cast.arman.id), pytest.raises(Invalid):
            change_role(acting(cast.sara), role, grants=grants, fields=fields)
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation, match="Built-in"):
        change_role(acting(cast.sara), role_named("viewer"), grants={"*": "all"}, fields={})


def test_switched_off_means_out_at_once_and_tokens_ended(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_token(acting(cast.babak), cast.babak, name="script")
        switch_off(acting(cast.sara), cast.babak)
        with pytest.raises(NotAllowed):
            user_actor(cast.arman.id, cast.babak.id)
        assert ApiToken.objects.filter(user_id=cast.babak.id, revoked_at=None).count() == 0
        switch_on(acting(cast.sara), cast.babak)
        assert user_actor(cast.arman.id, cast.babak.id).role == "member"
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation):
        switch_off(acting(cast.sara), cast.sara)


def test_a_token_for_somebody_else_needs_more_than_a_members_rights(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        assert create_token(acting(cast.babak), cast.babak).startswith("pv_")
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        create_token(acting(cast.babak), cast.sara)


@pytest.fixture
def signed_in(cast: Any) -> Any:
    def client(user: Any) -> Client:
        browser = Client()
        session = browser.session
        session["account"] = user.account_id
        session.save()
        return browser

    return client


def test_pages_open_to_those_who_may_and_to_nobody_else(cast: Any, signed_in: Any) -> None:
    for page in ("users", "teams", "roles", "roles/member", "roles/new", "users/invite"):
        assert signed_in(cast.sara).get(f"/w/arman/settings/{page}").status_code == 200, page
        assert signed_in(cast.babak).get(f"/w/arman/settings/{page}").status_code == 403, page
        assert signed_in(cast.cyrus).get(f"/w/arman/settings/{page}").status_code == 404, page
    assert signed_in(cast.babak).get("/w/arman/settings/tokens").status_code == 200


def test_a_role_is_edited_in_its_table(cast: Any, signed_in: Any, acting: Any) -> None:
    sara = signed_in(cast.sara)
    assert (
        sara.post("/w/arman/settings/roles/new", {"name": "کارشناس", "copy_of": "member"}).status_code == 302
    )
    with workspace_scope(cast.arman.id):
        role = role_named("role")
        assert role.name == "کارشناس"
    answer = sara.post(
        "/w/arman/settings/roles/role", {"grant:person.view": "all", "field:deal.amount": "hidden"}
    )
    assert answer.status_code == 302
    with workspace_scope(cast.arman.id):
        role.refresh_from_db()
        assert role.grants["person.view"] == "all"
        assert role.grants["*"] == "own"
        assert role.fields == {"deal.amount": "hidden"}


def test_a_user_is_changed_in_one_dialog_or_not_at_all(cast: Any, signed_in: Any) -> None:
    sara = signed_in(cast.sara)
    wrong = sara.post(
        f"/w/arman/settings/users/{cast.babak.id}",
        {"name": "", "role": "manager"},
        headers={"HX-Request": "true"},
    )
    assert wrong.status_code == 422
    with workspace_scope(cast.arman.id):
        assert User.objects.get(id=cast.babak.id).role.key == "member"
    right = sara.post(
        f"/w/arman/settings/users/{cast.babak.id}",
        {"name": "Babak N", "role": "manager"},
        headers={"HX-Request": "true"},
    )
    assert right.status_code == 200
    with workspace_scope(cast.arman.id):
        babak = User.objects.get(id=cast.babak.id)
        assert (babak.name, babak.role.key) == ("Babak N", "manager")
