"""Reports about deals: what they came to, and their way through the stages. Each figure opens its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.operational.sales.public import DEAL
from peyvand.operational.targets.asking import PASSED, passed
from peyvand.operational.targets.funnel import Step, bottleneck, funnel
from peyvand.operational.targets.outcomes import Figures, Way, may_report, outcomes, ways_of
from peyvand.operational.targets.web.choosing import Choosing, Option, choosing
from peyvand.operational.targets.web.tabs import pages
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.web.components.charts import Axis, Chart, Mark, Series, columns
from peyvand.web.components.tags import money_short, money_unit, number, ratio
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, register_screen


def may_see_funnel(ctx: Context) -> bool:
    """Whether there is a funnel for the actor: they see deals, their stages and how they ended."""
    return may_report(ctx.actor) and not ctx.actor.grants.hides(DEAL.key) & {"stage", "pipeline"}


SALES = register_screen(
    Screen("sales-report", _("Sales report"), "chart", "reports/sales", opens=lambda ctx: may_report(ctx.actor))
)  # fmt: skip
FUNNEL = register_screen(
    Screen("funnel-report", _("Sales funnel"), "filter", "reports/funnel", opens=may_see_funnel)
)


@dataclass(frozen=True)
class Line:
    """One line of the report, the share of the longest that its bar has, and where each of its figures leads."""

    figures: Figures
    name: str
    share: float
    urls: dict[str, str]


@require_GET
def sales(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?by=`` one of the ways to tell deals apart, and what ``choosing`` reads."""
    ctx = context_of(request)
    demand(ctx.actor, "deal.view")
    if not may_report(ctx.actor):
        raise NotAllowed(msg("Your role does not show how deals ended."))
    ways = ways_of(ctx.actor)
    by = request.GET.get("by", "")
    way = ways[by] if by in ways else next(iter(ways.values()))
    chosen = choosing(ctx, request.GET, by=way.key)
    found, total = outcomes(ctx.actor, way, chosen.span, chosen.pipeline)
    shows_money = "amount" not in ctx.actor.grants.hides(DEAL.key)
    lengths = [_length(line, way, shows_money) for line in found]

    def leads(line: Figures) -> tuple[str, str]:
        urls = _urls(chosen, way, line)
        return urls["lost" if way.of_losses else "won"], urls["ended"]

    most = max(lengths, default=0) or 1
    return render(request, "targets/sales.html", {
        "pages": pages(ctx, SALES), "chosen": chosen, "way": way, "shows_money": shows_money,
        "ways": [Option(each.label, chosen.url(by=key), key == way.key) for key, each in ways.items()],
        "lines": [Line(line, line.name or gettext("None"), length / most, _urls(chosen, way, line))
                  for line, length in zip(found, lengths, strict=True)],
        "total": Line(total, gettext("All"), 0, _urls(chosen, None, total)) if total else None,
        "chart": drawn(found, leads, of=str(way.label), shows_money=shows_money, of_losses=way.of_losses,
                       today=clock.today(ctx.tenant.tz)),
    })  # fmt: skip


def drawn(
    found: Sequence[Figures],
    leads: Callable[[Figures], tuple[str, str]],
    *,
    of: str,
    shows_money: bool,
    of_losses: bool = False,
    today: date,
) -> Chart | None:
    """What was won, or lost, side by side, with the win rate above; ``leads`` gives the rows of a column and of its rate."""
    label = gettext("Lost") if of_losses else gettext("Amount won") if shows_money else gettext("Won")
    shown = money_short if shows_money and not of_losses else number
    marks, rates = [], []
    for line in found:
        length = line.lost if of_losses else max(0, line.won_amount or 0) if shows_money else line.won
        rows, ended = leads(line)
        marks.append(Mark(length, shown(length), rows))
        rates.append(Mark(None if line.rate is None else float(line.rate), ratio(line.rate), ended))
    parts = [Series(label, tuple(marks), "bad" if of_losses else "")]
    if not of_losses:
        parts.append(Series(gettext("Win rate"), tuple(rates), "warn", is_line=True))
    says = [
        Axis(lambda value: shown(round(value)), money_unit() if shown is money_short else ""),
        Axis(lambda value: ratio(value)),
    ]
    is_time = any(line.span is not None for line in found)
    span = found[-1].span if found else None
    is_running = span is not None and span.end is not None and span.end > today
    names = [line.name or gettext("None") for line in found]
    if is_running:
        names[-1] = gettext("%(period)s so far") % {"period": names[-1]}
    return columns(
        f"{label} · {of}",
        names,
        *parts,
        says=says,
        is_time=is_time,
        is_running=is_running,
    )


def _length(line: Figures, way: Way, shows_money: bool) -> int:
    """What the bars of the report are long by."""
    if way.of_losses:
        return line.lost
    return max(0, line.won_amount or 0) if shows_money else line.won


def _urls(chosen: Choosing, way: Way | None, line: Figures) -> dict[str, str]:
    part: list[Any] = []
    if way is not None and line.span is None:
        if line.key is None:
            part = [{"field": way.path, "op": "empty"}]
        elif way.links:
            part = [{"field": way.path, "op": "has_any", "value": [str(line.key)]}]
        else:
            part = [{"field": way.path, "op": "is", "value": str(line.key)}]
    within = chosen.span.condition("closed_on")
    if line.span is not None:
        within += line.span.condition("closed_on")

    def rows(*states: str) -> str:
        asked = {"field": "status", "op": "in", "value": list(states)}
        return chosen.rows(asked, *part, *(within if states != ("open",) else ()))

    return {"won": rows("won"), "lost": rows("lost"), "ended": rows("won", "lost"), "at_work": rows("open")}


@dataclass(frozen=True)
class Stair:
    """One stage of the funnel, the share of the most that came to one, and where each of its figures leads."""

    step: Step
    share: float
    is_slowest: bool
    urls: dict[str, str]


@require_GET
def stages(request: HttpRequest, workspace: str) -> HttpResponse:
    """How deals went through a pipeline's stages, within the span that ``choosing`` reads."""
    ctx = context_of(request)
    demand(ctx.actor, "deal.view")
    if not may_see_funnel(ctx):
        raise NotAllowed(msg("Your role does not show the stages of deals."))
    chosen = choosing(ctx, request.GET, one_pipeline=True)
    steps = funnel(ctx.actor, chosen.pipeline, chosen.span) if chosen.pipeline is not None else []
    slowest = bottleneck(steps)
    most = max((step.came for step in steps), default=0) or 1
    stairs = [
        Stair(step, step.came / most, step.stage == slowest, {
            kind: chosen.rows({"field": PASSED, "op": "is", "value": passed(kind, step.stage, chosen.span)})
            for kind in ("came", "left", "on", "back", "lost")
        })
        for step in steps
    ]  # fmt: skip
    return render(request, "targets/funnel.html", {
        "pages": pages(ctx, FUNNEL), "chosen": chosen, "stairs": stairs, "has_any": any(step.came or step.left for step in steps),
        "chart": _way_down(stairs),
    })  # fmt: skip


def _way_down(stairs: list[Stair]) -> Chart | None:
    """How many came to each stage of the way to a won deal, and which share of them went on."""
    way = [stair for stair in stairs if stair.step.kind != "lost"]
    came = [Mark(stair.step.came, number(stair.step.came), stair.urls["came"]) for stair in way]
    on = [
        Mark(
            None if stair.step.rate is None else float(stair.step.rate),
            ratio(stair.step.rate),
            stair.urls["on"],
        )
        for stair in way
    ]
    return columns(
        gettext("Sales funnel"), [stair.step.name for stair in way],
        Series(gettext("Entered"), tuple(came)), Series(gettext("Conversion"), tuple(on), "warn", is_line=True),
    )  # fmt: skip
