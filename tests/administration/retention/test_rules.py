"""Which records a rule is about, to the day; what it does to them, once; and what keeps a record from it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from peyvand.administration.members.elevation import elevate
from peyvand.administration.retention.actions import (
    hold_record,
    lift_hold,
    remove_rule,
    run_now,
    save_rule,
    switch_off,
    switch_on,
)
from peyvand.administration.retention.jobs import keep_nightly, work_on
from peyvand.administration.retention.models import RetentionHold, RetentionRule, RetentionRun
from peyvand.administration.retention.preview import preview
from peyvand.administration.retention.rules import LIMITS, Deed, due, mark_of
from peyvand.administration.retention.running import begin_run, go_on
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.jobs.models import DeadLetter
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually

PERSON, COMPANY, DEAL, CALL, NOTE = (
    object_named(key) for key in ("person", "company", "deal", "call", "note")
)
# Half past noon in Tehran on the 1st of Azar 1405; a year before is the 1st of Azar 1404, the 22nd of November 2025.
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
EDGE = datetime(2025, 11, 21, 20, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def frozen() -> Iterator[None]:
    with clock.freeze(NOW):
        yield


@pytest.fixture
def sara(cast: Any, acting: Callable[..., Any]) -> Iterator[Any]:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def rule_of(ctx: Any, **said: Any) -> RetentionRule:
    """A rule that is on."""
    rule = off_rule(ctx, **said)
    switch_on(ctx, rule.id, mark_of(rule))
    rule.refresh_from_db()
    return rule


def off_rule(ctx: Any, **said: Any) -> RetentionRule:
    raw = {"name": "قاعده", "object": "person", "since": "untouched", "months": 12, "deed": "bin", **said}
    return save_rule(ctx, raw)


def old(spec: Any, ctx: Any, at: datetime = EDGE - timedelta(days=30), **values: Any) -> Any:
    """A record made and last touched at a moment."""
    with clock.freeze(at):
        made = create_record(ctx, spec, values or {"family_name": "کهن"})
    with connection.cursor() as cursor:
        table = spec.model._meta.db_table
        cursor.execute(
            f"update {table} set created_at = %s, updated_at = %s where id = %s", [at, at, made.id]
        )
    return made


def whole_night(tenant: Any, rule: RetentionRule) -> RetentionRun:
    run = begin_run(tenant, rule)
    assert run is not None
    while go_on(tenant, run):
        pass
    return run


def alive(spec: Any) -> set[int]:
    return set(spec.rows.filter(deleted_at=None).values_list("id", flat=True))


def test_untouched_to_the_second(cast: Any, sara: Any) -> None:
    before = old(PERSON, sara, EDGE - timedelta(seconds=1))
    old(PERSON, sara, EDGE)
    spoken = old(PERSON, sara, EDGE - timedelta(days=90))
    create_record(sara, CALL, {"person": spoken.id})
    assert list(due(cast.arman, off_rule(sara)).values_list("id", flat=True)) == [before.id]


def test_a_date_of_the_record_to_the_day(cast: Any, sara: Any) -> None:
    made = {
        day: create_record(sara, DEAL, {"name": day, "engaged_on": day}).id
        for day in ("2025-11-21", "2025-11-22", "2025-11-23")
    }
    create_record(sara, DEAL, {"name": "open"})
    rule = off_rule(sara, object="deal", since="engaged_on")
    assert list(due(cast.arman, rule).values_list("id", flat=True)) == [made["2025-11-21"]]
    with clock.freeze(NOW + timedelta(days=1)):
        assert due(cast.arman, rule).count() == 2


def test_created_to_the_second(cast: Any, sara: Any) -> None:
    before, _at = old(PERSON, sara, EDGE - timedelta(seconds=1)), old(PERSON, sara, EDGE)
    create_record(sara, NOTE, {"about": f"person:{before.id}", "text": "دیروز"})
    rule = off_rule(sara, since="created_at")
    assert list(due(cast.arman, rule).values_list("id", flat=True)) == [before.id]


def test_spoken_to_counts_calls_and_meetings_that_took_place(cast: Any, sara: Any) -> None:
    people = {
        name: old(PERSON, sara, family_name=name)
        for name in ("silent", "called", "met", "planned", "cancelled", "binned", "noted", "long_ago")
    }
    create_record(sara, CALL, {"person": people["called"].id, "started_at": EDGE.isoformat()})
    create_record(
        sara, CALL, {"person": people["long_ago"].id, "started_at": (EDGE - timedelta(seconds=1)).isoformat()}
    )
    meeting = object_named("meeting")
    for name, at, status in (
        ("met", EDGE + timedelta(days=5), "held"), ("planned", NOW + timedelta(days=5), "planned"),
        ("cancelled", EDGE + timedelta(days=5), "cancelled"),
    ):  # fmt: skip
        values = {
            "title": name,
            "starts_at": at.isoformat(),
            "participants": [people[name].id],
            "status": status,
        }
        create_record(sara, meeting, values)
    binned = create_record(sara, CALL, {"person": people["binned"].id})
    delete_records(sara, CALL, [binned])
    create_record(sara, NOTE, {"about": f"person:{people['noted'].id}", "text": "یادداشت"})
    # Who came yesterday was not neglected.
    create_record(sara, PERSON, {"family_name": "new"})
    rule = off_rule(sara, since="spoken")
    found = set(due(cast.arman, rule).values_list("family_name", flat=True))
    assert found == {"silent", "planned", "cancelled", "binned", "noted", "long_ago"}


def test_only_records_that_meet_the_condition_and_are_alive(cast: Any, sara: Any) -> None:
    yazd, _ray = (
        old(PERSON, sara, family_name="یک", city="یزد"),
        old(PERSON, sara, family_name="دو", city="ری"),
    )
    gone = old(PERSON, sara, family_name="سه", city="یزد")
    delete_records(sara, PERSON, [gone])
    rule = off_rule(sara, condition={"field": "city", "op": "is", "value": "یزد"})
    assert list(due(cast.arman, rule).values_list("id", flat=True)) == [yazd.id]


def test_a_night_moves_to_the_bin_and_says_so_once(cast: Any, sara: Any) -> None:
    stale = [old(PERSON, sara) for _ in range(3)]
    fresh = create_record(sara, PERSON, {"family_name": "نو"})
    rule = rule_of(sara)
    before = AuditEntry.objects.count()
    run = whole_night(cast.arman, rule)
    assert (run.state, run.done, run.left, run.has_more) == ("done", 3, 0, False)
    assert alive(PERSON) == {fresh.id}
    entry = AuditEntry.objects.get(id=run.audit_id)
    assert AuditEntry.objects.count() == before + 1
    assert (entry.action, entry.object, entry.count, entry.detail["rule"]) == (
        "retention.run",
        "person",
        3,
        rule.id,
    )
    told = EventRow.objects.filter(object_id__in=[p.id for p in stale], wire__contains="deleted")
    assert set(told.values_list("audit_id", flat=True)) == {run.audit_id}
    again = whole_night(cast.arman, rule)
    assert (again.done, again.left) == (0, 0)


def test_deleted_for_good_but_for_what_others_lean_on(cast: Any, sara: Any) -> None:
    product, line = object_named("product"), object_named("deal")
    one, two = (old(product, sara, name=name, price=5) for name in ("یک", "دو"))
    create_record(sara, line, {"name": "فروش", "lines": [{"product": one.id, "quantity": 1}]})
    with connection.cursor() as cursor:
        cursor.execute("delete from timeline_entry where object = 'product'")
    run = whole_night(cast.arman, rule_of(sara, object="product", deed="delete"))
    assert set(product.rows.values_list("id", flat=True)) == {one.id}
    assert alive(product) == {one.id}
    assert (run.done, run.left) == (1, 1)
    assert [r["count"] for r in run.reasons] == [1]
    assert not product.rows.filter(id=two.id).exists()


def test_people_are_forgotten_as_governance_forgets_them(cast: Any, sara: Any) -> None:
    gone = old(PERSON, sara, given_name="شهرزاد", family_name="نیک‌اندیش", emails="sh@example.com")
    note = create_record(sara, NOTE, {"text": "با شهرزاد نیک‌اندیش تماس بگیر"})
    run = whole_night(cast.arman, rule_of(sara, deed="erase"))
    assert (run.done, run.left) == (1, 0)
    assert not PERSON.rows.filter(id=gone.id).exists()
    assert "شهرزاد" not in NOTE.rows.get(id=note.id).text


def test_a_hold_keeps_a_record_from_every_rule_until_it_is_lifted(cast: Any, sara: Any) -> None:
    held, other = old(PERSON, sara), old(PERSON, sara)
    hold_record(sara, "person", held.id, "پروندهٔ ۱۲")
    hold_record(sara, "person", held.id, "پروندهٔ ۱۳")
    assert RetentionHold.objects.get().reason == "پروندهٔ ۱۳"
    for deed in ("bin", "delete", "erase"):
        whole_night(cast.arman, rule_of(sara, deed=deed))
    assert alive(PERSON) == {held.id}
    assert not PERSON.rows.filter(id=other.id, deleted_at=None).exists()
    lift_hold(sara, "person", held.id)
    whole_night(cast.arman, rule_of(sara))
    assert alive(PERSON) == set()
    with pytest.raises(NotFound):
        lift_hold(sara, "person", held.id)


def test_a_hold_goes_with_its_record(cast: Any, sara: Any) -> None:
    person = old(PERSON, sara)
    hold_record(sara, "person", person.id, "دعوا")
    delete_records(sara, PERSON, [person])
    assert purge_records(sara, PERSON, [person]) == 1
    assert not RetentionHold.objects.exists()


def test_a_night_takes_no_more_than_its_limit_and_the_next_goes_on(
    cast: Any, sara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(7):
        old(PERSON, sara)
    monkeypatch.setitem(LIMITS, "bin", Deed(night=5, set=2))
    rule = rule_of(sara)
    first = whole_night(cast.arman, rule)
    assert (first.done, first.has_more, len(alive(PERSON))) == (5, True, 2)
    second = whole_night(cast.arman, rule)
    assert (second.done, second.has_more, len(alive(PERSON))) == (2, False, 0)


def test_what_has_to_stay_does_not_fill_every_night(
    cast: Any, sara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = object_named("product")
    made = [old(product, sara, name=str(n), price=5) for n in range(5)]
    create_record(sara, DEAL, {"name": "فروش", "lines": [{"product": p.id, "quantity": 1} for p in made[:3]]})
    with connection.cursor() as cursor:
        cursor.execute("delete from timeline_entry where object = 'product'")
    monkeypatch.setitem(LIMITS, "delete", Deed(night=2, set=2))
    rule = rule_of(sara, object="product", deed="delete")
    nights = [whole_night(cast.arman, rule) for _ in range(4)]
    assert [(n.done, n.left, n.has_more) for n in nights] == [
        (0, 2, True), (1, 1, True), (1, 0, False), (0, 2, True),
    ]  # fmt: skip
    # A rule that was changed begins from the first again.
    switch_off(sara, rule.id)
    with clock.freeze(NOW + timedelta(minutes=1)):
        switch_on(sara, rule.id, mark_of(rule))
        assert whole_night(cast.arman, rule).position == made[1].id


def test_a_night_whose_work_broke_off_for_good_is_not_waited_for(cast: Any, sara: Any) -> None:
    old(PERSON, sara)
    rule = rule_of(sara)
    broken = begin_run(cast.arman, rule)
    assert broken is not None
    assert begin_run(cast.arman, rule) is None
    DeadLetter.objects.create(
        job_id=1, task="retention.work", args={"run_id": broken.id}, error="", failed_at=NOW
    )
    assert whole_night(cast.arman, rule).done == 1
    broken.refresh_from_db()
    assert (broken.state, broken.ended_at) == ("failed", NOW)
    assert not go_on(cast.arman, broken)


def test_a_hold_that_is_put_while_the_set_waits_for_its_record_is_kept(committed: Any) -> None:
    """The set finds the record due, then waits for it: whoever had it locked has put it on hold."""
    arman, put = committed.arman, threading.Event()
    with workspace_scope(arman.id):
        ctx = Context(user_actor(arman.id, committed.sara.id), "web")
        held, other = old(PERSON, ctx), old(PERSON, ctx)
        run = begin_run(arman, rule_of(ctx))
        assert run is not None

    waited: list[bool] = []

    def somebody_waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from pg_locks where not granted")
            return bool(cursor.fetchone()[0])

    def hold_slowly() -> None:
        try:
            with workspace_scope(arman.id):
                hold_record(ctx, "person", held.id, "دعوا")
                put.set()
                waited.append(eventually(somebody_waits, pause=0.02))
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold_slowly)
    holder.start()
    assert put.wait(60)
    with workspace_scope(arman.id):
        assert not go_on(arman, RetentionRun.objects.select_for_update().get(id=run.id))
        assert (alive(PERSON), RetentionRun.objects.get().done) == ({held.id}, 1)
        assert other.id not in alive(PERSON)
    holder.join(60)
    assert waited == [True]


def test_what_was_left_does_not_stand_in_the_way_of_the_rest(
    cast: Any, sara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = object_named("product")
    made = [old(product, sara, name=str(n), price=5) for n in range(5)]
    create_record(sara, DEAL, {"name": "فروش", "lines": [{"product": p.id, "quantity": 1} for p in made[:3]]})
    with connection.cursor() as cursor:
        cursor.execute("delete from timeline_entry where object = 'product'")
    monkeypatch.setitem(LIMITS, "delete", Deed(night=50, set=2))
    run = whole_night(cast.arman, rule_of(sara, object="product", deed="delete"))
    assert (run.done, run.left) == (2, 3)


def test_a_worker_killed_in_the_middle_goes_on_where_it_was(
    cast: Any, sara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [old(PERSON, sara) for _ in range(5)]
    monkeypatch.setitem(LIMITS, "bin", Deed(night=50, set=2))
    rule = rule_of(sara)
    run = begin_run(cast.arman, rule)
    assert run is not None
    work_on(cast.arman, run_id=run.id)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        work_on(cast.arman, run_id=run.id)
        raise KeyboardInterrupt
    assert len(alive(PERSON)) == 3
    for _ in range(4):
        work_on(cast.arman, run_id=run.id)
    run.refresh_from_db()
    assert (run.state, run.done, alive(PERSON)) == ("done", 5, set())
    # Nothing twice: each went into the bin by one event.
    told = EventRow.objects.filter(
        object="person", object_id__in=[p.id for p in people], wire__contains="deleted"
    )
    assert told.count() == 5


def test_a_rule_switched_off_stops_behind_its_set(
    cast: Any, sara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        old(PERSON, sara)
    monkeypatch.setitem(LIMITS, "bin", Deed(night=50, set=2))
    rule = rule_of(sara)
    run = begin_run(cast.arman, rule)
    assert run is not None
    assert go_on(cast.arman, run)
    switch_off(sara, rule.id)
    assert not go_on(cast.arman, run)
    assert (run.state, run.done, len(alive(PERSON))) == ("stopped", 2, 2)
    assert begin_run(cast.arman, RetentionRule.objects.get()) is None


def test_a_rule_that_is_off_does_nothing_at_night(cast: Any, sara: Any) -> None:
    old(PERSON, sara)
    off_rule(sara)
    keep_nightly(cast.arman)
    assert not RetentionRun.objects.exists()


def test_a_rule_works_once_at_a_time(cast: Any, sara: Any) -> None:
    rule = rule_of(sara)
    run_now(sara, rule.id)
    with pytest.raises(Conflict), transaction.atomic():
        run_now(sara, rule.id)
    keep_nightly(cast.arman)
    assert RetentionRun.objects.count() == 1


def test_what_a_rule_asks_about_may_go_and_then_it_fails_with_the_reason(cast: Any, sara: Any) -> None:
    person = old(PERSON, sara)
    rule = rule_of(sara)
    RetentionRule.objects.update(condition={"field": "c_gone", "op": "filled"})
    rule.refresh_from_db()
    run = whole_night(cast.arman, rule)
    assert (run.state, run.done, len(run.reasons)) == ("failed", 0, 1)
    assert alive(PERSON) == {person.id}


def test_only_what_was_seen_is_switched_on(cast: Any, sara: Any) -> None:
    rule = off_rule(sara)
    with pytest.raises(Conflict), transaction.atomic():
        switch_on(sara, rule.id, "")
    seen = mark_of(rule)
    save_rule(
        sara, {"name": "قاعده", "object": "person", "since": "untouched", "months": 1, "deed": "bin"}, rule.id
    )
    with pytest.raises(Conflict):
        switch_on(sara, rule.id, seen)


def test_a_changed_rule_is_off(cast: Any, sara: Any) -> None:
    rule = rule_of(sara)
    save_rule(
        sara, {"name": "دیگر", "object": "person", "since": "untouched", "months": 12, "deed": "bin"}, rule.id
    )
    rule.refresh_from_db()
    assert not rule.is_on


@pytest.mark.parametrize(
    "said",
    [
        {"object": "workspace"}, {"object": "tag"}, {"name": " "}, {"months": 0}, {"months": 601}, {"months": True}, {"months": "12"},
        {"since": "city"}, {"since": "updated_at"}, {"since": "closed_on"}, {"deed": "burn"}, {"object": "company", "deed": "erase"},
        {"object": "product", "since": "spoken"}, {"condition": {"field": "nothing", "op": "is"}}, {"condition": "x"},
        {"condition": {"field": "owner", "op": "is", "value": "me"}}, {"condition": {"field": "owner", "op": "in", "value": ["my_team"]}},
    ],
    ids=str,
)  # fmt: skip
def test_rules_that_mean_nothing_are_refused(cast: Any, sara: Any, said: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        off_rule(sara, **said)


def test_no_wildcard_grants_anything_here(cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        for user in (cast.mina, cast.babak, cast.viewer):
            ctx = acting(user)
            for attempt in (
                lambda ctx: off_rule(ctx), lambda ctx: switch_on(ctx, 1, ""), lambda ctx: switch_off(ctx, 1), lambda ctx: remove_rule(ctx, 1),
                lambda ctx: run_now(ctx, 1), lambda ctx: hold_record(ctx, "person", 1, "x"), lambda ctx: lift_hold(ctx, "person", 1),
            ):  # fmt: skip
                with pytest.raises(NotAllowed), transaction.atomic():
                    attempt(ctx)


def test_whoever_switches_on_must_be_able_to_do_it_by_hand(
    cast: Any, sara: Any, acting: Callable[..., Any]
) -> None:
    from peyvand.platform.identity.actor import access_changed
    from peyvand.platform.identity.models import Role, User

    rules = {deed: off_rule(sara, deed=deed) for deed in ("bin", "delete", "erase")}
    grants = {
        "*.view": "all",
        "retention.manage": "all",
        "retention.switch_on": "all",
        "person.delete": "own",
    }
    role = Role.objects.create(key="clerk", name="Clerk", grants=grants)
    User.objects.filter(id=cast.mina.id).update(role=role)
    access_changed(cast.arman.id)
    clerk = acting(User.objects.get(id=cast.mina.id))
    for deed, refusal in (("bin", RuleViolation), ("delete", NotAllowed), ("erase", NotAllowed)):
        with pytest.raises(refusal), transaction.atomic():
            switch_on(clerk, rules[deed].id, mark_of(rules[deed]))
    Role.objects.filter(id=role.id).update(grants={**grants, "person.delete": "all"})
    access_changed(cast.arman.id)
    switch_on(acting(User.objects.get(id=cast.mina.id)), rules["bin"].id, mark_of(rules["bin"]))


def test_a_lent_role_switches_nothing_on(cast: Any, sara: Any, acting: Callable[..., Any]) -> None:
    rule = off_rule(sara)
    elevate(sara, cast.mina, role="admin", hours=24, reason="دستیار")
    lent = acting(cast.mina)
    with pytest.raises(NotAllowed), transaction.atomic():
        switch_on(lent, rule.id, mark_of(rule))
    # The right itself the lent role has: what is on, it may switch off.
    switch_on(sara, rule.id, mark_of(rule))
    switch_off(lent, rule.id)


def test_rules_reach_no_other_workspace(cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.rival.id):
        theirs = old(PERSON, acting(cast.cyrus))
        their_rule = off_rule(acting(cast.cyrus))
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        old(PERSON, ctx)
        for attempt in (lambda: switch_off(ctx, their_rule.id), lambda: remove_rule(ctx, their_rule.id)):
            with pytest.raises(NotFound), transaction.atomic():
                attempt()
        with pytest.raises(NotFound), transaction.atomic():
            hold_record(ctx, "person", theirs.id, "x")
        assert whole_night(cast.arman, rule_of(ctx)).done == 1
    with workspace_scope(cast.rival.id):
        assert alive(PERSON) == {theirs.id}


def test_a_preview_tells_everything_and_changes_nothing(cast: Any, sara: Any) -> None:
    people = [old(PERSON, sara, family_name=f"نفر {n}") for n in range(12)]
    with clock.freeze(EDGE - timedelta(days=20)):
        create_record(sara, DEAL, {"name": "فروش", "person": people[0].id})
        create_record(sara, NOTE, {"about": f"person:{people[1].id}", "text": "یادداشت"})
    hold_record(sara, "person", people[2].id, "دعوا")
    audit, events = AuditEntry.objects.count(), EventRow.objects.count()
    seen = preview(sara, off_rule(sara, deed="delete"))
    assert (seen.count, seen.held, seen.nights, len(seen.rows), seen.tried) == (11, 1, 1, 10, 11)
    assert {(spec.key, n) for spec, n in seen.hanging} == {("deal", 1), ("note", 1)}
    assert seen.refused == []
    assert len(alive(PERSON)) == 12
    # One line for making the rule, nothing of the trial.
    assert (AuditEntry.objects.count(), EventRow.objects.count()) == (audit + 1, events)


def test_a_preview_counts_what_hangs_on_records_without_reading_it(cast: Any, sara: Any) -> None:
    person = old(PERSON, sara)
    with clock.freeze(EDGE - timedelta(days=20)):
        for n in range(3):
            create_record(sara, NOTE, {"about": f"person:{person.id}", "text": f"یادداشت {n}"})
    rule = off_rule(sara, deed="delete")
    with CaptureQueriesContext(connection) as asked:
        seen = preview(sara, rule)
    assert {(spec.key, n) for spec, n in seen.hanging} == {("note", 3)}
    said = [str(q["sql"]) for q in asked]
    read = [sql for sql in said if 'FROM "note"' in sql and '"note"."about_id" IN' in sql]
    assert read
    assert all(sql.startswith("SELECT COUNT(") for sql in read), read


@pytest.mark.parametrize("both", [False, True])
def test_a_merge_takes_the_hold_along_and_an_unmerge_brings_it_back(cast: Any, sara: Any, both: bool) -> None:
    stays, goes = old(PERSON, sara), old(PERSON, sara)
    hold_record(sara, "person", goes.id, "دعوا")
    if both:
        hold_record(sara, "person", stays.id, "حسابرسی")
    merges = merge_records(sara, PERSON, stays.id, [goes.id])
    # Where both are held, the other's own hold waits with it in the bin.
    held = set(RetentionHold.objects.values_list("object_id", flat=True))
    assert held == ({stays.id, goes.id} if both else {stays.id})
    unmerge(sara, merges[0].id)
    held = set(RetentionHold.objects.values_list("object_id", flat=True))
    assert held == ({stays.id, goes.id} if both else {goes.id})
