"""How a table is understood: as a mapping file says, else as its heads are recognised."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatch
from pathlib import Path
from typing import Any, Final

from peyvand.integrations.transfer.heads import plain
from peyvand.integrations.transfer.own import LONGEST, own_field
from peyvand.integrations.transfer.products import product_of
from peyvand.integrations.transfer.reading import CARDS, LINE_COLUMN, REASON_COLUMN, Table
from peyvand.integrations.transfer.recognition import (
    EXTERNAL,
    field_names,
    object_key,
    recognised,
    target_field,
    told_object,
)
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import compact
from peyvand.platform.fields.types import Field, Link
from peyvand.platform.objects.spec import ObjectSpec

# What the events of an import say of where they come from.
SOURCE: Final = "import"
# When a column's cells are written into records that are there already: always (""), where nothing stands, or never.
BLANK, NEVER = "blank", "never"
# How a row finds its record: always a new one; or by the key of a field, by the title, or by title and company.
NEW, TITLE, TITLE_AND_COMPANY = "new", "title", "title+company"
_WORDS: Final = frozenset({
    "object", "key", "match", "columns", "values", "defaults", "create_missing", "also", "fixes", "encoding", "delimiter",
})  # fmt: skip
# Not every card has a number, nor every person a mail.
_OF_CARDS: Final = (EXTERNAL, "emails", "phones", TITLE)
_IN_BRACKETS: Final = re.compile(r"(?<!\s)\s*\([^()]*\)\s*$")
# No unit is smaller or larger.
_LEAST_TIMES, _MOST_TIMES = Decimal("1e-12"), Decimal("1e12")
_OF_COLUMNS: Final = (frozenset({"field", "times", "rule"}), frozenset({"new", "label", "rule"}))


@dataclass(frozen=True)
class Column:
    """A column that is taken: which field it fills, which part of it, and by what its numbers are multiplied."""

    index: int
    header: str
    field: Field
    part: str = ""
    times: Decimal | None = None
    rule: str = ""
    # The kind of the field of the workspace's own that is made for it; `field` is a draft of that one.
    new: str = ""

    @property
    def target(self) -> str:
        if self.new:
            return f"+{self.new}"
        return f"{self.field.key}.{self.part}" if self.part else self.field.key


@dataclass(frozen=True)
class Shape:
    """How a table is understood. ``key`` is the field that tells one record from another, empty for the usual one."""

    spec: ObjectSpec
    columns: tuple[Column, ...]
    key: str = ""
    # By header: what is written → what is meant, compared by `plain`.
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    defaults: Mapping[str, Any] = field(default_factory=dict)
    # Keys of objects that are created where a row names one that is not there.
    create: frozenset[str] = frozenset()
    unused: tuple[str, ...] = ()
    # The ways in which a row finds its record, tried in this order; empty: the usual one.
    match: tuple[str, ...] = ()
    # Whether it is not what each row is, but another object that is spoken of beside it: it may repeat.
    is_aside: bool = False
    # Fields that lead to what the same row says of another object, by its key.
    beside: Mapping[str, str] = field(default_factory=dict)

    def has(self, target: str) -> bool:
        return any(target in (c.target, c.field.key) for c in self.columns)


@dataclass(frozen=True)
class MappingFile:
    """What a person said about their files; `{}` says nothing."""

    files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def of(self, table: Table) -> Mapping[str, Any]:
        """What is said about this table: by "file.xlsx: Sheet", by file name, or by a pattern of names."""
        for name in (table.name, table.path.name):
            if name in self.files:
                return self.files[name]
        return next((told for pattern, told in self.files.items() if fnmatch(table.path.name, pattern)), {})

    def of_path(self, path: Path) -> Mapping[str, Any]:
        """What is said about how a file is written, whatever tables are in it."""
        return self.of(Table(path, ()))


def with_fixes(table: Table, told: Mapping[str, Any]) -> Table:
    """The table with the cells that a person wrote over."""
    fixes = {int(line): dict(cells) for line, cells in told.get("fixes", {}).items()}
    return replace(table, fixes=fixes) if fixes else table


def read_mapping(path: Path) -> MappingFile:
    """A mapping file in JSON or TOML.

    Raises:
        Invalid: it is neither, or says something that has no meaning; the message names the place.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        told = tomllib.loads(text) if path.suffix.lower() == ".toml" else json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid.of(msg("The mapping file cannot be read: %(reason)s.", reason=str(error))) from None
    return mapping_of(told)


def mapping_of(told: Any) -> MappingFile:
    """A mapping from its JSON: {"files": {name: {…}}}, or {…} alone for every file. Raises Invalid as read_mapping."""
    if not isinstance(told, dict):
        raise Invalid.of(msg("A mapping is an object with “files”."))
    files = told.get("files", {"*": told} if told else {})
    if not isinstance(files, dict):
        raise Invalid.of(msg("A mapping is an object with “files”."))
    for name, part in files.items():
        if not isinstance(part, dict) or set(part) - _WORDS:
            unknown = ", ".join(sorted(set(part) - _WORDS)) if isinstance(part, dict) else str(part)
            raise Invalid.of(
                msg(
                    "The mapping of %(file)s has a word without meaning: %(words)s.", file=name, words=unknown
                ),
                "files",
            )
        for word in ("columns", "values", "defaults", "also", "fixes"):
            if not isinstance(part.get(word, {}), dict):
                raise Invalid.of(
                    msg("In the mapping of %(file)s, “%(word)s” must be an object.", file=name, word=word),
                    word,
                )
    return MappingFile(files)


def shape_of(table: Table, told: Mapping[str, Any]) -> Shape:
    """How to understand a table.

    Raises:
        Invalid: its object is not recognised, or the mapping names what does not exist.
    """
    spec = told_object(told) if told.get("object") else recognised(table, told)
    columns = _columns(table, spec, told)
    key = _key(table, columns, told)
    if key and not any(c.field.key == key for c in columns):
        index = next(i for i, h in enumerate(table.headers) if h == told["key"])
        columns.append(Column(index, table.headers[index], target_field(spec, EXTERNAL)))
    taken = {c.index for c in columns}
    ours = (LINE_COLUMN, REASON_COLUMN)
    unused = tuple(h for i, h in enumerate(table.headers) if i not in taken and h and h not in ours)
    for name in told.get("defaults", {}):
        target_field(spec, name)
    return Shape(
        spec, tuple(sorted(columns, key=lambda c: c.index)), key, _values(told, columns), told.get("defaults", {}),
        frozenset(object_key(str(name)) for name in told.get("create_missing", ())), unused, _match(spec, table, told),
    )  # fmt: skip


def shapes_of(table: Table, told: Mapping[str, Any]) -> list[Shape]:
    """How to understand a table of which each row may speak of several objects, the one that each row is last.

    Raises:
        Invalid: as shape_of.
    """
    also: Mapping[str, Mapping[str, Any]] = told.get("also", {})
    taken = {header for part in also.values() for header in part.get("columns", {})}
    main = shape_of(
        table, {**told, "columns": {**told.get("columns", {}), **dict.fromkeys(taken)}} if also else told
    )
    if not also:
        return [main]
    shapes = []
    for name, part in also.items():
        columns = {**dict.fromkeys(h for h in table.headers if h), **part.get("columns", {})}
        shape = shape_of(table, {**part, "object": name, "columns": columns})
        if shape.spec.key == main.spec.key or not _names(shape):
            raise Invalid.of(msg("No column names the %(object)s of a row.", object=shape.spec.key), "also")
        shapes.append(replace(shape, is_aside=True, unused=()))
    keys = {shape.spec.key for shape in shapes}
    unused = tuple(header for header in main.unused if header not in taken)
    return [_linked(shape, keys) for shape in (*shapes, replace(main, unused=unused))]


def _names(shape: Shape) -> bool:
    return bool(shape.key) or any(shape.has(key) for key in (shape.spec.title, "given_name", "family_name"))


def _linked(shape: Shape, keys: set[str]) -> Shape:
    """The shape with its links to the other objects of the row, but for those that have a column of their own."""
    links: dict[str, str] = {}
    for each in shape.spec.all_fields.values():
        if not isinstance(each, Link) or each.readonly or each.to not in keys - {shape.spec.key}:
            continue
        if not shape.has(each.key) and each.to not in links.values():
            links[each.key] = each.to
    return replace(shape, beside=links)


def _columns(table: Table, spec: ObjectSpec, told: Mapping[str, Any]) -> list[Column]:
    said: dict[str, Any] = told.get("columns", {})
    for header in said:
        if header not in table.headers:
            raise Invalid.of(
                msg("There is no column “%(name)s” in %(file)s.", name=header, file=table.name), "columns"
            )
    columns = [
        _said_column(spec, index, header, said[header])
        for index, header in enumerate(table.headers)
        if said.get(header) is not None
    ]
    _demand_names(columns)
    taken = {c.target for c in columns}
    meanings = field_names(spec)
    if plain("نام خانوادگی") in map(plain, table.headers) and spec.key == "person":
        # Beside a family name, «نام» is the given one.
        meanings = {**meanings, plain("نام"): "given_name"}
    known = product_of(table.headers, spec.key)
    if known:
        # What the product says of its own heads goes before what such words usually mean.
        meanings = {**meanings, **{head: target or "" for head, target in known.targets.items()}}
    for index, header in enumerate(table.headers):
        target = meanings.get(plain(header), meanings.get(plain(_without_unit(header)))) or None
        if (
            header in said
            or not header
            or target is None
            or header in (LINE_COLUMN, REASON_COLUMN)
            or header == told.get("key")
        ):
            continue
        if target in taken:
            continue
        taken.add(target)
        columns.append(Column(index, header, target_field(spec, target), target.partition(".")[2]))
    return columns


def _without_unit(header: str) -> str:
    """The head without what stands in brackets behind it: the unit of its amounts."""
    return _IN_BRACKETS.sub("", header)


def _said_column(spec: ObjectSpec, index: int, header: str, said: Any) -> Column:
    told = {"field": said} if isinstance(said, str) else said
    if (
        not isinstance(told, Mapping)
        or not any(told.keys() <= words for words in _OF_COLUMNS)
        or told.get("rule", "") not in ("", BLANK, NEVER)
        or not isinstance(told.get("new", told.get("field")), str)
    ):
        raise Invalid.of(
            msg("The mapping of the column “%(name)s” is not understood.", name=header), "columns"
        )
    rule = told.get("rule", "")
    if "new" in told:
        own, is_draft = own_field(spec, index, told["new"], str(told.get("label") or header[:LONGEST]))
        return Column(index, header, own, rule=rule, new=told["new"] if is_draft else "")
    try:
        times = Decimal(str(told["times"])) if "times" in told else None
        if times is not None and not _LEAST_TIMES <= abs(times) <= _MOST_TIMES:
            raise InvalidOperation
    except InvalidOperation:
        raise Invalid.of(
            msg("The mapping of the column “%(name)s” is not understood.", name=header), "columns"
        ) from None
    name = str(told["field"])
    return Column(index, header, target_field(spec, name), name.partition(".")[2], times, rule)


def _demand_names(columns: Iterable[Column]) -> None:
    seen: set[str] = set()
    for column in columns:
        name = str(column.field.label)
        if column.new and compact(name) in seen:
            raise Invalid.of(msg("Two new fields are called “%(name)s”.", name=name), "columns")
        if column.new:
            seen.add(compact(name))


def _match(spec: ObjectSpec, table: Table, told: Mapping[str, Any]) -> tuple[str, ...]:
    said = told.get("match") or (
        _OF_CARDS if table.path.suffix.lower() == CARDS and spec.key == "person" else ()
    )
    ways = (said,) if isinstance(said, str) else tuple(map(str, said))
    for way in ways:
        if way not in (NEW, TITLE, TITLE_AND_COMPANY) and way not in spec.all_fields:
            raise Invalid.of(msg("%(object)s has no field “%(name)s”.", object=spec.key, name=way), "match")
    return ways


def _key(table: Table, columns: Sequence[Column], told: Mapping[str, Any]) -> str:
    if "key" in told:
        if told["key"] not in table.headers:
            raise Invalid.of(
                msg("There is no column “%(name)s” in %(file)s.", name=told["key"], file=table.name), "key"
            )
        return next((c.field.key for c in columns if c.header == told["key"]), EXTERNAL)
    return EXTERNAL if any(c.field.key == EXTERNAL for c in columns) else ""


def _values(told: Mapping[str, Any], columns: Iterable[Column]) -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    for name, pairs in told.get("values", {}).items():
        headers = [c.header for c in columns if name in (c.header, c.target, c.field.key)]
        if not headers or not isinstance(pairs, Mapping):
            raise Invalid.of(
                msg("“values” names “%(name)s”, which is no column that is taken.", name=name), "values"
            )
        for header in headers:
            out[header] = {plain(str(written)): str(meant) for written, meant in pairs.items()}
    return out
