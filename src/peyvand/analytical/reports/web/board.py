"""The dashboard: what a business looks at every morning, and the reports that people pinned. Each card is fetched by itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import LAST_DAYS, LAST_MONTHS, Question, of_json
from peyvand.analytical.reports.rights import open_measures
from peyvand.analytical.reports.web import choices
from peyvand.analytical.reports.web.builder import answered
from peyvand.analytical.reports.web.standing import STANDING
from peyvand.kernel.errors import NotAllowed, NotFound, msg
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.spec import object_named
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

DASHBOARD = register_screen(
    Screen("insights", _("Insights"), "chart", "insights", menu=68, shortcut="i", opens=lambda ctx: bool(open_measures(ctx.actor)))
)  # fmt: skip
PINNED: Final = 12


@dataclass(frozen=True)
class Tile:
    """A card of the dashboard: a question, or one of STANDING. ``size``: 1 a tile, 2 half of the width."""

    key: str
    label: str | Promise
    size: int
    question: Question | None = None
    says: str | Promise = ""


def _tile(key: str, label: str | Promise, measure: str) -> Tile:
    question = Question(measures=(measure,), chart="number", span=LAST_DAYS, compare="before")
    return Tile(key, label, 1, question, _("the last 30 days"))


KPIS: Final = (
    _tile("revenue", _("Sales"), "revenue"),
    _tile("margin-rate", _("Margin rate"), "margin_rate"),
    _tile("buyers", _("Buyers"), "buyers"),
    _tile("win-rate", _("Win rate"), "win_rate"),
    _tile("leads", _("Leads"), "leads"),
)


_IN_IRAN: Final = (
    Tile("provinces", _("Sales by province"), 2, Question(("revenue",), ("province",), span=LAST_MONTHS, chart="map")),
)  # fmt: skip


def cards(ctx: Context) -> list[Tile]:
    """The cards that stand on everybody's dashboard, as far as they may be asked for; then those pinned."""
    month = "jalali_month" if ctx.reader.is_persian else "month"
    allowed = {m.key for m in open_measures(ctx.actor)}
    fixed = (
        Tile("sales", _("Sales by month"), 2, Question(("revenue", "margin"), (month,), span=LAST_MONTHS, chart="lines")),
        *(Tile(one.key, one.label, 2, says=one.says) for one in STANDING if one.opens(ctx)),
        Tile("products", _("What sells"), 2, Question(("revenue",), ("product",), span=LAST_MONTHS, chart="bars", most=10)),
        *(_IN_IRAN if ctx.reader.currency == "IRR" else ()),
        Tile("sources", _("Where deals come from"), 2, Question(("deals_won", "win_rate"), ("source",), span=LAST_MONTHS)),
    )  # fmt: skip
    found = [t for t in (*KPIS, *fixed) if t.question is None or set(t.question.measures) <= allowed]
    rows = visible(ctx.actor, REPORT.key, Report.objects.filter(is_pinned=True, deleted_at__isnull=True))
    return [*found, *(
        Tile(f"report-{r.id}", r.name, 2, of_json(r.question)) for r in rows.order_by("-id")[:PINNED]
    )]  # fmt: skip


@require_GET
def dashboard(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?span=`` moves all cards but the tiles to another time."""
    ctx = context_of(request)
    found = cards(ctx)
    if not open_measures(ctx.actor):
        raise NotAllowed(msg("Your role sees no figures of all the workspace's records."))
    span = request.GET.get("span", "")
    return render(request, "reports/dashboard.html", {
        "more": _more(ctx),
        "kpis": [t for t in found if t.size == 1], "cards": [t for t in found if t.size > 1], "span": span,
        "spans": choices.spans(ctx)[:-1],
    })  # fmt: skip


@require_GET
def card(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """One card, fetched by the page when it is shown."""
    ctx = context_of(request)
    tile = next((t for t in cards(ctx) if t.key == key), None) or _pinned(ctx, key)
    if tile is None:
        raise NotFound
    if tile.question is None:
        told = next(one for one in STANDING if one.key == key).draw(ctx, request.GET.dict())
        return render(request, "reports/card.html", {"tile": tile, "standing": told["template"], **told})
    question = tile.question
    span = request.GET.get("span", "")
    if span and tile.size > 1:
        question = replace(question, span=span if span in dict(choices.spans(ctx)) else question.span)
    url = f"{here(ctx, 'reports/build')}?{question.to_address()}"
    if key.startswith("report-"):
        url = f"{here(ctx, 'reports/build')}?report={key.removeprefix('report-')}"
    return render(request, "reports/card.html", {"tile": tile, "url": url, **answered(ctx, question)})


def _pinned(ctx: Context, key: str) -> Tile | None:
    id = whole_id(key.removeprefix("report-"))
    found = (
        visible(ctx.actor, REPORT.key, Report.objects.filter(id=id, deleted_at__isnull=True)).first()
        if id
        else None
    )
    return Tile(key, found.name, 2, of_json(found.question)) if found else None


def _more(ctx: Context) -> list[tuple[str | Promise, str]]:
    """The lists behind the dashboard, as far as the actor may open them: kept reports, model cards, analyses."""
    specs = (REPORT, object_named("model_card"), object_named("analysis"))
    return [
        (spec.label_plural, here(ctx, f"{spec.plural}/"))
        for spec in specs
        if decide(ctx.actor, spec.permission("view"))
    ]
