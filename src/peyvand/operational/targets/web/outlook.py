"""The forecast: by how sure deals are, and what changed in it since some evening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.operational.sales.public import FORECASTS
from peyvand.operational.targets.asking import CHANGED, changed
from peyvand.operational.targets.forecast import (
    BY,
    CATEGORIES,
    Outlook,
    forecast,
    may_forecast,
    undated,
)
from peyvand.operational.targets.outcomes import WAYS, ways_of
from peyvand.operational.targets.snapshots import KINDS, Bridge, bridge, last_taken
from peyvand.operational.targets.web.choosing import Choosing, Option, choosing
from peyvand.operational.targets.web.tabs import pages
from peyvand.platform.access.decisions import demand
from peyvand.web.components.charts import Axis, Chart, Mark, Series, Tone, columns
from peyvand.web.components.tags import money_short, money_unit
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, register_screen

FORECAST = register_screen(
    Screen("forecast", _("Forecast"), "tup", "reports/forecast", opens=lambda ctx: may_forecast(ctx.actor))
)
SINCE = {"1": _("Yesterday"), "7": _("A week ago"), "30": _("A month ago")}
# Won, then the categories from the surest to the least sure; what is left out has none.
_TONES: tuple[Tone, ...] = ("good", "", "info", "quiet")
_OPEN = {"field": "status", "op": "is", "value": "open"}


@dataclass(frozen=True)
class Line:
    """One line of the forecast: what stands in each column, and where it leads."""

    outlook: Outlook
    name: str
    share: float
    cells: list[tuple[int, int, str]]


@dataclass(frozen=True)
class Change:
    """One kind of change in the bridge: how many deals, what it comes to, and where they are."""

    label: str | Promise
    count: int
    amount: int
    url: str
    tone: str


@require_GET
def outlook(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?by=`` one of BY, ``?since=`` one of SINCE, and what ``choosing`` reads; this quarter unless another time is named."""
    ctx = context_of(request)
    demand(ctx.actor, "deal.view")
    if not may_forecast(ctx.actor):
        raise NotAllowed(msg("Your role does not show what a forecast is made of."))
    known = ways_of(ctx.actor)
    ways = [key for key in BY if key in known or key == "month"]
    by = request.GET.get("by", "")
    by = by if by in ways else ways[0]
    since = request.GET.get("since", "")
    since = since if since in SINCE else "7"
    given = request.GET.dict()
    chosen = choosing(ctx, {"span": "this_quarter", **given}, by=by, since=since)
    labels = {option.key: option.label for option in FORECASTS}
    lines, total = forecast(ctx.actor, by, chosen.span, chosen.pipeline)
    most = max((line.expected for line in lines), default=0) or 1
    today = clock.today(ctx.tenant.tz)
    day = last_taken(today - timedelta(days=int(since)))
    may_change = not ctx.actor.grants.hides("deal") & {"owner"}
    shown = [_line(chosen, by, line, line.expected / most) for line in lines]
    heads = [_("Won"), *(labels[category] for category in CATEGORIES)]
    steps = bridge(ctx.actor, day, chosen.span, chosen.pipeline) if day is not None and may_change else None
    return render(request, "targets/forecast.html", {
        "pages": pages(ctx, FORECAST), "chosen": chosen, "way": WAYS[by], "labels": heads,
        "ways": [Option(WAYS[key].label, chosen.url(by=key), key == by) for key in ways],
        "lines": shown, "chart": _drawn(f"{gettext('Forecast')} · {WAYS[by].label}", shown, heads),
        "total": replace(_line(chosen, "", total, 0), name=gettext("All")),
        "has_targets": any(line.target is not None for line in lines),
        "undated": undated(ctx.actor, chosen.pipeline),
        "undated_url": chosen.rows(_OPEN, {"field": "expected_on", "op": "empty"}),
        "sinces": [Option(label, chosen.url(since=key), key == since) for key, label in SINCE.items()],
        "bridge": steps, "changes": _changes(chosen, steps) if steps else [],
        "other_owner": chosen.rows({"field": CHANGED, "op": "is", "value": changed("other_owner", steps.day, chosen.span)}) if steps else "",
    })  # fmt: skip


def _drawn(label: str, lines: Sequence[Line], heads: Sequence[str | Promise]) -> Chart | None:
    """What each line is made of, the surest at the bottom; what was left out of the forecast is not drawn."""
    parts = [
        Series(
            str(head),
            tuple(Mark(line.cells[n][1], money_short(line.cells[n][1]), line.cells[n][2]) for line in lines),
            _TONES[n],
        )
        for n, head in enumerate(heads[: len(_TONES)])
    ]
    is_time = any(line.outlook.span is not None for line in lines)
    return columns(
        label,
        [line.name for line in lines],
        *parts,
        says=[Axis(lambda value: money_short(round(value)), money_unit())],
        is_time=is_time,
    )


def _line(chosen: Choosing, by: str, line: Outlook, share: float) -> Line:
    part: list[Any] = []
    if by and line.span is None:
        path = WAYS[by].path
        part = [
            {"field": path, "op": "empty"}
            if line.key is None
            else {"field": path, "op": "is", "value": str(line.key)}
        ]
    won = [{"field": "status", "op": "is", "value": "won"}, *_within(chosen, line, "closed_on"), *part]
    cells = [(*line.parts["won"], chosen.rows(*won))]
    for category in CATEGORIES:
        sure = {"field": "forecast", "op": "is", "value": category}
        cells.append(
            (*line.parts[category], chosen.rows(_OPEN, sure, *_within(chosen, line, "expected_on"), *part))
        )
    return Line(line, line.name or gettext("None"), share, cells)


def _within(chosen: Choosing, line: Outlook, field: str) -> list[dict[str, Any]]:
    return (line.span or chosen.span).condition(field)


def _changes(chosen: Choosing, steps: Bridge) -> list[Change]:
    tones = {"won": "good", "lost": "bad", "pushed_out": "warn", "down": "warn"}
    return [
        Change(KINDS[kind], count, amount, chosen.rows({"field": CHANGED, "op": "is", "value": changed(kind, steps.day, chosen.span)}),
               tones.get(kind, ""))
        for kind, (count, amount) in steps.parts.items()
    ]  # fmt: skip
