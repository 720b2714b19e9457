"""Campaigns that were tried elsewhere: their groups and outcomes out of outside tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from peyvand.analytical.analyses.contract import Inputs
from peyvand.analytical.campaigns.models import CampaignTrial
from peyvand.analytical.campaigns.trials import Trial
from peyvand.kernel.errors import Message, msg
from peyvand.platform.workspaces.scope import workspace_scope

# More of a word tells no group apart.
_WIDEST = 100
_YES = ("true", "yes", "y", "t", "بله", "آری")


def outside_trials(given: Inputs) -> Iterator[Trial | tuple[CampaignTrial, Message]]:
    """The trials that people described, the newest first; of one that cannot be read, why."""
    with workspace_scope(given.tenant.id):
        described = list(CampaignTrial.objects.filter(deleted_at__isnull=True).order_by("-id"))
    for one in described:
        try:
            table = given.tables.outside(one.source)
        except KeyError:
            yield one, msg("There is no outside table %(name)s.", name=one.source)
            continue
        wanted = (one.arm, one.outcome, *one.fields)
        gone = [name for name in wanted if name not in table.columns]
        if gone:
            yield one, msg("The table has no column %(name)s any more.", name=gone[0])
            continue
        rows = given.tables.fetch(table.select(*dict.fromkeys(wanted)))
        yield _trial(one, rows)


def _trial(one: CampaignTrial, rows: Any) -> Trial | tuple[CampaignTrial, Message]:
    arm = [_told(value) for value in rows[one.arm].to_pylist()]
    came = [_came(value, _told(one.came)) for value in rows[one.outcome].to_pylist()]
    groups = (_told(one.treated), _told(one.control))
    at = np.array(
        [n for n, (a, c) in enumerate(zip(arm, came, strict=True)) if a in groups and c is not None]
    )
    for group, said in zip(groups, (one.treated, one.control), strict=True):
        if not any(arm[n] == group for n in at):
            return one, msg("Nobody has %(value)s in the column %(name)s.", value=said, name=one.arm)
    kept = rows.take(at)
    return Trial(
        key=f"campaign_trial:{one.pk}",
        name=one.name,
        since=None,
        until=None,
        treated=np.array([arm[n] == groups[0] for n in at], np.bool_),
        came=np.array([came[n] for n in at], np.bool_),
        open=0,
        fields={name: _column(kept[name]) for name in one.fields},
        least=0,
        alone=0,
    )


def _told(value: Any) -> str:
    """A value as people type it: 1, true, "Womens E-Mail"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip().casefold()


def _came(value: Any, wanted: str) -> bool | None:
    if value is None:
        return None
    if wanted:
        return _told(value) == wanted
    try:
        return float(value) > 0
    except (TypeError, ValueError):
        return _told(value) in _YES


def _column(column: Any) -> Any:
    """Amounts as numbers, whatever else as words."""
    import pyarrow.types as kinds

    is_amount = (
        kinds.is_integer(column.type) or kinds.is_floating(column.type) or kinds.is_decimal(column.type)
    )
    if is_amount or kinds.is_boolean(column.type):
        cast = column.cast("int8") if kinds.is_boolean(column.type) else column
        return cast.cast("double").to_numpy(zero_copy_only=False)
    # Each cell of such an array is as wide as the longest word.
    return np.array([_told(value)[:_WIDEST] for value in column.to_pylist()], np.str_)
