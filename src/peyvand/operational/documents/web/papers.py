"""A record's paper, for people: /w/<slug>/<plural>/<id>/pdf."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from peyvand.api.papers import printed
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of


@require_GET
def paper(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The PDF, shown by the browser."""
    ctx = context_of(request)
    return printed(ctx, spec_for(ctx, plural), id)
