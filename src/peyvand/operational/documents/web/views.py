"""The letterhead's form, and a sheet that shows how papers look with it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Problem
from peyvand.operational.documents.letterhead import FIELDS, MOST_BYTES, letterhead, seller, set_letterhead
from peyvand.operational.documents.paper import Paper, PaperLine, Party
from peyvand.operational.documents.printing import pdf
from peyvand.operational.documents.web import LETTERHEAD
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.web.components.inputs import labelled, read_inputs, render_problems
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_http_methods(["GET", "HEAD", "POST"])
def letterhead_page(request: HttpRequest, workspace: str) -> HttpResponse:
    """The form; POST saves it."""
    ctx = context_of(request)
    demand(ctx.actor, LETTERHEAD.operation)
    own = letterhead()
    values: dict[str, Any] = {field.key: getattr(own, field.key) for field in FIELDS}
    if request.method != "POST":
        return _page(request, ctx, values, bool(own.logo))
    raw = read_inputs(FIELDS, request.POST, ctx.reader)
    given: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in FIELDS:
        try:
            given[field.key] = field.parse(raw.get(field.key, ""), ctx.reader)
        except Invalid as error:
            problems += error.at(field.key).problems
    picture = request.FILES.get("logo")
    if not problems:
        try:
            with transaction.atomic():
                content = picture.read(MOST_BYTES + 1) if picture else None
                set_letterhead(ctx, logo=content, drop_logo="drop_logo" in request.POST, **given)
        except Invalid as error:
            problems += error.problems
    if problems:
        return _page(request, ctx, {**values, **raw}, bool(own.logo), problems)
    return HttpResponseRedirect(request.path)


@require_GET
def sample(request: HttpRequest, workspace: str) -> HttpResponse:
    """A made-up quote on the letterhead."""
    ctx = context_of(request)
    demand(ctx.actor, LETTERHEAD.operation)
    party, footer, logo = seller(ctx.tenant)
    line = PaperLine(gettext("A product"), Decimal(2), 1_000_000, 0, 200_000, 2_200_000)
    sheet = Paper(
        title=gettext("Sample"), number="0001", day=clock.today(ctx.tenant.tz), language=ctx.actor.language,
        currency=ctx.tenant.currency, money_unit=ctx.tenant.money_unit, seller=party, buyer=Party(name=gettext("A customer")),
        lines=(line,), gross=2_000_000, discount=0, net=2_000_000, tax=200_000, total=2_200_000, footer=footer, logo=logo,
        stamp=gettext("Sample"),
    )  # fmt: skip
    return HttpResponse(pdf(sheet), content_type="application/pdf")


def _page(
    request: HttpRequest, ctx: Context, values: dict[str, Any], has_logo: bool, problems: list[Problem] | tuple[()] = ()
) -> HttpResponse:  # fmt: skip
    inputs = [labelled(field, values[field.key], problems, ctx.reader) for field in FIELDS]
    wrong = render_problems([p for p in problems if p.field == "logo"], id="logo-e")
    context = {
        "inputs": inputs,
        "has_logo": has_logo,
        "wrong_logo": wrong,
        "sample": f"{request.path}/sample.pdf",
    }
    return render_settings(
        request, LETTERHEAD, "documents/letterhead.html", context, status=422 if problems else 200
    )
