"""Outside sources are read again where a reading failed, died or was of something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.analytical.warehouse.taken import added, carried_out, confirmed, rows

from peyvand.analytical.warehouse import jobs, looking, store
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.objects import OUTSIDE
from peyvand.analytical.warehouse.outside import reasons, taking
from peyvand.analytical.warehouse.outside.looking import matched
from peyvand.analytical.warehouse.outside.taking import ask_to_take
from peyvand.analytical.warehouse.public import outside_tables, reading
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.outgoing.reasons import NO_ADDRESS

Asked = Callable[[], list[int]]


@pytest.fixture
def asked() -> Asked:
    """The takings that wait."""
    return lambda: list(OutsideTaking.objects.filter(state="waiting").values_list("id", flat=True))


def test_whoever_looks_at_a_version_does_not_lock_out_who_reckons(here: Context, cast: Any) -> None:
    confirmed(here, cast, added(here, b"id\n1\n"))
    version = store.published(cast.arman.id)
    assert version is not None
    with reading() as tables:
        assert [t.name for t in outside_tables()] == ["x"]
        assert looking.rows_by_table(version)["outside.x"] == 1
        assert tables.fetch(tables.outside("x")).num_rows == 1
    with looking.opened(version) as file, reading() as tables:
        assert tables.fetch(tables.outside("x")).num_rows == 1
        assert file.execute("select count(*) from outside.x").fetchone() == (1,)


def test_customers_that_are_known_otherwise_have_it_read_again(
    here: Context, cast: Any, asked: Asked
) -> None:
    person = create_record(
        here, object_named("person"), {"family_name": "علی", "emails": [{"value": "a@example.com"}],
                                       "phones": [{"value": "+989121112233"}]}
    )  # fmt: skip
    text = b"mail,phone\na@example.com,09121112233\nb@example.com,\n"
    source = added(here, text)
    types = {"phone": "varchar"}
    confirmed(here, cast, source, types=types, customer_column="mail", customer_by="email")
    source.refresh_from_db()
    update_record(
        here, OUTSIDE, source, {"title": "other", "customer_column": "mail", "customer_by": "email"}
    )
    assert asked() == []
    update_record(here, OUTSIDE, source, {"customer_by": "phone", "customer_column": "phone"})
    # Until it is read again its keys are what they were.
    refresh(cast.arman, whole=True)
    assert sorted(rows("x", "mail", "customer")) == [
        ("a@example.com", 2 * person.id),
        ("b@example.com", None),
    ]
    assert len(asked()) == 1
    assert carried_out(cast).problem == ""
    assert sorted(rows("x", "mail", "customer")) == [
        ("a@example.com", 2 * person.id),
        ("b@example.com", None),
    ]
    assert matched(cast.arman.id, "x") == (1, 1)
    update_record(here, OUTSIDE, source, {"customer_by": None, "customer_column": ""})
    assert carried_out(cast).problem == ""
    assert [c.name for c in outside_tables()[0].columns] == ["mail", "phone"]
    assert matched(cast.arman.id, "x") is None
    assert asked() == []


def test_a_reading_that_broke_is_tried_again(
    here: Context, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = added(here, b"id\n1\n")
    confirmed(here, cast, source)
    again = ask_to_take(OutsideSource.objects.get(), None)
    with monkeypatch.context() as broken:
        broken.setattr(taking, "take", lambda *args, **named: 1 / 0)
        for _ in range(2):
            # It raises each time: so the job is tried again, and rests where people see it in the end.
            with pytest.raises(ZeroDivisionError):
                taking.carry_out(cast.arman, again.id)
            again.refresh_from_db()
            assert (again.state, again.problem) == ("failed", "the file cannot be read: ZeroDivisionError")
    assert taking.carry_out(cast.arman, again.id)
    again.refresh_from_db()
    source.refresh_from_db()
    assert (again.state, again.problem, source.problem) == ("done", "", "")
    # What is done is not done again.
    assert not taking.carry_out(cast.arman, again.id)


def test_a_reading_that_breaks_at_its_very_end_is_no_reading_that_goes_on(
    here: Context, cast: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = added(here, b"id\n1\n")
    confirmed(here, cast, source)
    again = ask_to_take(OutsideSource.objects.get(), None)
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", lambda self, target: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            taking.carry_out(cast.arman, again.id)
    again.refresh_from_db()
    assert (again.state, again.problem) == ("failed", "the file cannot be read: ZeroDivisionError")
    assert taking.carry_out(cast.arman, again.id)


def test_a_reading_whose_worker_was_killed_ends_when_the_next_begins(here: Context, cast: Any) -> None:
    source = added(here, b"id\n1\n")
    confirmed(here, cast, source)
    killed = ask_to_take(OutsideSource.objects.get(), None)
    OutsideTaking.objects.filter(id=killed.id).update(state=OutsideTaking.RUNNING)
    next_one = ask_to_take(OutsideSource.objects.get(), None)
    assert next_one.id != killed.id
    assert taking.carry_out(cast.arman, next_one.id)
    killed.refresh_from_db()
    assert (killed.state, killed.problem) == ("failed", "the program that read it was ended")


def test_what_did_not_change_is_not_read_again(here: Context, cast: Any) -> None:
    """A version takes an outside table from the one before, unless it was read anew or its customers are others."""
    source = added(here, b"mail,n\na@example.com,1\n")
    done = confirmed(here, cast, source, customer_column="mail", customer_by="email")
    place = taking.place_of(cast.arman.id, source.id, done.id)
    kept = place.read_bytes()
    # Nobody could read it now.
    place.write_bytes(b"no Parquet")
    create_record(here, object_named("company"), {"name": "شرکتی دیگر"})
    refresh(cast.arman)
    assert rows("x", "mail", "n", "customer") == [("a@example.com", 1, None)]
    place.write_bytes(kept)
    person = create_record(
        here, object_named("person"), {"family_name": "علی", "emails": [{"value": "a@example.com"}]}
    )
    refresh(cast.arman)
    assert rows("x", "mail", "n", "customer") == [("a@example.com", 1, 2 * person.id)]


def test_what_a_reading_left_that_died_is_removed(here: Context, cast: Any) -> None:
    source = added(here, b"id\n1\n")
    done = confirmed(here, cast, source)
    place = store.outside(cast.arman.id)

    def left(taking_id: int) -> None:
        (place / f"{source.id}-{taking_id}.part.csv").write_text("1")
        (place / f"{source.id}-{taking_id}.part-abc").mkdir()
        (place / f"{source.id}-{taking_id}.part-abc" / "utf8").write_text("1")

    left(done.id)
    under_way = ask_to_take(OutsideSource.objects.get(), None)
    left(under_way.id)
    refresh(cast.arman, whole=True)
    kept = f"{source.id}-{under_way.id}.part"
    assert sorted(path.name for path in place.iterdir()) == [
        f"{source.id}-{done.id}.parquet", f"{kept}-abc", f"{kept}.csv",
    ]  # fmt: skip
    assert carried_out(cast).problem == ""
    assert [path.name for path in place.iterdir()] == [f"{source.id}-{under_way.id}.parquet"]


def test_a_database_that_did_not_answer_at_night_is_asked_again(
    here: Context, cast: Any, asked: Asked
) -> None:
    told = {"host": "db.example.com", "database": "shop", "username": "reader", "relation": "orders"}
    made = {}
    for name, problem in (
        ("quiet", reasons.UNREACHED % {"host": "db.example.com", "answer": "timeout"}),
        ("nowhere", NO_ADDRESS % {"host": "db.example.com"}),
        ("closed", reasons.LOGIN % {"host": "db.example.com"}),
        ("well", ""),
    ):
        made[name] = create_record(here, OUTSIDE, {**told, "name": name}).id
        OutsideSource.objects.filter(name=name).update(problem=problem)
    jobs.take_again(cast.arman)
    there = OutsideTaking.objects.filter(id__in=asked()).values_list("source_id", flat=True)
    assert set(there) == {made["quiet"], made["nowhere"]}


def test_what_postgresql_cannot_keep_is_left_out(here: Context, cast: Any) -> None:
    """A NUL byte in a head, in a cell and in a line that is no row."""
    content = b"na\x00me,n\na\x00b,1\n" + b"c,2\n" * 50
    source = added(here, content, "nul")
    taking = confirmed(here, cast, source)
    assert (taking.state, taking.columns[0]["head"]) == ("done", "name")
    again = added(here, b"a,n\n" + b"x,1\n" * 30_000 + b"x\x00,y\x00z\n", "refused")
    assert "\x00" not in json.dumps(confirmed(here, cast, again).refused)
