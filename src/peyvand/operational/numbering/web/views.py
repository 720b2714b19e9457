"""How papers are numbered, when the fiscal year begins, and which years are closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_http_methods

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.kernel.persian.calendar import month_names
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.operational.numbering.actions import (
    closable_years,
    close_year,
    reopen_year,
    set_first_month,
    set_pattern,
)
from peyvand.operational.numbering.fiscal import calendar_here, first_month, fiscal_year
from peyvand.operational.numbering.models import ClosedYear, Counter
from peyvand.operational.numbering.series import SERIES, series_of, written
from peyvand.operational.numbering.web import NUMBERS
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

Sent = Mapping[str, str]


@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: HttpRequest, workspace: str) -> HttpResponse:
    """The page; POST does what its ``do`` names."""
    ctx = context_of(request)
    demand(ctx.actor, NUMBERS.operation)
    problem, sent = "", request.POST
    if request.method == "POST" and (deed := _DEEDS.get(sent.get("do", ""))):
        try:
            with transaction.atomic():
                deed(ctx, sent)
            return HttpResponseRedirect(f"/w/{ctx.tenant.slug}/settings/{NUMBERS.path}")
        except (Invalid, RuleViolation) as error:
            problem = say(error.message)
    return render_settings(
        request, NUMBERS, "numbering/numbers.html", _shown(ctx, problem, sent), status=422 if problem else 200
    )


def _number(sent: Sent, name: str) -> int:
    return whole_id(to_ascii_digits(sent.get(name, "").strip()))


def _set_pattern(ctx: Context, sent: Sent) -> None:
    set_pattern(
        ctx, series=sent.get("series", ""), pattern=sent.get("pattern", ""), restarts="restarts" in sent
    )


_DEEDS: Mapping[str, Callable[[Context, Sent], None]] = {
    "pattern": _set_pattern,
    "month": lambda ctx, sent: set_first_month(ctx, month=_number(sent, "month")),
    "close": lambda ctx, sent: close_year(ctx, year=_number(sent, "year")),
    "reopen": lambda ctx, sent: reopen_year(ctx, year=_number(sent, "year")),
}


def _shown(ctx: Context, problem: str, sent: Sent) -> dict[str, Any]:
    this = fiscal_year(clock.today(ctx.tenant.tz))
    given = {(c.series, c.year): c.last for c in Counter.objects.filter(year__in=(0, this.year))}
    rows = []
    for key in SERIES:
        one = series_of(key)
        last = given.get((key, this.year if one.restarts else 0), 0)
        wrong = bool(problem) and sent.get("do") == "pattern" and sent.get("series") == key
        rows.append({
            "series": one, "next": written(one.pattern, last + 1, this.year), "wrong": problem if wrong else "",
            "typed": sent.get("pattern", "") if wrong else one.pattern,
        })  # fmt: skip
    return {
        "rows": rows, "problem": "" if any(row["wrong"] for row in rows) else problem, "this": this, "month": first_month(),
        "months": list(enumerate(month_names(ctx.actor.language, calendar_here()), 1)),
        "closed": ClosedYear.objects.select_related("closed_by").order_by("-year"), "closable": closable_years(ctx),
    }  # fmt: skip
