"""Rights stay what they were given as: no wildcard, loan, share or key makes more of them, or makes them last."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from peyvand.administration.applications.actions import register_application
from peyvand.administration.applications.models import Application, Grant, RefreshToken, digest
from peyvand.administration.members.elevation import elevate, end_elevation
from peyvand.administration.members.previews import view_as
from peyvand.administration.members.roles import give_role, switch_off, switch_on
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL
from peyvand.platform.access.decisions import decide
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.models import ApiToken, Role, User
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.sharing import share_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of

FEW = ("person.erase", "person.hand_over", "user.elevate", "user.view_as")


def give(user: Any, grants: dict[str, str]) -> None:
    role = Role.objects.create(key=f"only-{user.id}", name=f"Only {user.id}", grants=grants)
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)


def again(user: Any) -> Any:
    return User.objects.get(id=user.id)


def test_a_wildcard_of_an_object_does_not_administer() -> None:
    wide = Grants.from_json({"person.*": "all", "user.*": "all"}, {})
    assert [wide.scope(o) for o in FEW] == ["none"] * 4
    assert wide.scope("person.update") == "all"
    named = Grants.from_json({"person.*": "own", "person.erase": "all"}, {})
    assert (named.scope("person.erase"), named.scope("person.hand_over")) == ("all", "none")
    narrowed = Grants.from_json({"*": "all", "person.*": "own", "user.*": "none"}, {})
    assert [narrowed.scope(o) for o in FEW] == ["own", "own", "none", "none"]
    assert not wide.covers(named)


def test_people_read_and_write_does_not_forget_them(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.sara), PERSON, {"given_name": "Nasrin", "family_name": "Azad"})
        give(cast.babak, {"person.*": "all"})
        ApiToken.objects.create(
            token_hash=digest("pva_x"), workspace_id=cast.arman.id, user_id=cast.sara.id, name="x", hint="pva_x",
            scopes=["person.*"],
        )  # fmt: skip
    for program in (program_of(cast.babak, cast.arman), Program("pva_x")):
        assert program.post(f"people/{person.id}/erase", {}).status == 403
        assert program.patch(f"people/{person.id}", {"given_name": "Nasim"}).status == 200


def test_a_loan_makes_nobody_smaller(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), cast.mina, role="admin")
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        elevate(acting(cast.mina), again(cast.sara), role="viewer", hours=24, reason="Because")
    with workspace_scope(cast.arman.id), pytest.raises(Invalid):
        elevate(acting(cast.sara), again(cast.mina), role="viewer", hours=24, reason="Because")
    with workspace_scope(cast.arman.id):
        assert user_actor(cast.arman.id, cast.sara.id).role == "owner"


def test_a_loan_leaves_nothing_behind(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        deal = create_record(acting(cast.sara), DEAL, {"name": "Hers"})
        give(cast.babak, {"deal.*": "below"})
        elevate(acting(cast.sara), again(cast.babak), role="admin", hours=1, reason="Because")
    users, teams = object_named("user"), object_named("team")
    for attempt in (
        lambda ctx: share_record(ctx, DEAL, deal, user=again(cast.babak), may_update=True),
        lambda ctx: update_record(ctx, users, again(cast.sara), {"manager": cast.babak.id}),
        lambda ctx: create_record(ctx, teams, {"name": "Mine", "lead": cast.babak.id}),
    ):
        with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
            attempt(acting(cast.babak))
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.babak), users, again(cast.sara), {"title": "Head"})
        end_elevation(acting(cast.sara), again(cast.babak))
    with workspace_scope(cast.arman.id):
        assert not decide(acting(cast.babak).actor, "deal.view", deal)


def test_own_is_another_set_for_each_who_looks(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.viewer, {"deal.view": "own"})
        give(cast.babak, {"deal.view": "own", "user.view": "all", "user.view_as": "all"})
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        view_as(acting(cast.babak), again(cast.viewer))
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), again(cast.mina), role="admin")
        view_as(acting(cast.mina), again(cast.viewer))


def test_who_is_switched_off_is_asked_anew_by_applications(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        application = Application.objects.create(
            client_id="pvc_x", workspace_id=cast.arman.id, name="x", redirect_uris=["https://x.example/cb"],
            scopes=["*"], user_id=cast.sara.id,
        )  # fmt: skip
        for user, text in ((cast.babak, "pvr_babak"), (cast.mina, "pvr_mina")):
            grant = Grant.objects.create(
                application=application, workspace_id=cast.arman.id, user_id=user.id, scopes=["*"]
            )
            ends = clock.now() + timedelta(days=3)
            RefreshToken.objects.create(token_hash=digest(text), grant=grant, expires_at=ends)
        switch_off(acting(cast.sara), again(cast.babak))
        switch_on(acting(cast.sara), again(cast.babak))

    def refreshed(text: str) -> int:
        sent = {"grant_type": "refresh_token", "refresh_token": text, "client_id": "pvc_x"}
        return Client().post("/oauth/token", sent, HTTP_HOST="localhost").status_code

    assert (refreshed("pvr_babak"), refreshed("pvr_mina")) == (400, 200)


@pytest.mark.parametrize(
    ("uri", "is_good"),
    [
        ("http://localhost:x@evil.example/cb", False),
        ("http://127.0.0.1:1@evil.example/", False),
        ("https://u:p@evil.example/", False),
        ("https://a.example\\@evil.example/", False),
        ("https://a.example\\.evil.example/", False),
        ("http://localhost:8080/cb", True),
        ("http://localhost/cb", True),
        ("http://[::1]:8080/cb", True),
        ("https://a.example/cb", True),
    ],
)
def test_people_are_sent_back_to_no_stranger(cast: Any, acting: Any, uri: str, is_good: bool) -> None:
    def register() -> None:
        with workspace_scope(cast.arman.id):
            register_application(
                acting(cast.sara), name="x", redirect_uris=[uri], scopes=[], is_public=True, is_service=False
            )

    if is_good:
        register()
    else:
        with pytest.raises(Invalid):
            register()


def test_what_was_shared_is_not_taken_over(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give(cast.babak, {"deal.*": "own", "stage.view": "all", "pipeline.view": "all", "user.view": "all"})
        hers = create_record(acting(cast.sara), DEAL, {"name": "Hers"})
        share_record(acting(cast.sara), DEAL, hers, user=again(cast.babak), may_update=True)
        his = create_record(acting(cast.babak), DEAL, {"name": "His"})
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        update_record(acting(cast.babak), DEAL, DEAL.rows.get(id=hers.id), {"owner": cast.babak.id})
    with workspace_scope(cast.arman.id):
        same = {"name": "Still hers", "owner": cast.sara.id}
        update_record(acting(cast.babak), DEAL, DEAL.rows.get(id=hers.id), same)
        update_record(acting(cast.babak), DEAL, DEAL.rows.get(id=his.id), {"owner": cast.sara.id})
