"""What people do with analyses: have them run now."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import analysis_named
from peyvand.analytical.analyses.jobs import put_to_work
from peyvand.analytical.analyses.models import AnalysisChoice
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context


@action(
    "analysis.refresh",
    label=_("Recalculate now"),
    icon="refresh",
    says=_("It waits for its turn; this page follows."),
)
def refresh(ctx: Context, choice: AnalysisChoice) -> AnalysisChoice:
    """Put one analysis into the queue; its model card appears once it begins."""
    if analysis_named(choice.key) is None:
        raise RuleViolation(msg("This analysis is not installed any more."))
    put_to_work(ctx.tenant, choice.key)
    return choice
