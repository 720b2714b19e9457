"""What this slice declares: reports that people keep and share."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.policies import ReportRows
from peyvand.platform.fields.types import Choice, Flag, Text, UserLink
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Section, register
from peyvand.platform.objects.views import AUDIENCES, PRIVATE

REPORT = register(
    ObjectSpec(
        key="report",
        plural="saved-reports",
        model=Report,
        label=_("Report"),
        label_plural=_("Reports"),
        icon="chart",
        area=areas.INSIGHTS,
        policy=ReportRows(),
        creatable=False,
        in_search=True,
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True, max_length=100),
            Choice(key="audience", label=_("Who sees it"), options=AUDIENCES, default=PRIVATE),
            Flag(key="is_pinned", label=_("On the dashboard"), default=False),
            UserLink(key="owner", label=_("Owner")),
        ),
        columns=("name", "audience", "is_pinned", "owner", "updated_at"),
        sections=(Section(_("Report"), ("name", "audience", "is_pinned", "owner")),),
    )
)  # fmt: skip
