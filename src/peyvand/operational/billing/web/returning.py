"""The dialog that takes lines of an invoice back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from peyvand.kernel import numbers
from peyvand.kernel.errors import Conflict, Invalid, RuleViolation
from peyvand.operational.billing.actions.invoices import return_part, returnable
from peyvand.operational.billing.objects import INVOICE
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.types import Day
from peyvand.platform.objects.queries import load_record
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.answers import moved, page_url
from peyvand.web.shell.middleware import context_of


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """GET: each line with what can come back of it; POST: makes the credit note and goes there."""
    ctx = context_of(request)
    invoice = load_record(INVOICE, ctx.actor, id)
    demand(ctx.actor, "invoice.return", invoice)
    rows = returnable(invoice)
    problems: list[str] = []
    if request.method == "POST":
        asked = [f"{n}: {typed}" for n, _, _ in rows if (typed := request.POST.get(f"q-{n}", "").strip())]
        try:
            with transaction.atomic():
                day = Day(key="day", label="").parse(request.POST.get("day", ""), ctx.reader)
                note = return_part(
                    ctx,
                    invoice,
                    lines="\n".join(asked),
                    reason=request.POST.get("reason", "").strip()[:300],
                    day=day,
                )
            return moved(request, page_url(ctx, INVOICE, note.id), gettext("The credit note is issued."))
        except Invalid as error:
            problems = [say(problem.message) for problem in error.problems]
        except (RuleViolation, Conflict) as error:
            problems = [say(error.message)]
    shown: list[dict[str, Any]] = [
        {
            "n": n, "line": line, "left": numbers.format_number(left.normalize(), ctx.reader.language) if left else "",
            "typed": request.POST.get(f"q-{n}", ""),
        }
        for n, line, left in rows
    ]  # fmt: skip
    context = {
        "invoice": invoice, "rows": shown, "problems": problems, "post": request.path, "reason": request.POST.get("reason", ""),
        "back": page_url(ctx, INVOICE, id),
    }  # fmt: skip
    template = "billing/_take_back.html" if request.headers.get("HX-Request") else "billing/take_back.html"
    return render(request, template, context, status=422 if problems else 200)
