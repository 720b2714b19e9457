"""Every hour what is open goes to deputies and pools, or comes back; hand-overs go on set by set."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed
from peyvand.operational.assignment.handing import give_back, give_during, hand_over
from peyvand.operational.assignment.models import AssignmentEntry, AssignmentRule
from peyvand.operational.assignment.rules import kind_named
from peyvand.operational.availability.public import APPROVED, Absence
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import Tenant, user_actor
from peyvand.platform.identity.models import User
from peyvand.platform.jobs.schedule import in_every_workspace
from peyvand.platform.jobs.scoped import defer, job

HAND_OVER: Final = "assignment.hand_over"
MOVE: Final = "assignment.move"
# So long an absence that is over is asked about; what did not come back by then stays.
_LATE: Final = timedelta(days=14)


@in_every_workspace("7 * * * *", "assignment.absences")
def follow_absences(tenant: Tenant) -> None:
    """Give out what those who are away today have open, and back what nobody touched of those who are there again."""
    today = clock.today(tenant.tz)
    counted = Absence.objects.filter(state=APPROVED, hours="", deleted_at__isnull=True).order_by("id")
    moves = (
        AssignmentRule.objects.filter(is_active=True, deleted_at__isnull=True)
        .exclude(when_away="keep")
        .exists()
    )
    ctx = job_context(tenant)
    for absence in counted.filter(starts_on__lte=today, ends_on__gte=today) if moves else ():
        perform(ctx, MOVE, (), partial(give_during, ctx, absence))
    gone = AssignmentEntry.objects.filter(absence_id__isnull=False, is_back=False).values("absence_id")
    over = Absence.objects.filter(id__in=gone).exclude(
        state=APPROVED, deleted_at__isnull=True, ends_on__gte=today
    )
    for absence in over.filter(ends_on__gte=today - _LATE).order_by("id"):
        perform(ctx, MOVE, (), partial(give_back, ctx, absence))


@job(HAND_OVER)
def go_on(
    tenant: Tenant, object_key: str, from_user: int, to_user: int | None, by: int | None, after: int
) -> None:
    """The next set of a hand-over, by the rights of whoever began it as they are now."""
    user = User.objects.filter(id=from_user).first()
    to = User.objects.filter(id=to_user, is_active=True).first() if to_user is not None else None
    if user is None or (to is None and to_user is not None):
        return
    try:
        ctx = Context(user_actor(tenant.id, by), "job") if by is not None else job_context(tenant)
    except NotAllowed:
        return
    spec = kind_named(object_key)
    last = perform(ctx, HAND_OVER, (), partial(hand_over, ctx, spec, user, to, after))
    if last is not None:
        put_to_work(object_key, from_user, to_user, by, last)


def put_to_work(object_key: str, from_user: int, to_user: int | None, by: int | None, after: int) -> None:
    """Leave the sets behind the id ``after`` to the worker."""
    defer(
        HAND_OVER,
        lock=f"hand_over:{from_user}:{object_key}",
        object_key=object_key,
        from_user=from_user,
        to_user=to_user,
        by=by,
        after=after,
    )
