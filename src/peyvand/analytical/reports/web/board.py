"""The boards: pages of cards, each fetched by itself when it is seen; on the first one also the reports that people pinned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.spans import Compared
from peyvand.analytical.reports.arranging import arrangement_of
from peyvand.analytical.reports.charting import chart
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import EVER, LAST_DAYS, OWN, Question
from peyvand.analytical.reports.rights import may_ask
from peyvand.analytical.reports.web import choices, pinned
from peyvand.analytical.reports.web.builder import answered
from peyvand.analytical.reports.web.cards import Board, Card
from peyvand.analytical.reports.web.overview import OVERVIEW, sells
from peyvand.analytical.reports.web.performance import PERFORMANCE
from peyvand.analytical.reports.web.products import PRODUCTS
from peyvand.analytical.warehouse.public import PUBLISHED, NotReady, may_query
from peyvand.kernel.errors import NotAllowed, NotFound, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

BOARDS: Final = (OVERVIEW, PRODUCTS, PERFORMANCE)
CARDS: Final = {card.key: card for board in BOARDS for card in board.cards}


def _opens(board: Board, ctx: Context) -> bool:
    return any(may_ask(ctx.actor, MEASURES[key]) for key in board.needs)


DASHBOARD = register_screen(
    Screen(OVERVIEW.key, OVERVIEW.label, "bulb", OVERVIEW.path, menu=68, area=areas.INSIGHTS, shortcut="i", opens=partial(_opens, OVERVIEW))
)  # fmt: skip
for _place, _board in enumerate(BOARDS[1:], 1):
    register_screen(
        Screen(
            f"board-{_board.key}",
            _board.label,
            "chart",
            _board.path,
            place=_place,
            opens=partial(_opens, _board),
        )
    )


@require_GET
def board(request: HttpRequest, workspace: str, board: Board = OVERVIEW) -> HttpResponse:
    """``?span=`` moves all cards that are a question to another time."""
    ctx = context_of(request)
    if not _opens(board, ctx):
        raise NotAllowed(msg("Your role sees no figures of all the workspace's records."))
    found = arrangement_of(ctx, board.key).shown(cards_of(ctx, board))
    cards = [card for card in found if card.size > 1]
    return render(request, "reports/dashboard.html", {
        "more": _more(ctx) if board.shows_pinned else (), "board": board,
        "kpis": [card for card in found if card.size == 1], "cards": cards, "last": _alone(cards),
        "span": request.GET.get("span", ""), "spans": choices.spans(ctx)[:-1],
    })  # fmt: skip


def _alone(cards: Sequence[Card]) -> str:
    """The half card that would stand alone in its row, which gets all of it; "" where they go up in pairs."""
    halves = [card.key for card in cards if card.size == 2]
    return halves[-1] if len(halves) % 2 else ""


def cards_of(ctx: Context, board: Board) -> list[Card]:
    """All cards of a board that the actor may have, as they come."""
    found = [card for card in board.cards if card.is_open(ctx)]
    if any(card.of == "subscription" for card in found) and not sells():
        found.sort(key=lambda card: card.of == "sale")
    if board.shows_pinned:
        found += pinned.cards(ctx, arrangement_of(ctx, board.key).pinned)
    return found


@require_GET
def card(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """One card, fetched by the page when it is shown."""
    ctx = context_of(request)
    fixed = CARDS.get(key)
    found = fixed if fixed and fixed.is_open(ctx) else None if fixed else pinned.card(ctx, key)
    if found is None:
        raise NotFound
    if found.draw is not None:
        return render(request, "reports/card.html", {"tile": found, **_drawn(ctx, found, request.GET.dict())})
    question = found.asked(ctx)
    span = request.GET.get("span", "")
    if span in (named := dict(choices.spans(ctx))) and not found.is_now:
        # What has no beginning has nothing before it.
        compare: Compared = "" if span == EVER else question.compare
        question, found = (
            replace(question, span=span, compare=compare),
            # It stands within a phrase: "Sales last year".
            replace(found, says=named[span][:1].lower() + named[span][1:] if found.size == 1 else found.says),
        )
    url = pinned.address(ctx, key) or f"{here(ctx, 'reports/build')}?{question.to_address()}"
    more = (
        {
            "spark": "" if found.is_now else _spark(ctx, question),
            "live": PUBLISHED,
            "is_moved": question.span != LAST_DAYS,
        }
        if found.size == 1
        else {}
    )
    return render(
        request, "reports/card.html", {"tile": found, "url": url, **more, **answered(ctx, question)}
    )


def _drawn(ctx: Context, card: Card, given: dict[str, str]) -> dict[str, Any]:
    assert card.draw is not None
    try:
        told = card.draw(ctx, given)
    except NotReady as refusal:
        return {"problem": say(refusal.message)}
    return {"standing": told["template"], **told}


def _spark(ctx: Context, question: Question) -> str:
    """The course of a figure by whole periods (of the last thirty days: by the last twelve weeks), as the points of a line in a box of 64
    by 24; "" for too few."""
    if question.span == LAST_DAYS:
        unit, (since, until) = "week", choices.whole_weeks(ctx, 12)
        asked = replace(question, by=(unit,), span=OWN, since=since, until=until)
    else:
        asked = replace(question, by=(choices.unit_within(ctx, question),))
    found = answered(ctx, replace(asked, chart="lines", compare=""))
    drawn = chart(ctx, found["answer"]) if "answer" in found else None
    marks = drawn.series[0].marks[: -1 if drawn.is_running else None] if drawn else ()
    values = [mark.value for mark in marks if mark.value is not None]
    if len(values) < 3:
        return ""
    low, reach = min(values), (max(values) - min(values)) or 1
    step = 60 / (len(values) - 1)
    return " ".join(
        f"{2 + n * step:.1f},{21 - 18 * (value - low) / reach:.1f}" for n, value in enumerate(values)
    )


def _more(ctx: Context) -> list[tuple[str | Promise, str]]:
    """What is behind the dashboard, as far as the actor may open it: kept reports, model cards, analyses, the warehouse itself."""
    cards, analyses = object_named("model_card"), object_named("analysis")
    lists = (
        (REPORT, gettext("Saved reports")), (cards, cards.label_plural), (analyses, gettext("Settings of analyses")),
    )  # fmt: skip
    found: list[tuple[str | Promise, str]] = [
        (label, here(ctx, f"{spec.plural}/"))
        for spec, label in lists
        if decide(ctx.actor, spec.permission("view"))
    ]
    return (
        [*found, (gettext("Ask in SQL"), here(ctx, "settings/warehouse"))] if may_query(ctx.actor) else found
    )
