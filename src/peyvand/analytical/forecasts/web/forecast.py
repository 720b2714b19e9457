"""The forecast: what the months ahead bring, how well that was said of earlier months, and what the pipeline adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.forecasts.web.cards import may_know, month_name, month_rows, rows_of
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.dimensions import DIMENSIONS
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.kernel.persian.calendar import Calendar, shift
from peyvand.operational.catalog.public import Product
from peyvand.operational.sales.public import DEAL
from peyvand.operational.targets.public import Quota
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.models import User
from peyvand.platform.insights.telling import said
from peyvand.web.components.charts import Area, Axis, Chart, Mark, Series, drawn
from peyvand.web.components.tags import money_unit
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, open_screens, register_screen

# What is forecast, in the order in which it is offered, and the parts that the revenue is told by.
MEASURE_KEYS: Final = ("revenue", "orders", "won_amount", "deals_won")
PART_KEYS: Final = ("series", "product", "member")
# What the pipeline's part tells of.
_PIPELINE: Final = ("won_amount", "open_amount")
_PAST: Final = 18
_YEAR: Final = 12


def opens(ctx: Context) -> bool:
    return any(may_know(ctx, key) for key in MEASURE_KEYS)


SCREEN = register_screen(
    Screen("sales-forecast", _("Forecast"), "tup", "insights/forecast", place=3, opens=opens)
)


@dataclass(frozen=True)
class Choice:
    """One of several ways to look at the page."""

    label: str | Promise
    url: str
    current: bool


@dataclass(frozen=True)
class Ahead:
    """A month ahead in words: expected, between (80 percent), surely between (95 percent), as last time, and its target."""

    name: str
    expected: str
    between: tuple[str, str]
    surely: tuple[str, str]
    again: str
    target: str = ""
    # Of the running month: what it has so far, and where that is.
    so_far: str = ""
    url: str = ""


@dataclass(frozen=True)
class Came:
    """A month that is over: what had been said of it, what came, and where that is."""

    name: str
    said: str
    between: tuple[str, str]
    came: str
    url: str
    inside: bool


@dataclass(frozen=True)
class Line:
    """A part of the revenue, or a stage of the pipeline, in words."""

    name: str
    cells: tuple[str, ...]
    url: str = ""


@require_GET
def forecast(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?m=`` one of MEASURE_KEYS, ``?by=`` one of PART_KEYS."""
    ctx = context_of(request)
    if not opens(ctx):
        raise NotAllowed(msg("Your role sees no figures of all the workspace's records."))
    known = [key for key in MEASURE_KEYS if may_know(ctx, key)]
    standing = standing_of(ctx, "sales_forecast")
    more = standing.more
    told: Mapping[str, Any] = more.get("measures", {})
    answered = [key for key in known if "ahead" in told.get(key, ())]
    asked = request.GET.get("m", "")
    key = asked if asked in known else next(iter(answered), known[0])
    one: Mapping[str, Any] = told.get(key, {})
    # Of one measure there may be too little while there is an answer for others.
    refusal = said(one["refusal"], ctx.reader) if "refusal" in one else standing.refusal
    has_answer = bool(more) and not refusal
    return render(request, "forecasts/forecast.html", {
        "standing": standing, "refusal": refusal, "measure": gettext(MEASURES[key].label),
        "unit": money_unit() if MEASURES[key].unit == "money" else "",
        "measures": [Choice(_(MEASURES[k].label), f"?{urlencode({'m': k})}", k == key) for k in known],
        **(_answer(ctx, key, one, more) if has_answer else {}),
        **(_parts(ctx, more, request.GET.get("by", "")) if has_answer and key == "revenue" else {}),
        **(_pipeline(ctx) if may_know(ctx, *_PIPELINE) else {}),
    })  # fmt: skip


def _answer(ctx: Context, key: str, one: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    calendar: Calendar = more["calendar"]
    unit = MEASURES[key].unit
    targets = _targets(ctx, calendar, one["ahead"]) if key == "won_amount" else {}

    def text(value: float | None) -> str:
        return "" if value is None else shown(round(value), unit, ctx.reader)

    lines = []
    for n, month in enumerate(one["ahead"]):
        start = date.fromisoformat(month["month"])
        lines.append(Ahead(
            month_name(ctx, start, calendar), text(month["expected"]), (text(month["low"]), text(month["high"])),
            (text(month["lower"]), text(month["higher"])), text(month["again"]), text(targets.get(start)),
            *((text(one["so_far"]), month_rows(ctx, key, start, calendar)) if n == 0 else ()),
        ))  # fmt: skip
    tried = [
        Came(
            month_name(ctx, date.fromisoformat(t["month"]), calendar), text(t["said"]), (text(t["low"]), text(t["high"])),
            text(t["came"]), month_rows(ctx, key, date.fromisoformat(t["month"]), calendar), t["low"] <= t["came"] <= t["high"],
        )
        for t in reversed(one["tried"])
    ]  # fmt: skip
    beside = one["beside"]
    return {
        "running": lines[0], "ahead": lines[1:], "tried": tried, "inside": one["inside"], "is_seasonal": one["is_seasonal"],
        "has_targets": any(line.target for line in lines), "months": len(one["months"]),
        "beside": beside and {
            "is_better": beside["low"] > 0,
            **{side: shown(beside[side], "percent", ctx.reader) for side in ("method", "simple")},
        },
        "chart": _chart(ctx, key, one, calendar, text),
    }  # fmt: skip


def _chart(ctx: Context, key: str, one: Mapping[str, Any], calendar: Calendar, text: Any) -> Chart | None:
    """The past as a line, what is expected as one that goes on from it, and the interval of 80 percent around that."""
    past = [date.fromisoformat(m) for m in one["months"]][-_PAST:]
    values = one["values"][-_PAST:]
    months = [*past, *(date.fromisoformat(a["month"]) for a in one["ahead"])]

    def line(side: str) -> tuple[Mark, ...]:
        # It begins where the past ends, so that the two are one line.
        before = [Mark(None, "")] * (len(past) - 1) + [Mark(values[-1], text(values[-1]))] if past else []
        return (*before, *(Mark(a[side], text(a[side])) for a in one["ahead"]))

    came = [Mark(v, text(v), month_rows(ctx, key, m, calendar)) for m, v in zip(past, values, strict=True)]
    return drawn(
        "lines", gettext(MEASURES[key].label), [month_name(ctx, m, calendar) for m in months],
        Series(gettext("Actual"), (*came, *[Mark(None, "")] * len(one["ahead"]))),
        Series(gettext("Expected"), line("expected"), "info"),
        says=[Axis(text, money_unit() if MEASURES[key].unit == "money" else "")], is_time=True,
        area=Area(gettext("80 percent range"), line("low"), line("high")),
    )  # fmt: skip


def _targets(ctx: Context, calendar: Calendar, ahead: Sequence[Mapping[str, Any]]) -> dict[date, int]:
    """The quotas of the amount won for everybody together, by month."""
    if not decide(ctx.actor, "quota.view"):
        return {}
    months = {date.fromisoformat(a["month"]) for a in ahead}
    rows = Quota.objects.filter(
        deleted_at__isnull=True, measure="won_amount", unit="month", starts_on__in=months, owner__isnull=True, team__isnull=True,
        product__isnull=True, pipeline__isnull=True,
    )  # fmt: skip
    ends = {m: shift(m, 1, "month", calendar) - timedelta(days=1) for m in months}
    told = (
        visible(ctx.actor, "quota", rows)
        .order_by()
        .values_list("starts_on", "ends_on")
        .annotate(Sum("amount"))
    )
    return {start: amount for start, end, amount in told if amount and ends[start] == end}


def _parts(ctx: Context, more: Mapping[str, Any], asked: str) -> dict[str, Any]:
    """The parts of the revenue that are known long enough, by one of the dimensions that the actor may know."""
    known = [
        key for key in PART_KEYS if more["parts"].get(key) and not closed(ctx.actor, DIMENSIONS[key].objects)
    ]
    if not known:
        return {}
    by = asked if asked in known else known[0]
    parts = more["parts"][by]
    names = _names(by, [part["key"] for part in parts])

    def text(value: float) -> str:
        return shown(round(value), "money", ctx.reader)

    lines = []
    calendar: Calendar = more["calendar"]
    until = date.fromisoformat(more["measures"]["revenue"]["ahead"][0]["month"])
    since = shift(until, -_YEAR, "month", calendar)
    for part in parts:
        next_month = part["ahead"][min(1, len(part["ahead"]) - 1)]
        cells = (text(part["lately"]), *(text(next_month[side]) for side in ("expected", "low", "high")))
        rows = rows_of(ctx, "revenue", since, until, **{by: part["key"]})
        lines.append(Line(names.get(part["key"], str(part["key"])), cells, rows))
    return {
        "parts": lines,
        "ways": [
            Choice(_(DIMENSIONS[key].label), f"?{urlencode({'by': key})}#parts", key == by) for key in known
        ],
    }


def _names(by: str, keys: Sequence[Any]) -> dict[Any, str]:
    if by == "member":
        return dict(User.objects.filter(id__in=keys).values_list("id", "name"))
    if by == "product":
        return dict(Product.objects.filter(id__in=keys).values_list("id", "name"))
    return {}


def _pipeline(ctx: Context) -> dict[str, Any]:
    standing = standing_of(ctx, "pipeline_forecast")
    more, reader = standing.more, ctx.reader
    if not more:
        return {"pipeline": standing}
    calendar: Calendar = more["calendar"]

    def text(value: float) -> str:
        return shown(round(value), "money", reader)

    def cells(one: Mapping[str, Any]) -> tuple[str, ...]:
        return text(one["open"]), text(one["expected"]), text(one["low"]), text(one["high"])

    months = [
        Line(
            month_name(ctx, date.fromisoformat(one["month"]), calendar),
            (*cells(one), "" if one["again"] is None else text(one["again"])),
        )
        for one in more["months"]
    ]
    stages = [
        Line(
            " · ".join(filter(None, (one["stage"], one["pipeline"]))),
            (
                shown(one["count"], "number", reader), text(one["amount"]), shown(100 * one["chance"], "percent", reader),
                text(one["expected"]),
            ),
            _deals(ctx, one),
        )
        for one in more["stages"]
    ]  # fmt: skip
    tried = [
        Came(
            month_name(ctx, date.fromisoformat(t["month"]), calendar), text(t["said"]), (text(t["low"]), text(t["high"])),
            text(t["came"]), month_rows(ctx, "won_amount", date.fromisoformat(t["month"]), calendar), t["low"] <= t["came"] <= t["high"],
        )
        for t in reversed(more["tried"])
    ]  # fmt: skip
    people = next((s for s in open_screens(ctx) if s.key == "forecast"), None)
    return {
        "pipeline": standing, "pipeline_months": months, "pipeline_total": Line(gettext("Together"), cells(more["total"])),
        "so_far": text(more["so_far"]), "stages": stages, "pipeline_tried": tried, "pipeline_inside": more["inside"],
        "is_pipeline_better": more["is_better"], "by_people": here(ctx, people.path) if people else "",
    }  # fmt: skip


def _deals(ctx: Context, one: Mapping[str, Any]) -> str:
    """The open deals of a stage."""
    asked = (("status", "open"), ("stage.name", one["stage"]), ("pipeline.name", one["pipeline"]))
    return list_url(ctx, DEAL, *({"field": path, "op": "is", "value": value} for path, value in asked))
