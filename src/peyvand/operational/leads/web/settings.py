"""The settings' pages about forms and about scoring."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from peyvand.operational.leads import submissions
from peyvand.operational.leads.fields import ASKED, SIDES
from peyvand.operational.leads.models import LeadForm, ScoreRule
from peyvand.operational.leads.objects import LEAD, LEAD_FORM, SCORE_RULE
from peyvand.operational.leads.scoring.happenings import happening
from peyvand.operational.leads.web.pages import FORMS, SCORING
from peyvand.operational.leads.web.public import drawn
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.objects.queries import load_record
from peyvand.web.components.reading import read_by
from peyvand.web.objects.lists.condition import in_words
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings


@require_GET
def forms(request: HttpRequest, workspace: str) -> HttpResponse:
    """Every form with what came by it."""
    ctx = context_of(request)
    demand(ctx.actor, FORMS.operation)
    rows = list(LeadForm.objects.filter(deleted_at__isnull=True).order_by("name", "id"))
    found = submissions.counts([form.id for form in rows])
    lines = [{"form": form, "counts": found.get(form.id, {})} for form in rows]
    return render_settings(request, FORMS, "leads/forms.html", {"lines": lines, "new": here(ctx, f"{LEAD_FORM.plural}/new?next={request.path}"),
                                                                "base": request.path})  # fmt: skip


@require_GET
def form(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One form: how it looks, where it stands, how another site shows it or sends to it."""
    ctx = context_of(request)
    demand(ctx.actor, FORMS.operation)
    found = load_record(LEAD_FORM, ctx.actor, id)
    address = request.build_absolute_uri(f"/f/{found.token}")
    asked = {"field": "form", "op": "is", "value": str(found.id)}
    height = 260 + 84 * len(found.asked)
    return render_settings(request, FORMS, "leads/form.html", {
        "form": found, "address": address, "counts": submissions.counts([found.id]).get(found.id, {}),
        "snippet": f'<iframe src="{address}" title="{found.heading or found.name}" width="100%" height="{height}" style="border:0"></iframe>',
        "json": _example(found),
        "edit": here(ctx, f"{LEAD_FORM.plural}/{found.id}/edit?next={request.path}"), "preview": f"{request.path}/preview",
        "leads": list_url(ctx, LEAD, asked),
        "list": here(ctx, "settings/lead-forms"),
    })  # fmt: skip


@require_GET
def preview(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """The form as visitors see it, which takes nothing."""
    ctx = context_of(request)
    demand(ctx.actor, FORMS.operation)
    found = load_record(LEAD_FORM, ctx.actor, id)
    language = (get_language() or "en")[:2] if found.language == "visitor" else found.language
    t = ctx.tenant
    reader = Reader(language, t.timezone, t.currency, t.money_unit, t.slug)
    with translation.override(language), read_by(reader):
        return drawn(request, found, reader, {}, is_preview=True)


@require_GET
def scoring(request: HttpRequest, workspace: str) -> HttpResponse:
    """The rules of both sides, each in words."""
    ctx = context_of(request)
    demand(ctx.actor, SCORING.operation)
    rules = list(ScoreRule.objects.filter(deleted_at__isnull=True).order_by("position", "id"))
    sides = [
        (option, [{"rule": rule, "says": _says(ctx, rule)} for rule in rules if rule.side == option.key])
        for option in SIDES
    ]
    return render_settings(request, SCORING, "leads/scoring.html", {
        "sides": sides, "rules": here(ctx, f"{SCORE_RULE.plural}/"), "next": request.path,
    })  # fmt: skip


def _says(ctx: Context, rule: ScoreRule) -> str:
    if rule.event:
        known = happening(rule.event)
        return str(known.label) if known else rule.event
    return in_words(ctx, SCORE_RULE, rule)


def _example(form: LeadForm) -> str:
    labels = {option.key: str(option.label) for option in ASKED}
    body: dict[str, Any] = {key: label for key, label in labels.items() if key in form.asked}
    body |= {"utm_source": "", **({"consent": True} if form.consent_text else {})}
    return orjson.dumps(body, option=orjson.OPT_INDENT_2).decode()
