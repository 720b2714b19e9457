"""The settings' page about SMS: lines and templates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from peyvand.collaborative.filling import known_places
from peyvand.collaborative.sms.models import SmsLine, SmsTemplate
from peyvand.collaborative.sms.objects import KINDS, LINE, TEMPLATE
from peyvand.collaborative.sms.sending import left_today
from peyvand.collaborative.sms.web.pages import LINES
from peyvand.platform.access.decisions import demand
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings


@require_GET
def lines(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every line with what it may still send today, and every template."""
    ctx = context_of(request)
    demand(ctx.actor, LINES.operation)
    labels = {option.key: option.label for option in KINDS}
    rows = [
        {"line": line, "gateway": labels.get(line.gateway, line.gateway), "left": max(left_today(line, ctx.tenant), 0),
         "url": here(ctx, f"{LINE.plural}/{line.id}/")}
        for line in SmsLine.objects.filter(deleted_at__isnull=True).order_by("id")
    ]  # fmt: skip
    templates = SmsTemplate.objects.filter(deleted_at__isnull=True).order_by("name", "id")[:200]
    return render_settings(request, LINES, "sms/lines.html", {
        "rows": rows, "templates": templates, "places": known_places(ctx), "next": request.path,
        "line_base": here(ctx, f"{LINE.plural}/"), "template_base": here(ctx, f"{TEMPLATE.plural}/"),
    })  # fmt: skip
