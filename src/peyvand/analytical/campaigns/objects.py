"""What this slice declares: the analyses of channels and of what campaigns changed, and the insights about whom they change."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.analytical.campaigns.hooks import prepare_trials
from peyvand.analytical.campaigns.models import CampaignTrial
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import LongText, Option, Text
from peyvand.platform.insights.fields import InsightLevel, InsightNumber
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Section, register

LESS, USUAL, MORE = "less", "usual", "more"
ANSWERS = (
    Option(LESS, _("Less than others"), ""),
    Option(USUAL, _("Same as others"), "info"),
    Option(MORE, _("More than others"), "good"),
)
# The trials, and what was bought before them.
_TOLD = ("automation_run.came", "automation_run.group", "order.total", "invoice.total")
_UPLIFT = (
    InsightNumber(key="uplift", slot="number1", label=_("Effect of the campaign, in points"), decimals=1, gathers=_TOLD),
    InsightLevel(
        key="uplift_level", slot="text1", label=_("Response to campaigns"), options=ANSWERS, is_ranked=True, is_told=False, gathers=_TOLD
    ),
)  # fmt: skip

CAMPAIGN_TRIAL = register(
    ObjectSpec(
        key="campaign_trial",
        admin=True,
        plural="campaign_trials",
        model=CampaignTrial,
        label=_("Campaign of an outside table"),
        label_plural=_("Campaigns of outside tables"),
        icon="chart",
        area=areas.INSIGHTS,
        policy=SharedRows(),
        in_search=False,
        default_sort="-id",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=150),
            Text(key="source", label=_("Outside table"), required=True, max_length=63, help=_("Its name in SQL; see Settings, Data warehouse.")),
            Text(key="arm", label=_("Column of the groups"), required=True, max_length=100),
            Text(key="treated", label=_("Value for those treated"), required=True, max_length=200),
            Text(key="control", label=_("Value for the control group (chosen at random)"), required=True, max_length=200,
                 help=_("Rows of other groups are left out.")),
            Text(key="outcome", label=_("Column of the outcome"), required=True, max_length=100),
            Text(key="came", label=_("Value where the outcome happened"), max_length=200, help=_("Empty: yes, or any number above 0.")),
            LongText(key="known", label=_("Columns known beforehand"), max_length=2000,
                     help=_("Separated by commas. They show whom the campaign affects more; without any, only the average effect is shown.")),
        ),
        columns=("name", "source", "arm", "outcome"),
        sections=(
            Section(_("Campaign of an outside table"), ("name", "source")),
            Section(_("Groups"), ("arm", "treated", "control")),
            Section(_("Outcome"), ("outcome", "came")),
            Section(_("Whom it affects"), ("known",)),
        ),
        prepare=prepare_trials,
    )
)  # fmt: skip

ATTRIBUTION = register_analysis(
    Analysis(
        key="attribution",
        label=_("Share of channels"),
        about=_("The paths customers took to their first purchase, and the share of each channel in it."),
        run="peyvand.analytical.campaigns.attribution:run",
        gathers=("order.total", "invoice.total"),
        defaults={"horizon_days": 90},
    )
)
UPLIFT = register_analysis(
    Analysis(
        key="uplift",
        label=_("Effect of campaigns"),
        about=_(
            "What a campaign changed, compared with a randomly chosen control group, and whom it affects most."
        ),
        run="peyvand.analytical.campaigns.uplift:run",
        insights={"person": _UPLIFT, "company": _UPLIFT},
    )
)
