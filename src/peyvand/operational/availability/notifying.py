"""Who is told of absences: whoever decides about them, and then those whose they are."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.operational.availability.events import AbsenceApproved, AbsenceAsked, AbsenceRefused
from peyvand.operational.availability.hooks import APPROVE
from peyvand.operational.availability.models import Absence
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.deciders import deciders
from peyvand.platform.notifications.telling import Told, tells

GROUP = _("Absences")


@tells(AbsenceAsked, label=_("Approval of an absence is wanted of me"), group=GROUP)
def asked(cause: Cause, facts: Sequence[AbsenceAsked]) -> Told:
    absences = {row.id: row for row in Absence.objects.filter(id__in={f.object_id for f in facts})}
    by_absence = dict(zip(absences, deciders(APPROVE, list(absences.values())), strict=True))
    return [by_absence.get(fact.object_id, ()) for fact in facts]


@tells(AbsenceApproved, label=_("My absence is approved"), group=GROUP)
def approved(cause: Cause, facts: Sequence[AbsenceApproved]) -> Told:
    return [[fact.user_id] for fact in facts]


@tells(AbsenceRefused, label=_("My absence is refused"), group=GROUP)
def refused(cause: Cause, facts: Sequence[AbsenceRefused]) -> Told:
    return [[fact.user_id] for fact in facts]
