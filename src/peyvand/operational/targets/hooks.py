"""Rules of quotas: whole periods, one target by its measure, for whom one may set them, none twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast

from django.utils.translation import gettext, override

from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.kernel.money import kept
from peyvand.kernel.persian.calendar import Calendar, Unit, period, shift
from peyvand.operational.catalog.public import Product
from peyvand.operational.numbering.public import calendar_here, fiscal_year
from peyvand.operational.sales.public import Pipeline
from peyvand.operational.targets.attainment import reached, target_of
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.periods import name_of
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Team, User

Values = Mapping[str, Any]
MEASURES = ("won_amount", "won_count", "new_deals", "activities")


def period_of(unit: Unit, day: date, calendar: Calendar) -> tuple[date, date]:
    """First day, and first day after, of the period that holds a day. Quarters and years of the workspace's own calendar are
    those of its fiscal year."""
    if unit == "month" or calendar != calendar_here():
        return period(unit, day, calendar)
    year = fiscal_year(day)
    if unit == "year":
        return year.start, year.end
    start = year.start
    while (end := shift(start, 3, "month", calendar)) <= day:
        start = end
    return start, end


def prepare_quotas(ctx: Context, quotas: Sequence[Quota], values: Sequence[Values]) -> None:
    """Complete quotas about to be saved.

    Raises:
        Invalid: nothing is to be reached; it is for a person and a team at once; for somebody beyond the actor's team.
        RuleViolation: there is such a quota already.
    """
    names = _Names(quotas)
    refusals = Refusals()
    for quota, given in zip(quotas, values, strict=True):
        with refusals.of(quota.id):
            if quota._state.adding and quota.team_id is not None and "owner" not in given:
                quota.owner_id = None
            if quota.owner_id is not None and quota.team_id is not None:
                raise Invalid.of(msg("A quota is for a person or for a team, not for both."), "team")
            _demand_own_team(ctx, quota)
            quota.calendar = quota.calendar or calendar_here()
            if quota.starts_on is None:
                raise Invalid.of(msg("This is required."), "starts_on", "required")
            start, end = period_of(cast(Unit, quota.unit), quota.starts_on, cast(Calendar, quota.calendar))
            quota.starts_on, quota.ends_on = start, end - timedelta(days=1)
            _settle_target(quota)
            quota.name = names.say(ctx.tenant, quota)[:300]
    refusals.settle()
    _refuse_second(quotas)


def _demand_own_team(ctx: Context, quota: Quota) -> None:
    if ctx.actor.grants.scope("quota.update") is Scope.ALL:
        return
    if quota.owner_id is not None and quota.owner_id not in ctx.actor.team_user_ids:
        raise Invalid.of(msg("You set quotas for those of your own team."), "owner")
    if quota.owner_id is None and quota.team_id not in ctx.actor.circle_ids:
        raise Invalid.of(msg("You set quotas for those of your own team."), "team")


def _settle_target(quota: Quota) -> None:
    if quota.measure == "won_amount":
        quota.number = None
        if not quota.amount or quota.amount < 0:
            raise Invalid.of(msg("Enter the target amount."), "amount", "required")
    else:
        quota.amount = None
        if not quota.number or quota.number < 0:
            raise Invalid.of(msg("Enter the target number."), "number", "required")


def _mark(quota: Quota) -> tuple[Any, ...]:
    return (
        quota.owner_id, quota.team_id, quota.product_id, quota.pipeline_id, quota.measure, quota.unit, quota.calendar, quota.starts_on,
    )  # fmt: skip


def _refuse_second(quotas: Sequence[Quota]) -> None:
    others = Quota.objects.filter(starts_on__in={q.starts_on for q in quotas}, deleted_at__isnull=True)
    taken = {_mark(q) for q in others.exclude(id__in=[q.id for q in quotas])}
    refusals = Refusals()
    for quota in quotas:
        with refusals.of(quota.id):
            if _mark(quota) in taken:
                raise RuleViolation(
                    msg("There is such a quota for this period already; change that one."), "starts_on"
                )
            taken.add(_mark(quota))
    refusals.settle()


class _Names:
    """What quotas are called: whose, for which period, what is counted."""

    def __init__(self, quotas: Sequence[Quota]) -> None:
        self.users = _names(User, {q.owner_id for q in quotas})
        self.teams = _names(Team, {q.team_id for q in quotas})
        self.products = _names(Product, {q.product_id for q in quotas})
        self.pipelines = _names(Pipeline, {q.pipeline_id for q in quotas})

    def say(self, tenant: Tenant, quota: Quota) -> str:
        with override(tenant.language):
            who = self.users.get(quota.owner_id) or self.teams.get(quota.team_id) or gettext("Everybody")
            when = name_of(
                cast(Unit, quota.unit), quota.starts_on, cast(Calendar, quota.calendar), tenant.language
            )
        parts = (who, when, self.products.get(quota.product_id), self.pipelines.get(quota.pipeline_id))
        return " · ".join(part for part in parts if part)


def _names(model: Any, ids: set[int | None]) -> dict[int | None, str]:
    asked = ids - {None}
    return dict(model.objects.filter(id__in=asked).values_list("id", "name")) if asked else {}


def copy_reached(ctx: Context, quotas: Sequence[Quota], values: Sequence[Values], created: bool) -> None:
    """Keep what was reached with quotas just written."""
    keep_reached(ctx, quotas)


def keep_reached(ctx: Context, quotas: Sequence[Quota]) -> None:
    """Reckon what quotas have come to and copy it into those whose copy is another."""
    found = reached(ctx.tenant, quotas)
    rows = []
    for quota in quotas:
        have, target = found[quota.id], target_of(quota)
        amount, number = (kept(have), None) if quota.measure == "won_amount" else (None, have)
        percent = min(2**31 - 1, have * 100 // target) if target else 0
        if (quota.reached_amount, quota.reached_number, quota.attained) != (amount, number, percent):
            quota.reached_amount, quota.reached_number, quota.attained = amount, number, percent
            rows.append((quota.id, amount, number, percent))
    if rows:
        update_rows(Quota, ("reached_amount", "reached_number", "attained"), rows)
        ctx.touch("quota", *(row[0] for row in rows))
