"""A whole workspace into one ZIP file: its rows as JSON Lines, its files, and a manifest with checksums.

docs/subsystems/archive.md describes the format. Everything is read in one snapshot and streamed; memory does not grow.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import translation

from peyvand import __version__
from peyvand.integrations.archive.tables import Table, tables
from peyvand.kernel import clock
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import SETTING, adopted_scope, workspace_scope

FORMAT: Final = "peyvand-archive"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
SCHEMA: Final = "schema.json"
WORKSPACE: Final = "workspace.json"
ACCOUNTS: Final = "accounts.jsonl"
ABOUT_WORKSPACE: Final = (
    "slug", "name", "language", "timezone", "currency", "money_unit", "modules_off", "settings",
)  # fmt: skip
BATCH: Final = 2000
MEGABYTE: Final = 1024 * 1024
# ZIP knows no year before; the same content shall make the same bytes.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
Told = Callable[[int, int], None]


def write_archive(workspace_id: int, path: Path, told: Told = lambda rows, total: None) -> int:
    """Write everything of a workspace into ``path``; return how many rows. Outside any scope, or in one of its own.

    ``told(rows, total)`` is called every so often. An unfinished file is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("xb") as file:
            os.chmod(part, 0o600)
            with _snapshot(workspace_id), zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zip:
                count = _Archive(zip, workspace_id, told).write()
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return count


def archive_path(workspace_id: int, run_id: int) -> Path:
    """Where the file of a run lies."""
    return Path(settings.MEDIA_ROOT) / str(int(workspace_id)) / "archives" / f"{int(run_id)}.zip"


@contextmanager
def _snapshot(workspace_id: int) -> Iterator[None]:
    """The workspace as it is at this moment, whatever others write meanwhile; in a caller's transaction, as that sees it."""
    if connection.in_atomic_block:
        with workspace_scope(workspace_id):
            yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
            # A large table takes longer than a statement of ordinary work may.
            cursor.execute("set local statement_timeout = 0")
            cursor.execute("select set_config(%s, %s, true)", [SETTING, str(workspace_id)])
        with adopted_scope(workspace_id):
            yield


class _Archive:
    """The file being written, and what its manifest will say."""

    def __init__(self, zip: zipfile.ZipFile, workspace_id: int, told: Told) -> None:
        self.zip, self.workspace_id, self.told = zip, workspace_id, told
        self.entries: list[dict[str, Any]] = []
        self.missing: list[str] = []
        self.rows = self.total = 0

    def write(self) -> int:
        workspace = Workspace.objects.get(id=self.workspace_id)
        about = {name: getattr(workspace, name) for name in ABOUT_WORKSPACE}
        self._put(WORKSPACE, [_lines(about)])
        schema = {"tables": [t.described() for t in tables()], "objects": [_object(s) for s in all_objects()]}
        self._put(SCHEMA, [_lines(schema)])
        self.total = sum(self._count(table) for table in tables())
        for table in tables():
            self._put(table.path, self._table(table), rows=True)
        self._put(ACCOUNTS, self._accounts(), rows=True)
        hashes = File.objects.order_by("sha256").values_list("sha256", flat=True).distinct()
        for sha256 in hashes.iterator(chunk_size=BATCH):
            self._file(sha256)
        manifest = {
            "format": FORMAT, "version": VERSION, "product": __version__, "exported_at": clock.now().isoformat(),
            "workspace": about["slug"], "missing_files": self.missing, "entries": self.entries,
        }  # fmt: skip
        with self._open(MANIFEST) as out:
            out.write(_lines(manifest))
        self.told(self.rows, self.total)
        return self.rows

    def _count(self, table: Table) -> int:
        with connection.cursor() as cursor:
            sql = f'select count(*) from "{table.name}" where workspace_id = %s'  # noqa: S608 a model's name
            cursor.execute(sql, [self.workspace_id])
            return int(cursor.fetchone()[0])

    def _table(self, table: Table) -> Iterator[bytes]:
        columns, order = (", ".join(f't."{c}"' for c in names) for names in (table.columns, table.order))
        sql = (
            f'select to_json(r)::text from (select {columns} from "{table.name}" t '  # noqa: S608 names of models
            f"where t.workspace_id = %s order by {order}) r"
        )
        with connection.chunked_cursor() as cursor:
            cursor.execute(sql, [self.workspace_id])
            while rows := cursor.fetchmany(BATCH):
                yield b"".join(line.encode() + b"\n" for (line,) in rows)
                self.rows += len(rows)
                self.told(self.rows, self.total)

    def _accounts(self) -> Iterator[bytes]:
        users = User.objects.filter(account__isnull=False).order_by("id")
        for user_id, email, name, language in users.values_list(
            "id", "account__email", "account__name", "account__language"
        ):
            told = {"user_id": user_id, "email": email, "name": name, "language": language}
            yield json.dumps(told, ensure_ascii=False).encode() + b"\n"

    def _file(self, sha256: str) -> None:
        place = path_of(self.workspace_id, sha256)
        if not place.is_file():
            self.missing.append(sha256)
            return
        with place.open("rb") as file:
            self._put(f"files/{sha256}", iter(lambda: file.read(MEGABYTE), b""))

    def _put(self, path: str, chunks: Any, rows: bool = False) -> None:
        digest, size, count = hashlib.sha256(), 0, 0
        with self._open(path) as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                count += chunk.count(b"\n") if rows else 0
                out.write(chunk)
        entry = {"path": path, "sha256": digest.hexdigest(), "size": size}
        self.entries.append({**entry, "rows": count} if rows else entry)

    def _open(self, path: str) -> IO[bytes]:
        info = zipfile.ZipInfo(path, _MOMENT)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        return self.zip.open(info, "w", force_zip64=True)


def _object(spec: ObjectSpec) -> dict[str, Any]:
    """An object as the schema tells it: its names, and those of its fields, in both languages."""
    fields = [
        {"key": f.key, "kind": type(f).__name__, "label": _both(f.label), "own": f in spec.custom_fields}
        for f in spec.all_fields.values()
    ]
    return {
        "key": spec.key, "table": spec.model._meta.db_table, "label": _both(spec.label),
        "label_plural": _both(spec.label_plural), "fields": fields,
    }  # fmt: skip


def _both(label: Any) -> dict[str, str]:
    out = {}
    for language in ("fa", "en"):
        with translation.override(language):
            out[language] = str(label)
    return out


def _lines(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"
