"""Cards beside a plan, a statement and a deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import Invalid
from peyvand.operational.commissions.book import terms_of
from peyvand.operational.commissions.example import QUOTA, Example, example, examples
from peyvand.operational.commissions.facts import is_understood
from peyvand.operational.commissions.models import CommissionLine
from peyvand.operational.commissions.objects import LINE, PLAN, STATEMENT
from peyvand.operational.commissions.words import words
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.fields.types import Money
from peyvand.platform.objects.queries import load_record
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.components.inputs import money_text, money_unit
from peyvand.web.components.tags import say
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.objects.resolve import address
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card

SHOWN = 30
_AMOUNT = Money(key="amount", label="")


@dataclass(frozen=True)
class Tried:
    """An example as it is drawn."""

    of: Example
    says: list[str]


def _drawn(ctx: Context, found: Example) -> Tried:
    return Tried(found, [words(line.why, ctx.reader) for line in found.lines])


@record_card("commission_plan", order=5)
def worked_example(ctx: Context, opened: Opened) -> Card:
    """What the plan comes to at some sums, and at one that is typed."""
    terms = terms_of(opened.record)
    return Card("commissions/plan_example.html", {
        "tried": [_drawn(ctx, each) for each in examples(terms)] if terms.rates else [], "terms": terms,
        "is_unclear": not is_understood(opened.record),
        "url": here(ctx, f"commission-plans/{opened.record.id}/example"), "quota": money_text(QUOTA, ctx.reader),
        "unit": money_unit(ctx.reader), "default_quota": QUOTA,
    })  # fmt: skip


@require_GET
def tried_out(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """``?amount=`` what somebody sells in a period, ``?quota=`` what they were to: what they earn by the plan."""
    ctx = context_of(request)
    terms = terms_of(load_record(PLAN, ctx.actor, id))
    context: dict[str, Any] = {}
    try:
        amount = _AMOUNT.parse(request.GET.get("amount", ""), ctx.reader)
        quota = _AMOUNT.parse(request.GET.get("quota", ""), ctx.reader) or QUOTA
        if amount is not None:
            context["each"] = _drawn(ctx, example(terms, max(0, amount), max(1, quota)))
    except Invalid as error:
        context["problem"] = say(error.message)
    return render(request, "commissions/_tried.html", context)


@dataclass(frozen=True)
class Told:
    """A line as it is drawn: what it came of, and how."""

    line: CommissionLine
    url: str
    source: str
    says: str


def _told(ctx: Context, line: CommissionLine) -> Told:
    source = ""
    for key, id in (("payments", line.payment_id), ("invoices", line.invoice_id), ("deals", line.deal_id)):
        if id is not None:
            source = here(ctx, f"{key}/{id}/")
            break
    return Told(line, page_url(ctx, LINE, line.id), source, LINE.field("why").show(line.why, ctx.reader))


@record_card("commission_statement", order=5)
def lines_of(ctx: Context, opened: Opened) -> Card:
    """What it is made of, line by line as far as the actor sees them, in words; the largest first, with the PDF."""
    rows = CommissionLine.objects.filter(statement_id=opened.record.id).order_by("kind", "-amount", "id")
    shown = list(visible(ctx.actor, LINE.key, rows)[:SHOWN])
    mine = {"field": "statement", "op": "is", "value": str(opened.record.id)}
    return Card("commissions/statement_lines.html", {
        "lines": [_told(ctx, line) for line in shown], "statement": opened.record,
        "rest": opened.record.amount - sum(line.amount for line in shown),
        "knows": not ctx.actor.grants.hides("commission_line") & {"amount", "why"},
        "all": list_url(ctx, LINE, mine),
        "pdf": f"{address(ctx, STATEMENT, opened.record.id)}/pdf",
    })  # fmt: skip


@lookup("bigint")
def _lines_on(deal: Slot) -> QuerySet[Any]:
    """Whoever may see them: most deals have none, and then it is not worked out."""
    return CommissionLine.objects.filter(deal_id=deal).values_list("id")


@record_card("deal", order=60)
def earned_on(ctx: Context, opened: Opened) -> Card | None:
    """What of commission came of a deal, as far as the actor sees the statements."""
    if not decide(ctx.actor, "commission_line.view") or ctx.actor.grants.hides("commission_line") & {
        "amount",
        "why",
    }:
        return None
    ids = [id for (id,) in _lines_on(opened.record.id)]
    if not ids:
        return None
    rows = CommissionLine.objects.filter(id__in=ids).select_related("statement").order_by("id")
    seen = visible(ctx.actor, LINE.key, rows)[:SHOWN]
    lines = [
        (
            line.statement,
            page_url(ctx, LINE, line.id),
            LINE.field("why").show(line.why, ctx.reader),
            line.amount,
        )
        for line in seen
    ]
    return Card("commissions/deal_lines.html", {"lines": lines}) if lines else None
