"""What a workspace defined for itself: its own fields, objects and layouts, as one value for as long as nothing changes.

A change of a definition raises the workspace's ``access_version``, which every request reads anyway; so a process keeps
what it once read under that number, and a workspace that defined nothing pays one look into the open scope.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.custom import Definition, InCustom, spoken
from peyvand.platform.fields.kinds import custom_field
from peyvand.platform.fields.types import Label
from peyvand.platform.identity.actor import ACCESS_VERSION, UNCOMMITTED
from peyvand.platform.workspaces.scope import current_workspace_id, held

SCHEMA, ROLE = "schema", "role"
Sections = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class ObjectDefinition:
    """A custom object as its workspace defined it."""

    id: int
    key: str
    plural: str
    labels: Mapping[str, str]
    plural_labels: Mapping[str, str]
    title_labels: Mapping[str, str]
    icon: str
    position: int
    board_by: str

    @property
    def label(self) -> Label:
        return spoken(self.labels)


@dataclass(frozen=True, eq=False)
class Schema:
    """All that a workspace defined, the archived left out. ``version`` is the access_version it was read under."""

    version: int = 0
    fields: Mapping[str, tuple[InCustom, ...]] = field(default_factory=dict)
    objects: tuple[ObjectDefinition, ...] = ()
    # By object, then by role; "" for every other role.
    layouts: Mapping[str, Mapping[str, Sections]] = field(default_factory=dict)
    # What others work out from this once (objects/spec).
    shapes: dict[Any, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.fields or self.objects or self.layouts)

    def definitions(self) -> list[Definition]:
        """Every field's definition."""
        return [one.defined for fields in self.fields.values() for one in fields]


NOTHING = Schema()


def open_schema() -> Schema:
    """The schema of the open workspace; an empty one where no scope is open."""
    known = held()
    if known is None:
        return NOTHING
    found: Schema | None = known.get(SCHEMA)
    if found is None:
        workspace_id = current_workspace_id()
        version = known.get(ACCESS_VERSION)
        if version is None:
            ((version,),) = fetch(
                "select access_version from workspace where id = %s::bigint", [workspace_id]
            )
            known[ACCESS_VERSION] = version
        found = known[SCHEMA] = schema_at(workspace_id, version)
    return found


def schema_at(workspace_id: int, version: int) -> Schema:
    """The open workspace's schema under this access_version, whatever the scope has read before."""
    read = _read.__wrapped__ if UNCOMMITTED in (held() or ()) else _read
    return read(workspace_id, version)


def schema_version() -> int:
    """What kept statements about the open workspace depend on: it changes whenever a definition does."""
    schema = open_schema()
    return 0 if schema.is_empty else schema.version


def role_of_screens() -> str:
    """The role whose layouts hold in the open scope; empty where nobody looks."""
    known = held()
    return str(known.get(ROLE, "")) if known is not None else ""


def shown_to(role: str) -> None:
    """Say whose screens the open scope draws."""
    known = held()
    if known is not None:
        known[ROLE] = role


_FIELDS = ("id", "object", "key", "kind", "labels", "help", "config", "is_required", "is_unique", "default", "section",
           "position", "visible_when")  # fmt: skip
_OBJECTS = ("id", "key", "plural", "labels", "plural_labels", "title_labels", "icon", "position", "board_by")
_READ = f"""
select (select json_agg(json_build_array({", ".join(f'f."{c}"' for c in _FIELDS)}) order by f.position, f.id) from custom_field f
        where f.workspace_id = %s::bigint and f.archived_at is null)::text,
       (select json_agg(json_build_array({", ".join(f'o."{c}"' for c in _OBJECTS)}) order by o.position, o.id) from custom_object o
        where o.workspace_id = %s::bigint and o.archived_at is null)::text,
       (select json_agg(json_build_array(l.object, l.role, l.sections)) from layout l where l.workspace_id = %s::bigint)::text
"""  # noqa: S608 made of our own names


@lru_cache(maxsize=1024)
def _read(workspace_id: int, version: int) -> Schema:
    ((fields, objects, layouts),) = fetch(_READ, [workspace_id] * 3)
    if fields is None and objects is None and layouts is None:
        return NOTHING
    of: dict[str, list[InCustom]] = defaultdict(list)
    for row in json.loads(fields or "[]"):
        defined = Definition(**dict(zip(_FIELDS, row, strict=True)))
        of[defined.object].append(custom_field(defined))
    placed: dict[str, dict[str, Sections]] = defaultdict(dict)
    for object_key, role, sections in json.loads(layouts or "[]"):
        placed[object_key][role] = tuple((label, tuple(keys)) for label, keys in sections)
    return Schema(
        version,
        {key: tuple(found) for key, found in of.items()},
        tuple(
            ObjectDefinition(**dict(zip(_OBJECTS, row, strict=True))) for row in json.loads(objects or "[]")
        ),
        placed,
    )
