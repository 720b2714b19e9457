"""An archive becomes a workspace: checked first, then read in one transaction, so that it is there whole or not at all.

Rows keep their numbers: they are numbers within a workspace, so whatever names a record by its number stays right.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import Error, connection, transaction

from peyvand.integrations.archive.tables import Table, tables
from peyvand.integrations.archive.writing import (
    ABOUT_WORKSPACE,
    ACCOUNTS,
    BATCH,
    FORMAT,
    MANIFEST,
    MEGABYTE,
    SCHEMA,
    VERSION,
    WORKSPACE,
)
from peyvand.kernel.errors import Conflict, Invalid, Message, msg
from peyvand.platform.files.storage import path_of
from peyvand.platform.identity.actor import Tenant, access_changed, tenant_by
from peyvand.platform.identity.models import Account, Membership, User
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope

SLUG: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")
# One row as a line; a longer one is no row of ours.
LONGEST: Final = 64 * MEGABYTE
# Above that size nothing of ours is packed so tight as this many to one.
TIGHTEST: Final = 200
# So far a sequence is moved on for the numbers of an archive.
MOST_NUMBERS: Final = 1_000_000_000
_HASH: Final = re.compile(r"files/([0-9a-f]{64})")
Told = Callable[[str, int], None]


@dataclass(frozen=True)
class Read:
    """What became of an archive."""

    tenant: Tenant
    rows: int
    files: int
    # E-mails of accounts that were made anew: nobody knows a password for them.
    new_accounts: tuple[str, ...]


def read_archive(path: Path, slug: str = "", told: Told = lambda table, rows: None) -> Read:
    """Make a new workspace of an archive, under its own short name unless ``slug`` says another.

    The search is to be written anew afterwards (``objects.indexing.rebuild``). ``told(table, rows)`` hears of each batch.

    Raises:
        Invalid: the file is no archive, is damaged, or comes from a newer product.
        Conflict: there is a workspace of that short name already.
    """
    try:
        with zipfile.ZipFile(path) as zip:
            manifest = _checked(zip)
            return _Reading(zip, manifest, told).into(slug)
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _wrong(msg("This file is no archive of a workspace, or it is damaged.")) from error


def _checked(zip: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest of an archive whose every byte is as it says."""
    if any(i.file_size > LONGEST and i.file_size > TIGHTEST * i.compress_size for i in zip.infolist()):
        raise _wrong(msg("This file is no archive of a workspace, or it is damaged."))
    manifest = _told(zip, MANIFEST)
    if manifest.get("format") != FORMAT:
        raise _wrong(msg("This file is no archive of a workspace, or it is damaged."))
    if manifest.get("version") != VERSION:
        raise _wrong(msg("This archive has a form that this version does not know."))
    for entry in manifest["entries"]:
        digest = hashlib.sha256()
        with zip.open(entry["path"]) as file:
            while chunk := file.read(MEGABYTE):
                digest.update(chunk)
        if digest.hexdigest() != entry["sha256"]:
            raise _wrong(msg("“%(path)s” in the archive is damaged.", path=entry["path"]))
    return manifest


def _told(zip: zipfile.ZipFile, path: str) -> dict[str, Any]:
    if zip.getinfo(path).file_size > LONGEST:
        raise _wrong(msg("“%(path)s” in the archive is damaged.", path=path))
    told = json.loads(zip.read(path))
    if not isinstance(told, dict):
        raise _wrong(msg("“%(path)s” in the archive is damaged.", path=path))
    return told


class _Reading:
    """An archive on its way into the database."""

    def __init__(self, zip: zipfile.ZipFile, manifest: dict[str, Any], told: Told) -> None:
        self.zip, self.told = zip, told
        self.entries = {entry["path"]: entry for entry in manifest["entries"]}
        self.given = {t["table"]: [c["name"] for c in t["columns"]] for t in _told(zip, SCHEMA)["tables"]}
        self.rows = 0

    def into(self, slug: str) -> Read:
        about = {name: value for name, value in _told(self.zip, WORKSPACE).items() if name in ABOUT_WORKSPACE}
        about["slug"] = slug or about["slug"]
        if not SLUG.fullmatch(about["slug"]):
            raise Invalid.of(
                msg("A short name has only the letters a to z, digits and hyphens, 40 at most."), "slug"
            )
        if Workspace.objects.filter(slug=about["slug"]).exists():
            raise Conflict(msg("There is a workspace “%(slug)s” already.", slug=about["slug"]))
        self._demand_known()
        made: int | None = None
        try:
            with transaction.atomic():
                made = Workspace.objects.create(**about).id
                with workspace_scope(made):
                    new_accounts = self._fill(made)
                    files = self._files(made)
                    access_changed(made)
        except BaseException as error:
            if made is not None:
                shutil.rmtree(Path(settings.MEDIA_ROOT) / str(made), ignore_errors=True)
            if isinstance(error, Error):
                raise _wrong(msg("The archive says something that does not fit together.")) from error
            raise
        tenant = tenant_by(id=made)
        assert tenant is not None
        return Read(tenant, self.rows, files, new_accounts)

    def _demand_known(self) -> None:
        """Nothing of an archive may be lost: a table or column that is not known here comes from a newer product."""
        known = {table.name: table for table in tables()}
        for name, columns in self.given.items():
            if name not in known or set(columns) - set(known[name].columns):
                raise _wrong(
                    msg(
                        "“%(name)s” in the archive is not known here: it comes from a newer version.",
                        name=name,
                    )
                )
            if missing := set(known[name].columns) - set(columns) - set(known[name].defaults()):
                raise _wrong(
                    msg(
                        "“%(name)s” in the archive lacks %(columns)s.",
                        name=name,
                        columns=", ".join(sorted(missing)),
                    )
                )

    def _fill(self, workspace_id: int) -> tuple[str, ...]:
        here = [table for table in tables() if table.path in self.entries and table.name in self.given]
        for table in here:
            self._insert(table, workspace_id)
        for table in here:
            if table.later:
                self._link(table, workspace_id)
            if table.has_numbers:
                _pass_numbers(table, workspace_id)
        return self._accounts(workspace_id)

    def _insert(self, table: Table, workspace_id: int) -> None:
        """The rows of a table, those columns empty that point at rows which are not there yet."""
        columns = [c for c in table.columns if c not in table.later]
        names = ", ".join(f'"{c}"' for c in columns)
        must = {f.column for f in table.fields if not f.null and f.get_internal_type() == "JSONField"}
        # A column of JSON may hold JSON's own null where it must not be empty.
        read = ", ".join(f"coalesce(r.\"{c}\", 'null'::jsonb)" if c in must else f'r."{c}"' for c in columns)
        sql = (
            f'insert into "{table.name}" (workspace_id, {names}) select %s, {read} from unnest(%s::text[]) v(line) '  # noqa: S608 names of models
            f'cross join lateral jsonb_populate_record(null::"{table.name}", %s::jsonb || v.line::jsonb) r'
        )
        told = set(self.given[table.name])
        missing = ", ".join(f'"{c}": {v}' for c, v in table.defaults().items() if c not in told)
        with connection.cursor() as cursor:
            for lines in self._batches(table.path):
                cursor.execute(sql, [workspace_id, lines, f"{{{missing}}}"])
                self.rows += len(lines)
                self.told(table.name, self.rows)

    def _link(self, table: Table, workspace_id: int) -> None:
        """Now that all rows are there: what pointed at those not there yet."""
        values = ", ".join(f'"{c}" = r."{c}"' for c in table.later)
        some = " or ".join(f'r."{c}" is not null' for c in table.later)
        sql = (
            f'update "{table.name}" t set {values} from unnest(%s::text[]) v(line) '  # noqa: S608 names of models
            f'cross join lateral jsonb_populate_record(null::"{table.name}", v.line::jsonb) r '
            f"where t.workspace_id = %s and t.id = r.id and ({some})"
        )
        with connection.cursor() as cursor:
            for lines in self._batches(table.path):
                cursor.execute(sql, [lines, workspace_id])

    def _accounts(self, workspace_id: int) -> tuple[str, ...]:
        """Who had an account has one again, by their e-mail; passwords are in no archive."""
        made = []
        for lines in self._batches(ACCOUNTS):
            for told in map(json.loads, lines):
                email = str(told["email"]).strip().lower()
                account = Account.objects.filter(email=email).first()
                if account is None:
                    account = Account(email=email, name=told["name"], language=told["language"])
                    account.set_unusable_password()
                    account.save()
                    made.append(email)
                if not User.objects.filter(id=told["user_id"]).update(account=account):
                    raise _wrong(msg("The archive says something that does not fit together."))
                Membership.objects.get_or_create(
                    account=account, workspace_id=workspace_id, defaults={"user_id": told["user_id"]}
                )
        return tuple(made)

    def _files(self, workspace_id: int) -> int:
        count = 0
        for path, entry in self.entries.items():
            if not (found := _HASH.fullmatch(path)):
                continue
            if entry["sha256"] != found[1]:
                raise _wrong(msg("“%(path)s” in the archive is damaged.", path=path))
            place = path_of(workspace_id, found[1])
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self.zip.open(path) as file, place.open("wb") as out:
                shutil.copyfileobj(file, out, MEGABYTE)
            place.chmod(0o600)
            count += 1
        return count

    def _batches(self, path: str) -> Iterator[list[str]]:
        if path not in self.entries:
            return
        batch: list[str] = []
        with self.zip.open(path) as raw, io.BufferedReader(raw, MEGABYTE) as file:  # type: ignore[type-var]  # it reads as a raw file does
            while line := file.readline(LONGEST):
                if not line.endswith(b"\n"):
                    raise _wrong(msg("“%(path)s” in the archive is damaged.", path=path))
                batch.append(line.decode())
                if len(batch) == BATCH:
                    yield batch
                    batch = []
        if batch:
            yield batch


def _pass_numbers(table: Table, workspace_id: int) -> None:
    """Move the table's sequence on behind the numbers that came, so that no number is ever given twice."""
    with connection.cursor() as cursor:
        cursor.execute(
            f'select coalesce(max(id), 0), coalesce(min(id), 1) from "{table.name}" where workspace_id = %s',  # noqa: S608 a model's name
            [workspace_id],
        )
        highest, lowest = cursor.fetchone()
        if not highest:
            return
        cursor.execute("select nextval(pg_get_serial_sequence(%s, 'id')::regclass)", [f'"{table.name}"'])
        gap = highest - cursor.fetchone()[0]
        if gap > MOST_NUMBERS or lowest < 1:
            raise _wrong(msg("The archive says something that does not fit together."))
        if gap > 0:
            # Setting a sequence is its owner's right; taking numbers is everybody's.
            cursor.execute(
                "select max(nextval(pg_get_serial_sequence(%s, 'id')::regclass)) from generate_series(1, %s)",
                [f'"{table.name}"', gap],
            )


def _wrong(message: Message) -> Invalid:
    return Invalid.of(message, "file", "archive")
