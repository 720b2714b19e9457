"""What happens when working time is written: dates that can be, and who decides about an absence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Refusals, msg
from peyvand.operational.availability.events import AbsenceAsked
from peyvand.operational.availability.models import APPROVED, Absence, WorkingHours
from peyvand.platform.access.rules import covered, reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User

Values = Mapping[str, Any]
ASKED: Final = "asked"
APPROVE: Final = "absence.approve"
# What an absence is: once one of these changes, it is decided anew.
_DECIDED: Final = ("owner_id", "kind", "starts_on", "ends_on", "hours")
_BACKWARDS = msg("The end cannot be before the beginning.")


def prepare_hours(ctx: Context, weeks: Sequence[WorkingHours], values: Sequence[Values]) -> None:
    """A stretch of time ends after it begins."""
    refusals = Refusals()
    for week in weeks:
        with refusals.of(week.id):
            if week.starts_on and week.ends_on and week.ends_on < week.starts_on:
                raise Invalid.of(_BACKWARDS, "ends_on")
    refusals.settle()


def prepare_absences(ctx: Context, absences: Sequence[Absence], values: Sequence[Values]) -> None:
    """Complete absences, and say whether they count already: those that whoever writes them may approve, do.

    Raises:
        Invalid: nobody is away, for somebody whose absences the actor may not write, or dates that cannot be.
    """
    known = [a.id for a in absences if not a._state.adding]
    before = {
        id: tuple(rest) for id, *rest in Absence.objects.filter(id__in=known).values_list("id", *_DECIDED)
    }
    names = dict(User.objects.filter(id__in={a.owner_id for a in absences}).values_list("id", "name"))
    mine = covered(ctx.actor, "absence.update", absences)
    may_decide = deciding(ctx, absences)
    refusals = Refusals()
    for absence in absences:
        with refusals.of(absence.id):
            was = before.get(absence.id)
            absence.asks = False
            if absence.owner_id is None:
                raise Invalid.of(msg("This is required."), "owner", "required")
            if absence.id not in mine and (was is None or was[0] != absence.owner_id):
                raise Invalid.of(msg("You may not say this of somebody else."), "owner")
            absence.ends_on = absence.ends_on or absence.starts_on
            if absence.ends_on < absence.starts_on:
                raise Invalid.of(_BACKWARDS, "ends_on")
            if absence.deputy_id == absence.owner_id:
                raise Invalid.of(msg("Nobody stands in for themselves."), "deputy")
            absence.title = names.get(absence.owner_id, "")
            if was != tuple(getattr(absence, name) for name in _DECIDED):
                is_sure = absence.id in may_decide
                absence.state, absence.reason = (APPROVED if is_sure else ASKED), ""
                absence.asks = not is_sure
                absence.decided_by_id = ctx.actor.user_id if is_sure else None
                absence.decided_at = clock.now() if is_sure else None
    refusals.settle()


def tell_asked(ctx: Context, absences: Sequence[Absence], values: Sequence[Values], created: bool) -> None:
    """Record absences that somebody has to decide about since this writing."""
    ctx.record(*(
        AbsenceAsked(object="absence", object_id=absence.id, title=absence.title, subjects=(("absence", absence.id),))
        for absence in absences
        if absence.asks
    ))  # fmt: skip


def deciding(ctx: Context, absences: Sequence[Absence]) -> set[int]:
    """Those of the absences that the actor may decide about: nobody about their own but who may about everybody's."""
    found = covered(ctx.actor, APPROVE, absences)
    if reaches_all(ctx.actor, APPROVE):
        return found
    return {a.id for a in absences if a.id in found and a.owner_id != ctx.actor.user_id}
