"""Every text and every JSON of a workspace, looked through for the marks of a person, which are taken out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from peyvand.administration.governance.marks import PUT_INSTEAD, Marks
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import all_objects
from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel
from peyvand.platform.workspaces.records import Record
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.platform.workspaces.security import workspace_tables

# Made from the rest; who is called so is nobody else's to lose; what files say stays with the file and is told of.
_DERIVED: Final = {"search_entry", "search_text", "search_word"}
_TOLD: Final = {("file_text", "text")}
_NAMES: Final = {
    ("person", "name"), ("person", "given_name"), ("person", "family_name"), ("company", "name"),
    ("app_user", "name"), ("audit_entry", "actor_name"),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A column that may hold text."""

    model: type[WorkspaceModel]
    column: str
    is_json: bool

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def pattern(self, marks: Marks) -> str:
        """One pattern of all that is looked for here; empty: nothing."""
        name = marks.name if (self.table, self.column) not in _NAMES else ""
        return "|".join(part for part in (*marks.certain, name) if part)


def text_places() -> Iterator[Place]:
    """Every column of a workspace's tables that may hold somebody's words, those made from others aside."""
    for model in workspace_tables():
        if model._meta.db_table in _DERIVED:
            continue
        for field in model._meta.local_concrete_fields:
            if field.generated or isinstance(field, WorkspaceForeignKey | ArrayField):
                continue
            if isinstance(field, models.JSONField | models.CharField | models.TextField):
                yield Place(model, str(field.column), isinstance(field, models.JSONField))


def sweep(ctx: Context, marks: Marks) -> dict[str, int]:
    """Take the marks out of every text and JSON; return how many rows were changed, by table."""
    out: dict[str, int] = {}
    for place in text_places():
        if (place.table, place.column) in _TOLD or not (pattern := place.pattern(marks)):
            continue
        if count := _take_out(ctx, place, pattern):
            out[place.table] = out.get(place.table, 0) + count
    return out


def left(marks: Marks) -> dict[str, int]:
    """Where marks are still to be found: how many rows, by "table.column"."""
    out = {}
    for place in text_places():
        if pattern := "|".join(part for part in (place.pattern(marks), *marks.told) if part):
            sql = f'select count(*) from "{place.table}" where workspace_id = %s and "{place.column}"::text ~* %s'  # noqa: S608 names of models
            if count := _rows(sql, [current_workspace_id(), pattern])[0][0]:
                out[f"{place.table}.{place.column}"] = int(count)
    return out


def _take_out(ctx: Context, place: Place, pattern: str) -> int:
    said = re.compile(pattern, re.IGNORECASE)
    found = _rows(
        f'select ctid::text, "{place.column}"::text, {_id(place.model)} from "{place.table}" '  # noqa: S608 names of models
        f'where workspace_id = %s and "{place.column}"::text ~* %s for update',
        [current_workspace_id(), pattern],
    )
    if not found:
        return 0
    raised = ", version = t.version + 1" if issubclass(place.model, Record) else ""
    cast = "::jsonb" if place.is_json else ""
    new = [
        json.dumps(_without(json.loads(text), said), ensure_ascii=False) if place.is_json else said.sub(PUT_INSTEAD, text)
        for _, text, _ in found
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f'update "{place.table}" t set "{place.column}" = v.new{cast}{raised} from unnest(%s::text[], %s::text[]) v(place, new) '  # noqa: S608 names of models
            "where t.ctid = v.place::tid and t.workspace_id = %s",
            [[row for row, _, _ in found], new, current_workspace_id()],
        )
    for spec in all_objects():
        if spec.model is place.model:
            ctx.touch(
                spec.key, *spec.rows.filter(id__in=[id for *_, id in found]).values_list("id", flat=True)
            )
    return len(found)


def _without(value: Any, said: re.Pattern[str]) -> Any:
    if isinstance(value, str):
        return said.sub(PUT_INSTEAD, value)
    if isinstance(value, list):
        return [_without(each, said) for each in value]
    if isinstance(value, dict):
        return {said.sub(PUT_INSTEAD, key): _without(each, said) for key, each in value.items()}
    return value


def _id(model: type[WorkspaceModel]) -> str:
    return "0" if isinstance(model._meta.pk, models.CompositePrimaryKey) else "id"


def _rows(sql: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
