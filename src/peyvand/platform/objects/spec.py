"""ObjectSpec: a kind of thing people work with, declared once. Screens, filters, import, the API, permissions and the
conformance tests are all read from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.conditions import FieldType
from peyvand.platform.access.policies import OwnedRows, Policy, register_policy
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, Field, Instant, Link, Number, Text, UserLink
from peyvand.platform.search.secrecy import declare
from peyvand.platform.workspaces.modules import belongs
from peyvand.platform.workspaces.records import Record

Changes = Mapping[int, Mapping[str, Any]]
Keep = Callable[[Context, Sequence[Any]], None]
Prepare = Callable[[Context, Sequence[Any], Sequence[Mapping[str, Any]]], None]
After = Callable[[Context, Sequence[Any], Sequence[Mapping[str, Any]], bool], None]


@dataclass(frozen=True)
class Board:
    """A board of this object: one column for each value of ``by``; ``amount`` is summed in the heads."""

    by: str
    amount: str = ""


@dataclass(frozen=True)
class Section:
    """A titled group of fields on the record page and the form."""

    label: str | Promise
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Related:
    """Records of another object shown on this one's page: those whose ``via`` field points here."""

    object: str
    via: str
    label: str | Promise = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectSpec:
    """See the module's docstring. Hooks work in sets: a single write is a set of one.

    ``prepare(ctx, records, values)`` completes or refuses records before they are saved: ``values[i]`` are the cleaned
    values about to be set on ``records[i]``. ``after(ctx, records, values, created)`` writes what hangs on them.
    """

    key: str
    plural: str
    model: type[Record]
    label: str | Promise
    label_plural: str | Promise
    icon: str
    fields: tuple[Field, ...]
    title: str = "name"
    # Key of the field shown beside the title in search results and pickers.
    subtitle: str = ""
    columns: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    related: tuple[Related, ...] = ()
    board: Board | None = None
    policy: Policy = field(default_factory=OwnedRows)
    base: Q | None = None
    default_sort: str = "-id"
    # Place in the sidebar; None keeps it out. ``shortcut`` is the letter after G.
    menu: int | None = None
    shortcut: str = ""
    # Groups the sidebar's breadcrumb: «ارتباط‌ها ‹ اشخاص».
    group: str | Promise = ""
    in_search: bool = True
    has_bin: bool = True
    creatable: bool = True
    # Refuses to delete records that others still need.
    keep: Keep | None = None
    prepare: Prepare | None = None
    after: After | None = None
    # Of a record just written, the fields whose changes its own facts tell: RecordUpdated is silent about them.
    told: Callable[[Any], Collection[str]] = lambda record: ()

    @cached_property
    def all_fields(self) -> dict[str, Field]:
        """Declared fields, then those that every record has."""
        system: list[Field] = [
            Text(
                key="external_id",
                label=_("External ID"),
                secondary=True,
                headers=("record id", "id", "شناسه"),
            ),
            Instant(key="created_at", label=_("Created at"), readonly=True),
            Instant(key="updated_at", label=_("Changed at"), readonly=True),
            UserLink(key="created_by", label=_("Created by"), readonly=True),
            Number(key="id", label=_("Number"), readonly=True, grouped=False),
        ]
        return {f.key: f for f in (*self.fields, *system)}

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.all_fields.values() if not f.is_compound)

    @cached_property
    def compound_fields(self) -> tuple[Compound, ...]:
        return tuple(f for f in self.all_fields.values() if isinstance(f, Compound))

    @cached_property
    def timeline_links(self) -> tuple[Link, ...]:
        return tuple(f for f in self.fields if isinstance(f, Link) and f.timeline)

    @cached_property
    def condition_schema(self) -> dict[str, FieldType]:
        """Paths a filter may name, with their types: own fields, and fields of linked records one step away."""
        paths = {key: f.type for key, f in self.all_fields.items()}
        for link in self.all_fields.values():
            if isinstance(link, Link) and (linked := find_object(link.to)):
                paths |= {
                    f"{link.key}.{key}": f.type
                    for key, f in linked.all_fields.items()
                    if not f.filters_itself
                }
        return paths

    @property
    def can_own(self) -> bool:
        return "owner" in self.all_fields

    @cached_property
    def form_sections(self) -> tuple[Section, ...]:
        return self.sections or (Section(self.label, tuple(f.key for f in self.fields if not f.readonly)),)

    @cached_property
    def list_columns(self) -> tuple[str, ...]:
        return self.columns or tuple(f.key for f in self.fields if not f.secondary)[:6]

    def permission(self, verb: str) -> str:
        return f"{self.key}.{verb}"

    def field(self, key: str) -> Field:
        return self.all_fields[key]


_objects: dict[str, ObjectSpec] = {}


def register(spec: ObjectSpec) -> ObjectSpec:
    """Make an object known to every toolkit."""
    if spec.key in _objects or any(o.plural == spec.plural for o in _objects.values()):
        raise ValueError(f"object {spec.key} or its plural {spec.plural} is declared twice")
    if spec.title not in {f.attr for f in spec.fields} | {f.key for f in spec.fields}:
        raise ValueError(f"object {spec.key} has no field for its title {spec.title}")
    _objects[spec.key] = spec
    register_policy(spec.key, spec.policy)
    belongs(spec.key, spec.model._meta.app_label)
    declare(spec.key, {f.key for f in spec.all_fields.values() if f.search} | {spec.subtitle})
    return spec


def object_named(key: str) -> ObjectSpec:
    return _objects[key]


def find_object(key: str) -> ObjectSpec | None:
    return _objects.get(key)


def object_at(plural: str) -> ObjectSpec | None:
    """The object whose addresses carry this plural ("people")."""
    return next((spec for spec in _objects.values() if spec.plural == plural), None)


def all_objects() -> list[ObjectSpec]:
    return list(_objects.values())
