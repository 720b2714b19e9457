"""The answer by SQL is the answer that one gets by reading the ledger with a finger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import NotFound
from peyvand.kernel.persian.calendar import format_date
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.public import CONSENT, Why, standings, standings_of
from peyvand.operational.consents.standing import say
from peyvand.operational.contacts.models import Person
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.objects.queries import ListQuery, fetch_row
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.workspaces.scope import workspace_scope

CHANNELS = ("email", "sms", "phone", "messenger", "post")
KINDS = {"email": "email", "sms": "phone", "phone": "phone", "messenger": "phone"}
WORDS = ("newsletter", "survey", "service")
FREE = {"service"}

entry = st.fixed_dictionaries({
    "state": st.sampled_from(("granted", "refused")),
    "channel": st.sampled_from(("email", "sms", "post", "any")),
    "purpose": st.sampled_from((*WORDS, "")),
    # Few days, so that some are the same moment.
    "days": st.integers(1, 4),
    "lasts": st.sampled_from((None, 1, 30)),
})  # fmt: skip
point = st.fixed_dictionaries(
    {"primary": st.booleans(), "consent": st.sampled_from(("unknown", "granted", "refused"))}
)


def by_hand(
    entries: Sequence[dict[str, Any]], points: dict[str, list[dict[str, Any]]], addresses: int, channel: str,
    word: str, now: datetime,
) -> Why:  # fmt: skip
    """The rules of ``standing``, read slowly. ``entries`` are in the order in which they were recorded."""
    needs = word not in FREE
    best: tuple[Any, dict[str, Any]] | None = None
    for place, one in enumerate(entries):
        if one["channel"] not in (channel, "any"):
            continue
        if one["purpose"] != word and not (one["purpose"] == "" and needs):
            continue
        narrow = (one["channel"] != "any") + (one["purpose"] != "")
        rank = (one["given_at"], narrow, place)
        if best is None or rank > best[0]:
            best = rank, one
    held = best[1] if best else None
    if held and held["state"] == "refused":
        return Why.REFUSED
    if needs and held is None:
        return Why.NEVER_ASKED
    if needs and held and held["expires_at"] is not None and held["expires_at"] <= now:
        return Why.EXPIRED
    if channel == "post":
        known = free = addresses
    else:
        own = points[KINDS[channel]]
        known, free = len(own), sum(p["consent"] != "refused" for p in own)
    if not known:
        return Why.NO_ADDRESS
    if not free:
        return Why.ADDRESS_REFUSED
    return Why.GRANTED if needs else Why.NOT_NEEDED


@settings(max_examples=60)
@given(
    people=st.lists(
        st.tuples(st.lists(entry, max_size=6), st.lists(point, max_size=2), st.lists(point, max_size=2), st.integers(0, 1)),
        min_size=1, max_size=4,
    )
)  # fmt: skip
def test_every_way_of_asking_gives_what_reading_by_hand_gives(people: Any, cast: Any, acting: Any) -> None:
    with transaction.atomic(), workspace_scope(cast.arman.id):
        ctx, now = acting(cast.sara), clock.now()
        purposes = dict(Purpose.objects.values_list("word", "id"))
        expected: dict[tuple[int, str, str], Why] = {}
        for n, (entries, phones, emails, addresses) in enumerate(people):
            points = {
                "phone": [{**p, "value": f"0912{n}{k:02}4455"} for k, p in enumerate(phones)],
                "email": [{**p, "value": f"p{n}-{k}@example.ir"} for k, p in enumerate(emails)],
            }
            person = create_record(ctx, PERSON, {
                "name": f"شخص {n}", "phones": points["phone"], "emails": points["email"],
                "addresses": [{"city": "یزد"}] * addresses,
            })  # fmt: skip
            told = []
            for one in entries:
                at = (now - timedelta(days=one["days"])).replace(hour=0, minute=0, second=0, microsecond=0)
                # A refusal has no end.
                until = (
                    None
                    if one["lasts"] is None or one["state"] == "refused"
                    else at + timedelta(days=one["lasts"])
                )
                told.append({**one, "given_at": at, "expires_at": until})
            create_records(ctx, CONSENT, [
                {"person": person.id, "state": t["state"], "channel": t["channel"], "purpose": purposes.get(t["purpose"]),
                 "given_at": t["given_at"], "expires_at": t["expires_at"]}
                for t in told
            ])  # fmt: skip
            for channel in CHANNELS:
                for word in WORDS:
                    expected[person.id, channel, word] = by_hand(told, points, addresses, channel, word, now)
        ids = {person for person, _, _ in expected}
        for channel in CHANNELS:
            for word in WORDS:
                answers = standings(Person.objects.filter(id__in=ids), channel, word)
                mine = {id: why for (id, by, of), why in expected.items() if (by, of) == (channel, word)}
                assert {id: s.why for id, s in answers.items()} == mine
                assert all(bool(s.address) == s.may for s in answers.values() if s.may)
                if word not in FREE:
                    assert found(ctx, ids, {"op": "has_any", "value": [f"{channel}.{word}"]}) == {
                        id for id, why in mine.items() if why is Why.GRANTED
                    }
        for id in ids:
            shown = {(i["channel"], i["purpose"]) for i in fetch_row(PERSON, ctx.actor, id).values["reach"]}
            assert {(by, of) for by, of in shown if of in WORDS} == {
                (by, of) for (person, by, of), why in expected.items() if person == id and why is Why.GRANTED
            }
            told_alone = {(s.channel, s.purpose): s.why for s in standings_of(id) if s.purpose in WORDS}
            assert told_alone == {(by, of): why for (person, by, of), why in expected.items() if person == id}
        empty = found(ctx, ids, {"op": "empty"})
        assert empty == {id for id in ids if not fetch_row(PERSON, ctx.actor, id).values["reach"]}
        transaction.set_rollback(True)


def found(ctx: Any, ids: set[int], asked: dict[str, Any]) -> set[int]:
    condition = parse({"field": "reach", **asked}, PERSON.condition_schema)
    rows = ListQuery(PERSON, ctx.actor, (), condition).rows()
    return set(rows.filter(id__in=ids).values_list("id", flat=True))


@pytest.fixture
def asked(cast: Any, acting: Any) -> Any:
    """Two people with an e-mail and a number, and a way to write the ledger."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = [
            create_record(ctx, PERSON, {"name": name, "emails": f"{n}@example.ir", "phones": "09121234567"})
            for n, name in enumerate(("ندا کریمی", "آرش کمانگیر"))
        ]
        purpose = Purpose.objects.get(word="newsletter")

        def say_so(person: Any, state: str, **more: Any) -> Consent:
            [made] = create_records(ctx, CONSENT, [
                {"person": person.id, "state": state, "channel": "email", "purpose": purpose.id, **more}
            ])  # fmt: skip
            return made  # type: ignore[no-any-return]

        yield ctx, people, say_so


def test_it_says_why_with_the_entry_it_rests_on(asked: Any) -> None:
    ctx, (neda, arash), say_so = asked
    day = clock.now() - timedelta(days=3)
    first = say_so(neda, "granted", given_at=day, expires_at=day + timedelta(days=1), source="form")
    answer = standings([neda.id, arash.id], "email", "newsletter")
    assert (answer[neda.id].entry, answer[neda.id].source, answer[neda.id].since) == (first.id, "form", day)
    with translation.override("fa"):
        said = say(answer[neda.id], ctx.reader)
    assert format_date((day + timedelta(days=1)).astimezone(ctx.reader.tz).date(), "fa") in said
    assert answer[arash.id].why is Why.NEVER_ASKED
    assert not answer[neda.id].may
    assert not answer[arash.id].may
    say_so(neda, "granted")
    assert standings([neda.id], "email", "newsletter")[neda.id].address == "0@example.ir"
    with pytest.raises(NotFound):
        standings([neda.id], "email", "of our invention")
    with pytest.raises(NotFound):
        standings([neda.id], "pigeon", "newsletter")
    assert standings([], "email", "newsletter") == {}


def test_however_many_are_asked_it_is_one_statement(asked: Any) -> None:
    ctx, _, _ = asked
    for few in (1, 30):
        create_records(
            ctx,
            PERSON,
            [{"name": f"شخص {n}", "given_name": "شخص", "family_name": str(n)} for n in range(few)],
        )
        with CaptureQueriesContext(connection) as queries:
            assert len(standings(Person.objects.all(), "sms", "survey")) == Person.objects.count()
        assert len(queries) == 2, "the answer, and the count that it is compared with"


def test_what_was_said_in_another_workspace_counts_for_nothing(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        neda = create_record(ctx, PERSON, {"name": "ندا", "emails": "neda@example.ir"})
        create_records(ctx, CONSENT, [{"person": neda.id, "state": "granted", "channel": "any"}])
        assert standings([neda.id], "email", "newsletter")[neda.id].may
    with workspace_scope(cast.rival.id):
        assert standings([neda.id], "email", "newsletter")[neda.id].why is Why.NEVER_ASKED
