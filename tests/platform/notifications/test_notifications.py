"""Who is told of what, what it says to whom, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from peyvand.kernel import clock
from peyvand.operational.activities.public import NOTE, TASK
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.context import Context
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import access_changed, actors_of, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.notifications import jobs
from peyvand.platform.notifications.making import make
from peyvand.platform.notifications.models import Notification, Posting
from peyvand.platform.notifications.reading import MOST_COUNTED, count_new, mark_read, newest, page, see_all
from peyvand.platform.objects.records import create_record, create_records, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.telling import tell_all


@pytest.fixture
def sara(cast: Any, acting: Any) -> Iterator[Context]:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def texts(user: User, language: str = "en") -> list[str]:
    actor = user_actor(user.workspace_id, user.id).speaking(language)
    with translation.override(language):
        return [line.text for line in newest(actor)]


def give(ctx: Context, count: int, owner: User) -> list[Any]:
    made = create_records(
        ctx, TASK, [{"title": f"Task {'abc'[n % 3]}", "owner": owner.id} for n in range(count)]
    )
    tell_all(ctx.tenant)
    return made


def test_a_mention_is_told_to_whom_it_names_and_to_nobody_else(sara: Context, cast: Any) -> None:
    person = create_record(sara, PERSON, {"name": "Neda Karimi", "owner": cast.babak.id})
    create_record(sara, NOTE, {
        "text": f"Look at this, @[Babak](user:{cast.babak.id}) and @[Sara](user:{cast.sara.id})", "about": f"person:{person.id}",
    })  # fmt: skip
    tell_all(cast.arman)
    assert texts(cast.babak) == ["Sara Moini mentioned you: Look at this, Babak and Sara"]
    assert texts(cast.babak, "fa") == [
        "\u2068Sara Moini\u2069 از شما نام برد: \u2068Look at this, Babak and Sara\u2069"
    ]
    assert texts(cast.sara) == texts(cast.mina) == []


def test_nobody_is_told_of_what_they_may_not_see(sara: Context, cast: Any) -> None:
    """Babak sees his team's records; a note about Sara's own customer is none of them."""
    person = create_record(sara, PERSON, {"name": "Secret customer"})
    create_record(
        sara, NOTE, {"text": f"@[Babak](user:{cast.babak.id}) hush", "about": f"person:{person.id}"}
    )
    tell_all(cast.arman)
    assert not Notification.objects.filter(user_id=cast.babak.id).exists()
    assert not Posting.objects.exists()


def test_what_goes_out_of_sight_is_neither_shown_nor_counted(sara: Context, cast: Any) -> None:
    [task] = give(sara, 1, cast.babak)
    babak = user_actor(cast.arman.id, cast.babak.id)
    assert (len(newest(babak)), count_new(babak)) == (1, 1)
    update_record(sara, TASK, task, {"owner": cast.sara.id})
    assert (newest(babak), count_new(babak)) == ([], 0)


def test_what_lies_in_the_bin_is_not_shown(sara: Context, cast: Any) -> None:
    tasks = give(sara, 1, cast.babak)
    delete_records(sara, TASK, tasks)
    assert texts(cast.babak) == []


def test_it_says_what_the_record_is_called_now(sara: Context, cast: Any) -> None:
    [task] = give(sara, 1, cast.babak)
    update_record(sara, TASK, task, {"title": "Renamed"})
    assert texts(cast.babak) == ["Sara Moini gave you the task Renamed"]


def test_what_a_hidden_field_says_is_not_told(sara: Context, cast: Any) -> None:
    role = Role.objects.create(
        key="blind", name="Blind", grants={"*": "all"}, fields={"deal.owner": "hidden"}
    )
    User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    create_record(sara, DEAL, {"name": "Big deal"})
    deal = create_record(sara, DEAL, {"name": "Another"})
    update_record(sara, DEAL, deal, {"owner": cast.babak.id})
    tell_all(cast.arman)
    assert all("Babak" not in text for text in texts(cast.babak))


def test_many_of_a_kind_are_one_line_in_the_readers_digits(sara: Context, cast: Any) -> None:
    give(sara, 12, cast.babak)
    assert texts(cast.babak) == ["12 tasks were given to you"]
    assert texts(cast.babak, "fa") == ["۱۲ کار به شما سپرده شد"]
    [line] = newest(user_actor(cast.arman.id, cast.babak.id))
    assert len(line.ids) == 12


def test_seen_and_read_are_the_readers_own(sara: Context, cast: Any) -> None:
    give(sara, 2, cast.babak)
    babak, mina = (user_actor(cast.arman.id, u.id) for u in (cast.babak, cast.mina))
    ids = list(Notification.objects.values_list("id", flat=True))
    assert mark_read(mina, ids) == 0
    see_all(babak)
    assert count_new(babak) == 0
    assert [line.is_read for line in newest(babak)] == [False, False]
    assert mark_read(babak, ids[:1]) == 1
    assert [line.is_read for line in newest(babak)] == [False, True]
    assert mark_read(babak) == 1
    assert mark_read(babak, ids[:1], read=False) == 1


def test_unread_ones_come_first_and_pages_follow_one_another(sara: Context, cast: Any) -> None:
    give(sara, 5, cast.babak)
    babak = user_actor(cast.arman.id, cast.babak.id)
    first, place = page(babak, limit=3)
    rest, end = page(babak, after=place, limit=3)
    assert [line.id for line in first + rest] == sorted((line.id for line in first + rest), reverse=True)
    assert (len(first), len(rest), end) == (3, 2, 0)
    mark_read(babak, [first[0].id])
    assert newest(babak)[-1].id == first[0].id
    assert len(page(babak, unread=True)[0]) == 4


def test_the_bell_counts_no_further_than_ninety_nine(sara: Context, cast: Any) -> None:
    give(sara, MOST_COUNTED + 20, cast.babak)
    assert count_new(user_actor(cast.arman.id, cast.babak.id)) == MOST_COUNTED + 1


@pytest.fixture
def crowd(sara: Context, cast: Any) -> list[int]:
    """A thousand users, made without the letters and passwords of real ones."""
    role = User.objects.get(id=cast.babak.id).role_id
    User.objects.bulk_create(
        User(name=f"User {n}", role_id=role, workspace_id=cast.arman.id) for n in range(1000)
    )
    return list(User.objects.filter(name__startswith="User ").values_list("id", flat=True))


def test_a_thousand_recipients_cost_as_many_queries_as_ten(
    sara: Context, cast: Any, crowd: list[int]
) -> None:
    def cost(users: list[int]) -> int:
        tasks = create_records(sara, TASK, [{"title": "Task", "owner": user} for user in users])
        from peyvand.operational.activities.events import TaskGiven

        facts = [
            TaskGiven(object="task", object_id=t.id, title="Task", to_owner_id=t.owner_id) for t in tasks
        ]
        ids = tuple(range(10**9 + tasks[0].id, 10**9 + tasks[0].id + len(tasks)))
        cause = Cause(cast.arman, ids[0], 1, ids, (cast.sara.id,) * len(tasks))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert make(cause, facts, [[t.owner_id] for t in tasks]) == len(users)
        return len(queries)

    few = cost(crowd[:10])
    assert cost(crowd[10:]) == few


def test_actors_read_together_are_those_read_one_by_one(sara: Context, cast: Any) -> None:
    people = [cast.sara, cast.mina, cast.babak, cast.viewer]
    found = actors_of(cast.arman.id, {u.id for u in people})
    for user in people:
        one, other = user_actor(cast.arman.id, user.id), found[user.id]
        for name in (
            "name",
            "role",
            "grants",
            "team_user_ids",
            "below_user_ids",
            "circle_ids",
            "grounds",
            "shares",
            "language",
        ):
            assert getattr(one, name) == getattr(other, name), name


def test_an_import_tells_nobody(sara: Context, cast: Any) -> None:
    sara.silent = True
    create_records(sara, TASK, [{"title": "Imported", "owner": cast.babak.id}])
    tell_all(cast.arman)
    assert texts(cast.babak) == []


def test_whoever_left_is_not_told(sara: Context, cast: Any) -> None:
    task = create_record(sara, TASK, {"title": "Late", "owner": cast.babak.id})
    User.objects.filter(id=cast.babak.id).update(is_active=False)
    access_changed(cast.arman.id)
    tell_all(cast.arman)
    assert task.owner_id == cast.babak.id
    assert not Notification.objects.exists()


def test_they_are_kept_ninety_days_and_swept_in_sets(sara: Context, cast: Any, monkeypatch: Any) -> None:
    give(sara, 5, cast.babak)
    monkeypatch.setattr(jobs, "SET", 2)
    old = Notification.objects.order_by("id").values_list("id", flat=True)[:3]
    Notification.objects.filter(id__in=list(old)).update(
        made_at=clock.now() - timedelta(days=jobs.KEPT_DAYS, hours=1)
    )
    jobs.sweep_nightly(cast.arman)
    assert Notification.objects.count() == 3
    jobs.sweep(cast.arman)
    assert Notification.objects.count() == 2


def test_rows_are_out_of_sight_for_another_workspace(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        give(acting(cast.sara), 1, cast.babak)
    with workspace_scope(cast.rival.id):
        assert Notification.everywhere.count() == 0
