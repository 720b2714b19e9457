"""The screens of retention: saying a rule, seeing what it would do, switching it on, what it did, and holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from peyvand.administration.retention.jobs import work_on
from peyvand.administration.retention.models import RetentionHold, RetentionRule, RetentionRun
from peyvand.kernel import clock
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON = object_named("person")
AT = "/w/arman/settings/retention"
HX = {"HTTP_HX_REQUEST": "true"}
SAID = {"name": "سرنخ‌های کهنه", "months": "۱۲", "since": "untouched", "deed": "bin", "condition": ""}


@pytest.fixture
def old(cast: Any, acting: Callable[..., Any]) -> list[int]:
    """Two people whom nobody touched for two years, one of them in Yazd."""
    at = clock.now() - timedelta(days=730)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        with clock.freeze(at):
            ids = [
                create_record(ctx, PERSON, {"family_name": n, "city": c}).id
                for n, c in (("یک", "یزد"), ("دو", "ری"))
            ]
        with connection.cursor() as cursor:
            cursor.execute("update person set updated_at = %s", [at])
    return ids


def mark(html: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', html)
    assert found
    return found[1]


def test_a_rule_is_said_seen_switched_on_and_does_its_work(cast: Any, browse: Any, old: list[int]) -> None:
    sara = browse(cast.sara)
    assert f'href="{AT}/new?object=person"' in sara.get(f"{AT}/new").content.decode()
    form = sara.get(f"{AT}/new?object=person").content.decode()
    assert 'value="untouched"' in form
    assert 'value="erase"' in form
    condition = json.dumps({"and": [{"field": "city", "op": "is", "value": "یزد"}]})
    answer = sara.post(f"{AT}/new?object=person", {**SAID, "condition": condition})
    with workspace_scope(cast.arman.id):
        rule = RetentionRule.objects.get()
    assert (rule.months, rule.is_on, answer.url) == (12, False, f"{AT}/{rule.id}/trial")
    page = sara.get(answer.url).content.decode()
    assert f"/people/{old[0]}/" in page
    assert f"/people/{old[1]}/" not in page
    refused = sara.post(f"{AT}/{rule.id}/on", {"seen": "0"})
    assert refused.status_code == 422
    assert sara.post(f"{AT}/{rule.id}/on", {"seen": mark(page)}).status_code == 302
    assert sara.post(f"{AT}/{rule.id}/run").status_code == 302
    with workspace_scope(cast.arman.id):
        work_on(cast.arman, run_id=RetentionRun.objects.get().id)
        assert list(PERSON.rows.filter(deleted_at=None).values_list("id", flat=True)) == [old[1]]
    listed = sara.get(AT).content.decode()
    assert "۱ انجام‌شده" in listed
    assert "یزد" in listed
    assert "۱ انجام‌شده" in sara.get(f"{AT}/{rule.id}/trial").content.decode()
    audit = sara.get("/w/arman/settings/audit").content.decode()
    assert "قاعدهٔ ماندگاری" in audit


def test_a_wrong_rule_is_shown_again_with_what_was_typed(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    for wrong in ({"months": "x"}, {"name": ""}, {"since": "city"}, {"deed": "burn"}, {"condition": "{"}):
        answer = sara.post(f"{AT}/new?object=person", {**SAID, **wrong})
        assert answer.status_code == 422, wrong
        assert ("سرنخ‌های کهنه" in answer.content.decode()) == ("name" not in wrong)
    with workspace_scope(cast.arman.id):
        assert not RetentionRule.objects.exists()


def test_a_rule_is_changed_switched_off_and_removed(cast: Any, browse: Any, old: list[int]) -> None:
    sara = browse(cast.sara)
    sara.post(f"{AT}/new?object=person", SAID)
    with workspace_scope(cast.arman.id):
        id = RetentionRule.objects.get().id
    sara.post(f"{AT}/{id}/on", {"seen": mark(sara.get(f"{AT}/{id}/trial").content.decode())})
    assert sara.post(f"{AT}/{id}/off").status_code == 302
    with workspace_scope(cast.arman.id):
        assert not RetentionRule.objects.get().is_on
    assert sara.post(f"{AT}/{id}/run").status_code == 422
    assert sara.post(f"{AT}/{id}", {**SAID, "name": "دیگر"}).status_code == 302
    assert "دیگر" in sara.get(f"{AT}/{id}").content.decode()
    assert sara.post(f"{AT}/{id}/remove").status_code == 302
    assert sara.get(f"{AT}/{id}").status_code == 404


def test_a_rule_about_what_is_gone_is_shown_and_can_be_removed(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        rule = RetentionRule.objects.create(
            name="گذشته", object="c_gone", since="untouched", months=1, deed="bin", is_on=True
        )
    sara = browse(cast.sara)
    assert "گذشته" in sara.get(AT).content.decode()
    assert sara.post(f"{AT}/{rule.id}/remove").status_code == 302


def test_only_who_has_the_right_by_name_comes_here(cast: Any, browse: Any, old: list[int]) -> None:
    for user in (cast.mina, cast.babak, cast.viewer):
        client = browse(user)
        for address in (AT, f"{AT}/new", f"{AT}/hold/person/{old[0]}"):
            assert client.get(address).status_code == 403, address
        assert client.post(f"{AT}/new?object=person", SAID).status_code == 403
        assert client.post(f"{AT}/hold/person/{old[0]}", {"reason": "x"}).status_code == 403


def test_who_may_manage_but_not_switch_on_is_told_so(cast: Any, browse: Any, old: list[int]) -> None:
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="clerk",
            name="Clerk",
            grants={"*.view": "all", "retention.manage": "all"},
            fields={"person.city": "hidden"},
        )
        User.objects.filter(id=cast.mina.id).update(role=role)
        access_changed(cast.arman.id)
    client = browse(cast.mina)
    # What is hidden from a role its rules cannot ask about.
    condition = json.dumps({"field": "city", "op": "is", "value": "یزد"})
    assert client.post(f"{AT}/new?object=person", {**SAID, "condition": condition}).status_code == 422
    assert client.post(f"{AT}/new?object=person", SAID).status_code == 302
    with workspace_scope(cast.arman.id):
        rule = RetentionRule.objects.get()
    assert 'name="seen"' not in client.get(f"{AT}/{rule.id}/trial").content.decode()
    assert client.post(f"{AT}/{rule.id}/on", {"seen": "x"}).status_code == 403
    with workspace_scope(cast.arman.id):
        RetentionRule.objects.update(condition=json.loads(condition))
    assert "یزد" not in client.get(AT).content.decode()


def test_a_hold_stands_on_the_record_and_only_some_read_why(cast: Any, browse: Any, old: list[int]) -> None:
    sara, page = browse(cast.sara), f"/w/arman/people/{old[0]}/"
    assert "retention/hold/person" in sara.get(page).content.decode()
    assert sara.post(f"{AT}/hold/person/{old[0]}", {"reason": " "}, **HX).status_code == 422
    assert sara.post(f"{AT}/hold/person/{old[0]}", {"reason": "پروندهٔ دوازده"}, **HX).status_code == 200
    assert "پروندهٔ دوازده" in sara.get(page).content.decode()
    assert "پروندهٔ دوازده" in sara.get(AT).content.decode()
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="clerk", name="Clerk", grants={"*.view": "all", "retention.manage": "all"}
        )
        User.objects.filter(id=cast.mina.id).update(role=role)
        access_changed(cast.arman.id)
    listed = browse(cast.mina).get(AT).content.decode()
    assert f"/people/{old[0]}/" in listed
    assert "پروندهٔ دوازده" not in listed
    seen = browse(cast.viewer).get(page).content.decode()
    assert "منع حذف خودکار" in seen
    assert "پروندهٔ دوازده" not in seen
    assert "retention/hold/person" not in seen
    assert sara.post(f"{AT}/hold/person/{old[0]}", {"lift": "1"}, **HX).status_code == 200
    with workspace_scope(cast.arman.id):
        assert not RetentionHold.objects.exists()
    assert sara.get(f"{AT}/hold/person/999999999").status_code == 404
    assert sara.get(f"{AT}/hold/role/1").status_code in (403, 404)


def test_what_is_wrong_stands_at_its_field_and_keeps_what_was_typed(cast: Any, browse: Any) -> None:
    page = browse(cast.sara).post(f"{AT}/new?object=person", {**SAID, "months": "یک"}).content.decode()
    assert 'aria-describedby="months-e"' in page
    assert 'id="months-e"' in page
    assert 'value="یک"' in page
    assert 'id="name-e"' not in page
    assert page.count('class="notice bad') == 0


def test_switching_on_asks_with_the_rule_its_deed_and_how_many(
    cast: Any, browse: Any, old: list[int]
) -> None:
    sara = browse(cast.sara)
    trial = sara.get(sara.post(f"{AT}/new?object=person", SAID).url).content.decode()
    found = re.search(r'/on" data-confirm="([^"]+)"', trial)
    assert found
    for part in (SAID["name"], "انتقال به سطل", "۲ رکورد"):
        assert part in found[1]
