"""Verbs of absences: approve and refuse."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, RuleViolation, msg
from peyvand.operational.availability.events import AbsenceApproved, AbsenceRefused
from peyvand.operational.availability.hooks import APPROVE, deciding
from peyvand.operational.availability.models import APPROVED, Absence
from peyvand.operational.availability.objects import ABSENCE
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Text
from peyvand.platform.objects.records import update_records

REFUSED = "refused"


@action(
    APPROVE, label=_("Approve"), icon="check", tone="good", offered=lambda absence: absence.state != APPROVED
)
def approve_absence(ctx: Context, absence: Absence) -> None:
    """Let an absence count from now on.

    Raises:
        NotAllowed: it is the actor's own. RuleViolation: it is approved already.
    """
    _decide(ctx, absence, APPROVED)
    ctx.record(AbsenceApproved(
        **_of(absence), starts_on=absence.starts_on.isoformat(), ends_on=absence.ends_on.isoformat()
    ))  # fmt: skip


@action(
    "absence.refuse",
    label=_("Refuse"),
    icon="xc",
    tone="danger",
    inputs=(Text(key="reason", label=_("Reason"), max_length=300),),
    offered=lambda absence: absence.state != REFUSED,
)
def refuse_absence(ctx: Context, absence: Absence, *, reason: str = "") -> None:
    """Say no to an absence, or take an approval back.

    Raises:
        NotAllowed: it is the actor's own. RuleViolation: it is refused already.
    """
    _decide(ctx, absence, REFUSED, reason)
    ctx.record(AbsenceRefused(**_of(absence), reason=reason))


def _decide(ctx: Context, absence: Absence, state: str, reason: str = "") -> None:
    if absence.id not in deciding(ctx, [absence]):
        raise NotAllowed(msg("Somebody else decides about your own absence."))
    if absence.state == state:
        raise RuleViolation(msg("This was decided so already."), code="state")
    values = {"state": state, "reason": reason, "decided_by": ctx.actor.user_id, "decided_at": clock.now()}
    update_records(ctx, ABSENCE, [absence], [values])


def _of(absence: Absence) -> dict[str, Any]:
    return {
        "object": ABSENCE.key,
        "object_id": absence.id,
        "title": absence.title,
        "subjects": ((ABSENCE.key, absence.id),),
        "user_id": absence.owner_id,
    }
