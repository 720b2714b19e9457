"""Cells that a spreadsheet would run, imports that lend rights, and archives that were forged."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.integrations.archive.reading import read_archive
from peyvand.integrations.archive.writing import ACCOUNTS, write_archive
from peyvand.integrations.transfer.actions import folder_of, lay_down, start_import, undo_import
from peyvand.integrations.transfer.jobs import undo, work
from peyvand.integrations.transfer.models import ImportRun
from peyvand.kernel.errors import Invalid
from peyvand.kernel.guarding import guarded, unguarded
from peyvand.operational.contacts.models import Company
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Membership, Role, User
from peyvand.platform.workspaces.scope import workspace_scope

CELLS = ["=1", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1+1", "＠x"]


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_that_would_run_is_guarded(cell: str) -> None:
    assert guarded(cell).startswith("'")


@pytest.mark.parametrize("cell", ["x;=HYPERLINK(1)", "x\t=1", "x\n=1", 'x;"=1"', "x;＝1"])
def test_what_another_delimiter_would_cut_off_is_guarded(cell: str) -> None:
    inner = guarded(cell).lstrip('x;\t\n"')
    assert inner.startswith("'")


@given(st.text("=+-@＝'\";\t\r\nx1", max_size=12))
def test_every_cell_comes_back_as_it_was(cell: str) -> None:
    assert unguarded(guarded(cell)) == cell


def hold(user: Any, **grants: str) -> None:
    role = Role.objects.create(key="importer", name="Importer", grants=grants)
    User.objects.filter(id=user.id).update(role=role)
    access_changed(user.workspace_id)


def acting(tenant: Any, user: Any) -> Context:
    return Context(user_actor(tenant.id, user.id), "web")


def prepared(ctx: Any) -> ImportRun:
    return lay_down(ctx, [("companies.csv", [b"name\nZanbaq\n"])])


TOLD = {"files": {"companies.csv": {"object": "company", "columns": {"name": "name"}}}}


def test_an_import_runs_with_the_rights_of_whoever_starts_it(
    committed: Any, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with workspace_scope(committed.arman.id):
        run = prepared(acting(committed.arman, committed.sara))
        hold(committed.babak, **{"import.run": "all", "workspace.imports": "all", "company.view": "all"})
        start_import(acting(committed.arman, committed.babak), run, TOLD, dry_run=False)
    work(committed.arman, run.id)
    with workspace_scope(committed.arman.id):
        assert not Company.objects.filter(name="Zanbaq").exists()


def test_undoing_removes_only_what_one_may_delete(committed: Any, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with workspace_scope(committed.arman.id):
        run = prepared(acting(committed.arman, committed.sara))
        assert folder_of(committed.arman.id, run.id).is_dir()
        start_import(acting(committed.arman, committed.sara), run, TOLD, dry_run=False)
    work(committed.arman, run.id)
    with workspace_scope(committed.arman.id):
        assert Company.objects.filter(name="Zanbaq").exists()
        hold(committed.babak, **{"import.undo": "all", "workspace.imports": "all"})
        undo_import(acting(committed.arman, committed.babak), ImportRun.objects.get(id=run.id))
    undo(committed.arman, run.id)
    with workspace_scope(committed.arman.id):
        assert Company.objects.filter(name="Zanbaq").exists()
        told = ImportRun.objects.get(id=run.id).undoing
    assert told["kept"] == 1
    # Nor does the report name what its reader may not see.
    assert "Zanbaq" not in json.dumps(told)


def test_an_archive_that_swells_is_not_read(cast: Any, tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zip, zip.open("manifest.json", "w") as file:
        for _ in range(65):
            file.write(bytes(1 << 20))
    with pytest.raises(Invalid):
        read_archive(path)


def test_an_archive_makes_no_member_of_nobody(cast: Any, tmp_path: Path) -> None:
    whole, forged = tmp_path / "whole.zip", tmp_path / "forged.zip"
    write_archive(cast.arman.id, whole)
    said = orjson.dumps({"user_id": 999_999, "email": "x@x.example", "name": "X", "language": "en"}) + b"\n"
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(forged, "w") as new:
        manifest = orjson.loads(old.read("manifest.json"))
        for entry in manifest["entries"]:
            body = said if entry["path"] == ACCOUNTS else old.read(entry["path"])
            entry["sha256"] = hashlib.sha256(body).hexdigest()
            new.writestr(entry["path"], body)
        new.writestr("manifest.json", orjson.dumps(manifest))
    before = Membership.objects.count()
    with pytest.raises(Invalid, match="fit together"):
        read_archive(forged, "again")
    assert Membership.objects.count() == before


@pytest.mark.parametrize("said", ["abc", "²", "9" * 30])
def test_a_kept_mapping_of_no_number_is_none(
    cast: Any, browse: Any, settings: Any, tmp_path: Path, said: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with workspace_scope(cast.arman.id):
        run = prepared(acting(cast.arman, cast.sara))
    page = browse(cast.sara)
    assert page.post(f"/w/arman/import/{run.id}", {"use-0": said}).status_code == 302
    kept = page.post(f"/w/arman/import/{run.id}", {"keep": said, "name-0": "Mine"})
    assert kept.status_code == 302
