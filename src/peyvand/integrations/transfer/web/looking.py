"""What a person is shown of their files before they are imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from peyvand.integrations.transfer.actions import paths_of
from peyvand.integrations.transfer.exports import ALIASES, FIELD_NAMES
from peyvand.integrations.transfer.mapping import Shape, mapping_of, shape_of, target_field
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.reading import Table, open_tables
from peyvand.kernel.errors import Invalid, Message, PeyvandError
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Label
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.spec import ObjectSpec, find_object

_SAMPLES = 3


@dataclass(frozen=True)
class Choice:
    """One thing that a column may mean."""

    target: str
    label: Label
    part: str = ""


@dataclass(frozen=True)
class Head:
    """A column: its head, a few of its cells, and what it means (empty: it is passed over)."""

    name: str
    samples: tuple[str, ...]
    target: str = ""


@dataclass
class Look:
    """One table. ``problem`` is why it is not understood yet."""

    name: str
    object: str = ""
    heads: list[Head] = field(default_factory=list)
    objects: list[ObjectSpec] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    problem: Message | None = None


def look_at(ctx: Context, run: ImportRun, told: Mapping[str, Any]) -> list[Look]:
    """Every table of a run's files, as the mapping and the heads say."""
    mapping, looks = mapping_of(told), []
    for path in paths_of(ctx.tenant.id, run):
        looks += _looks(ctx, path, mapping.files)
    return looks


def told_by(looks: Sequence[Look]) -> dict[str, Any]:
    """The mapping that a look comes to, every column said."""
    return {
        "files": {
            look.name: {
                "object": look.object,
                "columns": {h.name: h.target or None for h in look.heads if h.name},
            }
            for look in looks
            if look.object
        }
    }


def _looks(ctx: Context, path: Path, files: Mapping[str, Any]) -> list[Look]:
    try:
        tables = open_tables(path)
    except (Invalid, OSError) as error:
        reason = error.message if isinstance(error, PeyvandError) else None
        return [Look(path.name, problem=reason)]
    return [_look(ctx, table, mapping_of({"files": files}).of(table)) for table in tables]


def _look(ctx: Context, table: Table, told: Mapping[str, Any]) -> Look:
    rows = [row.cells for row in islice(table.rows(), 200) if row.problem is None]
    look = Look(table.name, objects=[spec for key in ALIASES if (spec := find_object(key))])
    shape: Shape | None = None
    try:
        shape = shape_of(table, told)
    except Invalid as error:
        look.problem = error.problems[0].message
    meant = {c.header: c.target for c in shape.columns} if shape else {}
    for place, name in enumerate(table.headers):
        cells = dict.fromkeys(str(row[place]) for row in rows if row[place])
        look.heads.append(Head(name, tuple(islice(cells, _SAMPLES)), meant.get(name, "")))
    if shape:
        look.object = shape.spec.key
        look.choices = _choices(ctx, shape.spec)
    return look


def _choices(ctx: Context, spec: ObjectSpec) -> list[Choice]:
    choices = []
    parts = [name for name in FIELD_NAMES.get(spec.key, {}) if "." in name]
    for key in [*spec.all_fields, *(["office"] if spec.key == "user" else [])]:
        try:
            found = target_field(spec, key)
        except Invalid:
            continue
        if ctx.actor.grants.field_access(spec.key, key) is FieldAccess.WRITE:
            choices.append(Choice(key, found.label))
            choices += [
                Choice(p, found.label, p.partition(".")[2]) for p in parts if p.partition(".")[0] == key
            ]
    return choices
