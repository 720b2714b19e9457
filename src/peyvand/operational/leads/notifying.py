"""Who is told of what happens to leads."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import msg
from peyvand.operational.leads.events import InquiryReceived, LeadAssigned
from peyvand.operational.leads.models import Lead
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.telling import Told, tells

GROUP = _("Leads")


@tells(
    LeadAssigned,
    label=_("A lead is given to me"),
    group=GROUP,
    says=lambda fact, who, reader: msg("%(who)s gave you the lead %(title)s", who=who, title=fact.title),
    many=_("%(count)s leads were given to you"),
)
def new_owner(cause: Cause, facts: Sequence[LeadAssigned]) -> Told:
    return [[fact.to_owner_id] for fact in facts]


@tells(
    InquiryReceived,
    label=_("Somebody whom I look after asks again"),
    group=GROUP,
    says=lambda fact, who, reader: msg("%(title)s asked again", title=fact.title),
    many=_("%(count)s inquiries of people you look after"),
)
def asked_again(cause: Cause, facts: Sequence[InquiryReceived]) -> Told:
    owners = dict(
        Lead.objects.filter(id__in={f.object_id for f in facts if f.is_again}).values_list("id", "owner_id")
    )
    return [[owners.get(fact.object_id)] if fact.is_again else [] for fact in facts]
