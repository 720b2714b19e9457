"""The last word on whose rows are whose is PostgreSQL's: tried with raw SQL on the application's own connection."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from peyvand.platform.identity.models import Team, User
from peyvand.platform.workspaces.models import WorkspaceForeignKey
from peyvand.platform.workspaces.scope import NoWorkspace, workspace_scope
from peyvand.platform.workspaces.security import POLICY, secure, workspace_tables

TABLES = workspace_tables()
every_table = pytest.mark.parametrize("model", TABLES, ids=lambda m: m._meta.db_table)
SETTING = "peyvand.workspace"


def run(sql: str, params: Any = ()) -> tuple[int, list[Any]]:
    """Rows touched and rows returned, in a savepoint of its own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount, cursor.fetchall() if cursor.description else []


def as_seen_from(workspace_id: int | None) -> None:
    run(f"select set_config('{SETTING}', %s, true)", [str(workspace_id) if workspace_id else ""])


@every_table
def test_the_policy_in_the_catalogue_is_the_one_of_the_models(model: Any, db: None) -> None:
    table = model._meta.db_table
    _, rows = run(
        "select p.polname, p.polcmd::text, p.polpermissive, pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), "
        "c.relrowsecurity, c.relforcerowsecurity, p.polroles = '{0}'::oid[] "
        "from pg_class c left join pg_policy p on p.polrelid = c.oid where c.oid = %s::regclass",
        [table],
    )
    assert len(rows) == 1, "one policy and no other, for any other would widen it"
    name, command, permissive, using, check, enabled, forced, everybody = rows[0]
    assert (name, command, permissive, enabled, forced, everybody) == (POLICY, "*", True, True, True, True)
    assert using == check
    assert "workspace_id = (NULLIF(current_setting('peyvand.workspace'" in using


@pytest.mark.parametrize(
    "changed", ["using (true)", "with check (true)", "to peyvand_owner"], ids=["shows", "accepts", "for"]
)
def test_a_policy_that_says_something_else_is_made_anew(
    django_db_setup: None, django_db_blocker: Any, superuser: Any, changed: str
) -> None:
    kept = "select polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) from pg_policy where polrelid = 'tag'::regclass"
    before = superuser.execute(kept).fetchall()
    with django_db_blocker.unblock():
        owner = connection.copy()
        owner.settings_dict["USER"] = "peyvand_owner"
        try:
            assert secure(owner) == []
            superuser.execute(f"alter policy {POLICY} on tag {changed}")
            (made,) = secure(owner)
            assert '"tag"' in made
            assert superuser.execute(kept).fetchall() == before
            assert secure(owner) == []
        finally:
            secure(owner)
            owner.close()


def test_no_other_table_holds_a_workspaces_rows(db: None) -> None:
    _, rows = run(
        "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped "
        "join pg_namespace n on n.oid = c.relnamespace "
        "where c.relkind in ('r', 'p') and n.nspname = 'public' and not c.relforcerowsecurity"
    )
    # Read before a workspace is known: how one gets in.
    assert {r[0] for r in rows} <= {
        "membership",
        "invitation",
        "api_token",
        "oauth_application",
        "oauth_grant",
    }


def test_nothing_is_seen_or_changed_from_elsewhere(cast: Any, subtests: Any) -> None:
    for model in TABLES:
        with subtests.test(model._meta.db_table):
            nothing_is_seen_or_changed(model, cast)


def nothing_is_seen_or_changed(model: Any, cast: Any) -> None:
    table = model._meta.db_table
    columns = [f.column for f in model._meta.local_concrete_fields]
    for seen_from in (cast.rival.id, None):
        as_seen_from(seen_from)
        assert run(f'select 1 from "{table}" where workspace_id = %s', [cast.arman.id])[1] == []
        assert (
            run(f'update "{table}" set workspace_id = workspace_id where workspace_id = %s', [cast.arman.id])[
                0
            ]
            == 0
        )
        assert run(f'delete from "{table}" where workspace_id = %s', [cast.arman.id])[0] == 0
        with pytest.raises(DatabaseError, match=r"row-level security|null value|violates"):
            run(f'insert into "{table}" (workspace_id) values (%s)', [cast.arman.id])
        names = ", ".join(f'"{c}"' for c in columns if c != "workspace_id" and not _generated(model, c))
        # A row of one's own cannot be handed over either.
        as_seen_from(cast.rival.id)
        own = run(f'select {names or "1"} from "{table}" limit 1')[1]
        if own:
            with pytest.raises(DatabaseError, match="row-level security"):
                run(f'update "{table}" set workspace_id = %s', [cast.arman.id])
    as_seen_from(None)


def _generated(model: Any, column: str) -> bool:
    return any(f.column == column and f.generated for f in model._meta.local_concrete_fields)


@pytest.mark.parametrize("model", [User, Team], ids=lambda m: m._meta.db_table)
def test_rows_that_are_there_are_hidden_from_elsewhere(model: Any, cast: Any) -> None:
    table = model._meta.db_table
    as_seen_from(cast.arman.id)
    assert run(f'select count(*) from "{table}"')[1][0][0] > 0
    as_seen_from(cast.rival.id)
    assert run(f'select count(*) from "{table}" where workspace_id <> %s', [cast.rival.id])[1] == [(0,)]
    as_seen_from(None)
    assert run(f'select count(*) from "{table}"')[1] == [(0,)]
    with pytest.raises(DatabaseError, match="row-level security"):
        as_seen_from(cast.rival.id)
        run(
            "insert into role (workspace_id, key, name, grants, fields, is_builtin) values (%s, 'x', 'x', '{}', '{}', false)",
            [cast.arman.id],
        )
    as_seen_from(None)


KEYS = [(m, f) for m in TABLES for f in m._meta.local_fields if isinstance(f, WorkspaceForeignKey)]


@pytest.mark.parametrize(
    ("model", "field"), KEYS, ids=lambda v: v._meta.db_table if hasattr(v, "_meta") else v.name
)
def test_every_reference_is_held_inside_the_workspace(model: Any, field: Any, db: None) -> None:
    _, rows = run(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass and contype = 'f'",
        [model._meta.db_table],
    )
    target = field.related_model._meta.db_table
    wanted = f"FOREIGN KEY (workspace_id, {field.column}) REFERENCES {target}(workspace_id, id)"
    assert any(definition.startswith(wanted) for (definition,) in rows), [r[0] for r in rows]


def test_a_reference_to_another_workspace_is_refused(cast: Any) -> None:
    as_seen_from(cast.rival.id)
    with pytest.raises(IntegrityError, match="foreign key"):
        run("update app_user set manager_id = %s where id = %s", [cast.mina.id, cast.cyrus.id])
    with pytest.raises(IntegrityError, match="foreign key"):
        run(
            "insert into team (workspace_id, name, lead_id, version, created_at, updated_at) values (%s, 'x', %s, 1, now(), now())",
            [cast.rival.id, cast.mina.id],
        )
    as_seen_from(None)


@pytest.mark.parametrize(
    "sql",
    [
        "set role peyvand_owner",
        "set role postgres",
        "set session authorization postgres",
        "alter table app_user disable row level security",
        "alter table app_user no force row level security",
        "drop policy workspace_rows on app_user",
        "create policy open on app_user using (true)",
        "alter role current_user bypassrls",
        "grant peyvand_owner to current_user",
        "truncate app_user",
        "create function pg_temp.f() returns int language sql security definer as 'select 1'; alter function pg_temp.f() owner to peyvand_owner",
        "copy app_user to program 'cat'",
    ],
)
def test_the_application_cannot_lift_the_rule(sql: str, db: None) -> None:
    with pytest.raises(DatabaseError):
        run(sql)


def test_switching_row_security_off_is_an_error_not_a_way_round(cast: Any) -> None:
    as_seen_from(cast.rival.id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local row_security = off")
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            cursor.execute("select * from app_user")
    run("set local row_security = on")
    as_seen_from(None)


def test_the_orm_asks_for_a_scope_and_refuses_two(cast: Any) -> None:
    with pytest.raises(NoWorkspace):
        list(User.objects.all())
    as_seen_from(None)
    assert list(User.everywhere.all()) == []
    with workspace_scope(cast.arman.id), pytest.raises(NoWorkspace), workspace_scope(cast.rival.id):
        pass


def test_the_scope_ends_with_its_transaction(cast: Any, server: Any) -> None:
    with psycopg.connect(server.app_url) as raw:
        with raw.transaction():
            raw.execute("select set_config(%s, '1', true)", [SETTING])
        found = raw.execute("select current_setting(%s, true)", [SETTING]).fetchone()
    assert found is not None
    assert not found[0]
