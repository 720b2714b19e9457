"""Lent roles, looking through other eyes, the explainer, the role's table, territories and shares on the screen."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from peyvand.administration.members.actions import create_token, role_named, rotate_token
from peyvand.administration.members.elevation import elevate, end_elevation
from peyvand.administration.members.invitations import invite_user
from peyvand.administration.members.roles import change_role, give_role
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound
from peyvand.operational.contacts.public import COMPANY
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.identity.actor import ActorKind, user_actor
from peyvand.platform.identity.models import ApiToken, Elevation, RecordShare, Role, Territory, User
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of

HTMX = {"HX-Request": "true"}
WHY = "Looking into ticket 12"


def lend(cast: Any, acting: Any, hours: int = 2, role: str = "admin") -> Elevation:
    return elevate(acting(cast.sara), User.objects.get(id=cast.viewer.id), role=role, hours=hours, reason=WHY)


def test_a_lent_role_works_marks_the_audit_and_ends_by_itself(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        assert not decide(acting(cast.viewer).actor, "company.create")
        lend(cast, acting)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.viewer)
        assert ctx.actor.role == "admin"
        create_record(ctx, COMPANY, {"name": "Made with it"})
        line = AuditEntry.objects.get(action="company.create")
        assert line.detail["elevation"] == ctx.actor.raised.id
        assert AuditEntry.objects.get(action="user.elevate").actor_id == cast.sara.id
        with clock.freeze(clock.now() + timedelta(hours=3)):
            later = acting(cast.viewer).actor
            assert later.raised is None
            assert not decide(later, "company.create")


def test_it_is_taken_back_at_once(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        lend(cast, acting)
    with workspace_scope(cast.arman.id):
        assert decide(acting(cast.viewer).actor, "company.create")
        end_elevation(acting(cast.sara), User.objects.get(id=cast.viewer.id))
    with workspace_scope(cast.arman.id):
        assert not decide(acting(cast.viewer).actor, "company.create")
    with workspace_scope(cast.arman.id), pytest.raises(NotFound):
        end_elevation(acting(cast.sara), User.objects.get(id=cast.viewer.id))


def test_it_is_for_the_person_and_not_for_their_programs(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        lend(cast, acting)
    with workspace_scope(cast.arman.id):
        assert user_actor(cast.arman.id, cast.viewer.id, ActorKind.TOKEN).role == "viewer"
    assert program_of(cast.viewer, cast.arman).post("companies", {"name": "By a key"}).status == 403


def test_what_was_lent_cannot_be_handed_on(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        lend(cast, acting)
    for attempt in (
        lambda ctx: give_role(ctx, User.objects.get(id=cast.viewer.id), role="admin"),
        lambda ctx: elevate(ctx, User.objects.get(id=cast.viewer.id), role="admin", hours=24, reason="more"),
        lambda ctx: elevate(
            ctx, User.objects.get(id=cast.babak.id), role="admin", hours=1, reason="for a friend"
        ),
        lambda ctx: invite_user(ctx, email="me@evil.example", role="admin"),
        lambda ctx: create_token(ctx, User.objects.get(id=cast.mina.id)),
    ):
        with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
            attempt(acting(cast.viewer))


def test_nobody_gets_the_key_of_whoever_may_more(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), User.objects.get(id=cast.mina.id), role="admin")
        secret = create_token(acting(cast.sara), cast.sara)
        hers = ApiToken.objects.get(user_id=cast.sara.id)
        create_token(acting(cast.sara), cast.babak)
        his = ApiToken.objects.get(user_id=cast.babak.id)
        lend(cast, acting)
    for who in (cast.mina, cast.viewer):
        with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
            rotate_token(acting(who), hers.id)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        rotate_token(acting(cast.viewer), his.id)
    assert Program(secret).get("me").status == 200
    with workspace_scope(cast.arman.id):
        fresh = rotate_token(acting(cast.mina), his.id)
    assert Program(fresh).get("me").json["user"]["title"] == cast.babak.name


def test_lending_has_its_bounds(cast: Any, acting: Any) -> None:
    for wrong in ({"hours": 25}, {"hours": 0}, {"reason": " "}):
        asked = {"role": "admin", "hours": 2, "reason": WHY} | wrong
        with workspace_scope(cast.arman.id), pytest.raises(Invalid):
            elevate(acting(cast.sara), User.objects.get(id=cast.viewer.id), **asked)
    for who in (cast.mina, cast.babak, cast.viewer):
        with workspace_scope(cast.arman.id), pytest.raises((NotAllowed, NotFound)):
            elevate(acting(who), User.objects.get(id=cast.viewer.id), role="member", hours=1, reason=WHY)
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), User.objects.get(id=cast.mina.id), role="admin")
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        elevate(acting(cast.mina), User.objects.get(id=cast.mina.id), role="owner", hours=1, reason=WHY)


def test_a_lent_role_is_on_every_page_and_in_the_list(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    posted = {"role": "admin", "hours": "2", "reason": WHY}
    assert (
        sara.post(f"/w/arman/settings/access/{cast.viewer.id}/lend", posted, headers=HTMX).status_code == 200
    )
    page = browse(cast.viewer).get("/w/arman/people/").content.decode()
    assert "You act by the lent role" in page or "نقش امانتی" in page
    assert WHY in sara.get("/w/arman/settings/access/lent").content.decode()
    assert WHY in sara.get(f"/w/arman/settings/access?user={cast.viewer.id}").content.decode()
    sara.post(f"/w/arman/settings/access/{cast.viewer.id}/take-back")
    assert browse(cast.viewer).get("/w/arman/companies/new").status_code == 403


def test_other_eyes_see_and_have_no_hand(cast: Any, browse: Any) -> None:
    deal = program_of(cast.sara, cast.arman).post("deals", {"name": "Sara's own"}).json["id"]
    sara = browse(cast.sara)
    assert sara.get(f"/w/arman/deals/{deal}/").status_code == 200
    assert sara.post(f"/w/arman/settings/access/{cast.babak.id}/look").status_code == 302
    # What Babak may not see is gone, and nothing can be written, by any address.
    assert sara.get(f"/w/arman/deals/{deal}/").status_code == 404
    assert cast.babak.name in sara.get("/w/arman/people/").content.decode()
    for path, posted in (
        ("people/new", {"given_name": "X"}), (f"deals/{deal}/delete", {}), ("settings/access/1/look", {}), ("language", {}),
    ):  # fmt: skip
        assert sara.post(f"/w/arman/{path}", posted).status_code == 403, path
    assert sara.get("/w/arman/account/").status_code == 403
    assert sara.post("/w/arman/settings/preview/end").status_code == 302
    assert sara.get(f"/w/arman/deals/{deal}/").status_code == 200
    with workspace_scope(cast.arman.id):
        assert AuditEntry.objects.get(action="user.view_as").object_id == cast.babak.id


def test_nobody_looks_through_eyes_that_see_more(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        give_role(acting(cast.sara), User.objects.get(id=cast.mina.id), role="admin")
    mina = browse(cast.mina)
    assert mina.post(f"/w/arman/settings/access/{cast.sara.id}/look").status_code == 403
    assert mina.post(f"/w/arman/settings/access/{cast.babak.id}/look").status_code == 302
    assert "settings/preview/end" in mina.get("/w/arman/people/").content.decode()
    with workspace_scope(cast.arman.id):
        # The right to look is asked anew for every page.
        User.objects.filter(id=cast.mina.id).update(role=role_named("member"))
        give_role(acting(cast.sara), User.objects.get(id=cast.babak.id), role="viewer")
    assert "settings/preview/end" not in mina.get("/w/arman/people/").content.decode()
    assert browse(cast.babak).post(f"/w/arman/settings/access/{cast.sara.id}/look").status_code == 403


def test_the_explainer_says_which_line_decides(cast: Any, browse: Any) -> None:
    sara = program_of(cast.sara, cast.arman)
    hers = sara.post("deals", {"name": "Hers"}).json["id"]
    his = sara.post("deals", {"name": "His", "owner": cast.babak.id}).json["id"]
    page = browse(cast.sara)
    for id, allowed in ((his, True), (hers, False)):
        found = page.get(f"/w/arman/settings/access?user={cast.babak.id}&record=deal:{id}").content.decode()
        assert "دیدن · همهٔ نوع‌های رکورد" in found
        # What a line for all objects gives is told once, beside it, and under no object.
        [told] = re.findall(r"برای همهٔ نوع‌های رکورد:(.*?)</p>", found, re.DOTALL)
        assert re.search(r"دیدن: <b>[^<]+</b>", told)
        [deals] = [row for row in found.split("<tr>") if '<th scope="row">معامله‌ها<' in row]
        assert '<span class="xs faint line">' not in deals
        assert "*." not in found
        assert found.count('class="bdg good"') == (4 if allowed else 0), found
    with workspace_scope(cast.arman.id):
        RecordShare.objects.create(object="deal", object_id=hers, user=cast.babak)
        from peyvand.platform.identity.actor import access_changed

        access_changed(cast.arman.id)
    found = page.get(f"/w/arman/settings/access?user={cast.babak.id}&record=deal:{hers}").content.decode()
    assert found.count('class="bdg good"') == 1
    for nowhere in ("deal:999999", "nothing:1", "deal", "' or 1=1"):
        assert page.get("/w/arman/settings/access", {"record": nowhere}).status_code == 200
    for other in (cast.mina, cast.babak, cast.viewer):
        assert browse(other).get("/w/arman/settings/access").status_code == 403


def test_the_explainer_says_a_line_once_for_all_that_it_decides(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="r8", name="R8", grants={"deal.*": "own", "deal.export": "all", "consent.*": "all"}
        )
        give_role(Context(user_actor(cast.arman.id, cast.sara.id), "web"), cast.babak, role=role.key)
    page = browse(cast.sara).get(f"/w/arman/settings/access?user={cast.babak.id}").content.decode()
    [deals] = [row for row in page.split("<tr>") if '<th scope="row">معامله‌ها<' in row]
    assert deals.count("بقیهٔ کارها: مال خودش") == deals.count("برون‌برد: همه") == 1, deals
    [consents] = [row for row in page.split("<tr>") if '<th scope="row">رضایت‌ها<' in row]
    assert consents.count("<td>") == 3, "nobody changes, removes or shares an entry"


def test_nobody_is_offered_a_verb_that_nobody_has(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        Role.objects.create(key="r7", name="R7", grants={"*.view": "all"})
    page = browse(cast.sara).get("/w/arman/settings/roles/r7").content.decode()
    assert 'name="grant:consent.create"' in page
    assert 'name="grant:purpose.update"' in page
    for verb in ("update", "delete", "share"):
        assert f'name="grant:consent.{verb}"' not in page


def test_saving_a_role_keeps_what_the_page_does_not_show(cast: Any, browse: Any) -> None:
    rules = {"note.text": "hidden", "deal.name": "read", "deal.amount": "hidden"}
    with workspace_scope(cast.arman.id):
        Role.objects.create(key="r9", name="R9", grants={"*.view": "all"}, fields=rules)
    posted = {"field:deal.amount": "masked", "grant:deal.export": "own"}
    assert browse(cast.sara).post("/w/arman/settings/roles/r9", posted, headers=HTMX).status_code == 200
    with workspace_scope(cast.arman.id):
        role = role_named("r9")
        assert role.fields == rules | {"deal.amount": "masked"}
        assert role.grants == {"*.view": "all", "deal.export": "own"}


def test_a_role_takes_its_condition_from_a_view(cast: Any, acting: Any, browse: Any) -> None:
    sara = program_of(cast.sara, cast.arman)
    for name, amount in (("Small", 10), ("Large", 900)):
        sara.post("deals", {"name": name, "amount": amount})
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(key="big", name="Big", grants={"stage.view": "all"})
        User.objects.filter(id=cast.babak.id).update(role=role)
        view = SavedView.objects.create(
            object="deal",
            name="Large ones",
            owner=cast.sara,
            condition={"field": "amount", "op": "gt", "value": 500},
        )
    posted = {"grant:deal.view": "condition"}
    assert browse(cast.sara).post("/w/arman/settings/roles/big", posted, headers=HTMX).status_code == 422
    posted["condition:deal"] = str(view.pk)
    assert browse(cast.sara).post("/w/arman/settings/roles/big", posted, headers=HTMX).status_code == 200
    assert [d["title"] for d in program_of(cast.babak, cast.arman).get("deals").json["items"]] == ["Large"]
    page = browse(cast.sara).get("/w/arman/settings/roles/big").content.decode()
    assert "۵۰ تومان" in page
    # Saved again without choosing anew, it stays.
    assert browse(cast.sara).post("/w/arman/settings/roles/big", {}, headers=HTMX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert role_named("big").conditions == {"deal.view": view.condition}


def test_rules_that_cannot_hold_are_refused(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        Role.objects.create(key="r", name="R")
    for wrong in (
        {"grants": {"*": "condition"}, "fields": {}},
        {"grants": {"deal.view": "condition"}, "fields": {}},
        {
            "grants": {"deal.view": "condition"},
            "fields": {},
            "conditions": {"deal.view": {"field": "nothing", "op": "is"}},
        },
        {"grants": {}, "fields": {"deal.name": "hidden"}},
        {"grants": {"deal.view": "everything"}, "fields": {}},
    ):
        with workspace_scope(cast.arman.id), pytest.raises(Invalid):
            change_role(acting(cast.sara), role_named("r"), **wrong)


def test_a_territory_is_drawn_from_views(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    sara.post("/w/arman/settings/territories/new", {"name": "South"}, headers=HTMX)
    with workspace_scope(cast.arman.id):
        id = Territory.objects.get().id
        view = SavedView.objects.create(
            object="company",
            name="Fars",
            owner=cast.sara,
            condition={"field": "city", "op": "is", "value": "شیراز"},
        )
    posted = {"condition:company": str(view.pk), "member": [str(cast.babak.id)]}
    assert sara.post(f"/w/arman/settings/territories/{id}", posted, headers=HTMX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert [g.id for g in user_actor(cast.arman.id, cast.babak.id).grounds] == [id]
        assert list(Territory.objects.get().conditions) == ["company"]
    assert "شیراز" in sara.get(f"/w/arman/settings/territories/{id}").content.decode()
    assert browse(cast.mina).get("/w/arman/settings/territories").status_code == 403
    assert sara.post(f"/w/arman/settings/territories/{id}/delete", headers=HTMX).status_code == 200


def test_a_record_is_shared_from_its_page(cast: Any, browse: Any) -> None:
    deal = program_of(cast.sara, cast.arman).post("deals", {"name": "Ours"}).json["id"]
    sara, babak = browse(cast.sara), browse(cast.babak)
    assert f"/deals/{deal}/share" in sara.get(f"/w/arman/deals/{deal}/").content.decode()
    assert babak.get(f"/w/arman/deals/{deal}/").status_code == 404
    posted = {"user": str(cast.babak.id), "access": "view", "until": "2099-01-01"}
    assert sara.post(f"/w/arman/deals/{deal}/share", posted, headers=HTMX).status_code == 200
    page = babak.get(f"/w/arman/deals/{deal}/").content.decode()
    assert "Ours" in page
    assert f"/deals/{deal}/share" not in page
    assert babak.get(f"/w/arman/deals/{deal}/share").status_code == 403
    timeline = program_of(cast.babak, cast.arman).get(f"deals/{deal}/timeline").json["items"]
    assert any(item["type"] == "objects.record_shared.v1" for item in timeline)
    assert sara.post(f"/w/arman/deals/{deal}/share", {"access": "view"}, headers=HTMX).status_code == 422
    with workspace_scope(cast.arman.id):
        share = RecordShare.objects.get()
    assert sara.post(f"/w/arman/deals/{deal}/share/{share.id}/end", headers=HTMX).status_code == 200
    assert babak.get(f"/w/arman/deals/{deal}/").status_code == 404


def test_teams_and_managers_never_close_a_ring(cast: Any) -> None:
    sara = program_of(cast.sara, cast.arman)
    a = sara.post("teams", {"name": "A"}).json["id"]
    b = sara.post("teams", {"name": "B", "parent": a}).json["id"]
    assert sara.patch(f"teams/{a}", {"parent": b}).status == 422
    assert sara.patch(f"teams/{a}", {"parent": a}).status == 422
    assert sara.patch(f"users/{cast.babak.id}", {"manager": cast.babak.id}).status == 422
    assert sara.patch(f"users/{cast.mina.id}", {"manager": cast.babak.id}).status == 422
    assert sara.patch(f"users/{cast.viewer.id}", {"manager": cast.babak.id}).status == 200


def test_the_audit_is_narrowed_and_taken_along(cast: Any, browse: Any, acting: Any) -> None:
    sara = program_of(cast.sara, cast.arman)
    company = sara.post("companies", {"name": "=cmd()"}).json["id"]
    sara.delete(f"companies/{company}")
    page = browse(cast.sara)
    table = page.get(
        "/w/arman/settings/audit", {"format": "csv", "object": "company", "way": "api"}
    ).content.decode()
    assert table.count("\n") == 3
    assert "'=cmd()" in table
    assert table.startswith("\ufeff")
    only = page.get("/w/arman/settings/audit", {"format": "csv", "action": ".delete"}).content.decode()
    assert only.count("\n") == 2
    assert (
        page.get("/w/arman/settings/audit", {"lent": "1", "format": "csv"}).content.decode().count("\n") == 1
    )
    assert browse(cast.mina).get("/w/arman/settings/audit", {"format": "csv"}).status_code == 403
