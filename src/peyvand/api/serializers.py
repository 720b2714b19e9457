"""Records as JSON: which columns a set of fields needs, and how their values are written, worked out once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.platform.fields.masks import masked_json
from peyvand.platform.fields.types import Compound, Day, Field, Instant, Link, Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, fetch_several, fetch_value, fetch_values
from peyvand.platform.objects.sight import named, without_names
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.schema.reading import schema_version
from peyvand.platform.workspaces.scope import current_workspace_id

Item = dict[str, Any]


class Serializer:
    """Writes the records of one object with these fields. Items carry id, version and title beside them.

    Values that JSON knows as they are stand first in a row, so that most of an item is made by one ``zip``.
    """

    def __init__(
        self, spec: ObjectSpec, fields: Sequence[Field], masks: frozenset[str] = frozenset()
    ) -> None:
        self.spec = spec
        self.masked = [f for f in fields if f.key in masks]
        plain = [f for f in fields if _is_plain(f) and f.key != "id"]
        self.links = [f for f in fields if isinstance(f, Link) and not f.untitled]
        self.others = [f for f in fields if f.columns() and f not in self.links and not _is_plain(f)]
        self.loaded = [f for f in fields if isinstance(f, Compound) and not f.columns()]
        self.abouts = [f for f in self.others if f.untitled]
        # A field called title is the object's own word and keeps its place.
        self.names = ("id", "version", "title", *(f.key for f in plain))
        self.width = len(self.names)
        self.columns = (
            "id", "version", spec.title, *(f.column for f in plain),
            *(c for f in self.links for c in f.columns()[:2]), *(c for f in self.others for c in f.columns()),
        )  # fmt: skip
        self.keys = tuple(f.key for f in fields)

    def page(self, query: ListQuery, after: str | None, limit: int) -> tuple[list[Item], str | None]:
        found, cursor = fetch_values(query, self.columns, after, limit)
        return self.items(found, query.actor), cursor

    def one(self, actor: Actor, id: int, *, in_bin: bool = False) -> Item:
        """One record.

        Raises:
            NotFound: there is none, or the actor may not see it.
        """
        query = ListQuery(self.spec, actor, self.keys, in_bin=in_bin)
        return self.items([fetch_value(query, self.columns, id)], actor)[0]

    def several(self, actor: Actor, ids: Sequence[int]) -> list[Item]:
        """Those of the records that the actor may see, in no particular order."""
        return self.items(fetch_several(ListQuery(self.spec, actor, self.keys), self.columns, ids), actor)

    def items(self, found: Sequence[tuple[Any, ...]], actor: Actor) -> list[Item]:
        items = [dict(zip(self.names, values, strict=False)) for values in found]
        at = self.width
        for link in self.links:
            for item, values in zip(items, found, strict=True):
                id = values[at]
                item[link.key] = None if id is None else {"id": id, "title": values[at + 1] or ""}
            at += 2
        for field in self.others:
            width = len(field.columns())
            for item, values in zip(items, found, strict=True):
                item[field.key] = field.from_columns(values[at : at + width])
            at += width
        if items:
            self._finish(items, actor)
        for hidden in self.masked:
            for item in items:
                item[hidden.key] = masked_json(hidden, item[hidden.key])
        return items

    def _finish(self, items: list[Item], actor: Actor) -> None:
        if self.abouts:
            found = named(actor, [ref for f in self.abouts for item in items if (ref := item[f.key])])
            for field in self.abouts:
                for item in items:
                    about: Ref | None = item[field.key]
                    item[field.key] = found[about] if about else None
        for other in self.others:
            for item in items:
                item[other.key] = other.to_json(item[other.key])
        for compound in self.loaded:
            loaded = without_names(actor, compound, compound.load([item["id"] for item in items]))
            for item in items:
                item[compound.key] = compound.to_json(loaded.get(item["id"], compound.empty()))


def _is_plain(field: Field) -> bool:
    """Whether the column's value is the JSON value; orjson writes dates and instants by itself."""
    kind = type(field)
    writes = kind.to_json in (Field.to_json, Day.to_json, Instant.to_json)
    return (
        writes
        and kind.columns is Field.columns
        and kind.from_columns is Field.from_columns
        and not field.is_compound
    )


def serializer(spec: ObjectSpec, actor: Actor, asked: str = "", *, single: bool = False) -> Serializer:
    """For the fields that are asked for and the actor may see. Without asking: all stored fields, and on single reads
    compound ones too; in a list each compound costs work for every row, so they come only when asked for.

    Raises:
        Invalid: a field that does not exist.
    """
    version = schema_version()
    own = (current_workspace_id(), version) if version else None
    masks = actor.grants.masks(spec.key)
    return _serializer(spec, actor.grants.hides(spec.key) - masks, masks, asked, single, own)


@lru_cache(maxsize=1024)
def _serializer(
    spec: ObjectSpec,
    hidden: frozenset[str],
    masks: frozenset[str],
    asked: str,
    single: bool,
    own: tuple[int, int] | None,
) -> Serializer:
    keys = list(dict.fromkeys(filter(None, (k.strip() for k in asked.split(",")))))
    known = spec.all_fields.keys() | set(ALWAYS)
    if unknown := [k for k in keys if k not in known]:
        raise Invalid(
            Problem("fields", msg("There is no field “%(name)s”.", name=k), "unknown")
            for k in unknown[:MOST_NAMED]
        )
    if keys:
        chosen: list[Field] = [spec.field(k) for k in keys if k in spec.all_fields]
    else:
        chosen = [f for f in spec.all_fields.values() if single or not (f.is_compound or f.on_request)]
    return Serializer(spec, [f for f in chosen if f.key not in hidden], masks)


ALWAYS = ("id", "version", "title")
# So many of the names that mean nothing are told of.
MOST_NAMED = 20
