"""Steps follow each other in working time, once each, until somebody answers; whoever cannot go in is named."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.collaborative.sequences.conftest import NOON

from peyvand.administration.schema.actions import add_field, archive_field
from peyvand.collaborative.mail.events import MessageBounced
from peyvand.collaborative.mail.events import MessageFailed as MailFailed
from peyvand.collaborative.mail.events import MessageReceived as MailReceived
from peyvand.collaborative.mail.public import MailAccount, MailMessage
from peyvand.collaborative.sequences import running
from peyvand.collaborative.sequences.models import Enrolment, Step, StepRun
from peyvand.collaborative.sequences.reactions import (
    go_on_once,
    stop_on_booking,
    stop_on_bounce,
    stop_on_decision,
    stop_on_removal,
    stop_on_reply,
    stop_on_withdrawal,
)
from peyvand.collaborative.sequences.results import outcomes_of
from peyvand.collaborative.sequences.running import run_due, run_set
from peyvand.collaborative.sms.models import SmsMessage
from peyvand.collaborative.sms.sending import send_due
from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.activities.public import Task
from peyvand.operational.consents.public import CONSENT, Purpose
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.sales.public import LostReason
from peyvand.platform.actions.action import action_named
from peyvand.platform.events.facts import rebuild
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import RecordShare, Role, User
from peyvand.platform.objects.bulk import Order, begin, refusals_of
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

DAY = timedelta(days=1)


def enrol(cast: Any, person: int, sequence: int, **more: Any) -> Any:
    return program_of(cast.sara, cast.arman).post(f"people/{person}/enrol", {"sequence": sequence, **more})


def state(cast: Any) -> tuple[str, str]:
    with workspace_scope(cast.arman.id):
        one = Enrolment.objects.order_by("-id")[0]
        return one.state, one.reason


def react(cast: Any, reaction: Any, *wires: str) -> None:
    """What the worker does with the facts of these kinds."""
    with workspace_scope(cast.arman.id):
        rows = EventRow.objects.filter(wire__in=wires).order_by("id")
        facts = [rebuild(r.wire, r.object, r.object_id, r.at, r.data) for r in rows]
        assert facts
        reaction(Cause(cast.arman, rows[0].id, 1), facts)


def test_steps_follow_in_working_time_and_each_once(
    cast: Any, gateway: Any, customer: int, sequence: int
) -> None:
    with clock.freeze(NOON):
        made = enrol(cast, customer, sequence)
        assert made.status == 200, made.json
        run_due(cast.arman)
        run_due(cast.arman)
        send_due(cast.arman)
    assert [r["json"]["text"] for r in gateway.requests] == ["سلام Reza"]
    with workspace_scope(cast.arman.id):
        one = Enrolment.objects.get()
        assert one.next_at == NOON + 2 * DAY
    with clock.freeze(NOON + 2 * DAY):
        run_due(cast.arman)
    with workspace_scope(cast.arman.id):
        task = Task.objects.get()
        assert (task.title, task.kind, task.person_id, task.owner_id) == (
            "Call Reza Karimi",
            "call",
            customer,
            cast.sara.id,
        )
        # Two working days after Tuesday noon is Thursday noon; an hour later the office is about to close.
        assert Enrolment.objects.get().next_at == NOON + 4 * DAY + timedelta(hours=1)
    with clock.freeze(NOON + 5 * DAY):  # a Friday: nothing goes out
        run_due(cast.arman)
    with workspace_scope(cast.arman.id):
        assert SmsMessage.objects.count() == 1
        assert Enrolment.objects.get().next_at == datetime(2026, 11, 28, 4, 30, tzinfo=UTC)
    with clock.freeze(datetime(2026, 11, 28, 4, 30, tzinfo=UTC)):
        run_due(cast.arman)
    assert state(cast) == ("finished", "")
    with workspace_scope(cast.arman.id):
        assert StepRun.objects.count() == 3
        assert SmsMessage.objects.count() == 2


def test_an_answer_stops_it_and_is_credited_to_what_it_answers(
    cast: Any, gateway: Any, customer: int, sequence: int
) -> None:
    from tests.collaborative.sms.test_sms import call

    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        run_due(cast.arman)
        send_due(cast.arman)
        call(cast, {"from": "09121112233", "text": "بله، تماس بگیرید"})
        react(cast, stop_on_reply, "sms.message_received.v1")
    assert state(cast) == ("stopped", "replied")
    with workspace_scope(cast.arman.id):
        [run] = StepRun.objects.all()
        assert (run.is_replied, run.is_stopped) == (True, True)
    with clock.freeze(NOON + 10 * DAY):
        run_due(cast.arman)
    with workspace_scope(cast.arman.id):
        assert SmsMessage.objects.filter(direction="out").count() == 1
    refused = enrol(cast, customer, sequence)
    assert refused.status == 422
    assert enrol(cast, customer, sequence, again=True).status == 200


def test_a_stop_word_is_no_answer(cast: Any, gateway: Any, customer: int, sequence: int) -> None:
    from tests.collaborative.sms.test_sms import call

    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        run_due(cast.arman)
        call(cast, {"from": "09121112233", "text": "لغو"})
        react(cast, stop_on_reply, "sms.message_received.v1")
    assert state(cast) == ("stopped", "withdrawn")
    with workspace_scope(cast.arman.id):
        assert not StepRun.objects.filter(is_replied=True).exists()


def test_a_meeting_a_withdrawal_and_the_bin_stop_it(cast: Any, customer: int, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        program.post("meetings", {"title": "Visit", "person": customer, "starts_at": "2026-11-25T10:00:00Z"})
        react(cast, stop_on_booking, "objects.record_created.v1")
        assert state(cast) == ("stopped", "booked")
        enrol(cast, customer, sequence, again=True)
        program.post(f"people/{customer}/withdraw_consent", {"channel": "sms"})
        react(cast, stop_on_withdrawal, "consents.withdrawn.v1")
        assert state(cast) == ("stopped", "withdrawn")
        enrol(cast, customer, sequence, again=True)
        assert program.delete(f"people/{customer}").status in (200, 204)
        react(cast, stop_on_removal, "objects.record_deleted.v1")
        assert state(cast) == ("stopped", "gone")


@pytest.mark.parametrize(("verb", "reason"), [("win", "won"), ("lose", "lost")])
def test_a_decided_deal_stops_it(cast: Any, customer: int, sequence: int, verb: str, reason: str) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        deal = program.post("deals", {"name": "Pumps", "person": customer}).json["id"]
        assert program.post(f"deals/{deal}/enrol", {"sequence": sequence}).status == 200
        with workspace_scope(cast.arman.id):
            why = {"lost_reason": LostReason.objects.order_by("id")[0].id} if verb == "lose" else {}
        done = program.post(f"deals/{deal}/{verb}", why)
        assert done.status == 200, done.json
        # Also before the reaction ran nothing goes out any more.
        run_due(cast.arman)
        assert state(cast) == ("stopped", reason)
        with workspace_scope(cast.arman.id):
            Enrolment.objects.update(state="active", reason="")
        react(cast, stop_on_decision, f"sales.deal_{reason}.v1")
    assert state(cast) == ("stopped", reason)
    with workspace_scope(cast.arman.id):
        assert not SmsMessage.objects.exists()


def test_who_left_hands_over_to_the_owner_of_today(cast: Any, customer: int, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        program.patch(f"people/{customer}", {"owner": cast.mina.id})
        with workspace_scope(cast.arman.id):
            run_set(cast.arman)
            assert Enrolment.objects.get().owner_id == cast.mina.id
            User.objects.filter(id=cast.mina.id).update(is_active=False)
    with clock.freeze(NOON + 2 * DAY):
        run_due(cast.arman)
    assert state(cast) == ("stopped", "no_owner")


def test_a_merged_person_goes_on_once(cast: Any, customer: int, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        other = program.post("people", {"family_name": "Karimy", "phones": [{"value": "09351112233"}]}).json[
            "id"
        ]
        third = program.post("people", {"family_name": "Karimei", "phones": [{"value": "09361112233"}]}).json[
            "id"
        ]
        enrol(cast, customer, sequence)
        enrol(cast, other, sequence)
        for loser in (other, third):
            merged = program.post(f"people/{customer}/merge", {"losers": [loser]})
            assert merged.status == 200, merged.json
        react(cast, go_on_once, "objects.record_merged.v1")
        with workspace_scope(cast.arman.id):
            assert list(Enrolment.objects.filter(state="active").values_list("person_id", flat=True)) == [
                customer
            ]
            assert Enrolment.objects.get(state="stopped").reason == "merged"


def test_those_who_cannot_go_in_are_named_and_the_others_go_in(
    cast: Any, acting: Any, customer: int, sequence: int
) -> None:
    program = program_of(cast.sara, cast.arman)
    nobody = program.post("people", {"family_name": "Nobody"}).json["id"]
    fine = program.post("people", {"family_name": "Fine", "phones": [{"value": "09351112233"}]}).json["id"]
    enrol(cast, customer, sequence)
    with workspace_scope(cast.arman.id):
        order = Order("person", "enrol_many", {"sequence": str(sequence)}, (customer, nobody, fine))
        run = begin(acting(cast.sara), order)
        assert (run.done, run.refused) == (1, 2)
        why = {id: str(reason) for id, reason in refusals_of(run)}
        assert "already" in why[customer]
        assert "no phone" in why[nobody]
        assert set(Enrolment.objects.values_list("person_id", flat=True)) == {customer, fine}


@pytest.mark.parametrize("many", [3, 60])
def test_many_go_in_and_on_by_as_many_queries_as_few(
    cast: Any, acting: Any, gateway: Any, sequence: int, many: int
) -> None:
    with clock.freeze(NOON), workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = create_records(ctx, PERSON, [
            {"family_name": f"P{n}", "phones": ({"value": f"+98912{n:07}", "label": "", "primary": True, "consent": "unknown"},)}
            for n in range(many)
        ])  # fmt: skip
        enrol_many = action_named("person.enrol_many")
        assert enrol_many is not None
        # What is read once for a scope is read before it is counted.
        enrol_many.function(ctx, people[:1], sequence=sequence)
        with CaptureQueriesContext(connection) as going_in:
            enrol_many.function(ctx, people[1:], sequence=sequence)
        with CaptureQueriesContext(connection) as going_on:
            assert run_set(cast.arman) == many
    assert len(going_in) <= 45
    assert len(going_on) <= 75
    with workspace_scope(cast.arman.id):
        assert SmsMessage.objects.count() == many


def test_a_day_takes_only_so_many(cast: Any, gateway: Any, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    program.patch(f"sequences/{sequence}", {"most_a_day": 2})
    with clock.freeze(NOON):
        for n in range(3):
            person = program.post(
                "people", {"family_name": f"P{n}", "phones": [{"value": f"0912111223{n}"}]}
            ).json["id"]
            assert enrol(cast, person, sequence).status == 200
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            assert SmsMessage.objects.count() == 2
            waiting = Enrolment.objects.order_by("next_at").first()
            assert waiting is not None
            assert waiting.next_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_rearranged_steps_are_taken_once_and_nobody_is_left_behind(
    cast: Any, gateway: Any, customer: int, sequence: int
) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        run_due(cast.arman)
    first, second, third = (i["id"] for i in program.get("sequence_steps", sort="position").json["items"])
    assert program.post(f"sequence_steps/{first}/move", {"way": "down"}).status == 200
    assert program.post(f"sequence_steps/{first}/move", {"way": "down"}).status == 200
    assert program.delete(f"sequence_steps/{second}").status in (200, 204)
    with clock.freeze(NOON + 2 * DAY):
        run_due(cast.arman)
    with workspace_scope(cast.arman.id):
        assert list(StepRun.objects.order_by("id").values_list("step_id", flat=True)) == [first, third]
        # The first stands last now; it was taken, so the sequence is over.
        assert Enrolment.objects.get().state == "finished"
    assert program.post(f"sequence_steps/{third}/move", {"way": "up"}).status == 422


def test_pause_skip_resume_and_stop(cast: Any, gateway: Any, customer: int, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        assert enrol(cast, customer, sequence).status == 200
        with workspace_scope(cast.arman.id):
            id = Enrolment.objects.get().id
        assert program.post(f"enrolments/{id}/pause", {}).status == 200
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            assert not SmsMessage.objects.exists()
        assert program.post(f"enrolments/{id}/pause", {}).status == 409
        assert program.post(f"enrolments/{id}/skip", {}).status == 200
        assert program.post(f"enrolments/{id}/resume", {}).status == 200
    with clock.freeze(NOON + 2 * DAY):
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            assert list(StepRun.objects.order_by("id").values_list("state", flat=True)) == ["skipped", "done"]
        assert program.post(f"enrolments/{id}/stop", {}).status == 200
    assert state(cast) == ("stopped", "by_hand")


def test_what_is_wrong_with_a_step_is_named_by_its_field(cast: Any, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    for values, field in (
        ({"kind": "mail", "name": "x", "text": "y"}, "subject"),
        ({"kind": "sms", "name": "x"}, "text"),
        ({"kind": "sms", "name": "x", "text": "{{person.salary}}"}, "text"),
        ({"kind": "wait", "name": "x"}, "days"),
        ({"kind": "mail", "name": "x", "subject": "s", "text": "y", "text_b": "z"}, "subject_b"),
    ):
        refused = program.post("sequence_steps", {"sequence": sequence, **values})
        assert refused.status == 422
        assert field in str(refused.json), refused.json
    assert program.post("sequences", {"name": "Empty", "is_active": True}).status == 422


def test_who_may_not_puts_nobody_in(cast: Any, customer: int, sequence: int) -> None:
    assert (
        program_of(cast.viewer, cast.arman).post(f"people/{customer}/enrol", {"sequence": sequence}).status
        == 403
    )
    babak = program_of(cast.babak, cast.arman)
    assert babak.post(f"people/{customer}/enrol", {"sequence": sequence}).status in (403, 404)
    assert babak.get(f"sequences/{sequence}").status == 200
    assert babak.patch(f"sequences/{sequence}", {"name": "Mine"}).status == 403
    assert program_of(cast.cyrus, cast.rival).get(f"sequences/{sequence}").status == 404
    mine = babak.post("people", {"family_name": "His", "phones": [{"value": "09351112233"}]}).json["id"]
    assert babak.post(f"people/{mine}/enrol", {"sequence": sequence}).status == 200


def test_the_plan_and_the_cards_are_drawn(
    cast: Any, browse: Any, gateway: Any, customer: int, sequence: int
) -> None:
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        run_due(cast.arman)
    sara = browse(cast.sara)
    plan = sara.get(f"/w/arman/sequences/{sequence}/plan")
    assert plan.status_code == 200
    assert "سلام Reza" in plan.content.decode()
    figures = re.findall(r'href="(/w/arman/(?:sequence_runs|enrolments)/[^"]+)"', plan.content.decode())
    assert len(figures) >= 6
    for address in figures:
        assert sara.get(unescape(address)).status_code == 200
    assert "پیگیری" in sara.get(f"/w/arman/people/{customer}/").content.decode()
    assert sara.get(f"/w/arman/sequences/{sequence}/").status_code == 200
    switched = sara.post(f"/w/arman/sequences/{sequence}/switch")
    assert switched.status_code == 302
    with workspace_scope(cast.arman.id):
        assert not Enrolment.objects.get().sequence.is_active


def mailed(cast: Any, **more: Any) -> tuple[int, int]:
    """A customer with an address, in a sequence of two mails; the sequence's id and the customer's."""
    program = program_of(cast.sara, cast.arman)
    person = program.post(
        "people", {"given_name": "Reza", "family_name": "Karimi", "emails": [{"value": "r@karimi.example"}]}
    )
    sequence = program.post("sequences", {"name": "Letters", **more}).json["id"]
    for days, text in ((0, "Dear {{person.given_name}}"), (1, "Once more")):
        step = {
            "sequence": sequence,
            "kind": "mail",
            "name": text,
            "subject": f"{text}!",
            "text": text,
            "days": days,
        }
        assert program.post("sequence_steps", step).status == 201
    assert program.patch(f"sequences/{sequence}", {"is_active": True}).status == 200
    return sequence, person.json["id"]


def test_a_mail_goes_out_by_the_owner_s_account_and_an_answer_ends_it(cast: Any) -> None:
    sequence, person = mailed(cast)
    with workspace_scope(cast.arman.id):
        account = MailAccount.objects.create(address="sara@arman.example", owner_id=cast.sara.id)
    with clock.freeze(NOON):
        assert enrol(cast, person, sequence).status == 200
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            mail = MailMessage.objects.get()
            assert (mail.account_id, mail.subject, mail.person_id) == (account.id, "Dear Reza!", person)
            told = {"object": "mail_message", "object_id": mail.id, "person_id": person, "answers": mail.id}
            cause = Cause(cast.arman, 1, 1)
            stop_on_reply(cause, [MailReceived(**told, is_automatic=True)])
            assert Enrolment.objects.get().state == "active"
            stop_on_reply(cause, [MailReceived(**told)])
            assert StepRun.objects.get().is_replied
    assert state(cast) == ("stopped", "replied")


def test_nobody_writes_from_anothers_account_by_making_them_the_owner(cast: Any) -> None:
    sequence, _ = mailed(cast)
    sara, mina = program_of(cast.sara, cast.arman), program_of(cast.mina, cast.arman)
    with workspace_scope(cast.arman.id):
        for user in (cast.sara, cast.mina):
            MailAccount.objects.create(address=f"{user.id}@arman.example", owner_id=user.id)
    body = {"given_name": "V", "family_name": "V", "emails": [{"value": "victim@toloo.example"}]}
    with clock.freeze(NOON):
        person = mina.post("people", body).json["id"]
        assert mina.post(f"people/{person}/enrol", {"sequence": sequence}).status == 200
        assert mina.patch(f"people/{person}", {"owner": cast.sara.id}).status == 200
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            assert MailMessage.objects.get().account.owner_id == cast.mina.id
            [enrolment] = Enrolment.objects.values_list("id", flat=True)
        assert mina.post(f"enrolments/{enrolment}/take_over").status in (403, 422)
        assert sara.post(f"enrolments/{enrolment}/take_over").status == 200
    with clock.freeze(NOON + 2 * DAY):
        run_due(cast.arman)
    with workspace_scope(cast.arman.id):
        assert MailMessage.objects.latest("id").account.owner_id == cast.sara.id
        assert MailMessage.objects.count() == 2


def test_who_puts_in_anothers_customer_writes_from_their_own_account(cast: Any) -> None:
    sequence, _ = mailed(cast)
    sara, mina = program_of(cast.sara, cast.arman), program_of(cast.mina, cast.arman)
    with workspace_scope(cast.arman.id):
        for user in (cast.sara, cast.mina):
            MailAccount.objects.create(address=f"{user.id}@arman.example", owner_id=user.id)
    body = {"given_name": "C", "family_name": "C", "emails": [{"value": "customer@toloo.example"}]}
    with clock.freeze(NOON):
        person = mina.post("people", body).json["id"]
        assert sara.post(f"people/{person}/enrol", {"sequence": sequence}).status == 200
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            assert MailMessage.objects.get().account.owner_id == cast.sara.id
            assert Enrolment.objects.get().owner_id == cast.mina.id


def test_without_a_mail_account_the_reason_is_told(cast: Any) -> None:
    sequence, person = mailed(cast)
    with clock.freeze(NOON):
        enrol(cast, person, sequence)
        run_due(cast.arman)
    assert state(cast) == ("failed", "failed")
    with workspace_scope(cast.arman.id):
        assert Enrolment.objects.get().problem
        assert not StepRun.objects.exists()


def test_advertising_takes_in_only_who_consented(cast: Any) -> None:
    program = program_of(cast.sara, cast.arman)
    with workspace_scope(cast.arman.id):
        marketing = Purpose.objects.get(word="marketing").id
    sequence, person = mailed(cast, purpose=marketing)
    assert enrol(cast, person, sequence).status == 422
    yes = {"person": person, "state": "granted", "channel": "email", "purpose": marketing}
    assert program.post("consents", yes).status == 201
    assert enrol(cast, person, sequence).status == 200


@pytest.mark.parametrize("purpose", ["", "marketing"])
def test_many_mails_cost_as_many_statements_as_few(
    cast: Any, acting: Any, purpose: str, settings: Any, monkeypatch: Any
) -> None:
    settings.PUBLIC_URL = "https://crm.arman.example"
    monkeypatch.setattr("peyvand.collaborative.sequences.running.SET", 1000)
    with workspace_scope(cast.arman.id):
        asked = Purpose.objects.get(word=purpose).id if purpose else None
    sequence, _ = mailed(cast, purpose=asked, most_a_day=5000)
    enrol_many = action_named("person.enrol_many")
    assert enrol_many is not None
    spent = []
    with clock.freeze(NOON), workspace_scope(cast.arman.id):
        MailAccount.objects.create(address="sara@arman.example", owner_id=cast.sara.id)
        ctx = acting(cast.sara)
        for many in (10, 1000):
            people = create_records(ctx, PERSON, [
                {"family_name": f"P{n}", "emails": [{"value": f"p{many}-{n}@karimi.example", "label": "", "primary": True, "consent": "unknown"}]}
                for n in range(many)
            ])  # fmt: skip
            if asked:
                create_records(ctx, CONSENT, [
                    {"person": p.id, "state": "granted", "channel": "email", "purpose": asked, "source": "import"} for p in people
                ])  # fmt: skip
            enrol_many.function(ctx, people, sequence=sequence)
            with CaptureQueriesContext(connection) as counted:
                assert run_set(cast.arman) == many
            spent.append(len(counted))
            assert MailMessage.objects.filter(state="queued").count() == StepRun.objects.count()
    few, all_of_them = spent
    assert all_of_them <= few + 5
    assert few < 60


@pytest.mark.parametrize("fact", [MessageBounced, MailFailed])
def test_a_mail_that_did_not_arrive_ends_it(cast: Any, fact: Any) -> None:
    sequence, person = mailed(cast)
    with workspace_scope(cast.arman.id):
        MailAccount.objects.create(address="all@arman.example", is_shared=True)
    with clock.freeze(NOON):
        enrol(cast, person, sequence)
        run_due(cast.arman)
        with workspace_scope(cast.arman.id):
            id = MailMessage.objects.get().id
            stop_on_bounce(Cause(cast.arman, 1, 1), [fact(object="mail_message", object_id=id)])
            assert StepRun.objects.get().state == "failed"
    assert state(cast) == ("stopped", "undelivered")


def texting(cast: Any, text: str) -> int:
    """A sequence of one SMS."""
    program = program_of(cast.sara, cast.arman)
    id = int(program.post("sequences", {"name": "Texts"}).json["id"])
    step = program.post("sequence_steps", {"sequence": id, "kind": "sms", "name": "First", "text": text})
    assert step.status == 201, step.json
    assert program.patch(f"sequences/{id}", {"is_active": True}).status == 200
    return id


def outcomes(cast: Any) -> dict[str, tuple[str, str]]:
    with workspace_scope(cast.arman.id):
        rows = Enrolment.objects.values_list("person__family_name", "state", "problem")
        return {name: (state, problem) for name, state, problem in rows}


def test_a_text_that_comes_to_nothing_or_too_much_fails_alone(cast: Any, gateway: Any) -> None:
    program = program_of(cast.sara, cast.arman)
    sequence = texting(cast, "{{person.about}}")
    with clock.freeze(NOON):
        for n, (name, about) in enumerate((("Empty", ""), ("Long", "س" * 900), ("Fine", "Hello"))):
            phones = [{"value": f"0912111223{n}"}]
            person = program.post("people", {"family_name": name, "about": about, "phones": phones})
            assert enrol(cast, person.json["id"], sequence).status == 200
        run_due(cast.arman)
    found = outcomes(cast)
    assert {name: state for name, (state, _) in found.items()} == {
        "Empty": "failed",
        "Long": "failed",
        "Fine": "finished",
    }
    assert found["Empty"][1]
    with workspace_scope(cast.arman.id):
        assert [m.text for m in SmsMessage.objects.all()] == ["Hello"]


def test_a_place_whose_field_was_removed_stays_empty(
    cast: Any, acting: Any, browse: Any, gateway: Any, customer: int
) -> None:
    with workspace_scope(cast.arman.id):
        field = add_field(acting(cast.sara), "person", "text", labels={"en": "Hobby"})
    place = f"{{{{person.{field.key}|friend}}}}"
    sequence = texting(cast, f"Dear {place}")
    program = program_of(cast.sara, cast.arman)
    last = {"sequence": sequence, "kind": "call", "name": f"Call {place}", "days": 1}
    assert program.post("sequence_steps", last).status == 201
    with clock.freeze(NOON):
        assert enrol(cast, customer, sequence).status == 200
        with workspace_scope(cast.arman.id):
            archive_field(acting(cast.sara), field)
        run_due(cast.arman)
        page = browse(cast.sara).get(f"/w/arman/people/{customer}/")
    assert "Call friend" in page.content.decode()
    with workspace_scope(cast.arman.id):
        assert SmsMessage.objects.get().text == "Dear friend"
    # Whoever writes it now hears of it.
    assert program.post("sequence_steps", last).status == 422


def test_whose_step_is_refused_fails_and_the_others_go_on(
    cast: Any, gateway: Any, customer: int, sequence: int, monkeypatch: Any
) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        run_due(cast.arman)

    def refusing(ctx: Any, spec: Any, rows: Any) -> Any:
        if any(row["person"] == customer for row in rows):
            raise RuleViolation(msg("This is required."))
        return create_records(ctx, spec, rows)

    monkeypatch.setattr(running, "create_records", refusing)
    with clock.freeze(NOON + 2 * DAY):
        other = program.post("people", {"family_name": "Other", "phones": [{"value": "09351112233"}]})
        enrol(cast, other.json["id"], sequence)
        # One is at a call now, the other at an SMS.
        run_due(cast.arman)
    found = outcomes(cast)
    assert (found["Karimi"][0], found["Other"][0]) == ("failed", "active")
    assert found["Karimi"][1]
    with workspace_scope(cast.arman.id):
        assert not Task.objects.exists()
        assert SmsMessage.objects.filter(person_id=other.json["id"]).count() == 1


def test_without_a_number_a_step_fails_and_is_no_withdrawal(
    cast: Any, gateway: Any, customer: int, sequence: int
) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        assert program.patch(f"people/{customer}", {"phones": []}).status == 200
        run_due(cast.arman)
        assert state(cast) == ("failed", "failed")
        program.patch(f"people/{customer}", {"phones": [{"value": "09121112233"}]})
        assert enrol(cast, customer, sequence).status == 200


def test_a_person_out_of_sight_is_nobody(cast: Any, sequence: int) -> None:
    program, babak = program_of(cast.sara, cast.arman), program_of(cast.babak, cast.arman)
    hidden = program.post("people", {"family_name": "Unseen", "owner": cast.sara.id}).json["id"]
    deal = program.post("deals", {"name": "D", "person": hidden, "owner": cast.babak.id}).json["id"]
    with workspace_scope(cast.arman.id):
        # Who gives a deal away shares its people with it; that was taken back.
        RecordShare.objects.all().delete()
    assert babak.get(f"people/{hidden}").status == 404
    for verb, said in (("enrol", {"sequence": sequence}), ("write_sms", {"text": "hi"})):
        refused = babak.post(f"deals/{deal}/{verb}", said)
        assert refused.status == 422, refused.json
        assert "Unseen" not in str(refused.json)
    with workspace_scope(cast.arman.id):
        assert not Enrolment.objects.exists()
        assert not SmsMessage.objects.exists()


def role_of(cast: Any, user: Any, grants: dict[str, str], fields: dict[str, str] | None = None) -> Any:
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(key="narrow", name="Narrow", grants=grants, fields=fields or {})
        User.objects.filter(id=user.id).update(role=role)
        access_changed(cast.arman.id)
    return program_of(user, cast.arman)


def test_nobody_writes_places_that_they_may_not_know(cast: Any, sequence: int) -> None:
    fields = {"person.national_id": "hidden"}
    mina = role_of(cast, cast.mina, {"*": "all", "sequence.*": "all", "sequence_step.*": "all"}, fields)
    step = {"sequence": sequence, "kind": "task", "name": "Look", "text": "{{person.national_id}}"}
    refused = mina.post("sequence_steps", step)
    assert refused.status == 422
    assert "national_id" in str(refused.json)
    theirs = program_of(cast.sara, cast.arman).post("sequence_steps", step)
    assert theirs.status == 201
    # What others wrote may stay.
    assert mina.patch(f"sequence_steps/{theirs.json['id']}", {"days": 3}).status == 200


def test_figures_tell_of_what_one_sees(
    cast: Any, browse: Any, gateway: Any, customer: int, sequence: int
) -> None:
    with clock.freeze(NOON):
        enrol(cast, customer, sequence)
        run_due(cast.arman)
    address = f"/w/arman/sequences/{sequence}/plan"
    assert "sequence_runs/" in browse(cast.sara).get(address).content.decode()
    role_of(cast, cast.viewer, {"sequence.view": "all", "sequence_step.view": "all"})
    page = browse(cast.viewer).get(address)
    assert page.status_code == 200
    assert "sequence_runs/" not in page.content.decode()


def test_a_booking_is_credited_to_one_message_and_not_to_those_of_long_ago(
    cast: Any, gateway: Any, customer: int
) -> None:
    program = program_of(cast.sara, cast.arman)
    old, late, later = (texting(cast, f"Text {n}") for n in range(3))
    with clock.freeze(NOON):
        enrol(cast, customer, old)
        run_due(cast.arman)
    with clock.freeze(NOON + 35 * DAY):
        enrol(cast, customer, late)
        enrol(cast, customer, later)
        run_due(cast.arman)
        program.post("meetings", {"title": "Visit", "person": customer, "starts_at": "2027-01-05T10:00:00Z"})
        react(cast, stop_on_booking, "objects.record_created.v1")
    with workspace_scope(cast.arman.id):
        assert StepRun.objects.count() == 3
        assert StepRun.objects.get(is_booked=True).sequence_id == later


def test_whoever_puts_somebody_in_sees_what_comes_and_when(
    cast: Any, browse: Any, gateway: Any, customer: int, sequence: int
) -> None:
    client, path = browse(cast.sara), f"/w/arman/people/{customer}/do/enrol?foreword=1"
    with clock.freeze(NOON):
        shown = unescape(client.post(path, {"sequence": sequence}).content.decode())
        assert all(word in shown for word in ("Reza Karimi", "First", "Call Reza Karimi", "۰۹۱۲ ۱۱۱ ۲۲۳۳"))
        # Two working days on, at the same time.
        assert re.findall(r'datetime="([\d-]+)T', shown)[:2] == ["2026-11-22", "2026-11-24"]
        assert enrol(cast, customer, sequence).status == 200
        again = unescape(client.post(path, {"sequence": sequence}).content.decode())
        assert "<ol" not in again
        assert "Reza Karimi" in again
        assert 'class="notice warn"' in again
    # Nothing but looking happened.
    with workspace_scope(cast.arman.id):
        assert Enrolment.objects.count() == 1


def test_the_list_of_sequences_says_how_they_fare(cast: Any, gateway: Any, sequence: int) -> None:
    program = program_of(cast.sara, cast.arman)
    with clock.freeze(NOON):
        for n, (state_, reason) in enumerate(
            [("active", ""), ("finished", ""), ("stopped", "replied"), ("stopped", "by_hand")]
        ):
            person = program.post(
                "people", {"family_name": f"P{n}", "phones": [{"value": f"0912111223{n}"}]}
            ).json["id"]
            assert enrol(cast, person, sequence).status == 200
            with workspace_scope(cast.arman.id):
                Enrolment.objects.filter(person_id=person).update(state=state_, reason=reason)
    one = program.get(f"sequences/{sequence}").json
    assert [one[key] for key in ("under_way", "finished", "answered", "rate")] == [1, 1, 1, 25]
    found = {
        said: len(program.get("sequences", filter=f'{{"and": [{{"field": "rate", "op": "{op}", "value": {value}}}]}}').json["items"])
        for said, op, value in (("better", "gt", 24), ("worse", "lt", 25), ("so", "is", 25))
    }  # fmt: skip
    assert found == {"better": 1, "worse": 0, "so": 1}
    # Whoever sees nobody in sequences learns no figure of them.
    mina = role_of(cast, cast.mina, {"sequence.view": "all"})
    assert not {"under_way", "finished", "answered", "rate"} & mina.get(f"sequences/{sequence}").json.keys()


def test_the_rate_of_answers_is_of_what_was_delivered(
    cast: Any, gateway: Any, sequence: int, browse: Any
) -> None:
    program = program_of(cast.sara, cast.arman)
    # Delivered and answered, delivered, answered though no report came, on its way, and never arrived.
    fates = [("delivered", True), ("delivered", False), ("sent", True), ("sent", False), ("failed", False)]
    with clock.freeze(NOON):
        for n, (state_, is_replied) in enumerate(fates):
            person = program.post(
                "people", {"family_name": f"P{n}", "phones": [{"value": f"0912111223{n}"}]}
            ).json["id"]
            assert enrol(cast, person, sequence).status == 200
            run_due(cast.arman)
            with workspace_scope(cast.arman.id):
                StepRun.objects.filter(person_id=person).update(state=state_, is_replied=is_replied)
        with workspace_scope(cast.arman.id):
            step = StepRun.objects.values_list("step_id", flat=True).first()
            [told] = outcomes_of(user_actor(cast.arman.id, cast.sara.id), Step.objects.filter(id=step))[step]
            with connection.cursor() as cursor:
                cursor.execute(
                    "select count(*) filter (where is_replied), count(*) from sequence_run where step_id = %s "
                    "and (state = 'delivered' or is_replied)", [step],
                )  # fmt: skip
                assert cursor.fetchone() == (told.answers.count, told.answers.of) == (2, 3)
        page = unescape(browse(cast.sara).get(f"/w/arman/sequences/{sequence}/plan").content.decode())
    assert "۶۶٫۷٪" in page
    assert "پاسخ از تحویل‌شده‌ها" in page
    rows = re.search(r'href="([^"]*)">۳</a>', page)
    assert rows
    listed = browse(cast.sara).get(rows[1]).content.decode()
    assert [f"P{n}" in listed for n in range(5)] == [True, True, True, False, False]
