"""What an import did, kept in sets in the same transactions, so that it can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from peyvand.integrations.transfer.images import images_sql
from peyvand.platform.events.facts import Event
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.workspaces.scope import current_workspace_id

# Images of so many records lie in one row.
SET: Final = 1000
# Facts that say that a record is new.
_BEGINNINGS: Final = frozenset({"objects.record_created.v1", "members.user_added.v1"})


class Journal:
    """Of one set of one run; without a run it keeps nothing, as when all is taken back anyway."""

    def __init__(self, run_id: int) -> None:
        self.run_id = run_id
        self._kept: list[tuple[int, str]] = []

    def keep(self, spec: ObjectSpec, ids: Iterable[int]) -> None:
        """Keep records as they are now; they are about to be changed."""
        left = list(ids) if self.run_id else []
        for start in range(0, len(left), SET):
            some = left[start : start + SET]
            self._insert(spec.key, "updated", some, *images_sql(spec, current_workspace_id(), some))

    def close(self, facts: Sequence[Event]) -> dict[str, int]:
        """The set is written: keep which records are new, and the versions that all of them have now. Tells how many
        records of each object are new."""
        made: dict[str, list[int]] = defaultdict(list)
        for fact in facts:
            if fact.wire in _BEGINNINGS:
                made[fact.object].append(fact.object_id)
        if self.run_id:
            self._keep_made(made)
        return {object_key: len(ids) for object_key, ids in made.items()}

    def _keep_made(self, made: Mapping[str, Sequence[int]]) -> None:
        for object_key, ids in made.items():
            self._insert(object_key, "created", ids, "'{}'::jsonb", [])
        for change_id, object_key in self._kept:
            table = object_named(object_key).model._meta.db_table
            with connection.cursor() as cursor:
                cursor.execute(
                    "update import_change c set versions = (select array_agg(coalesce(t.version, 0) order by n) "  # noqa: S608 names come from models
                    f'from unnest(c.ids) with ordinality i(id, n) left join "{table}" t on t.workspace_id = c.workspace_id and t.id = i.id) '
                    "where workspace_id = %s and id = %s",
                    [current_workspace_id(), change_id],
                )
        self._kept.clear()

    def _insert(
        self, object_key: str, kind: str, ids: Sequence[int], images: str, params: Sequence[Any]
    ) -> None:
        # One moment for all that a transaction keeps: undoing begins with its updates, which may lean on what it made.
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into import_change (workspace_id, run_id, object, kind, ids, versions, images, at) "
                f"select %s::bigint, %s::bigint, %s::text, %s::text, %s::bigint[], '{{}}', {images}, now() returning id",
                [current_workspace_id(), self.run_id, object_key, kind, list(ids), *params],
            )
            self._kept.append((cursor.fetchone()[0], object_key))
