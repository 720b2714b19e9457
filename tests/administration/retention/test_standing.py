"""What a rule stands on: who switched it on, the fields it asks about, who may know of them; and holds beside its records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection, transaction

from peyvand.administration.members.elevation import elevate
from peyvand.administration.quality.models import QualityRules
from peyvand.administration.retention.actions import (
    hold_record,
    lift_hold,
    run_now,
    save_rule,
    switch_off,
    switch_on,
)
from peyvand.administration.retention.models import RetentionHold, RetentionRule, RetentionRun
from peyvand.administration.retention.preview import preview
from peyvand.administration.retention.rules import due, mark_of
from peyvand.administration.retention.running import begin_run, go_on
from peyvand.administration.schema.actions import add_field, change_field
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

PERSON, COMPANY, DEAL, NOTE = (object_named(key) for key in ("person", "company", "deal", "note"))
CHANGED = "از زمانی که این قاعده دیده شده"
AT = "/w/arman/settings/retention"
EVERY = {"*.view": "all", "retention.manage": "all", "retention.switch_on": "all"}


@pytest.fixture
def sara(cast: Any, acting: Callable[..., Any]) -> Iterator[Any]:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def give(user: Any, grants: dict[str, str], fields: dict[str, str] | None = None) -> Any:
    """The user with a role of the workspace's own."""
    role = Role.objects.update_or_create(
        key="keeper", defaults={"name": "Keeper", "grants": grants, "fields": fields or {}}
    )[0]
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)
    return User.objects.get(id=user.id)


def old(ctx: Any, spec: Any, **values: Any) -> Any:
    """A record made and last touched long ago."""
    made = create_record(ctx, spec, values)
    age(spec, made)
    return made


def age(spec: Any, record: Any) -> None:
    at = clock.now() - timedelta(days=2000)
    with connection.cursor() as cursor:
        table = spec.model._meta.db_table
        cursor.execute(
            f"update {table} set created_at = %s, updated_at = %s where id = %s", [at, at, record.id]
        )


def rule_of(ctx: Any, **said: Any) -> RetentionRule:
    """A rule that is off."""
    raw = {"name": "قاعده", "object": "person", "since": "created_at", "months": 12, "deed": "bin", **said}
    return save_rule(ctx, raw)


def on(ctx: Any, rule: RetentionRule) -> RetentionRule:
    switch_on(ctx, rule.id, mark_of(rule))
    rule.refresh_from_db()
    return rule


def night(tenant: Any, rule: RetentionRule) -> RetentionRun:
    run = begin_run(tenant, rule)
    assert run is not None
    while go_on(tenant, run):
        pass
    rule.refresh_from_db()
    return run


def reasons(run: RetentionRun) -> list[str]:
    return [reason["template"] for reason in run.reasons]


def test_whoever_has_something_on_hold_about_them_is_not_forgotten(cast: Any, sara: Any) -> None:
    held, other = old(sara, PERSON, family_name="یک"), old(sara, PERSON, family_name="دو")
    notes = [create_record(sara, NOTE, {"about": f"person:{p.id}", "text": "دعوا"}) for p in (held, other)]
    hold_record(sara, "note", notes[0].id, "دعوا")
    run = night(cast.arman, on(sara, rule_of(sara, deed="erase")))
    assert (run.done, run.left) == (1, 1)
    assert reasons(run) == ["Something written about this person is on hold."]
    assert set(NOTE.rows.values_list("id", flat=True)) == {notes[0].id}
    assert set(PERSON.rows.values_list("id", flat=True)) == {held.id}
    lift_hold(sara, "note", notes[0].id)
    assert night(cast.arman, RetentionRule.objects.get()).done == 1


@pytest.mark.parametrize("deed", ["delete", "erase"])
def test_what_a_record_on_hold_names_stays(cast: Any, sara: Any, deed: str) -> None:
    held, other = old(sara, PERSON, family_name="یک"), old(sara, PERSON, family_name="دو")
    own = add_field(sara, "company", "link", labels={"fa": "ضامن"}, to="person")
    deal = create_record(sara, DEAL, {"name": "فروش", "person": held.id})
    guaranteed = old(sara, PERSON, family_name="سه")
    company = create_record(sara, COMPANY, {"name": "شرکت", own.key: guaranteed.id})
    for key, record in (("deal", deal), ("company", company)):
        hold_record(sara, key, record.id, "دعوا")
    rule = rule_of(sara, deed=deed)
    if deed == "delete":
        assert sum(count for _, count in preview(sara, rule).refused) == 2
    run = night(cast.arman, on(sara, rule))
    assert (run.done, run.left, reasons(run)) == (1, 2, ["A record that is on hold names it."])
    assert set(PERSON.rows.values_list("id", flat=True)) == {held.id, guaranteed.id}
    assert DEAL.rows.get(id=deal.id).person_id == held.id
    assert not PERSON.rows.filter(id=other.id).exists()


def formula_rule(ctx: Any) -> tuple[Any, Any, RetentionRule]:
    """(the formula, a deal that it spares, the rule that asks it by way of another formula)."""
    inner = add_field(ctx, "deal", "formula", labels={"fa": "یک"}, formula="amount * 0", result="number")
    outer = add_field(
        ctx, "deal", "formula", labels={"fa": "دو"}, formula=f"{inner.key} * 2", result="number"
    )
    deal = old(ctx, DEAL, name="فروش", amount=5)
    rule = rule_of(ctx, object="deal", condition={"not": {"field": outer.key, "op": "lt", "value": 1}})
    return inner, deal, rule


def test_a_rule_stops_when_a_formula_behind_its_condition_was_changed(
    cast: Any, acting: Callable[..., Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        inner, deal, rule = formula_rule(ctx)
        on(ctx, rule)
        assert night(cast.arman, rule).state == "done"
        change_field(ctx, inner, labels={"fa": "یک"}, formula="amount * 10", result="number")
        update_record(ctx, DEAL, DEAL.rows.get(id=deal.id), {"amount": 6})
        age(DEAL, deal)
        assert due(cast.arman, rule).count() == 1
        # Told before the night comes, and not worked at by hand either.
        with pytest.raises(RuleViolation), transaction.atomic():
            run_now(ctx, rule.id)
    assert browse(cast.sara).get(AT).content.decode().count(CHANGED) == 1
    with workspace_scope(cast.arman.id):
        run = night(cast.arman, rule)
        assert (run.state, run.done, rule.is_on) == ("stopped", 0, False)
        assert reasons(run) == ["A field that this rule asks about was changed since it was looked at."]
    page = browse(cast.sara).get(AT).content.decode()
    # Why it stopped, and beside its last night.
    assert page.count(CHANGED) == 2
    assert f"چه کسی می‌تواند: {cast.sara.name}" in page
    with workspace_scope(cast.arman.id):
        # Looked at as it stands now, it goes on.
        assert night(cast.arman, on(acting(cast.sara), rule)).done == 1


def test_a_label_changes_nothing_that_a_rule_means(cast: Any, sara: Any) -> None:
    inner, _deal, rule = formula_rule(sara)
    seen = mark_of(rule)
    change_field(sara, inner, labels={"fa": "نام دیگر"}, formula="amount * 0", result="number")
    assert mark_of(rule) == seen


def test_what_quality_asks_is_part_of_a_rule_that_asks_for_quality(cast: Any, sara: Any) -> None:
    rule = rule_of(sara, condition={"field": "quality", "op": "is", "value": "alike"})
    on(sara, rule)
    QualityRules.objects.create(object="person", months=12, fields={"city": {"weight": 1, "is_key": True}})
    assert night(cast.arman, rule).state == "stopped"


@pytest.mark.parametrize("lost", ["user", "right", "deed", "rows", "field"])
def test_a_rule_stops_when_its_switcher_is_off_or_lost_the_right(
    cast: Any, acting: Callable[..., Any], browse: Any, lost: str
) -> None:
    grants = {**EVERY, "person.delete": "all"}
    with workspace_scope(cast.arman.id):
        person = old(acting(cast.sara), PERSON, family_name="یک", city="یزد")
        rule = rule_of(acting(cast.sara), condition={"field": "city", "op": "is", "value": "یزد"})
        on(acting(give(cast.babak, grants)), rule)
        grants |= {
            "right": {"retention.switch_on": "none"}, "deed": {"person.delete": "own"}, "rows": {"person.view": "team"},
        }.get(lost, {})  # fmt: skip
        give(cast.babak, grants, {"person.city": "hidden"} if lost == "field" else {})
        if lost == "user":
            User.objects.filter(id=cast.babak.id).update(is_active=False)
            access_changed(cast.arman.id)
        run = night(cast.arman, rule)
        assert (run.state, run.done, rule.is_on, len(run.reasons)) == ("stopped", 0, False, 1)
        assert PERSON.rows.get(id=person.id).deleted_at is None
    page = browse(cast.sara).get(AT).content.decode()
    assert page.count("کسی که این قاعده را روشن کرده") == 2
    assert f"چه کسی می‌تواند: {cast.sara.name}<" in page
    # Whoever may takes it over.
    assert 'name="seen"' in browse(cast.sara).get(f"{AT}/{rule.id}/trial").content.decode()
    with workspace_scope(cast.arman.id):
        assert night(cast.arman, on(acting(cast.sara), rule)).done == 1


def test_a_rule_can_be_taken_over_before_a_night_stopped_it(
    cast: Any, acting: Callable[..., Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        rule = rule_of(acting(cast.sara))
        on(acting(give(cast.babak, {**EVERY, "person.delete": "all"})), rule)
    trial = f"{AT}/{rule.id}/trial"
    assert 'name="seen"' not in browse(cast.sara).get(trial).content.decode()
    with workspace_scope(cast.arman.id):
        give(cast.babak, EVERY)
    assert 'name="seen"' in browse(cast.sara).get(trial).content.decode()
    with workspace_scope(cast.arman.id):
        on(acting(cast.sara), rule)
        assert rule.switched_by_id == cast.sara.id
        assert night(cast.arman, rule).state == "done"


def test_rights_that_were_lent_do_not_carry_a_rule(cast: Any, sara: Any, acting: Callable[..., Any]) -> None:
    rule = on(acting(give(cast.babak, {**EVERY, "person.delete": "all"})), rule_of(sara))
    babak = give(cast.babak, EVERY)
    elevate(sara, babak, role="admin", hours=24, reason="دستیار")
    assert night(cast.arman, rule).state == "stopped"


def test_whoever_may_not_know_what_a_rule_asks_sees_nothing_of_it_and_changes_nothing(
    cast: Any, acting: Callable[..., Any], browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        sara = acting(cast.sara)
        old(sara, DEAL, name="گران‌معامله", amount=500)
        rule = rule_of(sara, object="deal", condition={"field": "amount", "op": "gt", "value": 7654376543})
        babak = give(cast.babak, {**EVERY, "deal.delete": "all"}, {"deal.amount": "hidden"})
    browser = browse(babak)
    for address in (f"{AT}/{rule.id}/trial", f"{AT}/{rule.id}"):
        assert browse(cast.sara).get(address).status_code == 200
        answer = browser.get(address)
        assert answer.status_code == 403
        text = unescape(answer.content.decode())
        assert not [said for said in ("76543765", "۷۶۵۴", "۷٬۶۵۴", "گران") if said in text]
    listed = browser.get(AT).content.decode()
    assert rule.name in listed
    assert not [said for said in ("76543765", "۷۶۵۴", "۷٬۶۵۴") if said in listed]
    assert f"{AT}/{rule.id}/trial" not in listed
    with workspace_scope(cast.arman.id):
        ctx = acting(babak)
        raw = {"name": "x", "object": "deal", "since": "created_at", "months": 1, "deed": "bin"}
        for attempt in (
            lambda: switch_on(ctx, rule.id, mark_of(rule)), lambda: save_rule(ctx, raw, rule.id), lambda: run_now(ctx, rule.id),
        ):  # fmt: skip
            with pytest.raises(NotAllowed), transaction.atomic():
                attempt()
        role = Role.objects.get(key="keeper")
        Role.objects.filter(id=role.id).update(grants={**role.grants, "retention.switch_off": "all"})
        access_changed(cast.arman.id)
        # To stop it needs no knowledge of it.
        switch_off(acting(babak), on(acting(cast.sara), rule).id)
        rule.refresh_from_db()
        assert (rule.is_on, rule.condition["value"]) == (False, 7654376543)


def test_a_rule_through_a_link_asks_for_sight_of_all_that_it_leads_to(
    cast: Any, acting: Callable[..., Any], browse: Any
) -> None:
    asked = {"field": "company.city", "op": "is", "value": "یزد"}
    with workspace_scope(cast.arman.id):
        rule = rule_of(acting(cast.sara), condition=asked)
        babak = give(cast.babak, {**EVERY, "company.view": "own"})
        with pytest.raises(Invalid), transaction.atomic():
            rule_of(acting(babak), condition=asked)
    assert browse(babak).get(f"{AT}/{rule.id}/trial").status_code == 403
    with workspace_scope(cast.arman.id):
        give(cast.babak, EVERY)
    assert browse(babak).get(f"{AT}/{rule.id}/trial").status_code == 200


def test_a_hold_is_lifted_by_those_who_see_the_record(
    cast: Any, sara: Any, acting: Callable[..., Any]
) -> None:
    person = create_record(sara, PERSON, {"family_name": "یک"})
    hold_record(sara, "person", person.id, "دعوا")
    grants = {"person.*": "own", "retention.hold": "all", "retention.lift": "all"}
    ctx = acting(give(cast.babak, grants))
    with pytest.raises(NotFound), transaction.atomic():
        lift_hold(ctx, "person", person.id)
    assert RetentionHold.objects.exists()
    update_record(sara, PERSON, PERSON.rows.get(id=person.id), {"owner": cast.babak.id})
    lift_hold(ctx, "person", person.id)
    assert not RetentionHold.objects.exists()
