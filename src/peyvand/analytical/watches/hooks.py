"""Rules of watches: a mark that means something, asked by somebody who may know what is counted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.dimensions import DIMENSIONS
from peyvand.analytical.measures.fitting import fits
from peyvand.analytical.watches import models as m
from peyvand.analytical.watches.counted import filter_of
from peyvand.analytical.watches.models import Standing, Watch
from peyvand.analytical.watches.queueing import have_look
from peyvand.kernel.conditions import leaves
from peyvand.kernel.errors import Invalid, Message, Problem, Refusals, RuleViolation, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.filters import may_know
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]
_REQUIRED: Final = msg("This is required.")
# What makes a watch another one: who was there before says nothing of it.
_MEANING: Final = ("measure", "whose", "way", "amount", "number", "within", "days", "since", "product")


def prepare_watches(ctx: Context, watches: Sequence[Watch], values: Sequence[Values]) -> None:
    """Complete watches about to be saved.

    Raises:
        Invalid: by field, what is missing, means nothing, or tells of what the actor may not know.
    """
    refusals = Refusals()
    for watch in watches:
        with refusals.of(None if watch._state.adding else watch.id):
            _settle(watch)
            if problems := _problems(ctx.actor, watch):
                raise Invalid(problems)
    refusals.settle()


def begin_anew(ctx: Context, watches: Sequence[Watch], values: Sequence[Values], created: bool) -> None:
    """A watch that counts something else now, or was switched off, has to look first who is there; one that is switched on looks."""
    pairs = list(zip(watches, values, strict=True))
    changed = [w.id for w, given in pairs if not created and not given.keys().isdisjoint(_MEANING)]
    resting = [w.id for w, given in pairs if not w.is_on and "is_on" in given]
    if changed:
        Standing.objects.filter(watch_id__in=changed).delete()
    if changed or resting:
        Watch.objects.filter(id__in=[*changed, *resting]).update(seen_on=None)
    for watch, given in pairs:
        if watch.is_on and (created or "is_on" in given):
            have_look(ctx.tenant, watch.id)


def why_closed(actor: Actor, watch: Watch) -> Message | None:
    """Why the actor may not know whom a watch sees; None where nothing forbids it."""
    measure = MEASURES.get(watch.measure)
    if measure is None:
        return None
    objects = [*measure.objects, watch.whose, *DIMENSIONS[watch.dimension].objects]
    if watch.product_id is not None:
        objects.append(m.PRODUCT)
    return closed(actor, dict.fromkeys(objects), measure.fields)


def _settle(watch: Watch) -> None:
    """What belongs to another choice than the one made would be a rule that nobody sees."""
    measure = MEASURES.get(watch.measure)
    if measure is not None and measure.unit == "money":
        watch.number = None
    else:
        watch.amount = None
    watch.days = watch.days if watch.within == m.LAST else None
    watch.since = watch.since if watch.within == m.FROM else None


def _problems(actor: Actor, watch: Watch) -> list[Problem]:
    if watch.measure not in MEASURES:
        return [Problem("measure", _REQUIRED, "required")]
    if watch.whose not in m.DIMENSIONS:
        return [Problem("whose", _REQUIRED, "required")]
    if reason := why_closed(actor, watch):
        return [Problem("measure", reason, "not_allowed")]
    found = []
    if watch.mark <= 0:
        key = "amount" if MEASURES[watch.measure].unit == "money" else "number"
        found.append(Problem(key, msg("Set the threshold; it must be above zero."), "required"))
    if watch.within == m.LAST and not watch.days:
        found.append(Problem("days", _REQUIRED, "required"))
    if watch.within == m.FROM and watch.since is None:
        found.append(Problem("since", _REQUIRED, "required"))
    try:
        fits((watch.measure,), (watch.dimension,), filter_of(watch))
    except RuleViolation as refusal:
        found.append(Problem("measure", refusal.message))
    spec = object_named(watch.whose)
    try:
        condition = condition_in(watch.condition, spec)
    except Invalid as error:
        return [*found, *error.problems]
    hidden = [
        leaf.field
        for leaf in (leaves(condition) if condition else ())
        if not may_know(actor, spec, leaf.field)
    ]
    return [
        *found,
        *(
            Problem("condition", msg("There is no field “%(field)s”.", field=key), "unknown_field")
            for key in hidden
        ),
    ]
