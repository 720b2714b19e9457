"""Undoing an import: every row is as it was, but for what someone worked on since."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.actions import undo_import
from peyvand.integrations.transfer.jobs import undo
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ImportChange, ImportRun
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.operational.contacts.models import Company, ContactPoint, Person
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.operational.sales.models import Deal
from peyvand.operational.sales.objects import DEAL
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope

# Logs and the words that the search has learnt, which only grow, and the notes of the imports themselves.
LOGS = {
    "search_word", "warehouse_change",
    "event", "timeline_entry", "audit_entry", "import_run", "import_change", "reaction_run", "idempotency_key", "dead_letter",
}  # fmt: skip


def rows(tenant: Any) -> dict[str, Any]:
    """All rows of the workspace but for the logs, without versions and the moment of the last change."""
    from django.apps import apps
    from django.db import connection

    from peyvand.platform.workspaces.models import WorkspaceModel

    found = {}
    with workspace_scope(tenant.id), connection.cursor() as cursor:
        for model in apps.get_models():
            table = model._meta.db_table
            if issubclass(model, WorkspaceModel) and table not in LOGS:
                cursor.execute(
                    f"select (to_jsonb(t) - 'version' - 'updated_at')::text from {table} t order by 1"
                )
                found[table] = [row[0] for row in cursor.fetchall()]
    return found


@pytest.fixture
def bring(committed, tmp_path):
    """``bring(name=text, …)``: import files as a run that can be undone; return its id."""

    def run(*files: tuple[str, str], told: dict[str, Any] | None = None) -> int:
        tenant = committed.arman
        ctx = Context(system_actor(tenant).speaking("en"), "cli")
        paths = []
        for name, text in files:
            paths.append(tmp_path / name)
            paths[-1].write_text(text, encoding="utf-8")
        with workspace_scope(tenant.id):
            begun = history.begin(ctx, [name for name, _ in files], {}, state="running")
        mapping = mapping_of({"files": told or {}})
        report = run_import(ctx, paths, Wish(mapping, run_id=begun.id, refused=tmp_path))
        with workspace_scope(tenant.id):
            history.finish(ctx, begun.id, report)
        return begun.id

    return run


def take_back(tenant: Any, run_id: int) -> ImportRun:
    with workspace_scope(tenant.id):
        run = ImportRun.objects.get(id=run_id)
        undo_import(Context(system_actor(tenant), "cli"), run)
        # The job acts as whoever asked; the system is nobody, so the owner's hand is lent.
        ImportRun.objects.filter(id=run_id).update(undoing={"by": owner_of(tenant)})
    undo(tenant, run_id)
    with workspace_scope(tenant.id):
        return ImportRun.objects.get(id=run_id)


def owner_of(tenant: Any) -> int:
    from peyvand.platform.identity.models import User

    return User.objects.filter(role__key="owner").first().id


PEOPLE = "person id,name,mobile,email,city,company,tags\n"
COMPANIES = "company id,name,city,parent\nC1,Avand,Tehran,\nC2,Bahar,Shiraz,Avand\n"
ORDERS = "order no,order date,customer,description,qty,price\nO1,2026-01-05,Avand,Kettle,2,100\nO1,2026-01-05,Avand,Cup,1,50\n"
DEALS = "deal id,name,stage,close date,company,amount\nD1,One,Won,2026-01-05,Avand,120\nD2,Two,,,Bahar,80\n"


def test_everything_that_an_import_made_goes(committed, bring):
    before = rows(committed.arman)
    people = PEOPLE + "P1,Ali Karimi,09124382217,ali@example.ir,Tehran,Avand,vip\nP2,Neda,,,,Bahar,\n"
    files = (
        ("companies.csv", COMPANIES),
        ("people.csv", people),
        ("deals.csv", DEALS),
        ("orders.csv", ORDERS),
    )
    run_id = bring(*files)
    assert rows(committed.arman) != before
    run = take_back(committed.arman, run_id)
    assert (run.state, run.undoing["removed"], run.undoing.get("kept", 0)) == ("undone", 8, 0)
    assert rows(committed.arman) == before


def test_everything_that_an_import_changed_is_as_it_was(committed, bring):
    with workspace_scope(committed.arman.id):
        ctx = Context(system_actor(committed.arman), "cli")
        avand = create_record(
            ctx, COMPANY, {"name": "Avand", "external_id": "C1", "city": "Qom", "tags": ["old"]}
        )
        ali = create_record(ctx, PERSON, {
            "name": "Ali Karimi", "external_id": "P1", "company": avand.id, "about": "ي ک\nline",
            "phones": [{"value": "09121112233", "label": "home", "consent": "granted"}],
        })  # fmt: skip
        create_record(ctx, DEAL, {"name": "One", "external_id": "D1", "company": avand.id})
        ContactPoint.objects.filter(object_id=ali.id).update(consent_at="2020-01-01T00:00Z")
    before = rows(committed.arman)
    people = PEOPLE + "P1,Ali Karimian,09124382217,ali@example.ir,Tehran,Bahar,vip\n"
    deals = "deal id,name,stage,close date,company,amount\nD1,One more,Won,2026-01-05,Bahar,120\n"
    run_id = bring(("companies.csv", COMPANIES), ("people.csv", people), ("deals.csv", deals))
    with workspace_scope(committed.arman.id):
        assert (Person.objects.get().name, Deal.objects.get().status) == ("Ali Karimian", "won")
    run = take_back(committed.arman, run_id)
    assert run.undoing.get("kept", 0) == 0
    assert rows(committed.arman) == before
    with workspace_scope(committed.arman.id):
        last = EventRow.objects.filter(wire="objects.record_updated.v1", object="person").latest("id")
        assert last.data["source"] == "import.undo"
        assert last.data["changes"]["name"] == ["Ali Karimian", "Ali Karimi"]


def test_what_someone_worked_on_since_stays_and_is_named(committed, bring):
    run_id = bring(("companies.csv", COMPANIES + "C3,Mehr,,\nC4,Aban,,\n"))
    with workspace_scope(committed.arman.id):
        ctx = Context(system_actor(committed.arman), "cli")
        update_record(ctx, COMPANY, Company.objects.get(name="Mehr"), {"city": "Yazd"})
        create_record(ctx, PERSON, {"name": "Neda", "company": Company.objects.get(name="Bahar").id})
    run = take_back(committed.arman, run_id)
    with workspace_scope(committed.arman.id):
        # Bahar is linked to, and so its parent Avand is.
        assert set(Company.objects.values_list("name", flat=True)) == {"Mehr", "Bahar", "Avand"}
    assert {(n["title"], n["reason"]) for n in run.undoing["named"]} == {
        ("Mehr", "changed since"), ("Bahar", "others are linked to it by now"), ("Avand", "others are linked to it by now"),
    }  # fmt: skip
    assert (run.undoing["removed"], run.undoing["kept"]) == (1, 3)


def test_an_import_is_undone_once_and_not_after_it_is_forgotten(committed, bring):
    from peyvand.kernel.errors import Conflict

    run_id = bring(("companies.csv", COMPANIES))
    take_back(committed.arman, run_id)
    other = bring(("companies.csv", COMPANIES))
    with workspace_scope(committed.arman.id):
        ctx = Context(system_actor(committed.arman), "cli")
        ImportChange.objects.filter(run_id=other).delete()
        runs = list(ImportRun.objects.filter(id__in=(run_id, other)))
    for run in runs:
        with pytest.raises(Conflict), workspace_scope(committed.arman.id):
            undo_import(ctx, run)


def test_the_audit_has_one_line_for_a_run_and_its_events_name_it(committed, bring):
    with workspace_scope(committed.arman.id):
        before = AuditEntry.objects.count()
    bring(("companies.csv", COMPANIES), ("deals.csv", DEALS))
    with workspace_scope(committed.arman.id):
        assert AuditEntry.objects.count() == before + 1
        line = AuditEntry.objects.latest("id")
        assert (line.action, line.count, line.detail["created"]) == ("import.run", 4, 4)
        assert set(EventRow.objects.filter(audit_id=line.id).values_list("object", flat=True)) == {
            "company",
            "deal",
        }


CITIES = st.sampled_from(["", "Tehran", "قم", "Shiraz"])
PHONES = st.sampled_from(["", "09124382217", "09121112233; 02188776655"])
ROW = st.tuples(
    st.integers(1, 6),
    st.sampled_from(["Ali", "ندا", "Sara"]),
    CITIES,
    PHONES,
    st.sampled_from(["", "vip", "a, b"]),
)
FILES = st.lists(ROW, max_size=6, unique_by=lambda row: row[0])


def _file(found: list[tuple[Any, ...]]) -> str:
    body = "".join(f'P{n},{name},{city},{phones},"{tags}"\n' for n, name, city, phones, tags in found)
    return f"person id,name,city,mobile,tags\n{body}"


@settings(max_examples=15)
@given(FILES.filter(bool), FILES.filter(bool))
def test_an_undo_restores_every_byte_whatever_was_there(committed, bring, first, second):
    bring(("first.csv", _file(first)))
    before = rows(committed.arman)
    run_id = bring(("second.csv", _file(second)), ("again.csv", _file(first)))
    with workspace_scope(committed.arman.id):
        can = ImportChange.objects.filter(run_id=run_id).exists()
    if can:
        run = take_back(committed.arman, run_id)
        assert run.undoing.get("kept", 0) == 0
    assert rows(committed.arman) == before
