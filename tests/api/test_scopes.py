"""Keys that were narrowed: never more than the scopes, never more than the role."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.administration.members.actions import create_token, rotate_token
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import ActorKind, user_actor
from peyvand.platform.identity.models import ApiToken
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program


def narrowed(cast: Any, user: Any, *scopes: str) -> Program:
    with workspace_scope(cast.arman.id):
        ctx = Context(user_actor(cast.arman.id, user.id), "web")
        return Program(create_token(ctx, user, scopes=scopes))


def test_a_key_reaches_only_what_it_was_given_for(cast: Any, sara: Any) -> None:
    company = sara.post("companies", {"name": "Avand"}).json
    sara.post("people", {"name": "Neda", "company": company["id"]})
    reader = narrowed(cast, cast.sara, "company.view", "person.*")
    assert reader.get("companies").status == 200
    assert reader.post("companies", {"name": "x"}).status == 403
    assert reader.patch(f"companies/{company['id']}", {"city": "x"}).status == 403
    assert reader.post("people", {"name": "x"}).status == 201
    assert reader.get("deals").status == 403
    assert reader.get("me").json["scopes"] == ["company.view", "person.*"]
    assert reader.get("me").json["may"]["deals"] == {}
    assert set(reader.get("people", expand="owner").json["items"][0]["owner"]) == {"id", "title"}
    everything = narrowed(cast, cast.sara, "*.view")
    assert everything.get("deals").status == 200
    assert everything.post("deals", {"name": "x"}).status == 403
    assert sara.get("me").json["scopes"] is None


def test_a_scope_gives_nothing_that_the_role_does_not(cast: Any, sara: Any) -> None:
    sara.post("companies", {"name": "Sara's"})
    babak = narrowed(cast, cast.babak, "*", "webhook.*")
    assert babak.get("companies").json["items"] == []
    assert babak.get("webhooks").status == 403
    only = narrowed(cast, cast.babak, "webhook.*")
    assert only.get("webhooks").status == 403


def test_what_was_narrowed_cannot_be_widened(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        actor = user_actor(cast.arman.id, cast.sara.id, ActorKind.TOKEN).narrowed(["token.*", "user.*"])
        with pytest.raises(NotAllowed):
            create_token(Context(actor, "api"), cast.mina)
        assert not actor.grants.covers(actor.grants)


def test_unknown_scopes_are_refused(cast: Any) -> None:
    with pytest.raises(Invalid):
        narrowed(cast, cast.sara, "nosuch.view")


def test_a_new_secret_ends_the_old_one(cast: Any, sara: Any, browse: Any) -> None:
    key = narrowed(cast, cast.sara, "company.view")
    with workspace_scope(cast.arman.id):
        row = ApiToken.objects.order_by("-id").first()
        ctx = Context(user_actor(cast.arman.id, cast.sara.id), "web")
        fresh = Program(rotate_token(ctx, row.pk))
    assert key.get("companies").status == 401
    assert fresh.get("companies").status == 200
    assert fresh.get("people").status == 403
    page = browse(cast.sara)
    shown = page.get("/w/arman/settings/tokens").content.decode()
    assert f"/w/arman/settings/tokens/{row.pk}/renew" in shown
    assert "pv_" in page.post(f"/w/arman/settings/tokens/{row.pk}/renew").content.decode()
    assert fresh.get("companies").status == 401
    form = page.get("/w/arman/settings/tokens/new").content.decode()
    assert 'value="deal.view"' in form
    made = page.post("/w/arman/settings/tokens/new", {"name": "x", "days": "30", "scopes": ["", "deal.view"]})
    assert made.status_code == 200
    with workspace_scope(cast.arman.id):
        assert ApiToken.objects.order_by("-id").first().scopes == ["deal.view"]
