"""Housekeeping: what is old goes, wholly; what is young or leaned on stays; another workspace is not touched."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.db import connection

from peyvand.administration.operations.jobs import empty_bin, forget, tidy
from peyvand.api.models import Use
from peyvand.kernel import clock
from peyvand.operational.contacts.models import ContactPoint, TagLink
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.platform.actions.models import IdempotencyKey
from peyvand.platform.events.models import EventRow, ReactionRun, TimelineEntry
from peyvand.platform.identity.models import Session, SignInAttempt
from peyvand.platform.objects import purge as purging
from peyvand.platform.objects.records import create_record, create_records, delete_records
from peyvand.platform.search.models import SearchEntry
from peyvand.platform.workspaces.scope import workspace_scope

OLD, YOUNG = timedelta(days=31), timedelta(days=29)


def binned(acting: Any, user: Any, name: str, ago: timedelta, **values: Any) -> Any:
    with workspace_scope(user.workspace_id):
        person = create_record(acting(user), PERSON, {"name": name, **values})
        delete_records(acting(user), PERSON, [person])
        PERSON.model.objects.filter(id=person.id).update(deleted_at=clock.now() - ago)
        return person


def test_what_rested_a_month_goes_with_all_that_hung_on_it(cast: Any, acting: Any) -> None:
    old = binned(acting, cast.sara, "Old", OLD, phones="021-88776655", tags=["عمده"])
    young = binned(acting, cast.sara, "Young", YOUNG)
    foreign = binned(acting, cast.cyrus, "Foreign", OLD)
    with workspace_scope(cast.arman.id):
        alive = create_record(acting(cast.sara), PERSON, {"name": "Alive"})
        assert ContactPoint.objects.filter(object="person", object_id=old.id).exists()

        empty_bin(cast.arman, "person")

        assert set(PERSON.model.objects.values_list("id", flat=True)) == {young.id, alive.id}
        for model in (ContactPoint, TagLink, SearchEntry):
            assert not model.objects.filter(object="person", object_id=old.id).exists()  # type: ignore[attr-defined]
        told = list(
            EventRow.objects.filter(object="person", object_id=old.id)
            .order_by("id")
            .values_list("wire", flat=True)
        )
        assert told[0] == "objects.record_created.v1"  # what happened stays known
        assert told[-1] == "objects.record_purged.v1"
        assert TimelineEntry.objects.filter(object="person", object_id=old.id).count() == 1  # that it went
    with workspace_scope(cast.rival.id):
        assert PERSON.model.objects.filter(id=foreign.id).exists()


def test_who_worked_for_a_removed_company_merely_loses_it(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        company = create_record(ctx, COMPANY, {"name": "Gone"})
        person = create_record(ctx, PERSON, {"name": "Stays", "company": company.id})
        delete_records(ctx, COMPANY, [company])
        COMPANY.model.objects.update(deleted_at=clock.now() - OLD)

        empty_bin(cast.arman, "company")

        person.refresh_from_db()
        assert person.company_id is None
        assert not COMPANY.model.objects.exists()


def test_a_large_bin_is_emptied_set_by_set(cast: Any, acting: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(purging, "SET", 4)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = create_records(ctx, PERSON, [{"name": f"Nr {n}"} for n in range(6)])
        delete_records(ctx, PERSON, people)
        PERSON.model.objects.update(deleted_at=clock.now() - OLD)

        empty_bin(cast.arman, "person")

        assert PERSON.model.objects.count() == 2
        with connection.cursor() as cursor:
            cursor.execute("select args from procrastinate_jobs where task_name = 'operations.empty_bin'")
            ((following,),) = cursor.fetchall()
        assert (json.loads(following) if isinstance(following, str) else following)["after_id"] == people[
            3
        ].id


def test_kept_answers_and_marks_are_forgotten_in_time(cast: Any) -> None:
    now = clock.now()
    with workspace_scope(cast.arman.id):
        for key, days in (("old", 8), ("young", 6)):
            row = IdempotencyKey.objects.create(
                key=key, user_id=cast.sara.id, digest="", status=201, answer={}
            )
            IdempotencyKey.objects.filter(id=row.id).update(at=now - timedelta(days=days))
        for id, days in ((1, 91), (2, 89)):
            ReactionRun.objects.create(event_id=id, reaction="r")
            ReactionRun.objects.filter(event_id=id).update(at=now - timedelta(days=days))

        forget(cast.arman)

        assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["young"]
        assert list(ReactionRun.objects.filter(reaction="r").values_list("event_id", flat=True)) == [2]


def test_ended_sessions_and_old_failures_go(cast: Any) -> None:
    now = clock.now()
    for key, days in (("ended", -1), ("open", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(days=days))
    for key, days in (("old", 3), ("young", 1)):
        attempt = SignInAttempt.objects.create(key=key)
        SignInAttempt.objects.filter(id=attempt.pk).update(at=now - timedelta(days=days))
        Use.objects.create(
            key=key, window=1, used=1, granted=1, ends=int((now - timedelta(days=days)).timestamp())
        )

    tidy()

    assert list(Use.objects.values_list("key", flat=True)) == ["young"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]
    assert list(SignInAttempt.objects.values_list("key", flat=True)) == ["young"]
