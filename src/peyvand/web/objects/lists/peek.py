"""A look at one record beside the list: its header, fields and latest events, without leaving."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from peyvand.web.objects.pages.page import peek_context
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of


def object_peek(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The inside of the aside."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    return render(request, "objects/lists/_peek.html", peek_context(ctx, spec, id))
