"""Entries are part of their person: they are handed over, forgotten and merged with them, and found by a file's words."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from peyvand.administration.governance.actions import erase_person, hand_over_person
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.consents.actions import give_consent, withdraw_consent
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.consents.public import Why, standings
from peyvand.operational.contacts.models import Person
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.files.models import File
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.history import fetch_history
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def people(cast: Any, acting: Any, settings: Any, tmp_path: Any) -> Any:
    """A person who consented with a file as proof, and another with the same name who refused later."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        one = create_record(ctx, PERSON, {"name": "زرین‌تاج هفتلنگ", "emails": "zarrintaj@example.ir"})
        two = create_record(ctx, PERSON, {"name": "زرین‌تاج هفتلنگ", "emails": "z@home.example.ir"})
        give_consent(
            ctx, one, channel="email", purpose=Purpose.objects.get(word="newsletter").id, words="زرین‌تاج می‌پذیرد",
            proof="نامهٔ هفتلنگ", files=[("هفتلنگ.txt", [b"I agree"])],
        )  # fmt: skip
        withdraw_consent(ctx, two, channel="email")
    return one, two


def test_they_are_handed_over_with_their_proof(cast: Any, acting: Any, people: Any) -> None:
    out = io.BytesIO()
    with workspace_scope(cast.arman.id):
        hand_over_person(acting(cast.sara), people[0], out)
    with zipfile.ZipFile(out) as zip:
        told, page = json.loads(zip.read("data.json")), zip.read("index.html").decode()
        [file] = [zip.read(name) for name in zip.namelist() if name.startswith("files/")]
    [entry] = told["tables"]["consent"]
    assert (entry["state"], entry["channel"], entry["words"]) == ("granted", "email", "زرین‌تاج می‌پذیرد")
    assert "consents.given.v1" in {event["wire"] for event in told["tables"]["event"]}
    assert file == b"I agree"
    assert "نامهٔ هفتلنگ" in page


def test_they_are_forgotten_with_them(cast: Any, acting: Any, people: Any) -> None:
    with workspace_scope(cast.arman.id):
        erased = erase_person(acting(cast.sara), people[0])
        assert erased["removed"]["consent"] == 1
        assert list(Consent.objects.values_list("person_id", flat=True)) == [people[1].id]
        assert not File.objects.filter(object="consent").exists()
        given = EventRow.objects.filter(wire="consents.given.v1")
        assert all("title" not in row.data or not row.data["title"] for row in given), [r.data for r in given]


def test_a_merge_joins_two_ledgers_and_taking_apart_parts_them(cast: Any, acting: Any, people: Any) -> None:
    one, two = people
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        before = dict(Consent.objects.values_list("id", "person_id"))
        [merge] = merge_records(ctx, PERSON, one.id, [two.id])
        assert set(Consent.objects.values_list("person_id", flat=True)) == {one.id}
        # The refusal was the last word, whichever of the two said it.
        assert standings([one.id], "email", "newsletter")[one.id].why is Why.REFUSED
        fetch_history(ctx, PERSON, one.id)
        unmerge(ctx, merge.id)
        assert dict(Consent.objects.values_list("id", "person_id")) == before
        assert standings([one.id], "email", "newsletter")[one.id].why is Why.GRANTED


def test_a_file_names_people_by_mail_phone_or_external_id(cast: Any, acting: Any, tmp_path: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        ids = [
            create_record(ctx, PERSON, {"name": f"شخص {n}", **said}).id
            for n, said in enumerate(
                ({"emails": "neda@Example.ir"}, {"phones": "09121234567"}, {"external_id": "c-7"})
            )
        ]
        for n in (8, 9):
            create_record(ctx, PERSON, {"name": f"هم‌خانه {n}", "phones": "03512345678"})
    file = tmp_path / "consents.csv"
    file.write_text(
        "contact,channel,purpose,consent,given at,external id,proof\n"
        "neda@example.ir,email,خبرنامه,granted,1404/05/01,k-1,فرم ۱\n"
        "۰۹۱۲ ۱۲۳ ۴۵۶۷,sms,نظرسنجی,refused,1404/05/02,k-2,\n"
        "c-7,any,,granted,2025-06-01,k-3,\n"
        "035-12345678,sms,نظرسنجی,granted,2025-06-01,k-4,\n"
        "nobody@example.ir,email,خبرنامه,granted,2025-06-01,k-5,\n",
        encoding="utf-8",
    )
    who = Context(system_actor(cast.arman), "cli")
    report = run_import(who, [file], Wish(refused=tmp_path / "refused"))
    with workspace_scope(cast.arman.id):
        told = list(Consent.objects.order_by("external_id").values_list("person_id", "channel", "state"))
        assert told == list(
            zip(ids, ("email", "sms", "any"), ("granted", "refused", "granted"), strict=True)
        ), [f.refused for f in report.files]
        assert Person.objects.filter(deleted_at=None).count() == 5
    [refused] = [f.refused for f in report.files]
    assert len(refused) == 2
    # What was recorded stays; the same file says nothing new and changes nothing.
    run_import(who, [file], Wish(refused=tmp_path / "again"))
    with workspace_scope(cast.arman.id):
        assert Consent.objects.count() == 3


def test_without_a_number_of_its_own_each_row_is_a_new_entry(cast: Any, acting: Any, tmp_path: Any) -> None:
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), PERSON, {"name": "ندا", "emails": "neda@example.ir"})
    file = tmp_path / "consents.csv"
    file.write_text(
        "contact,channel,consent,given at\nneda@example.ir,email,granted,2025-06-01\nneda@example.ir,sms,granted,2025-06-02\n",
        encoding="utf-8",
    )
    for entries in (2, 4):
        report = run_import(Context(system_actor(cast.arman), "cli"), [file], Wish(refused=tmp_path))
        with workspace_scope(cast.arman.id):
            assert Consent.objects.count() == entries, [f.refused for f in report.files]
