"""The order of cards in a board's column: whole numbers with gaps, higher nearer the top."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.sales.models import Deal
from peyvand.platform.workspaces.scope import current_workspace_id

GAP = 2**20


def tops(stage_ids: Iterable[int]) -> dict[int, int]:
    """The rank of each column's topmost card, 0 for an empty one: one index probe a column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select s, coalesce((select board_rank from deal where workspace_id = %s and stage_id = s and deleted_at is null "
            "order by board_rank desc limit 1), 0) from unnest(%s::bigint[]) s",
            [current_workspace_id(), sorted(set(stage_ids))],
        )
        return dict(cursor.fetchall())


def rank_between(stage_id: int, deal_id: int, above: int | None, below: int | None) -> int:
    """The rank for a deal that is laid under card ``above`` and over card ``below``; either may be missing.

    Raises:
        Invalid: neither card lies in this column any more.
    """
    high, low = _ranks(stage_id, deal_id, above, below)
    if high is not None and low is not None and high - low < 2:
        _spread(stage_id)
        high, low = _ranks(stage_id, deal_id, above, below)
    if high is None:
        return (low or 0) + GAP
    return high - GAP if low is None else (high + low) // 2


def _ranks(
    stage_id: int, deal_id: int, above: int | None, below: int | None
) -> tuple[int | None, int | None]:
    """Ranks of the two neighbours. Only one named: the other is whichever lies next to it."""
    column = Deal.objects.filter(stage_id=stage_id, deleted_at__isnull=True).exclude(id=deal_id)
    found = dict(
        column.filter(id__in=[id for id in (above, below) if id is not None]).values_list("id", "board_rank")
    )
    high, low = found.get(above or 0), found.get(below or 0)
    if high is None and low is None:
        raise Invalid.of(
            msg("The card next to it is no longer in this column."), "after" if above else "before", "stale"
        )
    if low is None:
        low = (
            column.filter(board_rank__lt=high)
            .order_by("-board_rank")
            .values_list("board_rank", flat=True)
            .first()
        )
    elif high is None:
        high = (
            column.filter(board_rank__gt=low)
            .order_by("board_rank")
            .values_list("board_rank", flat=True)
            .first()
        )
    return high, low


def _spread(stage_id: int) -> None:
    """Give a column's cards new ranks with full gaps, in the order they have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update deal d set board_rank = n.place * %s from (select id, row_number() over (order by board_rank, id) as place "
            "from deal where workspace_id = %s and stage_id = %s) n where d.id = n.id and d.workspace_id = %s",
            [GAP, current_workspace_id(), stage_id, current_workspace_id()],
        )
