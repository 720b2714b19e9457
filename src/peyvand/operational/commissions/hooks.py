"""Rules of plans: a table that makes sense, versions that do not overlap, and terms that stay once somebody was paid by them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from django.db.models import Max

from peyvand.kernel import clock
from peyvand.kernel.conditions import leaves
from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.operational.commissions.audience import begin_anew, keep_members
from peyvand.operational.commissions.facts import condition_of, is_understood
from peyvand.operational.commissions.fields import Rates
from peyvand.operational.commissions.models import CommissionLine, CommissionPlan
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.context import Context
from peyvand.platform.schema.needs import needs_fields

Values = Mapping[str, Any]
# What may not change any more once a statement with the plan was submitted.
TERMS: Final = (
    "starts_on",
    "unit",
    "basis",
    "condition",
    "way",
    "by_quota",
    "most",
    "least",
    "is_draw",
    "override",
)
RATES: Final = Rates(key="rates", label="")
# What such a comparison finds changes by itself with the days.
_MOVING: Final = frozenset({"within", "older_than", "newer_than"})


def settled_until(plans: Sequence[CommissionPlan]) -> dict[int, date]:
    """The last day of a submitted statement with each plan, by id; those without any are left out."""
    rows = CommissionLine.objects.filter(plan_id__in=[plan.id for plan in plans]).exclude(
        statement__status="draft"
    )
    return dict(rows.values_list("plan_id").annotate(last=Max("statement__ends_on")))


def prepare_plans(ctx: Context, plans: Sequence[CommissionPlan], values: Sequence[Values]) -> None:
    """Complete plans about to be saved.

    Raises:
        Invalid: what a plan says makes no sense, by field.
        RuleViolation: its terms would change though a statement was submitted by them, or it overlaps another version.
    """
    fixed = settled_until(plans)
    before = {plan.id: plan for plan in CommissionPlan.objects.filter(id__in=list(fixed))}
    kept = RATES.load([plan.id for plan in plans])
    refusals = Refusals()
    for plan, given in zip(plans, values, strict=True):
        with refusals.of(plan.id):
            rates = tuple(given["rates"] if "rates" in given else kept.get(plan.id, ()))
            _check(plan, rates)
            _check_condition(plan)
            if plan.id in fixed:
                is_other = "rates" in given and list(map(_terms, rates)) != list(
                    map(_terms, kept.get(plan.id, ()))
                )
                _keep_terms(plan, before[plan.id], is_other, fixed[plan.id])
            _check_versions(plan)
    refusals.settle()


def _check(plan: CommissionPlan, rates: Sequence[Values]) -> None:
    if plan.ends_on is not None and plan.ends_on < plan.starts_on:
        raise Invalid.of(msg("The end lies before the beginning."), "ends_on")
    for key in ("most", "least"):
        if (getattr(plan, key) or 0) < 0:
            raise Invalid.of(msg("This must not be below zero."), key)
    if plan.most is not None and plan.least is not None and plan.most < plan.least:
        raise Invalid.of(msg("The most is below the least."), "most")
    if plan.is_draw and not plan.least:
        raise Invalid.of(msg("Say how much is advanced."), "least", "required")
    if plan.by_quota and plan.basis == "margin":
        raise Invalid.of(
            msg("Quotas are amounts, no margins: choose another basis or steps by amount."), "by_quota"
        )
    for row in rates:
        if plan.by_quota and row.get("start"):
            raise Invalid.of(
                msg("The steps of this plan are shares of the quota: leave the amounts empty."), "rates"
            )
        if not plan.by_quota and row.get("reach"):
            raise Invalid.of(
                msg("The steps of this plan are amounts: leave the shares of the quota empty."), "rates"
            )
        if plan.way == "flat" and (row.get("start") or row.get("reach")):
            raise Invalid.of(
                msg("A plan without steps begins at nothing: choose steps, or leave the beginnings empty."),
                "rates",
            )
        if row.get("fixed") and plan.basis not in ("won", "margin"):
            raise Invalid.of(
                msg("An amount for each deal is paid when it is won: choose another basis."), "rates"
            )
        if (row.get("product") or row.get("series")) and plan.basis == "margin":
            raise Invalid.of(msg("A margin is known for the whole deal only: leave products empty."), "rates")


def _check_condition(plan: CommissionPlan) -> None:
    condition = condition_of(plan)
    for leaf in leaves(condition) if condition is not None else ():
        if leaf.op in _MOVING:
            raise Invalid.of(
                msg("What a plan counts must not change with the days: name dates."), "condition"
            )


def _terms(row: Values) -> tuple[Any, ...]:
    product = row.get("product")
    return (
        product["id"] if isinstance(product, Mapping) else product, row.get("series") or "", row.get("start") or 0,
        row.get("reach") or 0, row.get("percent") or 0, row.get("fixed") or 0,
    )  # fmt: skip


def _keep_terms(plan: CommissionPlan, before: CommissionPlan, has_other_rates: bool, until: date) -> None:
    # What is not understood any more is mended; corrections say what follows from it.
    mended = "" if is_understood(before) else "condition"
    changed = next(
        (key for key in TERMS if key != mended and getattr(plan, key) != getattr(before, key)),
        "rates" if has_other_rates else None,
    )
    if (
        changed is None
        and plan.ends_on != before.ends_on
        and plan.ends_on is not None
        and plan.ends_on < until
    ):
        changed = "ends_on"
    if changed is not None:
        raise RuleViolation(
            msg("Statements were submitted by this plan: make a new version that holds from a later day."),
            changed,
        )


def _check_versions(plan: CommissionPlan) -> None:
    if plan.root_id is None:
        others = CommissionPlan.objects.filter(root_id=plan.id)
    else:
        others = CommissionPlan.objects.filter(root_id=plan.root_id) | CommissionPlan.objects.filter(
            id=plan.root_id
        )
    for other in others.filter(deleted_at__isnull=True).exclude(id=plan.id):
        if (plan.ends_on is None or other.starts_on <= plan.ends_on) and (
            other.ends_on is None or plan.starts_on <= other.ends_on
        ):
            raise RuleViolation(msg("Another version of this plan holds on the same days."), "starts_on")


def seat_members(
    ctx: Context, plans: Sequence[CommissionPlan], values: Sequence[Values], created: bool
) -> None:
    """Write down who plans just saved are for."""
    for plan, given in zip(plans, values, strict=True):
        if not created and "starts_on" in given:
            begin_anew(plan)
    keep_members(plans, clock.today(ctx.tenant.tz), are_new=created)


def keep_plans(ctx: Context, plans: Sequence[CommissionPlan]) -> None:
    """Refuse to delete plans that somebody's statement was submitted by.

    Raises:
        RuleViolation: one is.
    """
    fixed = settled_until(plans)
    refusals = Refusals()
    for plan in plans:
        with refusals.of(plan.id):
            if plan.id in fixed:
                raise RuleViolation(
                    msg("Statements were submitted by this plan: let it end instead of deleting it.")
                )
    refusals.settle()


@needs_fields
def plans_that_ask(object_key: str, field_key: str) -> Iterator[str]:
    """The plans whose condition asks about a field of deals."""
    if object_key != DEAL.key:
        return
    plans = CommissionPlan.objects.filter(deleted_at__isnull=True).exclude(condition="")
    for plan in plans.order_by("id"):
        asked = condition_of(plan) if is_understood(plan) else None
        if asked is not None and any(leaf.field.partition(".")[0] == field_key for leaf in leaves(asked)):
            yield plan.name
