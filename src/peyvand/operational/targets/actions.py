"""Setting quotas like a sheet: many at once, and a period's from the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import Calendar, Unit
from peyvand.operational.numbering.public import calendar_here
from peyvand.operational.targets.attainment import target_of
from peyvand.operational.targets.hooks import period_of
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.objects import QUOTA, UNITS
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Day, Rate
from peyvand.platform.objects.records import create_records, delete_records, update_records


@dataclass(frozen=True)
class Cell:
    """One cell of the sheet: whose, by user or by team, and the first day of the period."""

    owner: int | None
    team: int | None
    start: date


def set_sheet(ctx: Context, measure: str, unit: str, cells: Mapping[Cell, int | None]) -> int:
    """Set what is to be reached by each cell; None takes a quota away. Return how many quotas are other than before.

    Raises:
        Invalid, RuleViolation: as for any quota.
    """
    field = "amount" if measure == "won_amount" else "number"
    kept = sheet(ctx, measure, unit, [cell.start for cell in cells], "update")
    new: list[dict[str, Any]] = []
    changed: list[tuple[Quota, dict[str, Any]]] = []
    gone: list[Quota] = []
    for cell, target in cells.items():
        quota = kept.get(cell)
        if quota is None and target is not None:
            new.append({
                "owner": cell.owner, "team": cell.team, "measure": measure, "unit": unit, "calendar": calendar_here(),
                "starts_on": cell.start, field: target,
            })  # fmt: skip
        elif quota is not None and target is None:
            gone.append(quota)
        elif quota is not None and target_of(quota) != target:
            changed.append((quota, {field: target}))
    if new:
        create_records(ctx, QUOTA, new)
    if changed:
        update_records(ctx, QUOTA, [quota for quota, _v in changed], [values for _q, values in changed])
    if gone:
        delete_records(ctx, QUOTA, gone)
    return len(new) + len(changed) + len(gone)


def sheet(ctx: Context, measure: str, unit: str, starts: list[date], verb: str = "view") -> dict[Cell, Quota]:
    """The quotas of a sheet that the actor may apply the verb to: those of people and teams that nothing else narrows."""
    rows = Quota.objects.filter(
        deleted_at__isnull=True, measure=measure, unit=unit, calendar=calendar_here(), starts_on__in=starts, product__isnull=True,
        pipeline__isnull=True,
    )  # fmt: skip
    return {
        Cell(q.owner_id, q.team_id, q.starts_on): q
        for q in visible(ctx.actor, QUOTA.key, rows, verb).order_by("id")
    }


@action(
    "quota.copy_period",
    label=_("Copy the period before"),
    on="none",
    icon="copy",
    inputs=(
        Choice(key="unit", label=_("Period"), options=UNITS, required=True),
        Day(key="into", label=_("Into the period that holds"), required=True),
        Rate(key="percent", label=_("Raised by (percent)"), min=-100, max=1000, default=Decimal(0)),
    ),
)
def copy_period(ctx: Context, *, unit: str, into: date, percent: Decimal | None = None) -> int:
    """Give a period the quotas of the one before it, raised or lowered by a share; those that are there already stay.

    Raises:
        Invalid: the period before has none that the actor may set.
    """
    calendar = calendar_here()
    start, _end = period_of(cast(Unit, unit), into, calendar)
    before = _before(unit, start, calendar)
    rows = Quota.objects.filter(deleted_at__isnull=True, unit=unit, calendar=calendar)
    mine = list(visible(ctx.actor, QUOTA.key, rows.filter(starts_on=before), "update").order_by("id"))
    if not mine:
        raise Invalid.of(msg("The period before has no quotas to copy."), "into")
    there = {_mark(quota) for quota in rows.filter(starts_on=start)}
    factor = 1 + (percent or Decimal(0)) / 100
    new = [
        {
            "owner": q.owner_id, "team": q.team_id, "product": q.product_id, "pipeline": q.pipeline_id, "measure": q.measure,
            "unit": unit, "calendar": calendar, "starts_on": start,
            "amount": raised(q.amount, factor), "number": raised(q.number, factor),
        }
        for q in mine if _mark(q) not in there
    ]  # fmt: skip
    return len(create_records(ctx, QUOTA, new)) if new else 0


def raised(target: int | None, factor: Decimal) -> int | None:
    """A target times a factor, half up; at least 1, for none asks for nothing."""
    if target is None:
        return None
    return max(1, int((target * factor).to_integral_value(ROUND_HALF_UP)))


def _mark(quota: Quota) -> tuple[Any, ...]:
    return quota.owner_id, quota.team_id, quota.product_id, quota.pipeline_id, quota.measure


def _before(unit: str, start: date, calendar: Calendar) -> date:
    return period_of(cast(Unit, unit), start - timedelta(days=1), calendar)[0]
