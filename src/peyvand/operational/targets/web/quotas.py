"""How far quotas are reached, and the sheet in which they are set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, cast
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from peyvand.kernel import clock, numbers
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.kernel.persian.calendar import Calendar, Unit
from peyvand.operational.numbering.public import calendar_here, fiscal_year
from peyvand.operational.sales.public import DEAL
from peyvand.operational.targets.actions import Cell, copy_period, set_sheet, sheet
from peyvand.operational.targets.attainment import Attainment, attainments, target_of
from peyvand.operational.targets.hooks import period_of
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.objects import MEASURES, QUOTA
from peyvand.operational.targets.periods import name_of
from peyvand.operational.targets.web.choosing import Option
from peyvand.operational.targets.web.tabs import pages
from peyvand.operational.targets.working import working_days
from peyvand.platform.access.decisions import decide, demand, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Team, User
from peyvand.platform.objects import areas
from peyvand.web.components.cells import cell as drawn
from peyvand.web.components.cells import unit_of
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

TARGETS = register_screen(
    Screen("targets", _("Targets"), "flag", "targets", operation="quota.view", menu=39, area=areas.SALES)
)
UNITS: Final[tuple[tuple[Unit, str | Promise], ...]] = (
    ("month", _("Month")),
    ("quarter", _("Quarter")),
    ("year", _("Fiscal year")),
)


@dataclass(frozen=True)
class Line:
    """One quota, whose it is, how far it is, and the deals or people behind it."""

    of: Attainment
    whose: str
    url: str
    rows: str


@dataclass(frozen=True)
class Sum:
    """What the people of a group come to together, each column the sum of its rows; their teams' own quotas are not
    counted once more. What one has beyond the own target is not missing less to another: ``gap`` is a sum as well."""

    target: int
    reached: int
    expected: int
    gap: int
    forecast: int | Decimal

    @property
    def share(self) -> float | None:
        return self.reached / self.target if self.target else None


@require_GET
def targets(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?unit=`` one of UNITS, ``?at=`` any day of the period; this month otherwise."""
    ctx = context_of(request)
    demand(ctx.actor, "quota.view")
    today = clock.today(ctx.tenant.tz)
    unit = _unit(request.GET.get("unit", ""))
    at = _day(request.GET.get("at", "")) or today
    start, end = period_of(unit, at, calendar_here())
    rows = Quota.objects.filter(deleted_at__isnull=True, unit=unit, starts_on__lt=end, ends_on__gte=start)
    seen = (
        visible(ctx.actor, QUOTA.key, rows)
        .select_related("owner", "team")
        .order_by("measure", "team_id", "name", "id")
    )
    hidden = ctx.actor.grants.hides(QUOTA.key)
    quotas = [
        q for q in seen if ("reached_amount" if q.measure == "won_amount" else "reached_number") not in hidden
    ]
    first = min((q.starts_on for q in quotas), default=start)
    last = max((q.ends_on for q in quotas), default=start)
    found = attainments(ctx.tenant, quotas, today, working_days(ctx.tenant, first, last) if quotas else [])
    by_measure: dict[str, list[Line]] = {}
    for one in found:
        line = Line(one, _whose(ctx, one.quota), here(ctx, f"quotas/{one.quota.id}/"), _rows(ctx, one.quota))
        by_measure.setdefault(one.quota.measure, []).append(line)

    def choose(**changed: str) -> str:
        return f"?{urlencode({'unit': unit, 'at': start.isoformat(), **changed})}"

    return render(request, "targets/targets.html", {
        "pages": pages(ctx, TARGETS), "units": [Option(label, choose(unit=key, at=at.isoformat()), key == unit) for key, label in UNITS],
        "period": name_of(unit, start, calendar_here(), ctx.actor.language),
        "before": choose(at=(start - timedelta(days=1)).isoformat()), "after": choose(at=end.isoformat()), "now": f"?{urlencode({'unit': unit})}",
        "is_now": start <= today < end,
        "groups": [(option, lines, _sum(lines)) for option in MEASURES if (lines := by_measure.get(option.key))],
        "sheet": f"{here(ctx, 'targets/sheet')}?{urlencode({'unit': unit, 'at': start.isoformat()})}" if decide(ctx.actor, "quota.create") else "",
    })  # fmt: skip


def _whose(ctx: Context, quota: Quota) -> str:
    """What a quota is called beneath a period that is said already."""
    period = name_of(
        cast(Unit, quota.unit), quota.starts_on, cast(Calendar, quota.calendar), ctx.tenant.language
    )
    return " · ".join(part for part in quota.name.split(" · ") if part != period)


def _sum(lines: Iterable[Line]) -> Sum | None:
    """None where there is nothing to add up: fewer than two people."""
    people = [
        line.of
        for line in lines
        if line.of.quota.owner_id and not line.of.quota.product_id and not line.of.quota.pipeline_id
    ]
    if len({one.quota.owner_id for one in people}) < 2:
        return None
    return Sum(
        sum(one.target for one in people),
        sum(one.reached for one in people),
        sum(one.expected for one in people),
        sum(one.gap for one in people),
        sum(one.forecast for one in people),
    )


def _rows(ctx: Context, quota: Quota) -> str:
    """The address of the deals that count for a quota; of a team, of those in it, without the teams beneath."""
    days = [quota.starts_on.isoformat(), quota.ends_on.isoformat()]
    if quota.measure == "activities":
        return ""
    if quota.measure == "new_deals":
        asked: list[Any] = [{"field": "created_at", "op": "between", "value": days}]
    else:
        asked = [
            {"field": "status", "op": "is", "value": "won"},
            {"field": "closed_on", "op": "between", "value": days},
        ]
    if quota.owner_id is not None:
        person = str(quota.owner_id)
        theirs: list[Any] = [{"field": "owner", "op": "is", "value": person}]
        if quota.measure != "new_deals":
            theirs.append({"field": "team", "op": "has_any", "value": [person]})
        asked.append({"or": theirs})
    elif quota.team_id is not None:
        asked.append(
            {"field": "owner.team", "op": "in", "value": [str(id) for id in _beneath(quota.team_id)]}
        )
    if quota.product_id is not None:
        asked.append({"field": "lines", "op": "has_any", "value": [str(quota.product_id)]})
    if quota.pipeline_id is not None:
        asked.append({"field": "pipeline", "op": "is", "value": str(quota.pipeline_id)})
    return list_url(ctx, DEAL, *asked)


def _beneath(team: int) -> list[int]:
    """A team and all beneath it."""
    children: dict[int | None, list[int]] = {}
    for id, parent in Team.objects.values_list("id", "parent_id"):
        children.setdefault(parent, []).append(id)
    found = [team]
    for id in found:
        found += [child for child in children.get(id, ()) if child not in found]
    return found


@dataclass(frozen=True)
class Box:
    """One cell of the sheet as it is drawn."""

    name: str
    value: str
    label: str
    is_wrong: bool


@dataclass(frozen=True)
class Row:
    """One person or team of the sheet."""

    name: str
    kind: str
    id: int
    boxes: list[Box]


@require_http_methods(["GET", "HEAD", "POST"])
def grid(request: HttpRequest, workspace: str) -> HttpResponse:
    """The sheet of a fiscal year: people and teams by months, quarters or the year. POST saves it, or copies a period."""
    ctx = context_of(request)
    demand(ctx.actor, "quota.create")
    given = request.POST if request.method == "POST" else request.GET
    unit = _unit(given.get("unit", ""))
    measure = next((m.key for m in MEASURES if m.key == given.get("measure")), "won_amount")
    year = fiscal_year(_day(given.get("at", "")) or clock.today(ctx.tenant.tz))
    starts = [year.start]
    while (after := period_of(unit, starts[-1], calendar_here())[1]) < year.end:
        starts.append(after)
    address = f"{here(ctx, 'targets/sheet')}?{urlencode({'unit': unit, 'measure': measure, 'at': year.start.isoformat()})}"
    people = _people(ctx)
    problem, wrong = "", ""
    typed: dict[str, str] = {}
    if request.method == "POST":
        try:
            with transaction.atomic():
                if given.get("do") == "copy":
                    count = copy_period(
                        ctx, unit=unit, into=_day(given.get("into", "")) or starts[0], percent=_percent(given)
                    )
                else:
                    typed, cells = {name: given[name] for name in given}, {}
                    for cell, wrong in _cells(people, starts):
                        if wrong in given:
                            cells[cell] = _number(ctx, measure, given[wrong])
                    wrong = ""
                    count = set_sheet(ctx, measure, unit, cells)
            return HttpResponseRedirect(f"{address}&saved={count}")
        except (Invalid, RuleViolation, NotAllowed) as error:
            problem = say(error.message)
    kept = sheet(ctx, measure, unit, starts)
    language = ctx.actor.language
    names = {start: name_of(unit, start, calendar_here(), language) for start in starts}
    rows = []
    for kind, id, name in people:
        boxes = []
        for start in starts:
            key = f"{kind}{id}-{start.isoformat()}"
            quota = kept.get(Cell(id if kind == "u" else None, id if kind == "t" else None, start))
            value = typed.get(key) if key in typed else _written(ctx, measure, quota)
            boxes.append(Box(key, value or "", f"{name} · {names[start]}", key == wrong))
        rows.append(Row(name, kind, id, boxes))

    def choose(**changed: str) -> str:
        return f"?{urlencode({'unit': unit, 'measure': measure, 'at': year.start.isoformat(), **changed})}"

    return render(request, "targets/sheet.html", {
        "rows": rows, "heads": list(names.items()), "current": period_of(unit, clock.today(ctx.tenant.tz), calendar_here())[0],
        "unit": unit, "measure": measure, "at": year.start.isoformat(), "problem": problem,
        "units": [Option(label, choose(unit=key), key == unit) for key, label in UNITS],
        "measures": [Option(option.label, choose(measure=option.key), option.key == measure) for option in MEASURES],
        "year": name_of("year", year.start, calendar_here(), language),
        "before": choose(at=(year.start - timedelta(days=1)).isoformat()), "after": choose(at=year.end.isoformat()),
        "is_money": measure == "won_amount", "money_in": unit_of(QUOTA.field("amount"), ctx.reader) if measure == "won_amount" else "",
        "saved": int(request.GET["saved"][:9]) if request.GET.get("saved", "").isdecimal() else None,
    }, status=422 if problem else 200)  # fmt: skip


def _people(ctx: Context) -> list[tuple[str, int, str]]:
    """Those whose quotas the actor may set: teams, then people, as ("t" or "u", id, name)."""
    actor = ctx.actor
    teams, users = (
        Team.objects.filter(deleted_at__isnull=True),
        User.objects.filter(deleted_at__isnull=True, is_active=True),
    )
    if actor.grants.scope("quota.update") is not Scope.ALL:
        teams, users = teams.filter(id__in=actor.circle_ids), users.filter(id__in=actor.team_user_ids)
    return [
        *(("t", id, name) for id, name in teams.order_by("name", "id").values_list("id", "name")),
        *(("u", id, name) for id, name in users.order_by("name", "id").values_list("id", "name")),
    ]


def _cells(people: Iterable[tuple[str, int, str]], starts: list[date]) -> Iterable[tuple[Cell, str]]:
    for kind, id, _name in people:
        for start in starts:
            yield (
                Cell(id if kind == "u" else None, id if kind == "t" else None, start),
                f"{kind}{id}-{start.isoformat()}",
            )


def _number(ctx: Context, measure: str, text: str) -> int | None:
    if not text.strip():
        return None
    return cast(
        "int | None", QUOTA.field("amount" if measure == "won_amount" else "number").parse(text, ctx.reader)
    )


def _written(ctx: Context, measure: str, quota: Quota | None) -> str:
    if quota is None:
        return ""
    if measure == "won_amount":
        return str(drawn(QUOTA.field("amount"), quota.amount, ctx.reader))
    return numbers.format_number(target_of(quota), ctx.actor.language)


def _percent(given: Mapping[str, str]) -> Any:
    text = given.get("percent", "").strip().removesuffix("%").removesuffix("٪")
    return numbers.parse_number(text) if text else None


def _unit(text: str) -> Unit:
    return next((key for key, _label in UNITS if key == text), "month")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
