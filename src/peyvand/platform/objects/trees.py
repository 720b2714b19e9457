"""Records that lie in records of their own kind, as parts do: no way upwards leads back to where it began."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Message
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold


def keep_a_tree(
    ctx: Context, records: Sequence[Any], values: Sequence[Mapping[str, Any]], link: str, problem: Message
) -> None:
    """Refuse to let a record that is about to be saved lie in itself, however far up: one query for each level.

    ``values`` are what the records are given; those that are given no ``link`` stay where they were.

    Raises:
        Invalid: one would; ``problem`` says so of its link.
    """
    column = f"{link}_id"
    # Nothing lies in a new record yet.
    moved = [r for r, given in zip(records, values, strict=True) if link in given and not r._state.adding]
    above: dict[int, int | None] = {r.id: getattr(r, column) for r in moved}
    if not any(above.values()):
        return
    model = type(moved[0])
    # One at a time: two changes that are fine by themselves could close a ring together.
    hold(ctx.tenant.id, f"{model._meta.db_table}.{link}")
    while unknown := {id for id in above.values() if id is not None} - above.keys():
        rows = model.objects.filter(id__in=unknown).values_list("id", column)
        above |= {**dict.fromkeys(unknown), **dict(rows)}
    free: set[int | None] = {None}
    for record in moved:
        at, passed = record.id, set[int | None]()
        while at not in free:
            if at in passed:
                raise Invalid.of(problem, link, "cycle")
            passed.add(at)
            at = above[at]
        free |= passed
