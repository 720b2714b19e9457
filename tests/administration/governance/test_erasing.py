"""Who was forgotten is nowhere any more: every column of every table is looked through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.administration.governance.actions import erase_person
from peyvand.administration.members.actions import create_token
from peyvand.administration.schema.actions import add_field
from peyvand.kernel.errors import NotAllowed
from peyvand.operational.contacts.models import Person
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.models import EventRow
from peyvand.platform.files.actions import attach_file
from peyvand.platform.files.models import File
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program
from peyvand.testing.schema import define_object

PERSON, COMPANY, DEAL, NOTE, TASK = map(object_named, ("person", "company", "deal", "note", "task"))
# However they are written, none of these may be found afterwards.
TRACES = ("زرین‌تاج", "زرین تاج", "هفتلنگ", "9121119977", "۹۱۲۱۱۱۹۹۷۷", "zarrintaj@", "0079998887", "زادروز")


def traces(superuser: Any, workspace_id: int) -> list[str]:
    """Where a trace stands: every text, JSON, array and search vector of every table that has workspaces' rows."""
    columns = superuser.execute(
        "select c.table_name, c.column_name from information_schema.columns c join information_schema.tables t using (table_schema, table_name) "
        "where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and (c.data_type in "
        "('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'tsvector') or c.udt_name = 'tsvector')"
    ).fetchall()
    assert len(columns) > 150
    found = []
    for table, column in columns:
        for trace in TRACES:
            sql = f'select count(*) from "{table}" where "{column}"::text ilike %s'
            if superuser.execute(sql, [f"%{trace}%"]).fetchone()[0]:
                found.append(f"{table}.{column}: {trace}")
    return found


def zarrintaj(ctx: Any, **more: Any) -> Any:
    return create_record(
        ctx,
        PERSON,
        {
            "given_name": "زرین‌تاج",
            "family_name": "هفتلنگ",
            "phones": "09121119977",
            "emails": "zarrintaj@example.ir",
            "national_id": "0079998887",
            "about": "زادروز او بهار است",
            **more,
        },
    )


@pytest.fixture
def gone(committed: Any, settings: Any, tmp_path: Any) -> Any:
    from peyvand.platform.actions.context import Context
    from peyvand.platform.identity.actor import user_actor

    settings.MEDIA_ROOT = tmp_path / "media"
    arman = committed.arman

    def act(user: Any = committed.sara) -> Context:
        return Context(user_actor(arman.id, user.id), "web")

    return committed, act


def test_nothing_is_left(gone: Any, superuser: Any) -> None:
    cast, act = gone
    here = cast.arman.id
    with workspace_scope(here):
        add_field(act(), "person", "text", labels={"en": "Membership"}, is_unique=True)
    with workspace_scope(here):
        ctx = act()
        person = zarrintaj(ctx)
        twin = zarrintaj(ctx, emails="zarrintaj@home.example.ir")
        firm = create_record(ctx, COMPANY, {"name": "نساجی", "about": "مدیرش زرین‌تاج هفتلنگ است"})
        update_record(ctx, PERSON, person, {"company": firm.id, "job_title": "مدیر"})
        deal = create_record(ctx, DEAL, {"name": "فروش به زرین تاج هفتلنگ", "person": person.id})
        update_record(ctx, DEAL, deal, {"description": "تلفن: ۰۹۱۲ ۱۱۱ ۹۹۷۷ یا zarrintaj@example.ir"})
        create_record(ctx, NOTE, {"text": "زرین‌تاج گفت بعداً", "about": f"person:{person.id}"})
        create_record(ctx, TASK, {"title": "تماس با زرین‌تاج", "person": person.id})
        kept = create_record(
            ctx, NOTE, {"text": "با زرین‌تاج هفتلنگ، 0912-111-9977", "about": f"deal:{deal.id}"}
        )
        binned = create_record(ctx, NOTE, {"text": "هفتلنگ", "about": f"person:{person.id}"})
        delete_records(ctx, NOTE, [binned])
        attach_file(ctx, "person", person, "هفتلنگ.txt", [b"her letter"])
        merge_records(ctx, PERSON, person.id, [twin.id])
        own = object_named(define_object(ctx))
        contract = create_record(ctx, own, {"name": "قرارداد با زرین‌تاج هفتلنگ"})
    remember(superuser, here, person.id)
    assert traces(superuser, here)
    with workspace_scope(here):
        result = erase_person(act(), Person.objects.get(id=person.id))
    assert result["left"] == {}
    assert result["removed"] == {"note": 2, "task": 1, "person": 2}
    assert traces(superuser, here) == []
    with workspace_scope(here):
        deal.refresh_from_db()
        kept.refresh_from_db()
        assert (deal.name, deal.person_id, deal.description) == ("فروش به …", None, "تلفن: … یا …")
        assert kept.text == "با …، …"
        contract.refresh_from_db()
        assert contract.name == "قرارداد با …"
        assert not File.objects.exists()
        # That something happened stays, what it said does not.
        assert EventRow.objects.filter(object="person", object_id=person.id).exists()


def remember(superuser: Any, here: int, person_id: int) -> None:
    """What imports, programs and the queue remember of her."""
    row = json.dumps({"person": [{"id": person_id, "about": "زادروز"}, {"id": 999999, "about": "another"}]})
    run = superuser.execute(
        "insert into import_run (workspace_id, state, dry_run, via, names, mapping, total, rows, created, updated, unchanged, refused, "
        "report, undoing, started_at) values (%s, 'done', false, 'web', '[]', %s, 0, 0, 0, 0, 0, 0, '{}', '{}', now()) returning id",
        [here, json.dumps({"fixes": ["زرین تاج هفتلنگ"]})],
    ).fetchone()[0]
    superuser.execute(
        "insert into import_change (workspace_id, run_id, object, kind, ids, versions, images, at) "
        "values (%s, %s, 'person', 'updated', %s, %s, %s, now())",
        [here, run, [person_id], [1], row],
    )
    superuser.execute(
        "insert into recent_search (workspace_id, user_id, query, at) select workspace_id, id, '9121119977', now() from app_user "
        "where workspace_id = %s limit 1",
        [here],
    )
    superuser.execute(
        "insert into dead_letter (workspace_id, job_id, task, args, error, attempts, failed_at) "
        "values (%s, 1, 'any', '{}', 'no such address: zarrintaj@example.ir', 1, now())",
        [here],
    )


def test_what_others_share_stays(gone: Any, superuser: Any) -> None:
    cast, act = gone
    with workspace_scope(cast.arman.id):
        ctx = act()
        person = zarrintaj(ctx)
        brother = create_record(
            ctx, PERSON, {"given_name": "بهرام", "family_name": "هفتلنگ", "phones": "09121119977"}
        )
        namesake = zarrintaj(ctx, phones="09350001122", emails="", national_id="", about="")
        note = create_record(ctx, NOTE, {"text": "زرین‌تاج هفتلنگ", "about": f"person:{namesake.id}"})
    with workspace_scope(cast.arman.id):
        result = erase_person(act(), Person.objects.get(id=person.id))
        assert result["shared"] == ("+989121119977",)
        for each in (brother, namesake, note):
            each.refresh_from_db()
        assert (brother.phone, namesake.name, note.text) == (
            "+989121119977",
            "زرین‌تاج هفتلنگ",
            "زرین‌تاج هفتلنگ",
        )


def test_another_workspace_keeps_its_own(gone: Any) -> None:
    cast, act = gone
    with workspace_scope(cast.rival.id):
        theirs = zarrintaj(job_context(cast.rival))
    with workspace_scope(cast.arman.id):
        person = zarrintaj(act())
    with workspace_scope(cast.arman.id):
        erase_person(act(), Person.objects.get(id=person.id))
    with workspace_scope(cast.rival.id):
        theirs.refresh_from_db()
        assert theirs.phone == "+989121119977"


def test_a_member_may_not(gone: Any) -> None:
    cast, act = gone
    for user in (cast.mina, cast.babak, cast.viewer):
        with workspace_scope(cast.arman.id):
            person = zarrintaj(act(), external_id=user.name, national_id="", emails="")
        with pytest.raises(NotAllowed), workspace_scope(cast.arman.id):
            erase_person(act(user), Person.objects.get(id=person.id))


def test_former_names_and_short_addresses_go_and_own_texts_are_told_of(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        field = add_field(acting(cast.sara), "person", "text", labels={"en": "Member"})
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = zarrintaj(ctx, emails="z@q.ir", **{field.key: "membership-55123"})
        update_record(ctx, PERSON, PERSON.rows.get(id=person.id), {"given_name": "بهار", "emails": "b@q.ir"})
        said = (
            "call زرین‌تاج هفتلنگ, z@q.ir or b@q.ir, not xz@q.ir nor z@q.ir.example, member membership-55123"
        )
        deal = create_record(ctx, DEAL, {"name": "زرین‌تاج هفتلنگ", "description": said})
        left = erase_person(ctx, PERSON.rows.get(id=person.id))["left"]
        deal = DEAL.rows.get(id=deal.id)
        assert deal.name == "…"
        assert deal.description == "call …, … or …, not xz@q.ir nor z@q.ir.example, member membership-55123"
        assert left["deal.description"] == 1


def test_a_key_that_names_the_right_forgets_with_all_that_hangs_on_the_person(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        keys = {
            named: create_token(ctx, cast.sara, scopes=["person.*", *named])
            for named in ((), ("person.erase",))
        }
        person = zarrintaj(ctx)
        create_record(ctx, NOTE, {"text": "x", "about": {"object": "person", "id": person.id}})
    for named, status in (((), 403), (("person.erase",), 200)):
        assert Program(keys[named]).post(f"people/{person.id}/erase", {}).status == status
    with workspace_scope(cast.arman.id):
        assert not PERSON.rows.filter(id=person.id).exists()
        assert not NOTE.rows.exists()
