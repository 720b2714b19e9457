"""The page on which somebody puts a board's cards into their own order, and adds reports for themselves."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.analytical.reports.arranging import arrangement_of, begin_anew, leave_out, move, pin
from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.web.board import BOARDS, cards_of
from peyvand.analytical.reports.web.overview import OVERVIEW
from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import visible
from peyvand.platform.objects.queries import load_record
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

OFFERED: Final = 50


@require_http_methods(["GET", "HEAD", "POST"])
def arrange(request: HttpRequest, workspace: str, board: str) -> HttpResponse:
    """``card`` and ``do``: earlier, later, hide, show; or anew."""
    ctx = context_of(request)
    found = next((each for each in BOARDS if each.key == board), None)
    if found is None:
        raise NotFound
    own = arrangement_of(ctx, board)
    cards = own.ordered(cards_of(ctx, found))
    if request.method == "POST":
        key, verb = request.POST.get("card", ""), request.POST.get("do", "")
        if verb == "anew":
            begin_anew(ctx, board)
        elif verb in ("hide", "show") and key in {card.key for card in cards}:
            leave_out(ctx, board, key, is_hidden=verb == "hide")
        elif verb in ("earlier", "later"):
            # Tiles stand before all others: a card moves among those of its kind.
            is_tile = {card.key: card.size == 1 for card in cards}
            of_kind = [card.key for card in cards if is_tile[card.key] == is_tile.get(key)]
            others = [card.key for card in cards if card.key not in of_kind]
            move(ctx, board, [*of_kind, *others], key, -1 if verb == "earlier" else 1)
        return HttpResponseRedirect(here(ctx, f"insights/arrange/{board}"))
    groups = (
        (gettext("Figures at the top"), [c for c in cards if c.size == 1]),
        (gettext("Cards"), [c for c in cards if c.size > 1]),
    )
    rows = visible(ctx.actor, REPORT.key, Report.objects.filter(deleted_at__isnull=True)).order_by("-id")
    shown = {card.key for card in cards}
    return render(request, "reports/arrange.html", {
        "board": found, "place": here(ctx, found.path), "groups": [group for group in groups if group[1]], "hidden": own.hidden,
        "has_own": bool(own.order or own.hidden),
        "reports": [row for row in rows[:OFFERED] if f"report-{row.id}" not in shown] if found is OVERVIEW else [],
        "mine": {f"report-{id}": id for id in own.pinned} if found is OVERVIEW else {},
    })  # fmt: skip


@require_POST
def pin_for_me(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Put a report on one's own board (``on``), or take it off, and go back to where that was asked."""
    ctx = context_of(request)
    report: Report = load_record(REPORT, ctx.actor, id)
    pin(ctx, OVERVIEW.key, report.pk, is_pinned="on" in request.POST)
    back = f"reports/build?report={id}" if "builder" in request.POST else f"insights/arrange/{OVERVIEW.key}"
    return HttpResponseRedirect(here(ctx, back))
