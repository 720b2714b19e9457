"""A change of a whole set of which rules refuse some items: the others go through, and each at fault is found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from peyvand.kernel.errors import PeyvandError
from peyvand.platform.actions.context import Context

T = TypeVar("T")


def by_halves(
    ctx: Context,
    items: Sequence[T],
    attempt: Callable[[Sequence[T]], None],
    *,
    refusal_of: Callable[[Exception], PeyvandError | None],
    refuse: Callable[[T, PeyvandError], None],
    id_of: Callable[[T], int] = lambda item: 0,
) -> None:
    """Attempt a change of all items; where it is refused, of both halves, until those at fault stand alone.

    ``refusal_of`` an error is the answer to whoever asked; None: it is no refusal, and is raised. A rule that names whom
    it refuses, by their ``id_of``, is obeyed at once. A refused attempt leaves nothing in the database nor in what ``ctx``
    is to record; what it set on loaded records is its own to undo.
    """
    if not items:
        return
    facts, changed = len(ctx.facts), {key: len(ids) for key, ids in ctx.changed.items()}
    try:
        with transaction.atomic():
            attempt(items)
        return
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
    del ctx.facts[facts:]
    for key, ids in ctx.changed.items():
        del ids[changed.get(key, 0) :]
    blame = [refusal.refused.get(id_of(item)) for item in items]
    if len(items) == 1:
        blame = [blame[0] or refusal]
    left = []
    for item, why in zip(items, blame, strict=True):
        if why is None:
            left.append(item)
        else:
            refuse(item, why)
    # Named ones aside, the others may well go through together.
    middle = len(left) if len(left) < len(items) else len(left) // 2
    for part in (left[:middle], left[middle:]):
        by_halves(ctx, part, attempt, refusal_of=refusal_of, refuse=refuse, id_of=id_of)
