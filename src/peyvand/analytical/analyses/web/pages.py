"""The page of all analyses with how each stands, and the page of one model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.contract import Analysis, all_analyses, analysis_named
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.analytical.analyses.objects import ANALYSIS, MODEL_CARD, READY, RUNNING
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.model import card_context, compared
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.insights.telling import said
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import find_object
from peyvand.web.objects.lists.state import NO_VIEW, dump
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.history import history_context
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

# So many earlier runs, and so many changes of its settings, stand on a card's page.
RUNS: Final = 8
CHANGES: Final = 5
_STATE: Final = cast(Choice, MODEL_CARD.field("state"))


def _opens(ctx: Context) -> bool:
    return bool(decide(ctx.actor, MODEL_CARD.permission("view")))


register_screen(Screen("analyses", _("Analyses"), "chart", "insights/models", place=9, opens=_opens))


@dataclass(frozen=True)
class Standing:
    """How an analysis stands: its newest card, why that has no answer, how far a running one is, how good the newest answer is."""

    analysis: Analysis
    card: ModelCard | None
    state: Any
    url: str
    refusal: str
    percent: int | None
    verdict: str
    is_on: bool
    refresh: str
    settings: str


@dataclass(frozen=True)
class Found:
    """Where the records that a card judged are: a list of those that have its insights."""

    label: str | Promise
    url: str
    insights: Sequence[str | Promise]


@require_GET
def all_cards(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every analysis: what it is, whether it has an answer, and why not."""
    ctx = context_of(request)
    spec_for(ctx, MODEL_CARD.plural)
    newest = {
        card.analysis: card for card in ModelCard.objects.order_by("analysis", "-number").distinct("analysis")
    }
    choices = {choice.key: choice for choice in AnalysisChoice.objects.filter(deleted_at__isnull=True)}
    rows = [_standing(ctx, one, newest.get(one.key), choices.get(one.key)) for one in all_analyses()]
    return render(
        request,
        "analyses/models.html",
        {"rows": rows, "is_running": any(r.percent is not None for r in rows)},
    )


def _standing(ctx: Context, one: Analysis, card: ModelCard | None, choice: AnalysisChoice | None) -> Standing:
    state = _STATE.option(card.state) if card else None
    beside = card.card.get("beside") if card is not None and card.state == READY else None
    may = choice is not None and bool(decide(ctx.actor, ANALYSIS.permission("view")))
    return Standing(
        one, card, state, page_url(ctx, MODEL_CARD, card.pk) if card else "",
        said(card.refusal, ctx.reader) if card and card.refusal else "",
        card.percent if card and card.state == RUNNING else None,
        compared(beside, ctx.reader).verdict if beside else "", choice is None or choice.is_on,
        address(ctx, ANALYSIS, choice.pk, "do", "refresh") if choice and may and decide(ctx.actor, ANALYSIS.permission("refresh"), choice) else "",
        page_url(ctx, ANALYSIS, choice.pk) if choice and may else "",
    )  # fmt: skip


@require_GET
def model_card(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One run: what it says and of whom, how good it is, what counts, its data, what changed, and who changed what."""
    ctx = context_of(request)
    card: ModelCard = load_record(spec_for(ctx, MODEL_CARD.plural), ctx.actor, id)
    analysis = analysis_named(card.analysis)
    runs = ModelCard.objects.filter(analysis=card.analysis).exclude(id=card.pk).order_by("-number")[:RUNS]
    told = analysis.tells_of if analysis else ()
    reason = closed(ctx.actor, dict.fromkeys(path.partition(".")[0] for path in told), told)
    return render(request, "analyses/model_card.html", {
        "card": card, "title": analysis.label if analysis else card.name, "url": page_url(ctx, MODEL_CARD, card.pk),
        "state": _STATE.option(card.state), "is_running": card.state == RUNNING,
        "judged": _judged(ctx, analysis) if analysis and card.state == READY else [],
        "runs": [(run, page_url(ctx, MODEL_CARD, run.pk), _STATE.show(run.state, ctx.reader)) for run in runs],
        **_changes(request, ctx, card.analysis), **card_context(card, ctx.reader, hides_money=reason is not None),
        "closed": reason,
    })  # fmt: skip


def _judged(ctx: Context, analysis: Analysis) -> list[Found]:
    found = []
    for key in analysis.insights:
        spec = find_object(key)
        hidden = ctx.actor.grants.hides(key)
        fields = [f for f in analysis.fields_of(key) if f.key not in hidden]
        if spec is None or not fields or not decide(ctx.actor, spec.permission("view")):
            continue
        asked = dump({"not": {"field": fields[0].key, "op": "empty"}})
        url = f"{address(ctx, spec)}/?{urlencode({'view': NO_VIEW, 'filter': asked})}"
        found.append(Found(spec.label_plural, url, [f.label for f in fields]))
    return found


def _changes(request: HttpRequest, ctx: Context, key: str) -> dict[str, Any]:
    """Who changed how the analysis is reckoned, the newest first, for whoever sees its settings."""
    choice = AnalysisChoice.objects.filter(key=key, deleted_at__isnull=True).first()
    if choice is None or not decide(ctx.actor, ANALYSIS.permission("view")):
        return {}
    opened = open_record(ctx, ANALYSIS, choice.pk)
    lines = history_context(request, ctx, opened)["lines"]
    return {"changes": lines[:CHANGES], "settings": here(ctx, f"{ANALYSIS.plural}/{choice.pk}/")}
