"""Everything kept of one person as a ZIP: for programs as JSON, for people as a page, with the files that hang there."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation

from peyvand.administration.governance.belongings import Belongings, belongings_of
from peyvand.kernel import clock
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.fields.types import is_empty
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.objects.hanging import compound_tables, namings, place_in, places
from peyvand.platform.objects.queries import ListQuery, Row, fetch_rows
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.scope import current_workspace_id

_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


@dataclass(frozen=True)
class Shown:
    """A record as the page shows it: its title, and its fields that say something."""

    kind: str
    title: str
    lines: list[tuple[str, str]]


def write_dossier(ctx: Context, person_id: int, out: IO[bytes]) -> None:
    """Write the ZIP, in the language of the context's reader. Inside the workspace's scope, by whoever may read all of it."""
    mine = belongings_of(person_id)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zip:
        told = {
            "exported_at": clock.now().isoformat(),
            "workspace": ctx.tenant.name,
            "tables": dict(_tables(mine)),
        }
        zip.writestr("data.json", json.dumps(told, ensure_ascii=False, indent=1))
        files = []
        for file in _files(mine):
            name = f"files/{file.id} {_UNSAFE.sub('_', file.name)}"
            place = path_of(ctx.tenant.id, file.sha256)
            if place.is_file():
                zip.write(place, name)
                files.append((name, file.name))
        with translation.override(ctx.reader.language):
            page = render_to_string("governance/dossier.html", _page(ctx, mine, files))
        zip.writestr("index.html", page)


def _tables(mine: Belongings) -> Iterator[tuple[str, list[Any]]]:
    """The rows of each table that are the person's, or that point at them, as they lie there."""
    found: dict[str, dict[str, Any]] = {}
    for spec, ids in mine.records:
        wheres = [
            (
                spec.model._meta.db_table,
                "t.workspace_id = %s and t.id = any(%s)",
                [current_workspace_id(), list(ids)],
            )
        ]
        own = [place_in(table, spec) for table in compound_tables(spec)]
        for place in (*own, *places(spec), *namings()):
            where, params = place.here(spec)
            wheres.append((place.table, f"{where} and t.{place.column} = any(%s)", [*params, list(ids)]))
        for table, where, params in wheres:
            for text in _rows(f'select to_json(t)::text from "{table}" t where {where}', params):  # noqa: S608 names of models
                found.setdefault(table, {})[text] = None
    events = mine.events()
    for text in _rows(
        "select to_json(t)::text from event t where t.workspace_id = %s and t.id = any(%s) order by id",
        [current_workspace_id(), events],
    ):
        found.setdefault("event", {})[text] = None
    for table in sorted(found):
        yield table, [json.loads(text) for text in found[table]]


def _rows(sql: str, params: list[Any]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def _files(mine: Belongings) -> Iterator[File]:
    for spec, ids in mine.records:
        yield from File.objects.filter(object=spec.key, object_id__in=ids, removed_at=None).order_by("id")


def _page(ctx: Context, mine: Belongings, files: list[tuple[str, str]]) -> dict[str, Any]:
    records = [shown for spec, ids in reversed(mine.records) for shown in _shown(ctx, spec, ids)]
    related = [
        (str(spec.label), str(getattr(row, spec.title)))
        for spec in all_objects()
        if spec.base is None and spec.key not in {s.key for s, _ in mine.records}
        for place in places(PERSON)
        if place.model is spec.model and not place.kind
        for row in spec.rows.filter(**{f"{place.column}__in": mine.people}, deleted_at=None).order_by("id")
    ]
    return {
        "records": records, "related": related, "files": files, "at": clock.now(), "tenant": ctx.tenant,
        "language": ctx.reader.language, "direction": "rtl" if ctx.reader.is_persian else "ltr",
    }  # fmt: skip


def _shown(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> Iterator[Shown]:
    # It is the person's right to see what some of the staff may not.
    actor, fields = job_context(ctx.tenant).actor, spec.all_fields
    rows = dict[int, Row]()
    for in_bin in (False, True):
        rows |= fetch_rows(ListQuery(spec, actor, tuple(fields), in_bin=in_bin), ids)
    for row in (rows[id] for id in ids if id in rows):
        lines = [
            (str(field.label), text)
            for key, field in fields.items()
            if not is_empty(row.values.get(key)) and (text := str(field.show(row.values[key], ctx.reader)))
        ]
        yield Shown(str(spec.label), row.title, lines)
