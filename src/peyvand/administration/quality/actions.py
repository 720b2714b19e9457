"""Reckoning now, and what a workspace asks of its records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peyvand.administration.quality.measures import (
    MANAGE,
    MOST_MONTHS,
    MOST_WEIGHT,
    VIEW,
    can_tell,
    countable,
    measured_object,
)
from peyvand.administration.quality.models import QualityRules, QualityRun
from peyvand.kernel.errors import Invalid, NotFound, Problem, msg
from peyvand.operational.duplicates.public import searching_lock
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.jobs.scoped import defer

# Whoever sees the figures learns of the whole workspace: a role has the right by naming it.
declare_verb(VIEW, admin=True)
declare_verb(MANAGE, admin=True)
UNDER_WAY = ("waiting", "running")


def begin_reckoning(ctx: Context) -> QualityRun:
    """Put a reckoning of all objects into the queue; one that waits or runs already is returned instead."""

    def write() -> QualityRun:
        under_way: QualityRun | None = QualityRun.objects.filter(state__in=UNDER_WAY).order_by("-id").first()
        if under_way is not None:
            return under_way
        run: QualityRun = QualityRun.objects.create(user_id=ctx.actor.user_id)
        # The lock of searches for duplicates: those asked for before are done first, and their pairs are counted.
        defer("quality.reckon", lock=searching_lock(ctx.tenant.id), run_id=run.id)
        return run

    return perform(ctx, MANAGE, (), write, {"reckoning": True})


def change_rules(
    ctx: Context, object_key: str, months: int | None, fields: Mapping[str, Mapping[str, Any]]
) -> QualityRules:
    """Set what is asked of an object's records: ``fields`` as in QualityRules; those not named have the usual.

    Raises:
        NotFound: the object is not measured.
        Invalid: a figure is out of range, or a field cannot tell records apart.
    """
    spec = measured_object(object_key)
    if spec is None:
        raise NotFound
    known = {field.key: field for field in countable(spec)}
    problems = []
    if months is not None and not 1 <= months <= MOST_MONTHS:
        problems.append(
            Problem(
                "months", msg("This must be between %(min)s and %(max)s.", min=1, max=MOST_MONTHS), "range"
            )
        )
    for key, said in fields.items():
        weight = said["weight"]
        if key not in known:
            problems.append(Problem(key, msg("There is no field “%(field)s”.", field=key), "unknown_field"))
        elif weight is not None and not 0 <= weight <= MOST_WEIGHT:
            problems.append(
                Problem(
                    key, msg("This must be between %(min)s and %(max)s.", min=0, max=MOST_WEIGHT), "range"
                )
            )
        elif said["is_key"] and not can_tell(known[key]):
            problems.append(Problem(key, msg("Values of this field cannot be compared."), "choice"))
    if problems:
        raise Invalid(problems)

    def write() -> QualityRules:
        kept: QualityRules = QualityRules.objects.update_or_create(
            object=object_key, defaults={"months": months, "fields": {k: dict(v) for k, v in fields.items()}}
        )[0]
        return kept

    return perform(ctx, MANAGE, (), write, {"quality": object_key})
