"""Text messages go out by the worker once, come in by the gateway's calls once, and nobody who refused is written to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peyvand.administration.governance.actions import erase_person
from peyvand.collaborative.sms.actions import send_again
from peyvand.collaborative.sms.gateways import GATEWAYS, at
from peyvand.collaborative.sms.jobs import look
from peyvand.collaborative.sms.models import SmsLine, SmsMessage
from peyvand.collaborative.sms.notifying import send as notify
from peyvand.collaborative.sms.parts import count_parts
from peyvand.collaborative.sms.reasons import BROKEN_OFF, LIMIT, NO_CONSENT, QUIET, TOO_LONG
from peyvand.collaborative.sms.sending import HELD, _begin, _claim, quiet_end, send_due
from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation
from peyvand.operational.consents.public import Consent, Purpose
from peyvand.operational.contacts.public import Person
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.notifications.channels import Letter, Line
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # a Sunday, noon in Tehran


def write(cast: Any, customer: int, text: str = "سلام", **more: Any) -> Any:
    return program_of(cast.sara, cast.arman).post(f"people/{customer}/write_sms", {"text": text, **more})


def only(cast: Any) -> SmsMessage:
    with workspace_scope(cast.arman.id):
        found: SmsMessage = SmsMessage.objects.get()
        return found


def call(cast: Any, said: dict[str, Any], **how: Any) -> Any:
    with workspace_scope(cast.arman.id):
        line = SmsLine.objects.get()
    return Client().post(f"/s/{cast.arman.id}-{line.token}", said, **how)


@pytest.mark.parametrize(
    ("text", "parts", "left"),
    [("", 1, 160), ("a" * 160, 1, 0), ("a" * 161, 2, 145), ("€" * 80, 1, 0), ("€" * 81, 2, 143), ("س" * 70, 1, 0),
     ("س" * 71, 2, 63), ("🙂" * 35, 1, 0), ("🙂" * 36, 2, 61), ("س" * 134, 2, 0), ("س" * 135, 3, 66)],
)  # fmt: skip
def test_parts_are_counted_as_gateways_do(text: str, parts: int, left: int) -> None:
    assert (count_parts(text)[0], count_parts(text)[2]) == (parts, left)


@given(st.text(max_size=400))
def test_what_the_last_part_can_still_take_makes_no_new_part(text: str) -> None:
    parts, _, left = count_parts(text)
    same = "a" if count_parts(text + "a")[1] - count_parts(text)[1] == 1 else ""
    assert left >= 0
    if same:
        assert count_parts(text + same * left)[0] == parts
        assert count_parts(text + same * (left + 1))[0] == parts + 1


def test_a_message_is_sent_once_with_its_places_filled(cast: Any, gateway: Any, customer: int) -> None:
    made = write(cast, customer, "{{person.given_name|دوست}} عزیز، {{company.name|شرکت شما}}")
    assert made.status == 200, made.body
    send_due(cast.arman)
    send_due(cast.arman)
    [request] = gateway.requests
    assert request["json"] == {"to": "+989121112233", "text": "Reza عزیز، شرکت شما", "from": "3000"}
    assert request["headers"]["authorization"] == "Bearer key-1"
    message = only(cast)
    assert (message.state, message.parts, message.about_id) == ("sent", 1, customer)
    told = program_of(cast.sara, cast.arman).get(f"people/{customer}/timeline")
    assert "sms.message_written.v1" in str(told.json)


def test_an_unknown_place_and_a_person_without_a_phone_are_refused(
    cast: Any, gateway: Any, customer: int
) -> None:
    refused = write(cast, customer, "{{person.salary}}")
    assert refused.status == 422
    assert "person.salary" in str(refused.json)
    nobody = program_of(cast.sara, cast.arman).post("people", {"family_name": "Nobody"}).json["id"]
    assert write(cast, nobody).status == 422


def test_the_key_of_a_line_is_sealed_and_never_shown(cast: Any, gateway: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        line = SmsLine.objects.get()
    assert "key-1" not in line.secret
    program = program_of(cast.sara, cast.arman)
    assert "key-1" not in str(program.get(f"sms_lines/{line.id}").json)
    assert program.patch(f"sms_lines/{line.id}", {"name": "Other", "secret": ""}).status == 200
    page = browse(cast.sara).get(f"/w/arman/sms_lines/{line.id}/edit").content.decode()
    assert "key-1" not in page
    assert line.secret not in page
    with workspace_scope(cast.arman.id):
        assert SmsLine.objects.get().secret == line.secret
        assert not EventRow.objects.filter(data__icontains="key-1").exists()


def test_a_gateway_that_refuses_is_believed_and_one_that_is_busy_is_asked_again(
    cast: Any, gateway: Any, customer: int
) -> None:
    gateway.behave(400)
    write(cast, customer)
    send_due(cast.arman)
    message = only(cast)
    assert message.state == "failed"
    assert "400" in message.reason
    gateway.behave(503)
    assert program_of(cast.sara, cast.arman).post(f"sms_messages/{message.id}/send_again", {}).status == 200
    send_due(cast.arman)
    again = only(cast)
    assert again.state == "queued"
    assert again.next_at is not None
    gateway.behave(200)
    with clock.freeze(again.next_at + timedelta(seconds=1)):
        send_due(cast.arman)
    assert only(cast).state == "sent"


def test_what_was_broken_off_is_not_sent_a_second_time(cast: Any, gateway: Any, customer: int) -> None:
    write(cast, customer)
    with workspace_scope(cast.arman.id):
        # As a process leaves it that is killed while the gateway answers.
        SmsMessage.objects.update(state="sending", next_at=None, tried_at=clock.now() - timedelta(minutes=6))
        look(cast.arman)
    send_due(cast.arman)
    assert gateway.requests == []
    assert (only(cast).state, only(cast).reason) == ("failed", BROKEN_OFF)


def test_advertising_needs_consent_then_and_when_it_goes(cast: Any, gateway: Any, customer: int) -> None:
    program = program_of(cast.sara, cast.arman)
    with workspace_scope(cast.arman.id):
        marketing = Purpose.objects.get(word="marketing").id
    assert write(cast, customer, purpose=marketing).status == 422
    yes = {"person": customer, "state": "granted", "channel": "sms", "purpose": marketing}
    assert program.post("consents", yes).status == 201
    with clock.freeze(NOON + timedelta(days=1)):
        assert write(cast, customer, purpose=marketing).status == 200
        assert program.post("consents", {**yes, "state": "refused"}).status == 201
        send_due(cast.arman)
    assert gateway.requests == []
    assert (only(cast).state, only(cast).reason) == ("failed", NO_CONSENT)


def test_advertising_waits_for_the_end_of_quiet_hours(cast: Any, gateway: Any, customer: int) -> None:
    with workspace_scope(cast.arman.id):
        marketing = Purpose.objects.get(word="marketing").id
    yes = {"person": customer, "state": "granted", "channel": "sms", "purpose": marketing}
    program_of(cast.sara, cast.arman).post("consents", yes)
    night = NOON + timedelta(days=1, hours=11)  # half past eleven in the evening
    with clock.freeze(night):
        write(cast, customer, purpose=marketing)
        send_due(cast.arman)
        assert (only(cast).state, only(cast).reason) == ("queued", QUIET)
    morning = only(cast).next_at
    assert morning == datetime(2026, 11, 24, 5, 30, tzinfo=UTC)
    with clock.freeze(morning):
        send_due(cast.arman)
    assert only(cast).state == "sent"


def test_quiet_hours_follow_the_clock_of_the_place(cast: Any) -> None:
    line = SmsLine(quiet_from="21:00", quiet_until="09:00")
    berlin = replace(cast.arman, timezone="Europe/Berlin")
    # The night in which clocks go back has an hour more.
    assert quiet_end(line, datetime(2026, 10, 24, 20, 0, tzinfo=UTC), berlin) == datetime(
        2026, 10, 25, 8, 0, tzinfo=UTC
    )
    assert quiet_end(line, datetime(2026, 10, 25, 8, 0, tzinfo=UTC), berlin) is None
    assert quiet_end(SmsLine(quiet_from="09:00", quiet_until="09:00"), NOON, cast.arman) is None


def test_the_limit_of_a_day_holds(cast: Any, gateway: Any, customer: int) -> None:
    with workspace_scope(cast.arman.id):
        SmsLine.objects.update(daily_limit=2)
    with clock.freeze(NOON):
        for n in range(3):
            write(cast, customer, f"Message {n}")
        send_due(cast.arman)
        assert len(gateway.requests) == 2
        with workspace_scope(cast.arman.id):
            waiting = SmsMessage.objects.get(state="queued")
        assert waiting.reason == LIMIT
    with clock.freeze(NOON + timedelta(days=1)):
        send_due(cast.arman)
    assert len(gateway.requests) == 3


def test_an_answer_comes_in_once_and_belongs_to_what_it_answers(
    cast: Any, gateway: Any, customer: int
) -> None:
    write(cast, customer)
    send_due(cast.arman)
    sent = only(cast)
    for _ in range(2):
        answer = call(cast, {"from": "09121112233", "to": "3000", "message": "قبول است", "messageid": "77"})
        assert answer.json()["taken"] == "message"
    with workspace_scope(cast.arman.id):
        [received] = SmsMessage.objects.filter(direction="in")
        assert (received.person_id, received.answers_id, received.text) == (customer, sent.id, "قبول است")
        [row] = EventRow.objects.filter(wire="sms.message_received.v1")
        assert row.data["answers"] == sent.id


@pytest.mark.parametrize("word", ["لغو", "۱۱", "STOP", " stop. "])
def test_a_stop_word_withdraws_the_consent(cast: Any, gateway: Any, customer: int, word: str) -> None:
    assert call(cast, {"from": "00989121112233", "text": word}).status_code == 200
    with workspace_scope(cast.arman.id):
        consent = Consent.objects.get()
        assert (consent.person_id, consent.state, consent.channel) == (customer, "refused", "sms")


def test_a_report_says_what_became_of_a_message(cast: Any, gateway: Any, customer: int) -> None:
    write(cast, customer)
    with workspace_scope(cast.arman.id):
        SmsMessage.objects.update(state="sent", gateway_id="g-1", next_at=None)
    assert (
        call(cast, {"id": "g-1", "status": "DELIVRD"}, content_type="application/json").json()["taken"]
        == "report"
    )
    assert only(cast).state == "delivered"
    assert call(cast, {"id": "g-2", "status": "DELIVRD"}).json()["taken"] == "nothing"


def test_strangers_and_other_workspaces_have_no_way_in(cast: Any, gateway: Any, customer: int) -> None:
    with workspace_scope(cast.arman.id):
        token = SmsLine.objects.get().token
    said = {"from": "09121112233", "text": "hello"}
    for address in (
        f"{cast.arman.id}-{token[:-1]}x",
        f"{cast.rival.id}-{token}",
        token,
        "1-",
        f"{cast.arman.id}-{'é' * 20}",
    ):
        assert Client().post(f"/s/{address}", said).status_code == 404
    assert call(cast, {"text": "x" * 20_000}).status_code == 400
    with workspace_scope(cast.arman.id):
        assert not SmsMessage.objects.exists()


def test_only_who_may_writes_messages_and_sets_up_lines(cast: Any, gateway: Any, customer: int) -> None:
    viewer, babak = program_of(cast.viewer, cast.arman), program_of(cast.babak, cast.arman)
    assert viewer.post(f"people/{customer}/write_sms", {"text": "x"}).status == 403
    assert babak.post(f"people/{customer}/write_sms", {"text": "x"}).status in (403, 404)
    assert (
        babak.post("sms_lines", {"name": "x", "gateway": "general", "url": "https://example.com"}).status
        == 403
    )
    assert program_of(cast.sara, cast.arman).post("sms_messages", {"text": "x"}).status in (403, 404, 405)


@pytest.mark.parametrize(
    ("key", "answer", "id"),
    [("kavenegar", {"return": {"status": 200}, "entries": [{"messageid": 8792343}]}, 8792343),
     ("smsir", {"status": 1, "data": {"messageIds": [55]}}, 55),
     ("melipayamak", {"Value": "123", "RetStatus": 1, "StrRetStatus": "Ok"}, "123"),
     ("ippanel", {"data": {"message_outbox_ids": [9]}, "meta": {"status": True}}, 9)],
)  # fmt: skip
def test_answers_of_known_gateways_are_read(key: str, answer: dict[str, Any], id: Any) -> None:
    gateway = GATEWAYS[key]
    assert at(answer, gateway.id_path) == id
    assert str(at(answer, gateway.taken[0])) in gateway.taken[1]


def test_a_person_who_is_gone_gets_nothing(cast: Any, gateway: Any, customer: int) -> None:
    write(cast, customer)
    with workspace_scope(cast.arman.id):
        Person.objects.update(deleted_at=clock.now())
    send_due(cast.arman)
    assert gateway.requests == []
    assert only(cast).state == "failed"


def test_whoever_was_too_slow_leaves_a_message_to_who_took_it_over(
    cast: Any, gateway: Any, customer: int
) -> None:
    with clock.freeze(NOON):
        for n in range(2):
            write(cast, customer, f"Message {n}")
        claimed = _claim(cast.arman)
        assert claimed is not None
        send_due(cast.arman)  # they are held
        assert gateway.requests == []
    # Nobody was asked about them when the process died: they are not given up, but sent.
    with clock.freeze(NOON + HELD):
        with workspace_scope(cast.arman.id):
            look(cast.arman)
        send_due(cast.arman)
        with workspace_scope(cast.arman.id):
            assert not any(_begin(message) for _, message in claimed)
            assert set(SmsMessage.objects.values_list("state", flat=True)) == {"sent"}
    assert len(gateway.requests) == 2


def test_what_a_colleague_is_told_is_theirs_alone(cast: Any, gateway: Any) -> None:
    letter = Letter(cast.babak.id, "Babak", "+989125550000", "en", (Line("The task Dismissal is yours", ""),))
    notify(cast.arman, letter)
    send_due(cast.arman)
    assert "Dismissal" in gateway.requests[0]["json"]["text"]
    message = only(cast)
    for user in (cast.sara, cast.mina, cast.viewer):
        program = program_of(user, cast.arman)
        assert program.get("sms_messages").json["items"] == []
        assert program.get(f"sms_messages/{message.id}").status in (403, 404)
    [mine] = program_of(cast.babak, cast.arman).get("sms_messages").json["items"]
    assert mine["id"] == message.id
    with workspace_scope(cast.arman.id):
        assert not EventRow.objects.filter(data__icontains="Dismissal").exists()


def test_who_may_not_know_numbers_learns_none_by_writing(cast: Any, gateway: Any) -> None:
    person = program_of(cast.sara, cast.arman).post(
        "people", {"family_name": "P", "owner": cast.babak.id, "phones": [{"value": "09121112233"}]}
    )
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="blind", name="Blind", grants={"*": "own"}, fields={"person.phones": "hidden"}
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    program = program_of(cast.babak, cast.arman)
    assert program.post(f"people/{person.json['id']}/write_sms", {"text": "Hello"}).status == 200
    told = program.get("sms_messages").json
    assert len(told["items"]) == 1
    assert "9121112233" not in str(told)


def test_a_key_is_asked_for_again_where_it_would_go_elsewhere(cast: Any, gateway: Any) -> None:
    program = program_of(cast.sara, cast.arman)
    with workspace_scope(cast.arman.id):
        id = SmsLine.objects.get().id
    body = '{"to": "{to}", "text": "{text} {secret}"}'
    for change in ({"url": f"{gateway.url}?other"}, {"header": "X-Key: {secret}"}, {"body": body}):
        refused = program.patch(f"sms_lines/{id}", change)
        assert refused.status == 422, refused.json
        assert "secret" in str(refused.json)
        assert program.patch(f"sms_lines/{id}", {**change, "secret": "key-2"}).status == 200


@pytest.mark.parametrize("said", [
    {"from": "0912\x00", "text": "a", "id": "9"}, {"from": "09121234567", "text": "a", "id": "x\x00y"},
    {"id": "x\x00y", "status": "delivered"}, {"from": "09121234567", "text": "\x00"},
])  # fmt: skip
def test_what_no_table_can_hold_is_taken_out(cast: Any, gateway: Any, said: dict[str, str]) -> None:
    assert call(cast, said, content_type="application/json").status_code == 200


def test_whoever_is_forgotten_is_in_no_message(cast: Any, acting: Any, gateway: Any, customer: int) -> None:
    program = program_of(cast.sara, cast.arman)
    deal = program.post("deals", {"name": "Pumps", "person": customer}).json["id"]
    write(cast, customer, "Bargainword")
    program.post(f"deals/{deal}/write_sms", {"text": "Bargainword"})
    call(cast, {"from": "09121112233", "text": "Bargainword"})
    with workspace_scope(cast.arman.id):
        assert SmsMessage.objects.count() == 3
        erase_person(acting(cast.sara), Person.objects.get(id=customer))
        assert not SmsMessage.objects.exists()
        assert not EventRow.objects.filter(data__icontains="Bargainword").exists()
    assert "Bargainword" not in str(program.get("search", q="Bargainword").json)


def test_what_no_day_can_hold_is_given_up(cast: Any, gateway: Any, customer: int) -> None:
    with workspace_scope(cast.arman.id):
        SmsLine.objects.update(daily_limit=1)
    write(cast, customer, "س" * 71)
    send_due(cast.arman)
    assert (only(cast).state, only(cast).reason) == ("failed", TOO_LONG)


def test_a_message_is_sent_again_once(cast: Any, gateway: Any, customer: int) -> None:
    write(cast, customer)
    with workspace_scope(cast.arman.id):
        SmsMessage.objects.update(state="failed", next_at=None)
        first, second = SmsMessage.objects.get(), SmsMessage.objects.get()
        send_again(acting_of(cast), first)
        SmsMessage.objects.update(state="sending", next_at=None)
        # Pressed a second time on a page that is old by now.
        with pytest.raises(RuleViolation):
            send_again(acting_of(cast), second)


def acting_of(cast: Any) -> Context:
    return Context(user_actor(cast.arman.id, cast.sara.id), "web")


def test_a_report_that_overtakes_the_answer_is_told_again(cast: Any, gateway: Any, customer: int) -> None:
    write(cast, customer)
    with workspace_scope(cast.arman.id):
        SmsMessage.objects.update(state="sending", next_at=None)
    said = {"id": "g-1", "status": "DELIVRD"}
    early = call(cast, said)
    assert (early.status_code, early.headers["Retry-After"]) == (503, "60")
    with workspace_scope(cast.arman.id):
        SmsMessage.objects.update(state="sent", gateway_id="g-1")
    assert call(cast, said).json()["taken"] == "report"


def test_a_timeline_says_whom_a_message_is_from_and_to(
    cast: Any, gateway: Any, browse: Any, customer: int
) -> None:
    write(cast, customer)
    call(cast, {"from": "09121112233", "text": "قبول است"})
    page = browse(cast.sara).get(f"/w/arman/people/{customer}/timeline").content.decode()
    assert "به \u2068Reza Karimi\u2069" in page
    assert "از \u2068Reza Karimi\u2069" in page
