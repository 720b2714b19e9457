"""A file of people may say what they answered: each answer is an entry of the ledger, and an undone import takes it back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.administration.settings.actions import switch_module
from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.actions import undo_import
from peyvand.integrations.transfer.jobs import undo
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.consents.models import Consent
from peyvand.operational.consents.public import Why, standings
from peyvand.operational.contacts.models import Person
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

PEOPLE = (
    "نام,ایمیل,رضایت ایمیل,sms consent\n"
    "ندا کریمی,neda@example.ir,بله,\n"
    "آرش رستمی,arash@example.ir,no,refused\n"
    "مینا صبا,mina@example.ir,,Granted\n"
    "شهاب نیک,shahab@example.ir,شاید,yes\n"
)


@pytest.fixture
def bring(committed: Any, tmp_path: Any) -> Any:
    """``bring(text)``: import a file of people as Sara; return the run's id and its report."""

    def run(
        text: str, told: dict[str, Any] | None = None, *, who: Any = None, name: str = "people.csv"
    ) -> Any:
        tenant = committed.arman
        with workspace_scope(tenant.id):
            ctx = Context(user_actor(tenant.id, (who or committed.sara).id).speaking("en"), "web")
            begun = history.begin(ctx, [name], {}, state="running")
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        report = run_import(ctx, [path], Wish(mapping_of(told or {}), run_id=begun.id, refused=tmp_path))
        with workspace_scope(tenant.id):
            history.finish(ctx, begun.id, report)
        return begun.id, report

    return run


def take_back(cast: Any, run_id: int) -> ImportRun:
    with workspace_scope(cast.arman.id):
        undo_import(Context(user_actor(cast.arman.id, cast.sara.id), "web"), ImportRun.objects.get(id=run_id))
    undo(cast.arman, run_id)
    with workspace_scope(cast.arman.id):
        return ImportRun.objects.get(id=run_id)


def ledger(cast: Any) -> list[tuple[str, str, str, str]]:
    with workspace_scope(cast.arman.id):
        rows = Consent.objects.order_by("person__email", "channel", "id")
        return list(rows.values_list("person__email", "channel", "state", "source"))


def test_answers_become_entries_once_and_an_undone_import_takes_them_back(committed: Any, bring: Any) -> None:
    run_id, report = bring(PEOPLE)
    said = [
        ("arash@example.ir", "email", "refused", "import"),
        ("arash@example.ir", "sms", "refused", "import"),
        ("mina@example.ir", "sms", "granted", "import"),
        ("neda@example.ir", "email", "granted", "import"),
    ]
    assert ledger(committed) == said, report.to_json(str)
    [file] = report.files
    assert [(r.line, r.column) for r in file.refused] == [(5, "رضایت ایمیل")]
    with workspace_scope(committed.arman.id):
        neda = Person.objects.get(email="neda@example.ir")
        assert standings([neda.id], "email", "newsletter")[neda.id].why is Why.GRANTED
    # The same file says nothing new; another answer is one more entry.
    bring(PEOPLE)
    assert ledger(committed) == said
    later, _ = bring("ایمیل,رضایت ایمیل\nneda@example.ir,خیر\n", {"object": "person"})
    assert len(ledger(committed)) == len(said) + 1
    assert take_back(committed, later).undoing["removed"] == 1
    assert ledger(committed) == said
    assert take_back(committed, run_id).undoing["removed"] == 3 + len(said)
    assert ledger(committed) == []


def test_an_import_of_consents_is_taken_back(committed: Any, bring: Any) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        create_record(ctx, PERSON, {"name": "ندا", "emails": "neda@example.ir"})
    text = "contact,channel,consent,given at\nneda@example.ir,email,granted,2025-06-01\nneda@example.ir,sms,refused,2025-06-01\n"
    run_id, report = bring(text, name="consents.csv")
    assert len(ledger(committed)) == 2, report.to_json(str)
    run = take_back(committed, run_id)
    assert (run.undoing.get("removed"), run.undoing.get("kept")) == (2, None), run.undoing
    assert ledger(committed) == []
    with workspace_scope(committed.arman.id):
        assert Person.objects.filter(email="neda@example.ir", deleted_at=None).exists()


def test_who_may_not_speak_for_people_brings_no_answers(committed: Any, bring: Any) -> None:
    with workspace_scope(committed.arman.id):
        grants = {"person.*": "all", "person.give_consent": "none", "import.run": "all", "consent.*": "all"}
        committed.mina.role = Role.objects.create(key="carrier", name="Carrier", grants=grants)
        committed.mina.save(update_fields=["role"])
        access_changed(committed.arman.id)
    _, report = bring(PEOPLE, who=committed.mina)
    assert "may not" in str(report.files[0].problem), report.to_json(str)
    assert ledger(committed) == []


def test_where_the_module_is_off_answers_are_passed_over(committed: Any, bring: Any) -> None:
    with workspace_scope(committed.arman.id):
        switch_module(
            Context(user_actor(committed.arman.id, committed.sara.id), "web"), "consents", is_on=False
        )
    _, report = bring(PEOPLE)
    assert report.files[0].tally.created == 4, report.to_json(str)
    assert ledger(committed) == []


def test_the_page_understands_such_columns_and_offers_them_to_who_may(
    cast: Any, browse: Any, settings: Any, tmp_path: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    sara = browse(cast.sara)
    sent = sara.post("/w/arman/import/", {"files": [SimpleUploadedFile("people.csv", PEOPLE.encode())]})
    page = sara.get(sent["Location"]).content.decode()
    assert '<option value="consent_email" selected' in page
    assert '<option value="consent_sms" selected' in page
    assert '<option value="consent_post"' in page
    assert "رضایت: پیامک" in page
    with workspace_scope(cast.arman.id):
        switch_module(Context(user_actor(cast.arman.id, cast.sara.id), "web"), "consents", is_on=False)
    assert "consent_post" not in sara.get(sent["Location"]).content.decode()
