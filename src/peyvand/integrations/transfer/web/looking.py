"""What a person is shown of their files before they are imported, and the mapping that their answers come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.integrations.transfer.actions import paths_of
from peyvand.integrations.transfer.consenting import may_speak
from peyvand.integrations.transfer.heads import FIELD_NAMES
from peyvand.integrations.transfer.kept import kept_for, proposal
from peyvand.integrations.transfer.links import Links
from peyvand.integrations.transfer.mapping import (
    NEW,
    TITLE,
    TITLE_AND_COMPANY,
    MappingFile,
    Shape,
    mapping_of,
    shapes_of,
    with_fixes,
)
from peyvand.integrations.transfer.models import ImportMapping, ImportRun
from peyvand.integrations.transfer.own import KINDS, PERMISSION, kind_of, offers
from peyvand.integrations.transfer.products import product_of
from peyvand.integrations.transfer.reading import CARDS, WORKBOOKS, Row, Table, open_tables
from peyvand.integrations.transfer.recognition import BESIDE, EXTERNAL, importable, target_field
from peyvand.integrations.transfer.vcards import CALLED
from peyvand.integrations.transfer.web.proposing import proposals, with_proposals
from peyvand.integrations.transfer.web.sampling import Line, ValueMap, lines_of, value_maps
from peyvand.kernel.errors import Invalid, Message, PeyvandError, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, Label, Link
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.web.components.rows import LABELS, PARTS

_SAMPLES: Final = 3
_PARTS: Final = {**LABELS, **dict(PARTS)}
# How a text file may be written; what is recognised may be a kind of one of these.
ENCODINGS: Final = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "cp1256": "Windows-1256", "iso-8859-1": "ISO-8859-1",
}  # fmt: skip
_KINDS_OF: Final = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}
# So many rows are looked at for samples and for the words that a column holds.
LOOKED_AT: Final = 2000
# What may stand beside the object of the rows.
ASIDE: Final = ("company", "person", "product", "deal")


@dataclass(frozen=True)
class Choice:
    """One thing that may be chosen."""

    target: str
    label: Label
    part: Label = ""

    @property
    def kind(self) -> str:
        """Of a field that may be made."""
        return self.target.partition("+")[2]


@dataclass(frozen=True)
class Group:
    """Meanings of one object; ``key`` is empty for the object that each row is."""

    key: str
    label: Label
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Head:
    """A column: its head, a few of its cells, what it means (empty: it is passed over), and when it is written."""

    name: str
    samples: tuple[str, ...]
    target: str = ""
    rule: str = ""
    # Of a field that is to be made: its name; and of which kind the cells look.
    label: str = ""
    kind: str = ""
    # What people call it, where the head is a program's word; and whether a card has it at all.
    title: Label = ""
    is_absent: bool = False

    @property
    def called(self) -> Label:
        return self.title or self.name

    @property
    def is_new(self) -> bool:
        return "+" in self.target


@dataclass
class Look:
    """One table. ``problem`` is why it is not understood yet."""

    name: str
    object: str = ""
    # Whose export it is, where that was recognised.
    product: str = ""
    heads: list[Head] = field(default_factory=list)
    objects: list[ObjectSpec] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    # Of which objects a column may become a new field, and the kinds.
    news: list[Group] = field(default_factory=list)
    matches: list[Choice] = field(default_factory=list)
    match: str = ""
    maps: list[ValueMap] = field(default_factory=list)
    # Kinds of records that may be made where a row names one that is not there, and whether they are.
    creates: list[tuple[ObjectSpec, bool]] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    kept: list[ImportMapping] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    rows: int = 0
    told: dict[str, Any] = field(default_factory=dict)
    problem: Message | None = None

    @property
    def has_new(self) -> bool:
        return any(head.is_new for head in self.heads)

    @property
    def is_text(self) -> bool:
        return bool(self.encoding)

    @property
    def encodings(self) -> list[tuple[str, str]]:
        """How the file may be written, by the names that people know; the one that was recognised among them."""
        kind = _KINDS_OF.get(self.encoding, self.encoding)
        return [(self.encoding if key == kind else key, name) for key, name in ENCODINGS.items()]

    @property
    def taken(self) -> list[tuple[int, Head]]:
        """The columns that are imported, with their places."""
        return [(place, head) for place, head in enumerate(self.heads) if head.target]

    @property
    def faults(self) -> int:
        return sum(line.is_bad for line in self.lines)


def look_at(ctx: Context, run: ImportRun, told: Mapping[str, Any], *, closely: bool = True) -> list[Look]:
    """Every table of a run's files, as the mapping and the heads say. ``closely``: with samples and the words of columns."""
    mapping, looks = mapping_of({"files": told.get("files", {})}), []
    for path in paths_of(ctx.tenant.id, run):
        looks += _looks(ctx, path, mapping, closely)
    return looks


def told_by(looks: Sequence[Look]) -> dict[str, Any]:
    """The mapping that looks come to, every column said."""
    return {"files": {look.name: look.told for look in looks if look.object}}


def _looks(ctx: Context, path: Path, mapping: MappingFile, closely: bool) -> list[Look]:
    said = mapping.of_path(path)
    try:
        tables = open_tables(path, encoding=said.get("encoding", ""), delimiter=said.get("delimiter", ""))
    except (Invalid, OSError) as error:
        reason = error.problems[0].message if isinstance(error, Invalid) else None
        return [Look(path.name, problem=reason or msg("The file cannot be read."))]
    return [_look(ctx, table, dict(mapping.of(table)), closely) for table in tables]


def _look(ctx: Context, table: Table, told: dict[str, Any], closely: bool) -> Look:
    look = Look(table.name, objects=importable())
    if table.path.suffix.lower() not in WORKBOOKS | {CARDS}:
        look.encoding, look.delimiter = table.encoding, table.delimiter
    look.kept = kept_for(table.headers)
    told = told or proposal(look.kept, table.headers) or _beginning(table)
    known = product_of(table.headers, str(told.get("object", "")))
    look.product = known.product if known else ""
    shapes: list[Shape] = []
    try:
        shapes = shapes_of(table, told)
    except PeyvandError as error:
        look.problem = error.problems[0].message if isinstance(error, Invalid) else error.message
    table = with_fixes(table, told)
    rows = list(islice(table.rows(), LOOKED_AT)) if closely else []
    links, found = Links(ctx), dict[str, dict[str, str]]()
    if closely and shapes and (found := proposals(links, shapes[-1], rows, told.get("values", {}))):
        told = with_proposals(told, found)
        shapes = shapes_of(table, told)
    _name_heads(ctx, look, table, shapes, rows)
    if shapes:
        _explain(ctx, look, shapes, told)
        if closely:
            look.maps = value_maps(links, shapes, rows, found)
            look.lines = lines_of(links, shapes, rows)
    return look


def _beginning(table: Table) -> dict[str, Any]:
    """What is proposed before anybody said a word: of cards, people and their companies; else what several objects' heads say."""
    if table.path.suffix.lower() == CARDS:
        return {"object": "person", "also": {"company": {"columns": {"Company": "name"}}}}
    return {}


def _name_heads(ctx: Context, look: Look, table: Table, shapes: Sequence[Shape], rows: Sequence[Row]) -> None:
    meant = {
        column.header: (
            f"{shape.spec.key}:{column.target}" if shape.is_aside else column.target,
            column.rule,
            str(column.field.label) if column.new else "",
        )
        for shape in shapes
        for column in shape.columns
    }
    is_card = table.path.suffix.lower() == CARDS
    readable = [row.cells for row in rows[: None if is_card else 200] if row.problem is None]
    for place, name in enumerate(table.headers):
        cells = dict.fromkeys(str(row[place]) for row in readable if row[place])
        target, rule, label = meant.get(name, ("", "", ""))
        kind = kind_of([row[place] for row in readable], ctx.reader) if label or not target else ""
        title, is_absent = CALLED.get(name, "") if is_card else "", is_card and not cells
        look.heads.append(
            Head(name, tuple(islice(cells, _SAMPLES)), target, rule, label, kind, title, is_absent)
        )


def _explain(ctx: Context, look: Look, shapes: Sequence[Shape], told: Mapping[str, Any]) -> None:
    main = shapes[-1]
    spec = main.spec
    look.object, look.match = spec.key, ",".join(main.match)
    look.groups = [Group("", spec.label, _choices(ctx, spec))]
    linked = {f.to for f in spec.all_fields.values() if isinstance(f, Link) and not f.readonly}
    for key in ASIDE:
        other = find_object(key)
        if other and key != spec.key and key in linked | {s.spec.key for s in shapes} and other.creatable:
            choices = tuple(Choice(f"{key}:{c.target}", c.label, c.part) for c in _choices(ctx, other))
            look.groups.append(Group(key, other.label, choices))
    if decide(ctx.actor, PERMISSION):
        look.news = [_news(shape) for shape in (main, *shapes[:-1]) if offers(shape.spec)]
    look.matches = _ways(spec, main)
    wanted = {f.to for shape in shapes for c in shape.columns if isinstance(f := c.field, Link)}
    if main.has("lines"):
        wanted.add("product")
    makeable = [
        find_object(key) for key in ("company", "product", "stage", "user", "team", "tag") if key in wanted
    ]
    look.creates = [(one, one.key in main.create) for one in makeable if one]
    look.told = _whole(look, told)


def _news(shape: Shape) -> Group:
    key = shape.spec.key if shape.is_aside else ""
    choices = tuple(Choice(f"{key}:+{kind}" if key else f"+{kind}", label) for kind, label in KINDS.items())
    return Group(key, shape.spec.label, choices)


def entry_of(target: str, rule: str, times: Any, label: str) -> dict[str, Any]:
    """What a mapping says of a column that is taken."""
    if target.startswith("+"):
        return {"new": target[1:], **({"label": label} if label else {})}
    return {"field": target, **({"rule": rule} if rule else {}), **({"times": times} if times else {})}


def times_of(told: Mapping[str, Any], header: str) -> Any:
    before = told.get("columns", {}).get(header)
    return before.get("times") if isinstance(before, Mapping) else None


def _whole(look: Look, told: Mapping[str, Any]) -> dict[str, Any]:
    """What is told with every column said, so that nothing is recognised otherwise later."""
    own: dict[str, Any] = {}
    also: dict[str, dict[str, Any]] = {}
    for head in look.heads:
        if not head.name:
            continue
        key, colon, target = head.target.partition(":")
        entry = entry_of(target if colon else head.target, head.rule, times_of(told, head.name), head.label)
        if colon:
            also.setdefault(key, {"columns": {}})["columns"][head.name] = entry
        else:
            own[head.name] = entry if head.target else None
    for key, part in also.items():
        part.update({k: v for k, v in told.get("also", {}).get(key, {}).items() if k != "columns"})
    kept = {k: v for k, v in told.items() if k not in ("object", "columns", "also")}
    return {**kept, "object": look.object, "columns": own, **({"also": also} if also else {})}


def _choices(ctx: Context, spec: ObjectSpec) -> tuple[Choice, ...]:
    choices = []
    parts = [name for name in FIELD_NAMES.get(spec.key, {}) if "." in name]
    beside = BESIDE.get(spec.key, {}) if spec.key != "person" or may_speak(ctx.actor) else {}
    for key in (*spec.all_fields, *beside):
        try:
            found = target_field(spec, key)
        except Invalid:
            continue
        if ctx.actor.grants.field_access(spec.key, key) is FieldAccess.WRITE:
            choices.append(Choice(key, found.label))
            choices += [
                Choice(p, found.label, _PARTS.get(part, part))
                for p in parts
                for whole, _, part in (p.partition("."),)
                if whole == key
            ]
    return tuple(choices)


def _ways(spec: ObjectSpec, shape: Shape) -> list[Choice]:
    """How a row may find its record, as far as the columns at hand allow."""
    ways = [Choice("", _("as usual"))]
    ways += [
        Choice(key, one.label)
        for key in (EXTERNAL, "emails", "phones", "national_id", "code")
        if (one := spec.all_fields.get(key)) and shape.has(key)
    ]
    ways.append(Choice(TITLE, spec.field(spec.title).label))
    if (
        "company" in spec.all_fields
        and not isinstance(spec.field("company"), Compound)
        and spec.key in ("person", "deal")
    ):
        ways.append(Choice(TITLE_AND_COMPANY, _("name and company")))
    return [*ways, Choice(NEW, _("always a new one"))]
