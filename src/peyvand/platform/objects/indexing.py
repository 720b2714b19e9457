"""What the search knows of records, renewed in sets in the transaction of their change."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models.expressions import RawSQL

from peyvand.platform.actions.action import on_change
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.database.compiled import Slot, Statement, in_slot, statement
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Compound, Field, LongText
from peyvand.platform.files.queries import texts_of, unread_files
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.made import FromMemory, Made, from_memory
from peyvand.platform.objects.queries import with_items
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object, object_named
from peyvand.platform.schema.reading import schema_version
from peyvand.platform.search import index
from peyvand.platform.search.spelling import forget_unused
from peyvand.platform.workspaces.scope import current_workspace_id, workspace_scope

# Whether texts of the record are known already, or may come from its files: of most records there are none.
_HAS_TEXTS = """
exists (select from search_text x where x.workspace_id = {0}.workspace_id and x.object = %s and x.object_id = {0}.id)
or exists (select from file x where x.workspace_id = {0}.workspace_id and x.object = %s and x.object_id = {0}.id)
"""
_TEXTS = "has_texts"
Reading = Callable[[Sequence[Any]], str]
# Records whose words are written in one transaction, where all are written anew.
SET = 1000


@on_change
def reindex(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Renew what the search knows of changed records; those that are gone or binned are found no more."""
    spec = find_object(object_key)
    if spec is None or not spec.in_search or not ids:
        return
    known = _known_by(spec, current_workspace_id(), schema_version())
    new = _new(known, ctx, ids)
    old = [id for id in ids if id not in new] if new else list(ids)
    documents: list[index.Document] = []
    if new and known.memory:
        made = list(new.values())
        documents += _documents(known, known.memory.rows(made), known.memory.items(made))
    if old:
        rows = known.statement.run(old)
        documents += _documents(known, rows, {f.key: f.load([row[0] for row in rows]) for f in known.apart})
    index.put(object_key, documents, named=not spec.found_by_text)
    gone = set(old) - {d.object_id for d in documents}
    if gone:
        index.remove(object_key, gone)


def rebuild(tenant: Tenant, say: Callable[[str, int, int], None]) -> None:
    """Write anew what the search knows of a workspace, set by set, each in a transaction of its own, while people work.

    Outside any scope. ``say(object, done, of)`` hears of each set. Files not read yet are read in the background.
    """
    with workspace_scope(tenant.id):
        counts = {s.key: s.rows.filter(deleted_at__isnull=True).count() for s in all_objects() if s.in_search}
    for key, total in counts.items():
        after: int | None = 0
        done = 0
        while after is not None:
            after, count = _rebuild_set(tenant, key, after)
            done += count
            say(key, done, total)
    with workspace_scope(tenant.id):
        for file_id in unread_files():
            defer("files.read", file_id=file_id)
    forget_words(tenant)


@in_every_workspace("50 22 * * *", "search.forget_words", scoped=False)
def forget_words(tenant: Tenant) -> None:
    """Drop the words that no record and no text has any more, set by set, each in a transaction of its own."""
    word: str | None = ""
    while word is not None:
        with workspace_scope(tenant.id):
            word = forget_unused(tenant.id, word)


def _rebuild_set(tenant: Tenant, key: str, after: int) -> tuple[int | None, int]:
    """One set of an object's records behind an id: the id to go on behind, None at the end, and how many they were."""
    with workspace_scope(tenant.id):
        spec = object_named(key)
        rows = spec.rows.filter(id__gt=after, deleted_at__isnull=True).order_by("id")
        ids = list(rows.values_list("id", flat=True)[:SET])
        reindex(job_context(tenant), key, ids)
        if len(ids) == SET:
            return ids[-1], SET
        index.sweep(key, spec.model._meta.db_table)
        return None, len(ids)


def _new(known: _Known, ctx: Context, ids: Sequence[int]) -> dict[int, Made]:
    """Those of the records that this very action made and that need not be read. One alone is: it is a statement either way."""
    if known.memory is None or len(ctx.made) < 2:
        return {}
    key = known.spec.key
    return {id: made for id in ids if (made := ctx.made.get((key, id))) and known.memory.takes(made[1])}


def _documents(
    known: _Known, rows: Sequence[Sequence[Any]], loaded: Mapping[str, Mapping[int, Any]]
) -> list[index.Document]:
    at = known.has_texts
    of_files = _files(known.spec.key, [row[0] for row in rows if row[at]])
    words = [_reader(known, field, loaded) for field in known.words]
    return [_document(known, row, words, of_files) for row in rows]


@dataclass(frozen=True)
class _Known:
    """How the records of an object are read for the search."""

    spec: ObjectSpec
    statement: Statement
    # Which columns are the title, the moment at which it was made, and whether there are texts.
    title: int
    made_at: int
    has_texts: int
    # Which column is the owner; None where records have none.
    owner: int | None
    # Where the columns of a field stand in a row, by its key.
    places: dict[str, tuple[int, ...]]
    # Which column is the subtitle; None where records have none.
    subtitle: int | None
    words: tuple[Field, ...]
    texts: tuple[Field, ...]
    tags: tuple[Compound, ...]
    # Compound fields that the statement cannot read along.
    apart: tuple[Compound, ...]
    # How rows of new records are put together; None where they must be read.
    memory: FromMemory | None

    def value(self, field: Field, row: Sequence[Any]) -> Any:
        return field.from_columns([row[place] for place in self.places[field.key]])


@lru_cache(maxsize=1024)
def _known_by(spec: ObjectSpec, workspace_id: int, version: int) -> _Known:
    fields = [*spec.stored_fields, *spec.compound_fields]
    texts = tuple(f for f in fields if isinstance(f, LongText))
    words = tuple(f for f in fields if f.search and f not in texts)
    tags = tuple(f for f in spec.compound_fields if f.holds_tags)
    read = [f for f in dict.fromkeys((*words, *texts, *tags)) if f.columns()]
    subtitle = [_told_by(spec.field(spec.subtitle))] if spec.subtitle else []
    owner = ["owner_id"] if spec.can_own else []
    columns = list(
        dict.fromkeys(
            (
                "id",
                spec.title,
                "created_at",
                *subtitle,
                *owner,
                *(c for f in read for c in f.columns()),
                _TEXTS,
            )
        )
    )
    rows = with_items(
        spec, spec.rows.filter(in_slot("id", Slot(0, "bigint[]")), deleted_at__isnull=True), columns
    )
    table = f'"{spec.model._meta.db_table}"'
    has_texts = RawSQL(_HAS_TEXTS.format(table), [spec.key] * 2, output_field=models.BooleanField())  # noqa: S611 our own words
    place = {name: n for n, name in enumerate(columns)}
    return _Known(
        spec,
        statement(rows.annotate(**{_TEXTS: has_texts}), columns),
        place[spec.title],
        place["created_at"],
        place[_TEXTS],
        place["owner_id"] if spec.can_own else None,
        {f.key: tuple(place[c] for c in f.columns()) for f in read},
        place[subtitle[0]] if subtitle else None,
        words,
        texts,
        tags,
        tuple(f for f in words if isinstance(f, Compound) and not f.columns()),
        from_memory(spec, columns, _TEXTS, (*words, *texts, *tags)),
    )


def _document(
    known: _Known, row: Sequence[Any], words: Sequence[Reading], of_files: dict[int, list[index.LongText]]
) -> index.Document:  # fmt: skip
    id = row[0]
    texts = (
        *[index.LongText(f.key, text) for f in known.texts if (text := known.value(f, row))],
        *of_files.get(id, ()),
    )
    return index.Document(
        id,
        str(row[known.title] or ""),
        str(row[known.subtitle] or "") if known.subtitle is not None else "",
        tuple([text for read in words if (text := read(row))]),
        row[known.owner] if known.owner is not None else None,
        row[known.made_at],
        tuple([tag["id"] for f in known.tags for tag in known.value(f, row)]),
        texts if texts or row[known.has_texts] else None,
    )


def _reader(known: _Known, field: Field, loaded: Mapping[str, Mapping[int, Any]]) -> Reading:
    """What says the words of a field in a row; empty where there are none."""
    if isinstance(field, Compound) and (apart := loaded.get(field.key)) is not None:
        return lambda row: field.search_text(apart.get(row[0], ()))
    if isinstance(field, Compound | InCustom):
        return lambda row: field.search_text(known.value(field, row))
    # Of a link, the words are its title, which stands last.
    place = known.places[field.key][:2][-1]
    return lambda row: str(row[place] or "")


def _told_by(field: Field) -> str:
    """The column with the words of a field: of a link its title, which is the second."""
    return field.columns()[:2][-1]


def _files(object_key: str, ids: Sequence[int]) -> dict[int, list[index.LongText]]:
    found: dict[int, list[index.LongText]] = defaultdict(list)
    for id, file_id, name, text in texts_of(object_key, ids) if ids else ():
        found[id].append(index.LongText(index.FILE, f"{name}\n{text}", file_id))
    return found
