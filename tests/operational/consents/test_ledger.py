"""The ledger is written by whoever may change the person, told on their timeline, and never changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction

from peyvand.administration.settings.actions import switch_module
from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, NotFound, RuleViolation
from peyvand.operational.consents.actions import give_consent, withdraw_consent
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.public import CONSENT, PURPOSE, Why, standings
from peyvand.operational.contacts.models import Person
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.files.actions import attach_file
from peyvand.platform.files.models import File
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.bulk import Order, begin
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import create_record, delete_records, update_records
from peyvand.platform.workspaces.ledgers import FORGETTING
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


@pytest.fixture
def person(cast: Any, acting: Any) -> Any:
    """Babak's, who is a member in another team than Mina."""
    with workspace_scope(cast.arman.id):
        return create_record(
            acting(cast.babak),
            PERSON,
            {"name": "ندا کریمی", "emails": "neda@example.ir", "phones": "09121234567"},
        )


def of(word: str) -> int:
    return int(Purpose.objects.values_list("id", flat=True).get(word=word))


def why(person: Any, channel: str = "email", word: str = "newsletter") -> Why:
    return standings([person.id], channel, word)[person.id].why


def test_giving_and_taking_back_stand_on_the_timeline(cast: Any, acting: Any, person: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.babak)
        before = clock.now() - timedelta(days=90)
        give_consent(ctx, person, channel="email", purpose=of("newsletter"), given_at=before, source="form")
        assert why(person) is Why.GRANTED
        withdraw_consent(ctx, person, channel="any")
        assert why(person) is why(person, "sms", "survey") is Why.REFUSED
        assert why(person, "sms", "service") is Why.NOT_NEEDED
        told = EventRow.objects.filter(
            id__in=TimelineEntry.objects.filter(object="person", object_id=person.id).values("event_id")
        ).order_by("id")
        wires = [row.wire for row in told]
        assert wires == ["objects.record_created.v1", "consents.given.v1", "consents.withdrawn.v1"]
        given = told[1]
        assert (given.at, given.data["purpose"], given.data["channel"]) == (before, "خبرنامه", "email")
        assert Consent.objects.filter(created_by_id=cast.babak.id).count() == 2


def test_nobody_changes_or_removes_an_entry(cast: Any, acting: Any, person: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        entry = give_consent(ctx, person, channel="email", purpose=of("newsletter"))
        for actor in (ctx.actor, job_context(cast.arman).actor):
            for verb in ("update", "delete", "share"):
                assert not decide(actor, CONSENT.permission(verb), entry)
        for attempt in (
            lambda: update_records(ctx, CONSENT, [entry], [{"state": "refused"}]),
            lambda: delete_records(ctx, CONSENT, [entry]),
            lambda: attach_file(ctx, "consent", entry, "later.txt", [b"x"]),
        ):
            with transaction.atomic(), pytest.raises(NotAllowed):
                try:
                    attempt()
                finally:
                    transaction.set_rollback(True)
        assert Consent.objects.get(id=entry.id).state == "granted"
    program = program_of(cast.sara, cast.arman)
    assert program.patch(f"consents/{entry.id}", {"state": "refused"}).status == 405
    assert program.delete(f"consents/{entry.id}").status == 405
    assert program.post("consents/batch", {"update": [{"id": entry.id, "state": "refused"}]}).status == 405


def test_by_program_it_is_given_listed_and_seen_on_the_person(cast: Any, person: Any) -> None:
    program = program_of(cast.babak, cast.arman)
    purposes = {p["word"]: p["id"] for p in program.get("purposes").json["items"]}
    assert list(purposes) == ["marketing", "newsletter", "survey", "events", "service", "contract"]
    made = program.post("consents", {
        "person": person.id, "channel": "sms", "purpose": purposes["survey"], "state": "granted", "words": "بله، بفرستید",
        "proof": "https://example.ir/form/7",
    })  # fmt: skip
    assert made.status == 201, made.json
    assert (made.json["source"], made.json["basis"]) == ("api", "consent")
    assert program.get(f"people/{person.id}").json["reach"] == [
        {"channel": "sms", "purpose": "survey", "name": "نظرسنجی"}
    ]
    may = '{"field": "reach", "op": "has_any", "value": ["sms.survey"]}'
    assert [i["id"] for i in program.get("people", filter=may).json["items"]] == [person.id]
    answer = program.post(f"people/{person.id}/withdraw_consent", {"channel": "sms"})
    assert answer.status == 200, answer.json
    assert program.get("people", filter=may).json["items"] == []
    mine = '{"field": "person", "op": "is", "value": PERSON}'.replace("PERSON", str(person.id))
    assert [i["state"] for i in program.get("consents", filter=mine).json["items"]] == ["refused", "granted"]
    # What is read from the ledger is not written past it.
    assert program.patch(f"people/{person.id}", {"reach": []}).status == 422


def test_who_may_not_change_the_person_may_not_speak_for_them(cast: Any, acting: Any, person: Any) -> None:
    with workspace_scope(cast.arman.id):
        minas = create_record(acting(cast.mina), PERSON, {"name": "آرش"})
    for other, whom in ((cast.babak, minas), (cast.viewer, person)):
        program = program_of(other, cast.arman)
        body = {"person": whom.id, "channel": "email", "state": "granted"}
        assert program.post("consents", body).status in (403, 404, 422), other
        assert program.post(f"people/{whom.id}/give_consent", {"channel": "email"}).status in (403, 404)
    with workspace_scope(cast.arman.id):
        assert not Consent.objects.exists()
        entry = give_consent(acting(cast.babak), person, channel="email")
    assert program_of(cast.viewer, cast.arman).get(f"consents/{entry.id}").status == 200


def test_who_may_not_see_the_person_sees_no_entry(cast: Any, acting: Any, person: Any) -> None:
    with workspace_scope(cast.arman.id):
        entry = give_consent(acting(cast.babak), person, channel="email")
        role = Role.objects.create(
            key="own", name="Own", grants={"*.view": "all", "person.view": "own"}, fields={}
        )
        cast.mina.role = role
        cast.mina.save(update_fields=["role"])
        access_changed(cast.arman.id)
        with pytest.raises(NotFound):
            load_record(CONSENT, acting(cast.mina).actor, entry.id)
    program = program_of(cast.mina, cast.arman)
    assert program.get("consents").json["items"] == []
    assert program.get(f"consents/{entry.id}").status == 404


def test_a_role_that_may_not_know_the_ledger_cannot_guess_it(cast: Any, acting: Any, person: Any) -> None:
    may = '{"field": "reach", "op": "has_any", "value": ["email.newsletter"]}'
    with workspace_scope(cast.arman.id):
        give_consent(acting(cast.babak), person, channel="email")
        cast.mina.role = Role.objects.create(
            key="blind", name="Blind", grants={"person.view": "all", "consent.view": "none"}, fields={}
        )
        cast.mina.save(update_fields=["role"])
        access_changed(cast.arman.id)
    program = program_of(cast.mina, cast.arman)
    assert "reach" not in program.get(f"people/{person.id}").json
    assert program.get("people", filter=may).json.get("items", []) == []


def test_dates_that_cannot_be_are_refused(cast: Any, acting: Any, person: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx, now = acting(cast.babak), clock.now()
        for wrong in (
            {"given_at": now + timedelta(days=1)},
            {"given_at": now - timedelta(days=9), "expires_at": now - timedelta(days=10)},
        ):
            with transaction.atomic(), pytest.raises(RuleViolation):
                try:
                    give_consent(ctx, person, channel="email", **wrong)
                finally:
                    transaction.set_rollback(True)
        assert not Consent.objects.exists()


def test_for_many_at_once_only_those_are_spoken_for_whom_one_may_change(
    cast: Any, acting: Any, person: Any
) -> None:
    with workspace_scope(cast.arman.id):
        mine = create_record(acting(cast.mina), PERSON, {"name": "آرش"})
        raw = {
            "state": "granted",
            "channel": "email",
            "purpose": str(of("newsletter")),
            "proof": "نمایشگاه ۱۴۰۵",
        }
        run = begin(acting(cast.sara), Order("person", "record_consent", raw, ids=(mine.id, person.id)))
        assert (run.done, run.refused) == (2, 0)
        assert {c.proof for c in Consent.objects.all()} == {"نمایشگاه ۱۴۰۵"}
        assert why(person) is Why.GRANTED


def test_a_purpose_that_was_spoken_of_stays(cast: Any, acting: Any, person: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        own = create_record(ctx, PURPOSE, {"name": "باشگاه مشتریان"})
        assert own.word == "باشگاه-مشتریان"
        give_consent(ctx, person, channel="email", purpose=own.id)
        with transaction.atomic(), pytest.raises(RuleViolation):
            try:
                delete_records(ctx, PURPOSE, [own])
            finally:
                transaction.set_rollback(True)
        delete_records(ctx, PURPOSE, [Purpose.objects.get(word="events")])
    assert program_of(cast.mina, cast.arman).post("purposes", {"name": "x"}).status == 403


def test_where_the_module_is_off_nothing_of_it_is_left_to_see(
    cast: Any, acting: Any, person: Any, browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        give_consent(acting(cast.babak), person, channel="email")
        switch_module(acting(cast.sara), "consents", is_on=False)
    program, page = program_of(cast.sara, cast.arman), browse(cast.sara)
    assert program.get("consents").status in (403, 404)
    assert "reach" not in program.get(f"people/{person.id}").json
    assert program.post(f"people/{person.id}/give_consent", {"channel": "email"}).status == 403
    assert "/consents" not in page.get(f"/w/arman/people/{person.id}/").content.decode()
    assert "record_consent" not in page.get("/w/arman/people/").content.decode()
    with workspace_scope(cast.arman.id):
        switch_module(acting(cast.sara), "consents", is_on=True)
    assert f"people/{person.id}/consents" in page.get(f"/w/arman/people/{person.id}/").content.decode()


def test_the_dialog_records_with_a_file_as_proof(
    cast: Any, browse: Any, person: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    babak, at = browse(cast.babak), f"/w/arman/people/{person.id}/consents"
    with workspace_scope(cast.arman.id):
        purpose = of("newsletter")
    assert "خبرنامه" in babak.get(f"{at}/new?channel=email&purpose={purpose}").content.decode()
    letter = SimpleUploadedFile("نامه.txt", b"I agree", "text/plain")
    said = {
        "channel": "email",
        "purpose": str(purpose),
        "scoped": "1",
        "source": "letter",
        "words": "<b>می‌پذیرم</b>",
    }
    assert babak.post(f"{at}/new", {**said, "state": "granted", "file": letter}).status_code == 302
    with workspace_scope(cast.arman.id):
        [entry] = Consent.objects.all()
        [file] = File.objects.filter(object="consent", object_id=entry.id)
        assert (entry.source, entry.state, file.name) == ("letter", "granted", "نامه.txt")
    card = babak.get(at).content.decode()
    assert "نامه.txt" in card
    assert "&lt;b&gt;می‌پذیرم" in card
    assert (
        b"".join(babak.get(f"/w/arman/consents/{entry.id}/files/{file.id}").streaming_content) == b"I agree"
    )
    assert babak.post(f"/w/arman/consents/{entry.id}/files/{file.id}/remove").status_code == 403
    refused = babak.post(f"{at}/new", {"channel": "", "state": "granted"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert browse(cast.viewer).get(at).status_code == 200
    assert browse(cast.viewer).get(f"{at}/new").status_code == 403
    assert browse(cast.cyrus).get(at).status_code == 404


def test_the_card_and_the_dialog_tell_nothing_that_the_role_may_not_know(
    cast: Any, acting: Any, person: Any, browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        purpose = of("newsletter")
        withdraw_consent(acting(cast.sara), person, channel="any", purpose=purpose)
        role = Role.objects.create(
            key="guard", name="Guard", grants={"person.*": "all", "consent.*": "all", "purpose.view": "all"},
            fields={"person.emails": "masked", "person.phones": "hidden"},
        )  # fmt: skip
        cast.mina.role = role
        cast.mina.save(update_fields=["role"])
        access_changed(cast.arman.id)
    at, mina, sara = f"/w/arman/people/{person.id}/consents", browse(cast.mina), browse(cast.sara)
    for channel, secret in (("email", "neda@example.ir"), ("sms", "9121234567")):
        asked = f"{at}/new?channel={channel}&purpose={purpose}"
        assert secret in sara.get(asked).content.decode()
        assert secret not in mina.get(asked).content.decode()
    assert "رد شده" in mina.get(at).content.decode()
    with workspace_scope(cast.arman.id):
        Role.objects.filter(id=role.id).update(fields={"consent.state": "hidden"})
        access_changed(cast.arman.id)
    for page in (at, f"{at}/new?channel=email&purpose={purpose}"):
        answer = mina.get(page)
        assert answer.status_code == 200
        assert "رد شده" not in answer.content.decode()


def test_the_database_itself_refuses_to_change_or_remove_an_entry(
    cast: Any, acting: Any, person: Any
) -> None:
    with workspace_scope(cast.arman.id):
        entry = give_consent(acting(cast.sara), person, channel="email", words="بله")
        rows = Consent.objects.filter(id=entry.id)
        for attempt in (
            lambda: rows.update(state="refused"),
            lambda: rows.update(words="خیر"),
            lambda: rows.update(deleted_at=clock.now()),
            rows.delete,
            lambda: Person.objects.filter(id=person.id).delete(),
        ):
            with pytest.raises(IntegrityError, match="never changed or removed"), transaction.atomic():
                attempt()
        assert rows.get().words == "بله"
        # What forgets for good passes; and the word is taken back behind it.
        delete_records(acting(cast.sara), PERSON, [person])
        assert purge_records(acting(cast.sara), PERSON, [Person.objects.get(id=person.id)]) == 1
        assert not rows.exists()
        with connection.cursor() as cursor:
            cursor.execute("select current_setting(%s, true)", [FORGETTING])
            assert cursor.fetchone()[0] != "on"


def test_a_refusal_has_no_end_whichever_way_it_comes(cast: Any, acting: Any, person: Any) -> None:
    program = program_of(cast.babak, cast.arman)
    said = {"person": person.id, "channel": "email", "expires_at": "2999-01-01T00:00:00Z"}
    refused = program.post("consents", {**said, "state": "refused"})
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "expires_at"), refused.json
    assert program.post("consents", {**said, "state": "granted"}).status == 201
    with workspace_scope(cast.arman.id), pytest.raises(RuleViolation), transaction.atomic():
        withdraw_consent(
            acting(cast.babak), person, channel="email", expires_at=clock.now() + timedelta(days=9)
        )
