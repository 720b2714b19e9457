"""One person forgotten: their records go for good, what only named them loses the name, and it is looked whether anything is left."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction

from peyvand.administration.governance.belongings import Belongings, belongings_of
from peyvand.administration.governance.former import former_of
from peyvand.administration.governance.marks import marks_of
from peyvand.administration.governance.sweeping import left, sweep
from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.kernel.persian.terms import terms
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.hanging import compound_tables
from peyvand.platform.objects.indexing import reindex
from peyvand.platform.objects.purge import purge_within
from peyvand.platform.search.spelling import forget_words
from peyvand.platform.workspaces.ledgers import forgetting
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.platform.workspaces.security import workspace_tables

# What lies beside the database: copies that were taken away or brought in.
_COPIES = ("exports", "archives", "imports")
_LOG = {"event", "timeline_entry", "reaction_run"}


@dataclass(frozen=True)
class Erased:
    """What became of it: records removed and rows changed by table; what others share; where marks still stand."""

    removed: dict[str, int]
    changed: dict[str, int]
    shared: tuple[str, ...]
    left: dict[str, int]


def erase(ctx: Context, person_id: int) -> Erased:
    """Forget a person; inside an action.

    Raises:
        RuleViolation: something that may not go leans on one of the records; nothing is changed then.
    """
    mine = belongings_of(person_id)
    people = list(PERSON.rows.filter(id__in=mine.people))
    former = former_of(people)
    marks = marks_of(people, [*_values(people), *former.values], former.names, _own_texts(people))
    _drop_messages(mine.events())
    removed = {}
    for spec, ids in mine.records:
        if not spec.has_bin:
            # It goes with the person, by its key.
            removed[spec.key] = len(ids)
            continue
        spec.rows.filter(id__in=ids, deleted_at=None).update(deleted_at=clock.now())
        count = purge_within(ctx, spec, ids)
        if count != len(ids):
            raise RuleViolation(msg("Other records lean on this person; they have to be removed first."))
        removed[spec.key] = count
    _prune_images(mine)
    with forgetting():
        changed = sweep(ctx, marks)
    # The words of texts that changed are theirs until the search has read these anew.
    for key, touched in ctx.changed.items():
        reindex(ctx, key, touched)
    forget_words(current_workspace_id(), terms(" ".join(marks.words)))
    workspace_id = current_workspace_id()
    transaction.on_commit(lambda: _remove_copies(workspace_id))
    return Erased(removed, changed, marks.shared, left(marks))


def _values(people: Sequence[Any]) -> list[str]:
    """What the records say that is one person's alone: numbers, addresses of mail, keys."""
    ids = [p.id for p in people]
    points = [
        item["value"]
        for field in PERSON.compound_fields
        if field.key in ("phones", "emails")
        for items in field.load(ids).values()
        for item in items
    ]
    own = [
        str(getattr(p, name) or "")
        for p in people
        for name in ("phone", "email", "national_id", "external_id")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "select v.unique_text from custom_value v join custom_field f on f.workspace_id = v.workspace_id and f.id = v.field_id "
            "where v.workspace_id = %s and f.object = %s and v.object_id = any(%s) and v.unique_text is not null",
            [current_workspace_id(), PERSON.key, ids],
        )
        return [*points, *own, *(row[0] for row in cursor.fetchall())]


def _own_texts(people: Sequence[Any]) -> list[str]:
    """What the workspace's own fields of text say: looked for in the end, but left to a person's judgement."""
    keys = [f.key for f in PERSON.custom_fields if f.defined.kind in ("text", "phone", "email", "url")]
    return [str(p.custom[key]) for p in people for key in keys if p.custom.get(key)]


def _drop_messages(events: Sequence[int]) -> None:
    """Messages to other programs that told of these events hold whole records: they go."""
    for model in workspace_tables():
        fields = {f.name: f for f in model._meta.local_concrete_fields}
        if (
            "event_id" in fields
            and model._meta.db_table not in _LOG
            and isinstance(fields["event_id"], models.BigIntegerField)
        ):
            with connection.cursor() as cursor:
                cursor.execute(
                    f'delete from "{model._meta.db_table}" where workspace_id = %s and event_id = any(%s)',  # noqa: S608 a model's name
                    [current_workspace_id(), list(events)],
                )


def _prune_images(mine: Belongings) -> None:
    """Rows kept as they were, so that an import could be undone, are no more those of somebody who was forgotten."""
    with connection.cursor() as cursor:
        for spec, ids in mine.records:
            for table, key in (
                (spec.model._meta.db_table, "id"),
                *((t._meta.db_table, "object_id") for t in compound_tables(spec)),
            ):
                of = "" if key == "id" else " and each->>'object' = %(object)s"
                cursor.execute(
                    f"""
                    update import_change set images = jsonb_set(images, array[%(table)s], coalesce((
                        select jsonb_agg(each) from jsonb_array_elements(images->%(table)s) each
                        where not ((each->>'{key}')::bigint = any(%(ids)s){of})), '[]'))
                    where workspace_id = %(here)s and jsonb_typeof(images->%(table)s) = 'array'
                    """,  # noqa: S608 our own words
                    {"table": table, "ids": list(ids), "here": current_workspace_id(), "object": spec.key},
                )


def _remove_copies(workspace_id: int) -> None:
    """Files of exports and imports hold the person too, and are only copies: all of them go."""
    for name in _COPIES:
        shutil.rmtree(Path(settings.MEDIA_ROOT) / str(workspace_id) / name, ignore_errors=True)
