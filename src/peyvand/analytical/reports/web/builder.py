"""The builder: what is asked stands in the address, and the answer follows every choice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.reports.answering import Answer, answer
from peyvand.analytical.reports.arranging import arrangement_of
from peyvand.analytical.reports.charting import chart
from peyvand.analytical.reports.drawing import grid, line, lines, missing, province_map
from peyvand.analytical.reports.keeping import change_question, keep_report
from peyvand.analytical.reports.models import Report
from peyvand.analytical.reports.objects import REPORT
from peyvand.analytical.reports.question import Question, of_address, of_json
from peyvand.analytical.reports.rights import open_measures
from peyvand.analytical.reports.web import choices
from peyvand.analytical.warehouse.public import may_query
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, RuleViolation, msg
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.queries import load_record
from peyvand.web.components.tags import money_unit, say
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

BUILDER = register_screen(
    Screen("report-builder", _("Report builder"), "chart", "reports/build", opens=lambda ctx: bool(open_measures(ctx.actor)))
)  # fmt: skip


@require_GET
def builder(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?report=`` one that is kept, whose question holds where the address says nothing else; see ``question.of_address``."""
    ctx = context_of(request)
    if not open_measures(ctx.actor):
        raise NotAllowed(msg("Your role sees no figures of all the workspace's records."))
    report = _report(ctx, request.GET)
    problem = ""
    try:
        question = asked(ctx, request.GET, report)
    except Invalid as error:
        question, problem = of_json(report.question) if report else Question(), say(error.problems[0].message)
    return render(request, "reports/builder.html", {
        "question": question, "report": report, "has_changed": report is not None and of_json(report.question) != question,
        "may_save": bool(decide(ctx.actor, REPORT.permission("create"))),
        "may_update": report is not None and bool(decide(ctx.actor, REPORT.permission("update"), report)),
        "measures": choices.measure_groups(ctx), "chosen": _padded(question.measures, 4), "ways": _ways(ctx, question),
        "by": _padded(question.by, 2), "spans": choices.spans(ctx), "charts": choices.charts(),
        "compared": choices.COMPARED, "filters": _filters(ctx, question, request.GET), "filterable": choices.grouped(choices.filterable(ctx)),
        "operators": choices.OPERATORS, "sorts": [(key, gettext(MEASURES[key].label)) for key in question.measures if key in MEASURES],
        "is_on_my_board": report is not None and report.pk in arrangement_of(ctx, "insights").pinned,
        "may_query": may_query(ctx.actor), "address": question.to_address(), "page": page_url(ctx, REPORT, report.id) if report else "",
        **answered(ctx, question, problem),
    })  # fmt: skip


def asked(ctx: Context, given: QueryDict, report: Report | None = None) -> Question:
    """The question of an address, whose form may have sent a filter line by line.

    Raises:
        Invalid: something of it cannot be read.
    """
    if report is not None and "m" not in given:
        return of_json(report.question)
    question = of_address(given)
    if "wf" in given:
        filters = choices.read_filters(ctx, given.getlist("wf"), given.getlist("wo"), given.getlist("wv"))
        question = replace(question, filters=filters)
    checked(question)
    return question


def checked(question: Question) -> None:
    """Raises Invalid: the question's filter means nothing."""
    assert question.condition is not None


def answered(ctx: Context, question: Question, problem: str = "") -> dict[str, Any]:
    """What the part of the page shows that answers: chart, table, or why there is none."""
    if problem:
        return {"problem": problem}
    try:
        found = answer(ctx, question)
    except (RuleViolation, NotAllowed, NotFound) as refusal:
        return {"problem": say(refusal.message)}
    return drawn(ctx, found)


def drawn(ctx: Context, found: Answer) -> dict[str, Any]:
    """An answer as templates draw it."""
    kind = found.question.chart
    # One measure of two dimensions is read across; more of them, or beside an earlier time, line by line.
    is_across = len(found.measures) == 1 and not found.question.compare
    return {
        "answer": found, "chart": chart(ctx, found), "grid": grid(ctx, found) if kind == "heat" or is_across else None,
        "is_heat": kind == "heat", "is_across": is_across,
        "map": province_map(ctx, found) if kind == "map" else None, "missing": missing(found),
        "heads": [gettext(d.label) for d in found.dimensions],
        "figures": [(gettext(m.label), money_unit() if m.unit == "money" else "") for m in found.measures],
        "lines": lines(ctx, found), "total": line(ctx, found, found.total),
        "is_number": found.question.chart == "number" or not found.dimensions,
    }  # fmt: skip


@require_POST
def save(request: HttpRequest, workspace: str) -> HttpResponse:
    """Keep the question under a name, or in the report that it came of (``report``, without ``name``)."""
    ctx = context_of(request)
    question = of_address(QueryDict(request.POST.get("address", "")))
    checked(question)
    kept = _report(ctx, request.POST)
    name = request.POST.get("name", "").strip()
    if kept is not None and not name:
        report = kept
        change_question(ctx, kept, question)
    else:
        raw = {
            "name": name,
            "audience": request.POST.get("audience", "private"),
            "is_pinned": "pinned" in request.POST,
        }
        report = keep_report(ctx, raw, question)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = f"{here(ctx, 'reports/build')}?report={report.id}"
    return response


def _report(ctx: Context, given: QueryDict) -> Report | None:
    id = whole_id(given.get("report", ""))
    return load_record(REPORT, ctx.actor, id) if id else None


def _padded(keys: tuple[str, ...], most: int) -> list[str]:
    return [*keys, *[""] * (min(len(keys) + 1, most) - len(keys))]


def _ways(ctx: Context, question: Question) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """The dimensions by what they tell of; in each group those first that say anything of what is chosen."""
    fits = {d.key: choices.fitting(question, d.key) for d in choices.ways(ctx)}
    return [
        (group, sorted(((d.key, gettext(d.label), fits[d.key]) for d in those), key=lambda way: not way[2]))
        for group, those in choices.grouped(choices.ways(ctx))
    ]


def _filters(ctx: Context, question: Question, given: QueryDict) -> list[choices.Filter]:
    """The lines as they were sent, for one whose value is still to be written says nothing yet; else those of the question."""
    if "wf" in given:
        lines = choices.written(given.getlist("wf"), given.getlist("wo"), given.getlist("wv"))
    else:
        lines, _is_whole = choices.filters_of(ctx, question)
    return [*lines, choices.Filter()][: choices.LINES]
