"""What other slices may use of the analyses."""

from __future__ import annotations

from dataclasses import dataclass

from peyvand.analytical.analyses.jobs import begin_all, put_to_work
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.analytical.analyses.objects import ANALYSIS, FAILED, READY, REFUSED, RUNNING
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.telling import said

__all__ = ["Standing", "begin_all", "newest", "put_to_work", "standing_of"]


@dataclass(frozen=True)
class Standing:
    """How an analysis stands, for its own page. ``card``: the newest that has an answer, where that still holds. ``refusal``: why the
    last run gave none, in the reader's words. ``refresh``: the path in the workspace that has it run, for whoever may."""

    card: ModelCard | None
    refusal: str
    is_running: bool
    percent: int
    has_failed: bool
    refresh: str


def newest(analysis: str) -> ModelCard | None:
    """The newest card of an analysis that has an answer."""
    return ModelCard.objects.filter(analysis=analysis, state=READY).order_by("-number").first()


def standing_of(ctx: Context, analysis: str) -> Standing:
    """How an analysis of the open workspace stands."""
    last = list(ModelCard.objects.filter(analysis=analysis).order_by("-number")[:2])
    ended = next((card for card in last if card.state != RUNNING), None)
    refusal = said(ended.refusal, ctx.reader) if ended and ended.state == REFUSED and ended.refusal else ""
    runs = last[0] if last and last[0].state == RUNNING else None
    choice = AnalysisChoice.objects.filter(key=analysis, deleted_at__isnull=True).first()
    may = choice is not None and bool(decide(ctx.actor, ANALYSIS.permission("refresh"), choice))
    return Standing(
        card=None if refusal else newest(analysis),
        refusal=refusal,
        is_running=runs is not None,
        percent=runs.percent if runs else 0,
        has_failed=ended is not None and ended.state == FAILED,
        refresh=f"{ANALYSIS.plural}/{choice.pk}/do/refresh" if choice is not None and may else "",
    )
