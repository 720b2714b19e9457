"""The ageing report, and a customer's statement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, msg
from peyvand.operational.billing.objects import INSTALMENT
from peyvand.operational.billing.reports import KEYS, MOST, Debtor, ageing, condition, knows_money, statement
from peyvand.operational.billing.web.cards import rows_at
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.numbering.public import fiscal_year
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.cells import cell
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of

HEADS = (_("Not due yet"), _("1–30 days"), _("31–60 days"), _("61–90 days"), _("Over 90 days"))
WORDS = {"invoice": _("Invoice"), "credit": _("Credit note"), "receipt": _("Receipt"), "refund": _("Refund")}
_DAY = Day(key="day", label="")


@require_GET
def ageing_report(request: HttpRequest, workspace: str) -> HttpResponse:
    """Who owes what since when; every figure opens its rows."""
    ctx = context_of(request)
    demand(ctx.actor, INSTALMENT.permission("view"))
    if ctx.actor.grants.hides("instalment") & {"rest", "due_on", "company"} or ctx.actor.grants.hides(
        "invoice"
    ) & {"balance"}:
        raise NotAllowed(msg("The amounts of invoices are hidden from your role."))
    today = clock.today(ctx.tenant.tz)
    rows, total = ageing(ctx.actor, today)
    return render(request, "billing/ageing.html", {
        "heads": HEADS, "rows": [_line(ctx, row, today) for row in rows], "total": _line(ctx, total, today), "today": today,
        "most": MOST, "bars": _bars(total),
    })  # fmt: skip


def _bars(total: Debtor) -> list[tuple[Any, int, float]]:
    return [
        (head, total.parts[key], total.parts[key] / total.total if total.total else 0)
        for head, key in zip(HEADS, KEYS, strict=True)
    ]


def _line(ctx: Context, row: Debtor, today: date) -> dict[str, Any]:
    whose: list[dict[str, Any]] = []
    url = ""
    if row.company_id is not None:
        whose, url = (
            [{"field": "company", "op": "is", "value": row.company_id}],
            page_url(ctx, COMPANY, row.company_id),
        )
    elif row.person_id is not None:
        whose = [{"field": "person", "op": "is", "value": row.person_id}, {"field": "company", "op": "empty"}]
        url = page_url(ctx, PERSON, row.person_id)
    owed = [{"field": "rest", "op": "gt", "value": 0}]
    return {
        "name": row.name, "url": url, "total": figure(ctx, row.total), "all": rows_at(ctx, INSTALMENT, *whose, *owed),
        "cells": [(figure(ctx, row.parts[key]), rows_at(ctx, INSTALMENT, *whose, *condition(key, today)), key) for key in KEYS],
    }  # fmt: skip


def figure(ctx: Context, amount: int) -> str:
    """An amount without its unit, which the head of the table says; empty for nothing."""
    return str(cell(INSTALMENT.field("rest"), amount, ctx.reader)) if amount else ""


@require_GET
def statement_of(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Everything that passed between a company and us, from the beginning of the fiscal year unless asked otherwise."""
    ctx = context_of(request)
    company = load_record(COMPANY, ctx.actor, id)
    if not knows_money(ctx.actor):
        raise NotFound
    today = clock.today(ctx.tenant.tz)
    problem = ""
    since, until = fiscal_year(today).start, today
    try:
        since = _DAY.parse(request.GET.get("since", ""), ctx.reader) or since
        until = _DAY.parse(request.GET.get("until", ""), ctx.reader) or until
    except Invalid:
        problem = "date"
    found = statement(ctx.actor, company.id, since, until)
    lines = [
        (
            WORDS[m.kind],
            page_url(ctx, object_named(m.object), m.id),
            m,
            *(figure(ctx, n) for n in (m.debit, m.credit, m.balance)),
        )
        for m in found.moves
    ]
    onward = found.moves[-1].day + timedelta(days=1) if found.is_more else None
    return render(request, "billing/statement.html", {
        "company": company, "back": page_url(ctx, COMPANY, company.id), "since": since, "until": until, "lines": lines,
        "before": figure(ctx, found.before),
        "after": figure(ctx, found.after), "debit": figure(ctx, found.debit), "credit": figure(ctx, found.credit), "onward": onward,
        "onward_at": f"?{urlencode({'since': onward.isoformat(), 'until': until.isoformat()})}" if onward else "",
        "problem": problem, "typed": (_DAY.show(since, ctx.reader), _DAY.show(until, ctx.reader)),
    })  # fmt: skip
