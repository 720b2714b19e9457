"""From a search to a decision: what is found is stored once, decisions last, and nobody decides about what they do not see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from peyvand.kernel.errors import Invalid, NotAllowed, NotFound
from peyvand.operational.duplicates.actions import begin_search, change_rules, decide_pair, merge_all_sure
from peyvand.operational.duplicates.jobs import merge_sure, run_search
from peyvand.operational.duplicates.kinds import kind_of
from peyvand.operational.duplicates.matching.engine import Evidence, Match
from peyvand.operational.duplicates.models import Pair, Search
from peyvand.operational.duplicates.queue import (
    DIFFERENT,
    LATER,
    MERGED,
    OPEN,
    better_of,
    load_pair,
    merge_pair,
    pairs_for,
)
from peyvand.operational.duplicates.searching import search, store
from peyvand.platform.objects.records import create_record, delete_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.queue import drain

PERSON = object_named("person")


def person(ctx: Any, family: str, **values: Any) -> Any:
    return create_record(ctx, PERSON, {"given_name": "ندا", "family_name": family, **values})


def match(one: Any, other: Any, probability: float = 0.995) -> Match:
    return Match(one.id, other.id, probability, (Evidence("name", "the same name", 9.0),))


@pytest.fixture
def arman(cast: Any, acting: Callable[..., Any]) -> Any:
    with workspace_scope(cast.arman.id):
        yield acting(cast.sara)


def test_a_search_streams_records_in_and_pairs_out(committed: Any) -> None:
    from peyvand.platform.actions.context import job_context

    with workspace_scope(committed.arman.id):
        ctx = job_context(committed.arman)
        one = person(ctx, "رستم‌پور", phones="09121112233", city="یزد")
        two = person(ctx, "رستم پور", phones="0912 111 2233")
        person(ctx, "صادقی", phones="09351112233")
        asked = begin_search(ctx, "person")
        assert begin_search(ctx, "person").id == asked.id
    with workspace_scope(committed.rival.id):
        person(job_context(committed.rival), "رستم‌پور", phones="09121112233")
    steps: list[int] = []
    records, pairs = search(
        committed.arman.id, kind_of("person"), asked.id, lambda step, percent: steps.append(percent)
    )
    assert (records, pairs) == (3, 1)
    assert steps == sorted(steps)
    with workspace_scope(committed.arman.id):
        found = Pair.objects.get()
        assert (found.one, found.other, found.state) == (one.id, two.id, OPEN)
        assert found.score >= 950
        assert [says for _, says, _ in found.evidence] == ["a phone in common", "the same name"]


def test_a_search_that_failed_is_done_again_and_one_that_ended_is_not(committed: Any) -> None:
    from peyvand.platform.actions.context import job_context

    with workspace_scope(committed.arman.id):
        ctx = job_context(committed.arman)
        one = person(ctx, "رستم‌پور", phones="09121112233")
        two = person(ctx, "رستم پور", phones="0912 111 2233")
        asked = begin_search(ctx, "person")
        Search.objects.filter(id=asked.id).update(state="failed")
    drain()
    with workspace_scope(committed.arman.id):
        done = Search.objects.get()
        assert (done.state, done.records, done.pairs) == ("done", 2, 1)
        assert (Pair.objects.get().one, Pair.objects.get().other) == (one.id, two.id)
    run_search(committed.arman, asked.id)
    with workspace_scope(committed.arman.id):
        assert Search.objects.get().ended_at == done.ended_at


def test_what_was_decided_stays_decided_and_what_is_not_found_again_goes(arman: Any) -> None:
    a, b, c = (person(arman, n) for n in ("یک", "دو", "سه"))
    store("person", 1, [match(a, b), match(a, c), match(b, c)])
    decide_pair(arman, Pair.objects.get(one=a.id, other=b.id), DIFFERENT)
    decide_pair(arman, Pair.objects.get(one=a.id, other=c.id), LATER)
    store("person", 2, [match(a, b, 0.9999), match(a, c, 0.8)])
    states = {(p.one, p.other): (p.state, p.score) for p in Pair.objects.all()}
    assert states == {(a.id, b.id): (DIFFERENT, 995), (a.id, c.id): (LATER, 800)}


def test_the_surest_pair_comes_first_and_the_fuller_record_stays(arman: Any) -> None:
    a, b, c = (person(arman, n) for n in ("یک", "دو", "سه"))
    d = person(arman, "چهار", phones=["09121112233", "09351112233"], city="یزد", job_title="مدیر")
    store("person", 1, [match(a, b, 0.9), match(c, d, 0.99)])
    first = pairs_for(arman, PERSON).first()
    assert first is not None
    assert (first.one, first.other) == (c.id, d.id)
    assert better_of(arman, PERSON, first) == d.id
    (merge,) = merge_pair(arman, first)
    assert (merge.winner, merge.loser) == (d.id, c.id)
    assert Pair.objects.get(id=first.id).state == MERGED
    assert pairs_for(arman, PERSON).count() == 1


def test_pairs_out_of_sight_are_nobodys_to_decide(cast: Any, acting: Callable[..., Any]) -> None:
    with workspace_scope(cast.arman.id):
        sara = acting(cast.sara)
        store("person", 1, [match(person(sara, "یک"), person(sara, "دو"))])
        pair = Pair.objects.get()
        for who in (cast.babak, cast.viewer):
            ctx = acting(who)
            assert not pairs_for(ctx, PERSON).exists()
            with pytest.raises(NotFound):
                load_pair(ctx, PERSON, pair.id)
        with pytest.raises(NotAllowed), transaction.atomic():
            decide_pair(acting(cast.viewer), pair, DIFFERENT)
        with pytest.raises(NotAllowed), transaction.atomic():
            begin_search(acting(cast.viewer), "person")
        assert not Search.objects.exists()
    with workspace_scope(cast.rival.id):
        assert not Pair.objects.exists()


def test_all_that_are_sure_are_merged_set_by_set(arman: Any) -> None:
    people = [person(arman, str(n)) for n in range(8)]
    pairs = zip(people[::2], people[1::2], (0.995, 0.999, 0.9, 0.999), strict=True)
    store("person", 1, [match(*pair) for pair in pairs])
    # A pair with a record in the bin is nobody's to decide.
    delete_records(arman, PERSON, [people[7]])
    assert merge_all_sure(arman, "person") == 2
    merge_sure(arman.tenant, "person", arman.actor.user_id, 99)
    assert sorted(p.state for p in Pair.objects.all()) == [MERGED, MERGED, OPEN, OPEN]
    assert PERSON.rows.filter(deleted_at=None).count() == 5


def test_rules_hold_together(arman: Any) -> None:
    for wrong in ({"least": 40}, {"sure": 101}, {"least": 90, "sure": 80}):
        with pytest.raises(Invalid), transaction.atomic():
            change_rules(arman, "person", **wrong)
    rules = change_rules(arman, "person", least=70, sure=95, tells_hidden=True)
    assert (rules.least, rules.sure, rules.tells_hidden) == (70, 95, True)
    with pytest.raises(NotFound):
        change_rules(arman, "deal", least=70)
