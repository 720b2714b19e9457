"""Who is told of reports: where one could not be sent, whoever had it sent."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.reports.events import ReportNotSent
from peyvand.analytical.reports.models import Report, Sending
from peyvand.platform.events.reactions import Cause
from peyvand.platform.notifications.telling import Told, tells


@tells(ReportNotSent, label=_("A report of mine could not be sent"), group=_("Insights"), many=_("%(count)s reports could not be sent"))  # fmt: skip
def not_sent(cause: Cause, facts: Sequence[ReportNotSent]) -> Told:
    ids = [fact.object_id for fact in facts]
    owners = dict(Report.objects.filter(id__in=ids).values_list("id", "owner_id"))
    senders = dict(Sending.objects.filter(report_id__in=ids).values_list("report_id", "sender_id"))
    return [[owners.get(id), senders.get(id)] for id in ids]
