"""What other slices may use of the analyses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from peyvand.analytical.analyses.jobs import begin_all, put_to_work, queued, run_all
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.analytical.analyses.objects import ANALYSIS, FAILED, MODEL_CARD, READY, REFUSED, RUNNING
from peyvand.analytical.analyses.seeds import ensure_choices
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.telling import said
from peyvand.platform.objects.records import update_records

__all__ = ["READY", "REFUSED", "Standing", "begin_all", "choose", "put_to_work", "run_all", "standing_of"]


@dataclass(frozen=True)
class Standing:
    """How an analysis stands, for pages that show what it found; ``analyses/_standing.html`` draws it. ``card``: the newest that
    has an answer, where that still holds. ``refusal``: why there is none, in the reader's words; neither: it never ran.
    ``told_by``: the model card that says how this is known, ``choice``: what can be reckoned now, both ids, for whom they are open.
    """

    card: ModelCard | None
    refusal: str = ""
    told_by: int | None = None
    choice: int | None = None
    is_running: bool = False
    is_waiting: bool = False
    percent: int = 0
    has_failed: bool = False

    @property
    def more(self) -> Mapping[str, Any]:
        """What it found beyond scores; empty where there is no answer."""
        return self.card.more if self.card else {}

    @property
    def as_of(self) -> date | None:
        return self.card.as_of if self.card else None


def choose(ctx: Context, analysis: str, **values: Any) -> None:
    """Have an analysis reckon otherwise, by what its settings are called; its history says who."""
    update_records(ctx, ANALYSIS, [ensure_choices()[analysis]], [values])


def standing_of(ctx: Context, analysis: str) -> Standing:
    """How an analysis of the open workspace stands. A refusal takes back what was found before; a run that failed does not."""
    cards = ModelCard.objects.filter(analysis=analysis).order_by("-number")
    last = list(cards.defer("card", "more")[:2])
    ended = next((card for card in last if card.state != RUNNING), None)
    runs = last[0] if last and last[0].state == RUNNING else None
    told = cards.filter(state__in=(READY, REFUSED)).first()
    choice = AnalysisChoice.objects.filter(key=analysis, deleted_at__isnull=True).first()
    may_read = told is not None and bool(decide(ctx.actor, MODEL_CARD.permission("view")))
    may_run = choice is not None and bool(decide(ctx.actor, ANALYSIS.permission("refresh"), choice))
    return Standing(
        card=told if told and told.state == READY else None,
        refusal=said(told.refusal, ctx.reader) if told and told.state == REFUSED else "",
        told_by=told.pk if told and may_read else None,
        choice=choice.pk if choice and may_run else None,
        is_running=runs is not None,
        is_waiting=bool(queued(ctx.tenant, analysis)),
        percent=runs.percent if runs else 0,
        has_failed=ended is not None and ended.state == FAILED,
    )
