"""What becomes of leads, by where they came from and whose they are: each figure opens its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.db.models import Aggregate, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel import ranges
from peyvand.kernel.conditions import parse
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.sales.public import DEAL
from peyvand.platform.access.decisions import demand, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, register_screen

SCREEN = register_screen(
    Screen("lead-report", _("Lead funnel"), "chart", "reports/leads", operation="lead.view")
)
RANGES: Final = ("this_month", "last_month", "this_quarter", "this_year", "last_year")
# By what it is told apart: the column, and what names its values.
WAYS: Final = {
    "source": (_("Source"), "source", ""),
    "campaign": (_("Campaign"), "campaign", ""),
    "owner": (_("Owner"), "owner_id", "owner__name"),
    "form": (_("Form"), "form_id", "form__name"),
}
MOST: Final = 200


class Median(Aggregate):
    """The middle one."""

    template = "percentile_cont(0.5) within group (order by %(expressions)s)"
    output_field = DurationField()


@dataclass(frozen=True)
class Line:
    """What became of the leads of one source, campaign, owner or form. ``urls`` lead to the rows behind each figure."""

    name: str
    captured: int
    qualified: int
    converted: int
    won: int
    amount: int | None
    median: timedelta | None
    urls: dict[str, str]

    @property
    def rate(self) -> float | None:
        """The share that became deals."""
        return self.converted / self.captured if self.captured else None

    @property
    def days(self) -> int | None:
        """Days from the inquiry to the deal, the middle one."""
        return round(self.median / timedelta(days=1)) if self.median is not None else None


@require_GET
def report(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?by=`` one of WAYS, ``?range=`` one of RANGES or "all"."""
    ctx = context_of(request)
    demand(ctx.actor, "lead.view")
    hidden = ctx.actor.grants.hides(LEAD.key)
    ways = {key: way for key, way in WAYS.items() if key not in hidden}
    by = request.GET.get("by", "")
    by = by if by in ways else next(iter(ways))
    span = request.GET.get("range", "this_year")
    span = span if span in RANGES else "all"
    lines, total = lines_of(ctx, by, span)
    most = max((line.captured for line in lines), default=0)

    def choose(**changed: str) -> str:
        return f"?{urlencode({'by': by, 'range': span, **changed})}"

    return render(request, "leads/report.html", {
        "lines": [(line, line.captured / most if most else 0) for line in lines], "total": total,
        "shows_money": total.amount is not None,
        "ways": [(label, choose(by=key), key == by) for key, (label, _, _) in ways.items()],
        "spans": [(gettext(ranges.LABELS[key]) if key != "all" else gettext("All time"), choose(range=key), key == span) for key in (*RANGES, "all")],
        "way": ways[by][0],
    })  # fmt: skip


def lines_of(ctx: Context, by: str, span: str) -> tuple[list[Line], Line]:
    """The lines of the report, most leads first, and all of them together: of leads, and deals, that the actor may see."""
    _, column, naming = WAYS[by]
    begun: list[Any] = [] if span == "all" else [{"field": "created_at", "op": "within", "value": span}]
    condition = parse(begun[0], LEAD.condition_schema) if begun else None
    rows = ListQuery(LEAD, ctx.actor, (), condition).rows().order_by()
    names = (column, naming) if naming else (column,)
    lines = []
    for values in rows.values(*names).annotate(**_figures(ctx)).order_by("-captured", *names)[:MOST]:
        key = values[column]
        empty = key in (None, "")
        asked = {"field": by, "op": "empty"} if empty else {"field": by, "op": "is", "value": str(key)}
        name = (
            gettext("None")
            if empty
            else str(values.get(naming) or LEAD.field(by).show(key, ctx.reader) or key)
        )
        lines.append(_line(ctx, name, values, [*begun, asked]))
    return lines, _line(ctx, gettext("All"), rows.aggregate(**_figures(ctx)), begun)


def _figures(ctx: Context) -> dict[str, Any]:
    deals: QuerySet[Any] = visible(
        ctx.actor, DEAL.key, DEAL.rows.filter(deleted_at__isnull=True, status="won")
    )
    won = Q(deal_id__in=deals.values("id"))
    took = ExpressionWrapper(F("converted_at") - F("created_at"), output_field=DurationField())
    figures = {
        "captured": Count("id"), "qualified": Count("id", filter=Q(qualified_at__isnull=False)),
        "converted": Count("id", filter=Q(converted_at__isnull=False)), "won": Count("id", filter=won),
        "median": Median(took, filter=Q(converted_at__isnull=False)),
    }  # fmt: skip
    if "amount" not in ctx.actor.grants.hides(DEAL.key):
        figures["amount"] = Sum("deal__amount", filter=won, default=0)
    return figures


def _line(ctx: Context, name: str, values: dict[str, Any], asked: list[Any]) -> Line:
    def rows(*more: Any) -> str:
        return list_url(ctx, LEAD, *asked, *more)

    return Line(name, values["captured"], values["qualified"], values["converted"], values["won"], values.get("amount"), values["median"], {
        "captured": rows(), "qualified": rows({"field": "qualified_at", "op": "filled"}),
        "converted": rows({"field": "converted_at", "op": "filled"}),
        "won": rows({"field": "deal.status", "op": "is", "value": "won"}),
    })  # fmt: skip
