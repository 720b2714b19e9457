"""A workspace's choices for the analyses: all run, by their defaults."""

from __future__ import annotations

from peyvand.analytical.analyses.contract import all_analyses
from peyvand.analytical.analyses.models import AnalysisChoice
from peyvand.platform.actions.context import Context
from peyvand.platform.modules.seeds import seed


@seed
def choices(ctx: Context) -> None:
    ensure_choices()


def ensure_choices() -> dict[str, AnalysisChoice]:
    """The choices of the open workspace by key of the analysis; those of analyses that came since are made."""
    found = {c.key: c for c in AnalysisChoice.objects.filter(deleted_at__isnull=True)}
    missing = [AnalysisChoice(key=a.key) for a in all_analyses() if a.key not in found]
    if missing:
        AnalysisChoice.objects.bulk_create(missing, ignore_conflicts=True)
        found = {c.key: c for c in AnalysisChoice.objects.filter(deleted_at__isnull=True)}
    return found
