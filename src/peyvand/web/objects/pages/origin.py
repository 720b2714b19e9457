"""Where the value of one field comes from: who set it, when, by which door, and what stood there before."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import NotFound
from peyvand.platform.identity.actor import by_itself
from peyvand.platform.objects.history import fetch_history
from peyvand.platform.objects.queries import load_record
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.history import KINDS, brief, did
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of


@require_GET
def object_origin(request: HttpRequest, workspace: str, plural: str, id: int, key: str) -> HttpResponse:
    """The latest revision of the field, else the one that made the record, for the popover at the field's name."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    field = spec.all_fields.get(key)
    if field is None or key in ctx.actor.grants.hides(spec.key):
        raise NotFound
    load_record(spec, ctx.actor, id)
    latest = next(iter(fetch_history(ctx, spec, id, key, limit=1).revisions), None)
    change = next(iter(latest.changes), None) if latest else None
    context = {
        "latest": latest,
        "who": (latest.who if latest else "") or by_itself(),
        "did": did(KINDS[latest.kind][0], latest.cause) if latest else "",
        "is_changed": change is not None,
        "before": brief(ctx, field, change.old) if change else "",
        "history_url": f"{page_url(ctx, spec, id)}?tab=history&field={key}",
    }
    return render(request, "objects/pages/_origin.html", context)
