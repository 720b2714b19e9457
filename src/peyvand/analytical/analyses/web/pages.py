"""The page of all analyses with how each stands, and the page of one model card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.analytical.analyses.actions import refresh
from peyvand.analytical.analyses.contract import Analysis, all_analyses, analysis_named
from peyvand.analytical.analyses.jobs import queued
from peyvand.analytical.analyses.models import AnalysisChoice, ModelCard
from peyvand.analytical.analyses.objects import ANALYSIS, MODEL_CARD, READY, RUNNING
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.model import card_context, compared
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.insights.telling import said
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import find_object
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.answers import page_url, with_events
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
    is_waiting: bool
    verdict: str
    is_off: bool
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
    waiting = queued(ctx.tenant, *(one.key for one in all_analyses()))
    rows = [
        _standing(ctx, one, newest.get(one.key), choices.get(one.key), one.key in waiting)
        for one in all_analyses()
    ]
    return render(request, "analyses/models.html", {
        "rows": rows, "is_busy": any(r.percent is not None or r.is_waiting for r in rows),
        "refresh_all": any(r.refresh and r.is_on for r in rows),
    })  # fmt: skip


@require_POST
def refresh_all(request: HttpRequest, workspace: str) -> HttpResponse:
    """Put every analysis into the queue that runs here and that the actor may have reckoned."""
    ctx = context_of(request)
    choices = AnalysisChoice.objects.filter(deleted_at__isnull=True, is_on=True).order_by("id")
    named = [
        c for c in choices if analysis_named(c.key) and decide(ctx.actor, ANALYSIS.permission("refresh"), c)
    ]
    if not named:
        raise NotAllowed(msg("You may not recalculate analyses."))
    with transaction.atomic():
        for choice in named:
            refresh(ctx, choice)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(here(ctx, "insights/models"))
    said = gettext("They wait for their turn; this page follows.")
    return with_events(HttpResponse(), toast={"text": said, "kind": "good"}, changed=True)


def _standing(
    ctx: Context, one: Analysis, card: ModelCard | None, choice: AnalysisChoice | None, is_waiting: bool
) -> Standing:
    state = _STATE.option(card.state) if card else None
    beside = card.card.get("beside") if card is not None and card.state == READY else None
    may = choice is not None and bool(decide(ctx.actor, ANALYSIS.permission("view")))
    return Standing(
        one, card, state, page_url(ctx, MODEL_CARD, card.pk) if card else "",
        said(card.refusal, ctx.reader) if card and card.refusal else "",
        card.percent if card and card.state == RUNNING else None, is_waiting,
        compared(beside, ctx.reader).verdict if beside else "",
        bool(card and card.state == READY and card.card.get("is_off")), choice is None or choice.is_on,
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
        url = list_url(ctx, spec, {"not": {"field": fields[0].key, "op": "empty"}})
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
