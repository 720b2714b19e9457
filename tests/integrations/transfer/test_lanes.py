"""Sets of rows go side by side, and what becomes of the rows is what would have become of them one set after the other."""

from __future__ import annotations

import gc
import random
import threading
import time
from collections import Counter
from itertools import count

import pytest
from django.db import connections

from peyvand.integrations.transfer import planning, running
from peyvand.integrations.transfer.keys import Hashes
from peyvand.integrations.transfer.lanes import Turns, many_objects
from peyvand.integrations.transfer.mapping import MappingFile
from peyvand.integrations.transfer.planning import Plan
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.contacts.models import ContactPoint, Person
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.search.models import SearchEntry
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.installation import eventually

ROWS, SET = 48, 6


def people(seed: int) -> str:
    """Rows that share names, phones and mails, in a file in which some have no mail, or none of either."""
    draw = random.Random(seed)
    is_plain = seed % 2 == 0
    lines = ["name,email,phone,city"]
    for n in range(ROWS):
        mails = [
            f"m{draw.randrange(40)}@example.com" for _ in range(1 if is_plain else draw.choice((0, 1, 1, 2)))
        ]
        phone = f"0912000{draw.randrange(12):04}" if draw.random() < 0.6 else ""
        lines.append(f"Name {draw.randrange(15)},{'; '.join(mails)},{phone},City {n}")
    return "\n".join(lines)


@pytest.fixture
def bring(committed, tmp_path, monkeypatch):
    """``bring(text, tenant, match, lanes)``: what became of the file's rows, and of the workspace's people."""
    numbers = count()

    def bring(text, tenant, match=(), *, lanes):
        path = tmp_path / f"people{next(numbers)}.csv"
        path.write_text(text)
        monkeypatch.setattr(running, "SET", SET)
        if not lanes:
            monkeypatch.setattr(Plan, "is_parallel", False)
        told = {"object": "person"} | ({"match": list(match)} if match else {})
        report = run_import(Context(system_actor(tenant), "cli"), [path], Wish(MappingFile({"*": told})))
        monkeypatch.undo()
        (file,) = report.files
        assert file.problem is None
        with workspace_scope(tenant.id):
            points: dict[int, set[str]] = {}
            for id, value in ContactPoint.objects.filter(object="person").values_list("object_id", "value"):
                points.setdefault(id, set()).add(value)
            found = sorted(
                (name, city, tuple(sorted(points.get(id, ()))))
                for id, name, city in Person.objects.values_list("id", "name", "city")
            )
        return file.tally.to_json(), sorted((r.line, r.code) for r in file.refused), found

    return bring


@pytest.mark.parametrize("match", [(), ("emails", "phones"), ("title",)])
@pytest.mark.parametrize("seed", range(3))
def test_side_by_side_is_as_one_after_the_other(bring, committed, monkeypatch, seed, match):
    # The first sets take longest, so that those behind them have every chance to look too early.
    write = planning.write

    def slowly(ctx, shape, drafts, tally, journal):
        done = write(ctx, shape, drafts, tally, journal)
        time.sleep(0.05 if drafts and drafts[0].row.line < ROWS // 2 else 0)
        return done

    text = people(seed)
    alone = bring(text, committed.rival, match, lanes=False)
    monkeypatch.setattr(planning, "write", slowly)
    assert bring(text, committed.arman, match, lanes=True) == alone


def test_a_file_of_mails_really_goes_side_by_side(bring, committed, monkeypatch):
    under_way, most = set(), []
    write, together = planning.write, threading.Barrier(2)

    def counted(ctx, shape, drafts, tally, journal):
        under_way.add(drafts[0].row.line)
        if drafts[0].row.line <= 1 + 2 * SET:
            # The first two wait for each other: one after the other they would never meet.
            together.wait(60)
        most.append(len(under_way))
        try:
            return write(ctx, shape, drafts, tally, journal)
        finally:
            under_way.discard(drafts[0].row.line)

    monkeypatch.setattr(planning, "write", counted)
    lines = [f"Name {n},n{n}@example.com" for n in range(ROWS)]
    tally, _, found = bring("\n".join(["name,email", *lines]), committed.arman, lanes=True)
    assert tally["created"] == ROWS == len({one[0] for one in found if one[0].startswith("Name")})
    assert max(most) == 2


def left_of(tenant, part):
    """Of the people whose mails have this part: how many there are, and those of whom an event, a line of the timeline,
    an entry of the search, a phone or a mail is missing or there twice."""
    with workspace_scope(tenant.id):
        people = dict(Person.objects.filter(email__contains=part).values_list("id", "name"))
        of = {"object": "person", "object_id__in": list(people)}
        found = [
            Counter(rows.filter(**of).values_list("object_id", flat=True))
            for rows in (EventRow.objects, TimelineEntry.objects, ContactPoint.objects)
        ]
        entries = sorted(SearchEntry.objects.filter(**of).values_list("object_id", "title"))
    torn = [id for id in people if [counts[id] for counts in found] != [1, 1, 2]]
    assert entries == sorted(people.items())
    return len(people), torn


def write_people(path, part, count, names=None):
    names = names or {}
    lines = [
        f"{names.get(n, f'Name {n}')},{part}{n}@example.com,0912{path.stem[-1]}{n:06}" for n in range(count)
    ]
    path.write_text("\n".join(["name,email,phone", *lines]))
    return path


def test_rows_refused_in_the_middle_take_no_others_with_them(committed, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "SET", SET)
    # One cannot be read, one is refused only when its set is written.
    path = write_people(tmp_path / "people1.csv", "mid", ROWS, {3 * SET + 3: "Long " * 30})
    text = path.read_text().replace(f"mid{4 * SET + 1}@example.com", "no mail at all")
    path.write_text(text)
    report = run_import(Context(system_actor(committed.arman), "cli"), [path], Wish())
    (file,) = report.files
    assert sorted(row.line for row in file.refused) == [3 * SET + 5, 4 * SET + 3]
    assert file.tally.created == ROWS - 2
    assert left_of(committed.arman, "mid") == (ROWS - 2, [])


def test_two_imports_at_once_lose_nothing_and_write_nothing_twice(committed, tmp_path, monkeypatch):
    monkeypatch.setattr(running, "SET", SET)
    together, told = threading.Barrier(2), {}

    def go(n):
        path = write_people(tmp_path / f"people{n}.csv", f"twin{n}.", ROWS)
        together.wait(60)
        try:
            report = run_import(Context(system_actor(committed.arman), "cli"), [path], Wish())
            told[n] = report.files[0].tally.to_json()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [told[n]["created"] for n in (1, 2)] == [ROWS, ROWS]
    assert left_of(committed.arman, "twin") == (2 * ROWS, [])
    with workspace_scope(committed.arman.id):
        created = EventRow.objects.filter(wire="objects.record_created.v1", object="person")
        # What somebody reads who follows the log by position: each once, those of a set in the order of its rows.
        ids = list(created.order_by("id").values_list("id", "object_id"))
    assert len({id for _, id in ids}) == len(ids)


def test_sets_wait_for_what_another_kind_of_key_may_find():
    turns, told = Turns(), []

    def go(place: int, kind: str, until: threading.Event) -> threading.Thread:
        def run() -> None:
            turns.begin(place, lambda: kind)
            told.append(place)
            until.wait(60)
            turns.end(place)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    first, second, third = threading.Event(), threading.Event(), threading.Event()
    threads = [go(2, "phone", third), go(1, "mail", second), go(0, "mail", first)]
    assert eventually(lambda: len(told) == 2, pause=0.02)
    assert sorted(told) == [0, 1]
    first.set()
    # Were the third let go too early, it would be in this time.
    time.sleep(0.2)
    assert sorted(told) == [0, 1]
    second.set()
    third.set()
    for thread in threads:
        thread.join(60)
    assert told[2] == 2


def test_a_set_that_broke_before_its_turn_holds_nobody_up():
    turns = Turns()
    turns.end(1)
    turns.begin(0, lambda: "")
    turns.end(0)
    turns.begin(2, lambda: "")


def test_hashes_are_told_apart_like_in_a_set():
    draw, known, hashes = random.Random(7), set(), Hashes()
    values = [0, -1, 2**63 - 1, -(2**63), 1024, 2048, 4096]
    values += [draw.choice((draw.getrandbits(63), draw.randrange(3000) << 12)) for _ in range(30_000)]
    for value in [*values, *values[:100]]:
        assert hashes.add(value) == (value not in known)
        known.add(value)


def test_python_looks_for_lost_objects_as_before_once_the_last_import_is_over():
    before = gc.get_threshold()
    first, second = many_objects(), many_objects()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.get_threshold()[0] > before[0]
    second.__exit__(None, None, None)
    assert gc.get_threshold() == before
