"""The stages a record goes through, as a path above its tabs: those behind it, the one it is in, those ahead."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import QuerySet

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.fields.types import Link
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.platform.workspaces.lookups import Asking, lookup
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url

_ENDS = {"won": "won", "lost": "lost"}


@dataclass(frozen=True)
class Step:
    """One stage; ``post`` is where a click on it moves the record, empty where it may not."""

    id: int
    label: str
    is_current: bool
    look: str
    post: str


def path_context(ctx: Context, opened: Opened) -> dict[str, Any]:
    """The path of an object whose board has a stage to each column; nothing for others. One query."""
    spec, record = opened.spec, opened.record
    field = spec.all_fields.get(spec.board.by) if spec.board else None
    current = field.read(record) if isinstance(field, Link) else None
    if (
        not isinstance(field, Link)
        or current is None
        or opened.in_bin
        or field.key in ctx.actor.grants.hides(spec.key)
    ):
        return {}
    stage = object_named(field.to)
    # Stages of the record's own pipeline: both name it by the same field.
    shared = [
        (link, mine)
        for link in stage.fields
        if isinstance(link, Link)
        and isinstance(mine := spec.all_fields.get(link.key), Link)
        and mine.to == link.to
    ]
    stages_of = _stages(stage, tuple(link.column for link, _mine in shared))
    found = stages_of(*(mine.read(record) for _link, mine in shared))
    place = next((n for n, row in enumerate(found) if row[0] == current), -1)
    move = action_named(spec.permission("move"))
    may_move = move is not None and opened.may_update and bool(decide(ctx.actor, move.key, record))
    post = page_url(ctx, spec, record.id, "do", "move") if may_move else ""
    steps = [
        Step(id, name, n == place, _look(n, place, kind), "" if n == place else post)
        for n, (id, name, kind) in enumerate(found)
    ]
    return {"path": steps, "path_key": field.key, "path_label": field.label}


@lru_cache(maxsize=256)
def _stages(stage: ObjectSpec, columns: tuple[str, ...]) -> Asking:
    """Asks for id, name and kind of the stages that have these ids in these columns, in their order."""

    @lookup(*("bigint" for _ in columns))
    def stages_of(*ids: Slot) -> QuerySet[Any]:
        rows = stage.rows.filter(deleted_at__isnull=True, **dict(zip(columns, ids, strict=True)))
        kind = "kind" if "kind" in stage.all_fields else stage.title
        return rows.order_by("position", "id").values_list("id", stage.title, kind)

    return stages_of


def _look(n: int, place: int, kind: str) -> str:
    if n == place:
        return _ENDS.get(kind, "")
    return "past" if n < place and kind not in _ENDS else ""
