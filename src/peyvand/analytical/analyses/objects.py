"""What this slice declares: what a workspace chose for each analysis, and the cards of its models."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, all_analyses, register_analysis
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.types import Choice, Day, Flag, Instant, Number, Option, Percent, Text
from peyvand.platform.insights.fields import OUTSIDE, InsightLevel, InsightPercent
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, Section, StandardView, register

RUNNING, READY, REFUSED, FAILED = "running", "ready", "refused", "failed"
STATES = (
    Option(RUNNING, _("In progress"), "info"),
    Option(READY, _("Ready"), "good"),
    Option(REFUSED, _("Gives no answer"), "warn"),
    Option(FAILED, _("Failed"), "bad"),
)
KINDS = LazyOptions(lambda: (Option(a.key, a.label) for a in all_analyses()))

ANALYSIS = register(
    ObjectSpec(
        key="analysis",
        plural="analyses",
        model=AnalysisChoice,
        label=_("Analysis"),
        label_plural=_("Analyses"),
        icon="chart",
        area=areas.INSIGHTS,
        title="key",
        admin=True,
        creatable=False,
        in_search=False,
        has_bin=False,
        policy=SharedRows(),
        default_sort="id",
        fields=(
            Choice(key="key", label=_("Analysis"), options=KINDS, readonly=True),
            Flag(key="is_on", label=_("Runs every night"), default=True),
            Number(
                key="horizon_days", label=_("Forecast horizon (days)"), min=7, max=730,
                help=_("For channels: how many days back a path goes. Empty: the default of the analysis."),
            ),
            Percent(
                key="margin", label=_("Margin"), min=1,
                help=_("For customer value: the share of revenue that is left as margin. Empty: all revenue counts."),
            ),
            Flag(
                key="by_margin", label=_("Also ranks by expected margin"),
                help=_("For next offers: likelihood times the usual margin. Only roles that see costs see this ranking."),
            ),
            Flag(
                key="own_contacts", label=_("Own calls and meetings count as channels"),
                help=_("For channels: people mostly call those who are about to buy, so calls would get credit that others earned."),
            ),
        ),
        columns=("key", "is_on", "horizon_days", "margin"),
        sections=(Section(_("How it is calculated"), ("is_on", "horizon_days", "margin", "by_margin", "own_contacts")),),
    )
)  # fmt: skip

MODEL_CARD = register(
    ObjectSpec(
        key="model_card",
        plural="model-cards",
        model=ModelCard,
        label=_("Model card"),
        label_plural=_("Model cards"),
        icon="chart",
        area=areas.INSIGHTS,
        creatable=False,
        changeable=False,
        in_search=False,
        has_bin=False,
        policy=SharedRows(),
        default_sort="-id",
        views=(
            StandardView("ready", _("Ready"), {"field": "state", "op": "is", "value": READY}, "-id"),
            StandardView("refused", _("Without an answer"), {"field": "state", "op": "is", "value": REFUSED}, "-id"),
        ),
        fields=(
            Text(key="name", label=_("Name"), readonly=True, max_length=100),
            Choice(key="analysis", label=_("Analysis"), options=KINDS, readonly=True),
            Number(key="number", label=_("Version"), readonly=True, grouped=False),
            Choice(key="state", label=_("State"), options=STATES, readonly=True),
            Day(key="as_of", label=_("As of"), readonly=True),
            Instant(key="started_at", label=_("Started"), readonly=True),
            Instant(key="ended_at", label=_("Ended"), readonly=True),
            Number(key="rows", label=_("Rows it learned from"), readonly=True, max=2**62),
            Number(key="scored", label=_("Records scored"), readonly=True, max=2**62),
            Number(key="written", label=_("Values that changed"), readonly=True, max=2**62),
            Number(key="changed", label=_("Levels that changed"), readonly=True, max=2**62),
            Flag(key="is_better", label=_("Better than the simple rule"), readonly=True),
        ),
        columns=("name", "state", "as_of", "rows", "scored", "changed", "is_better"),
        sections=(
            Section(_("The run"), ("analysis", "number", "state", "as_of", "started_at", "ended_at")),
            Section(_("How much"), ("rows", "scored", "written", "changed", "is_better")),
        ),
    )
)  # fmt: skip

_LEVELS = (
    Option("low", _("Low"), "good"),
    Option("medium", _("Medium"), "warn"),
    Option("high", _("High"), "bad"),
)
_GIVEN = (
    InsightPercent(key="outside_score", slot="number1", label=_("Outside score")),
    InsightLevel(
        key="outside_level", slot="text1", label=_("Outside level"), options=_LEVELS, is_ranked=True
    ),
)
# What another system's model says of our records; programs send it (POST /api/v1/people/insights).
register_analysis(
    Analysis(
        key=OUTSIDE,
        label=_("Outside scores"),
        about=_("Scores from a model in another system."),
        insights=dict.fromkeys(("person", "company", "lead", "deal"), _GIVEN),
    )
)
