"""ObjectSpec: a kind of thing people work with, declared once. Screens, filters, import, the API, permissions and the
conformance tests are all read from it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar, overload

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Message
from peyvand.platform.access.policies import OwnedRows, Policy, register_policy
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.aside import Aside
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Compound, Field, Instant, Link, Mark, Number, Text, UserLink
from peyvand.platform.identity.operations import declare_object, declare_verb
from peyvand.platform.objects.areas import Area
from peyvand.platform.objects.declarations import Board, Related, Section, StandardView
from peyvand.platform.objects.questions import question, questions_of
from peyvand.platform.schema.reading import Schema, Sections, open_schema, role_of_screens
from peyvand.platform.search.secrecy import declare
from peyvand.platform.workspaces.modules import belongs
from peyvand.platform.workspaces.records import Record

__all__ = [
    "Board", "ObjectSpec", "Prepare", "Related", "Section", "StandardView", "all_objects", "declared_objects", "extend",
    "find_object", "make_own_by", "object_at", "object_named", "register",
]  # fmt: skip

KindT = TypeVar("KindT", bound=Field)

Begin = Callable[[Context, Mapping[str, Any]], Mapping[str, Any]]
Keep = Callable[[Context, Sequence[Any]], None]
Prepare = Callable[[Context, Sequence[Any], Sequence[dict[str, Any]]], None]
Layouts = Mapping[str, Sections]
After = Callable[[Context, Sequence[Any], Sequence[Mapping[str, Any]], bool], None]


class Shape:
    """The fields of an object and what follows from them, worked out when first asked for."""

    def __init__(
        self, spec: ObjectSpec, custom: Sequence[InCustom] = (), pointing: Sequence[Related] = (), layouts: Layouts | None = None
    ) -> None:  # fmt: skip
        self.spec, self.custom_fields = spec, tuple(custom)
        self.own_fields = (*spec.fields, *custom)
        self.relations = (*spec.related, *pointing)
        self.layouts = layouts or {}

    @cached_property
    def all_fields(self) -> dict[str, Field]:
        system: list[Field] = [
            Text(
                key="external_id",
                label=_("External ID"),
                secondary=True,
                headers=("record id", "id", "شناسه"),
            ),
            Instant(
                key="created_at",
                label=_("Created at"),
                readonly=True,
                headers=(
                    "create date",
                    "created",
                    "created on",
                    "created date",
                    "date created",
                    "creation date",
                    "تاریخ ایجاد",
                    "زمان ایجاد",
                    "تاریخ ثبت",
                ),
            ),
            Instant(key="updated_at", label=_("Changed at"), readonly=True),
            UserLink(key="created_by", label=_("Created by"), readonly=True),
            Number(key="id", label=_("Number"), readonly=True, grouped=False),
        ]
        return {f.key: f for f in (*self.own_fields, *system)}

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        return tuple(f for f in self.all_fields.values() if not (f.is_compound or f.on_request))

    @cached_property
    def compound_fields(self) -> tuple[Compound, ...]:
        return tuple(f for f in self.all_fields.values() if isinstance(f, Compound))

    @cached_property
    def timeline_links(self) -> tuple[Link, ...]:
        return tuple(f for f in self.own_fields if isinstance(f, Link) and f.timeline)

    @cached_property
    def by_column(self) -> dict[str, Aside]:
        """The field without a column that a name in a query stands for: its value, or what it is sorted by."""
        aside = (f for f in self.all_fields.values() if isinstance(f, Aside))
        return {name: f for f in aside for name in (f.column, f.sort_column)}

    @cached_property
    def condition_schema(self) -> dict[str, FieldType]:
        paths = {key: f.type for key, f in self.all_fields.items()}
        paths |= {f.key: f.type for f in questions_of(self.spec)}
        for link in self.all_fields.values():
            if isinstance(link, Link) and (linked := find_object(link.to)):
                paths |= {
                    f"{link.key}.{key}": f.type
                    for key, f in linked.all_fields.items()
                    if not f.filters_itself
                }
        return paths

    @property
    def form_sections(self) -> tuple[Section, ...]:
        return self.laid_out(self.layouts.get(role_of_screens()) or self.layouts.get(""))

    def laid_out(self, layout: Sections | None) -> tuple[Section, ...]:
        """The sections of a layout, or without one as declared; custom fields that none names stand at the end."""
        if layout is not None:
            placed = {key for _, keys in layout for key in keys}
            chosen = [
                Section(label, tuple(k for k in keys if k in self.all_fields)) for label, keys in layout
            ]
        else:
            spec = self.spec
            chosen = list(spec.sections or (
                Section(spec.label, tuple(f.key for f in spec.fields if not f.readonly)),
            ))  # fmt: skip
            placed = {key for section in chosen for key in section.fields}
        rest: dict[str, list[str]] = {}
        for one in self.custom_fields:
            if one.key not in placed:
                rest.setdefault(one.defined.section, []).append(one.key)
        for n, section in enumerate(chosen):
            if more := rest.pop(str(section.label), None):
                chosen[n] = Section(section.label, (*section.fields, *more))
        chosen += [Section(label or _("Own fields"), tuple(keys)) for label, keys in rest.items()]
        return tuple(section for section in chosen if section.fields)


@dataclass(frozen=True, kw_only=True, eq=False)
class ObjectSpec:
    """See the module's docstring. Hooks work in sets: a single write is a set of one.

    ``prepare(ctx, records, values)`` completes or refuses records before they are saved: ``values[i]`` are the cleaned
    values about to be set on ``records[i]`` and on no other; it may settle them. ``after(ctx, records, values, created)`` writes
    what hangs on them.
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
    # The views that people expect of such records, before those that every object has.
    views: tuple[StandardView, ...] = ()
    # Keys of the dates from when until when such a record lasts.
    lasts: tuple[str, str] | None = None
    # The date on which a record ended after all: a timeline draws it until then, whatever had been planned.
    ended: str | None = None
    policy: Policy = field(default_factory=OwnedRows)
    base: Q | None = None
    default_sort: str = "-id"
    # Place in the sidebar; None keeps it out. ``shortcut`` is the letter after G.
    menu: int | None = None
    shortcut: str = ""
    # Where the sidebar and the way to its pages have it: «ارتباط‌ها ‹ اشخاص».
    area: Area | None = None
    # Belongs to whoever runs the workspace: no wildcard of a role grants anything on it.
    admin: bool = False
    in_search: bool = True
    # Its title is only the beginning of a text: it is found by that text, and not among names.
    found_by_text: bool = False
    has_bin: bool = True
    creatable: bool = True
    # False: what was recorded stays as it was, for anybody; it goes only with the record that it hangs on.
    changeable: bool = True
    # Key of the link to the person with whom it was exchanged: it is kept of them, whatever it is about.
    correspondent: str = ""
    # What tells its records apart at a glance.
    mark: Mark | None = None
    # What the form of a new record holds beyond the defaults of its fields, given what it is opened with.
    begin: Begin | None = None
    # Keys of fields that only mean something together: a merge takes all of them from one record.
    together: tuple[str, ...] = ()
    # Refuses to delete records that others still need.
    keep: Keep | None = None
    # Why a record is never deleted, from what it is by itself (an issued invoice): its page does not offer it, and whoever
    # asks all the same is told. None: it may go.
    stays: Callable[[Any], Message | None] | None = None
    prepare: Prepare | None = None
    after: After | None = None
    # Of a record just written, the fields whose changes its own facts tell: RecordUpdated marks them.
    told: Callable[[Any], Collection[str]] = lambda record: ()
    # Of a record, the fields whose values follow from others of it and so are not typed, with why.
    settled: Callable[[Any], Mapping[str, Message]] = lambda record: {}
    # Of a record, the fields that nobody writes any more, as what stands on an issued invoice: no page asks for them.
    fixed: Callable[[Any], Collection[str]] = lambda record: ()
    # Why they are fixed, and the verb by which one goes on ("revise"; empty: none): what the form says in their place.
    fixed_because: Callable[[Any], tuple[Message, str] | None] = lambda record: None

    @cached_property
    def declared(self) -> Shape:
        """What holds in every workspace."""
        return Shape(self)

    @property
    def shape(self) -> Shape:
        """What holds in the open workspace, with the fields and layouts that it defined for itself."""
        schema = open_schema()
        if schema.is_empty:
            return self.declared
        found: Shape | None = schema.shapes.get(self.key)
        if found is None:
            found = schema.shapes[self.key] = Shape(
                self,
                schema.fields.get(self.key, ()),
                _pointing_at(self.key, schema),
                schema.layouts.get(self.key, {}),
            )
        return found

    @property
    def all_fields(self) -> dict[str, Field]:
        """Declared fields, the workspace's own, then those that every record has."""
        return self.shape.all_fields

    @property
    def own_fields(self) -> tuple[Field, ...]:
        """Declared fields and the workspace's own."""
        return self.shape.own_fields

    @property
    def stored_fields(self) -> tuple[Field, ...]:
        return self.shape.stored_fields

    @property
    def custom_fields(self) -> tuple[InCustom, ...]:
        """Those that the open workspace added."""
        return self.shape.custom_fields

    @property
    def compound_fields(self) -> tuple[Compound, ...]:
        return self.shape.compound_fields

    @property
    def timeline_links(self) -> tuple[Link, ...]:
        return self.shape.timeline_links

    @property
    def condition_schema(self) -> dict[str, FieldType]:
        """Paths a filter may name, with their types: own fields, and fields of linked records one step away."""
        return self.shape.condition_schema

    @property
    def relations(self) -> tuple[Related, ...]:
        """Records of other objects shown on this one's page, those linked by the workspace's own fields too."""
        return self.shape.relations

    @property
    def can_own(self) -> bool:
        return "owner" in self.declared.all_fields

    @property
    def form_sections(self) -> tuple[Section, ...]:
        """The sections of page and form, as the role that looks has them."""
        return self.shape.form_sections

    @property
    def list_columns(self) -> tuple[str, ...]:
        return self.columns or tuple(f.key for f in self.own_fields if not f.secondary)[:6]

    @property
    def rows(self) -> QuerySet[Any]:
        """All of the object's records in the open workspace, those in the bin too."""
        return self.model.objects.all() if self.base is None else self.model.objects.filter(self.base)

    @cached_property
    def standard_views(self) -> dict[str, StandardView]:
        """The views that this object comes with, by key: its own, then what holds for every object of the menu."""
        found = {view.key: view for view in self.views}
        if self.menu is not None:
            if self.can_own:
                mine = {"field": "owner", "op": "is", "value": "me"}
                found.setdefault("mine", StandardView("mine", _("Mine"), mine))
            lately = {"field": "updated_at", "op": "within", "value": {"last": 7, "unit": "day"}}
            found.setdefault("recent", StandardView("recent", _("Recently changed"), lately, "-updated_at"))
        return found

    def permission(self, verb: str) -> str:
        return f"{self.key}.{verb}"

    @overload
    def field(self, key: str) -> Field: ...
    @overload
    def field(self, key: str, kind: type[KindT]) -> KindT: ...
    def field(self, key: str, kind: type[Field] = Field) -> Field:
        """The field with this key, or what conditions may ask under it; ``kind`` is what whoever asks knows it to be.

        Raises:
            KeyError: there is neither. TypeError: it is of another kind.
        """
        found = self.all_fields.get(key) or question(self, key)
        if found is None:
            raise KeyError(key)
        if not isinstance(found, kind):
            raise TypeError(f"{self.key}.{key} is no {kind.__name__}")
        return found


_objects: dict[str, ObjectSpec] = {}
_CHANGING = ("update", "delete", "share")
# Makes the specs of a schema's custom objects. Those are ObjectSpecs, so the module that makes them (own) stands above this
# one and says itself how; held in a list, like all that a module above says.
_make_own: list[Callable[[Schema], dict[str, ObjectSpec]]] = []
OWN = ("own objects",)


def own_objects() -> dict[str, ObjectSpec]:
    """The open workspace's own objects, by key."""
    schema = open_schema()
    if not schema.objects:
        return {}
    found: dict[str, ObjectSpec] | None = schema.shapes.get(OWN)
    if found is None:
        found = schema.shapes[OWN] = _make_own[0](schema)
    return found


def make_own_by(make: Callable[[Schema], dict[str, ObjectSpec]]) -> None:
    """Say how the objects that a workspace defined become specs."""
    _make_own[:] = [make]


def _pointing_at(key: str, schema: Schema) -> list[Related]:
    """Records of other objects that point at this one by a custom link."""
    return [
        Related(object_key, f.key)
        for object_key, fields in schema.fields.items()
        for f in fields
        if isinstance(f, Link) and f.to == key and f.to != "user" and find_object(object_key)
    ]


def register(spec: ObjectSpec) -> ObjectSpec:
    """Make an object known to every toolkit."""
    if spec.key in _objects or any(o.plural == spec.plural for o in _objects.values()):
        raise ValueError(f"object {spec.key} or its plural {spec.plural} is declared twice")
    if spec.title not in {f.attr for f in spec.fields} | {f.key for f in spec.fields}:
        raise ValueError(f"object {spec.key} has no field for its title {spec.title}")
    _objects[spec.key] = spec
    register_policy(spec.key, spec.policy)
    declare_object(spec.key, admin=spec.admin, without=() if spec.changeable else _CHANGING)
    if spec.has_bin:
        # What is purged nobody brings back.
        declare_verb(spec.permission("purge"), admin=True)
    belongs(spec.key, spec.model._meta.app_label)
    _declare_search(spec)
    return spec


def extend(
    spec: ObjectSpec, *fields: Field, related: Sequence[Related] = (), keep: Keep | None = None
) -> None:
    """Give an object of a slice beneath more fields, that this slice reads and keeps. They say with ``gathers`` what of
    this slice's they tell, so that they are gone where its module is off. ``related``: records of this slice that its
    pages show. ``keep`` refuses to delete records that this slice still needs.

    Raises:
        ValueError: there is such a field already.
    """
    if {f.key for f in spec.fields} & {f.key for f in fields}:
        raise ValueError(f"a field of {spec.key} is declared twice")
    # Told once, while slices are loaded: from then on it is as fixed as what the object says itself.
    object.__setattr__(spec, "fields", (*spec.fields, *fields))
    object.__setattr__(spec, "related", (*spec.related, *related))
    if keep is not None:
        object.__setattr__(spec, "keep", _all_of(*filter(None, (spec.keep, keep))))
    vars(spec).pop("declared", None)
    _declare_search(spec)


def _all_of(*rules: Keep) -> Keep:
    def keep(ctx: Context, records: Sequence[Any]) -> None:
        for rule in rules:
            rule(ctx, records)

    return keep


def _declare_search(spec: ObjectSpec) -> None:
    declare(
        spec.key,
        {f.key for f in spec.all_fields.values() if f.search} | {spec.subtitle},
        {f.key for f in spec.all_fields.values() if isinstance(f, Compound) and f.holds_tags},
    )


def object_named(key: str) -> ObjectSpec:
    """The object with this key, declared or the open workspace's own.

    Raises:
        KeyError: there is none.
    """
    spec = find_object(key)
    if spec is None:
        raise KeyError(key)
    return spec


def find_object(key: str) -> ObjectSpec | None:
    return _objects.get(key) or own_objects().get(key)


def object_at(plural: str) -> ObjectSpec | None:
    """The object whose addresses carry this plural ("people")."""
    return next((spec for spec in all_objects() if spec.plural == plural), None)


def all_objects() -> list[ObjectSpec]:
    """Every declared object, then those that the open workspace made for itself."""
    return [*_objects.values(), *own_objects().values()]


def declared_objects() -> list[ObjectSpec]:
    """The objects that every workspace has."""
    return list(_objects.values())
