"""One table, chunk by chunk: rows → drafts → keys → links → records. Knows no files and no transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, Protocol, runtime_checkable

from peyvand.integrations.transfer.beside import Beside
from peyvand.integrations.transfer.drafts import Draft, Drafter
from peyvand.integrations.transfer.heads import plain
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.keys import Keys, demand_name, naming_columns, title_of
from peyvand.integrations.transfer.lanes import Turns
from peyvand.integrations.transfer.links import SEVERAL, Links, invalid_word
from peyvand.integrations.transfer.mapping import TITLE_AND_COMPANY, Shape
from peyvand.integrations.transfer.reading import Row, Table
from peyvand.integrations.transfer.recognition import target_field
from peyvand.integrations.transfer.writing import Tally, write
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Link
from peyvand.platform.identity.grants import FieldAccess


class Custom(Protocol):
    """What only one kind of object needs when it is imported."""

    def begin(self, table: Table, shape: Shape, links: Links) -> Shape:
        """Look at the whole table before its first row is written."""
        ...

    def complete(self, drafts: Sequence[Draft]) -> None:
        """Finish or refuse drafts whose ordinary links are resolved."""
        ...

    def write(
        self, drafts: Sequence[Draft], tally: Tally, journal: Journal
    ) -> list[tuple[Draft, Any]] | None:
        """Write them in its own way, or return None to have them written as usual."""
        ...


@runtime_checkable
class Gathering(Custom, Protocol):
    """As Custom, of an object that several rows may speak of: the lines of an order."""

    @property
    def is_parallel(self) -> bool:
        """Whether sets of rows may be written side by side."""
        ...

    def sets(self, table: Table, size: int) -> Iterator[list[Row]]:
        """The rows in sets of about this many, those of one record in one set."""
        ...

    def gather(self, drafts: Sequence[Draft]) -> list[Draft]:
        """One draft for each record, in the place of those of its rows."""
        ...

    def scatter(self, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts of all rows again, refused where their record is."""
        ...


class Plan:
    """How one table goes in. Rows that wait for a later row of the same file are kept until it comes."""

    def __init__(
        self,
        ctx: Context,
        table: Table,
        shape: Shape,
        links: Links,
        custom: Custom | None,
        beside: Beside | None = None,
    ) -> None:
        self.table, self.links, self.custom, self.beside = table, links, custom, beside or Beside()
        self.shape = custom.begin(table, shape, links) if custom else shape
        _check_rights(ctx, self.shape)
        spec = self.shape.spec
        self.drafter = Drafter(self.shape, ctx.reader)
        self.keys, self.turns = Keys(self.shape, links), Turns()
        taken = {c.field.key for c in self.shape.columns} | set(self.shape.defaults)
        linked = [
            f
            for f in spec.all_fields.values()
            if isinstance(f, Link) and f.key in taken and f.key not in OWN_LINKS.get(spec.key, ())
        ]
        self._links = [f for f in linked if f.to != spec.key]
        self._self_links = [f for f in linked if f.to == spec.key]
        self._waiting: list[Draft] = []
        self._learns = bool(self._self_links) or not self.shape.key
        self._gathering = custom if isinstance(custom, Gathering) else None
        self._is_named = self.shape.has(spec.title) or self._gathering is not None

    @property
    def is_parallel(self) -> bool:
        """Whether its sets depend on nothing that another set writes, but for the records that they are about."""
        return not (
            (self.custom and not (self._gathering and self._gathering.is_parallel))
            or self._self_links
            or self.shape.create
            or self.shape.is_aside
            or self.shape.beside
            # Two sets with the same two values, in another order, would wait for each other.
            or any(isinstance(c.field, InCustom) and c.field.defined.is_unique for c in self.shape.columns)
        )

    def sets(self, size: int) -> Iterator[list[Row]]:
        """The rows of the table in the sets in which they are taken."""
        if self._gathering:
            yield from self._gathering.sets(self.table, size)
            return
        rows = self.table.rows()
        while some := list(islice(rows, size)):
            yield some

    def take(
        self, ctx: Context, place: int, rows: Sequence[Row], journal: Journal
    ) -> tuple[Tally, list[Draft]]:
        """Write a set of rows, the ``place``-th from 0; return what became of it and the refused drafts."""
        tally, before = Tally(rows=len(rows)), self._waiting
        drafts = [self.drafter.draft(row) for row in rows]
        for field_key, object_key in self.shape.beside.items():
            self.beside.lead(_legible(drafts), field_key, object_key)
        if self._gathering:
            drafts = self._gathering.gather(drafts)
        for draft in drafts:
            if draft.refusal is not None:
                demand_name(self.shape, draft)
        if TITLE_AND_COMPANY in self.shape.match:
            self._resolve_all(drafts)
        if not self._is_named and not self.shape.is_aside:
            for draft in _sound(drafts):
                self._name(draft)
        self.turns.begin(place, lambda: self._give_keys(drafts))
        self.keys.match(_sound(drafts))
        if TITLE_AND_COMPANY not in self.shape.match:
            self._resolve_all(drafts)
        if self.custom:
            self.custom.complete(_sound(drafts))
        self._write(ctx, _sound(drafts), tally, journal)
        if self.shape.is_aside:
            self.beside.note(self.shape.spec.key, drafts)
        refused = self._refused([*before, *drafts])
        tally.refused = len(refused)
        return tally, refused

    def _refused(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Of what waits for nothing any more, the rows that are refused."""
        if self._gathering:
            waiting = {id(draft) for draft in self._waiting}
            drafts = self._gathering.scatter([draft for draft in drafts if id(draft) not in waiting])
        return [draft for draft in drafts if draft.refusal is not None]

    def _give_keys(self, drafts: Sequence[Draft]) -> str:
        for draft in _sound(drafts):
            self.keys.give(draft)
        return self.keys.kind_of(_sound(drafts)) if self.is_parallel else ""

    def finish(self) -> tuple[Tally, list[Draft]]:
        """Refuse the rows that waited for what never came."""
        tally, waited = Tally(), self._waiting
        self._waiting = []
        for draft in waited:
            for field in self._self_links:
                word = draft.values.get(field.key)
                if isinstance(word, str):
                    problem = invalid_word(field.key, word, None).problems[0]
                    draft.refuse(problem.message, self.drafter.headers.get(field.key, ""), problem.code)
        refused = self._refused(waited)
        tally.refused = len(refused)
        return tally, refused

    def _name(self, draft: Draft) -> None:
        """Where no column has the whole name: a new record is called by what it links to, else by its key. In a file that has parts
        of names and leaves them empty, by where it is reached: a number alone is nobody."""
        spec, values = self.shape.spec, draft.values
        if title_of(spec, values):
            return
        if naming_columns(self.shape):
            words = [point["value"] for key in ("emails", "phones") for point in values.get(key, ())][:1]
        else:
            words = self._linked_words(draft) or [str(values.get(self.shape.key or "", ""))]
        if title := " – ".join(words):
            draft.initial[spec.title] = title

    def _linked_words(self, draft: Draft) -> list[str]:
        """What the row calls its company, its person and its product."""
        words = []
        for column in self.shape.columns:
            cell = str(draft.row.cells[column.index]).strip()
            is_naming = (
                isinstance(column.field, Link) and column.field.to in ("company", "person")
            ) or column.target == "lines.product"
            if is_naming and cell:
                words.append(self.shape.values.get(column.header, {}).get(plain(cell), cell))
        return words

    def _resolve_all(self, drafts: Sequence[Draft]) -> None:
        for field in self._links:
            self._resolve(field, _legible(drafts))

    def _resolve(self, field: Link, drafts: Sequence[Draft]) -> None:
        words = {word for d in drafts if isinstance(word := d.values.get(field.key), str)}
        if not words:
            return
        found = self.links.find(field.to, words)
        missing = words - found.keys()
        if missing and field.to in self.shape.create:
            # Nothing is made for the sake of a row that is refused.
            unwanted = missing - {d.values.get(field.key) for d in _sound(drafts)}
            if missing - unwanted:
                self.links.create(field.to, sorted(missing - unwanted))
            found = {**self.links.find(field.to, words), **dict.fromkeys(unwanted, _UNMADE)}
        for draft in drafts:
            word = draft.values.get(field.key)
            if not isinstance(word, str):
                continue
            id = found.get(word)
            if id is None or id == SEVERAL:
                problem = invalid_word(field.key, word, id).problems[0]
                draft.refuse(problem.message, self.drafter.headers.get(field.key, ""), problem.code)
            elif id != _UNMADE:
                draft.values[field.key] = id

    def _write(self, ctx: Context, drafts: Sequence[Draft], tally: Tally, journal: Journal) -> None:
        """Write those whose links to their own kind are there; again, for those that waited for these."""
        ready = self._ready([*self._waiting, *drafts])
        while ready:
            self._learn(self._written(ctx, ready, tally, journal))
            ready = self._ready(self._waiting)

    def _written(
        self, ctx: Context, drafts: Sequence[Draft], tally: Tally, journal: Journal
    ) -> list[tuple[Draft, Any]]:
        made = self.custom.write(drafts, tally, journal) if self.custom else None
        return write(ctx, self.shape, drafts, tally, journal) if made is None else made

    def _learn(self, made: Sequence[tuple[Draft, Any]]) -> None:
        for draft, record in made:
            draft.record = record
        if self._learns:
            spec = self.shape.spec
            for _, record in made:
                self.links.learn(spec.key, str(getattr(record, spec.title)), record.id, record.external_id)

    def _ready(self, drafts: Sequence[Draft]) -> list[Draft]:
        """Of these, those that wait for nothing; the others are kept in ``_waiting``."""
        if not self._self_links:
            return list(drafts)
        ready, self._waiting = list(drafts), []
        for field in self._self_links:
            words = {word for d in ready if isinstance(word := d.values.get(field.key), str)}
            found = self.links.find(field.to, words) if words else {}
            still = []
            for draft in ready:
                word = draft.values.get(field.key)
                id = found.get(word) if isinstance(word, str) else None
                if not isinstance(word, str):
                    still.append(draft)
                elif id is None:
                    self._waiting.append(draft)
                elif id == SEVERAL:
                    problem = invalid_word(field.key, word, id).problems[0]
                    draft.refuse(problem.message, self.drafter.headers.get(field.key, ""), problem.code)
                else:
                    draft.values[field.key] = id
                    still.append(draft)
            ready = still
        return ready


# Links that the object's own part of the import understands.
OWN_LINKS: dict[str, frozenset[str]] = {
    "deal": frozenset({"stage", "pipeline"}),
    "user": frozenset({"team", "manager", "role"}),
}


# Stands for the id of what would be created, were the row sound that names it.
_UNMADE: Final = -1


def _legible(drafts: Sequence[Draft]) -> list[Draft]:
    """Those that could be read: also where a cell is at fault, the others may be, and both are told at once."""
    return [d for d in drafts if d.row.problem is None and not (d.is_blank or d.is_repeated)]


def _sound(drafts: Sequence[Draft]) -> list[Draft]:
    return [d for d in drafts if d.refusal is None and not (d.is_blank or d.is_repeated)]


def _check_rights(ctx: Context, shape: Shape) -> None:
    written = [
        *(c.field for c in shape.columns),
        *(target_field(shape.spec, name) for name in shape.defaults),
    ]
    for field in written:
        if ctx.actor.grants.field_access(shape.spec.key, field.key) is not FieldAccess.WRITE:
            raise NotAllowed(msg("Your role may not write “%(field)s”.", field=str(field.label)))
