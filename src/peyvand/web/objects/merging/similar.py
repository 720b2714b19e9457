"""While a new record is typed: those like it that are there already."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from peyvand.platform.merging.similar import find_similar, warns
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import form_fields
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of


@require_POST
def object_similar(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The warning above the form, or nothing. Nothing is written and nothing refused: half a value is no mistake yet."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural, "create")
    raw = read_inputs(form_fields(ctx, spec), request.POST, ctx.reader)
    found = find_similar(ctx, spec, raw) if warns(spec) else []
    rows = [
        {
            "id": one.id,
            "title": one.title,
            "url": page_url(ctx, spec, one.id) if one.id is not None else "",
            "why": [say(reason) for reason in one.reasons],
        }
        for one in found
    ]
    return render(request, "objects/merging/_similar.html", {"spec": spec, "rows": rows})
