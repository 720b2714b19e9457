"""On a record's page: its place in the list that one came from, and the way to the record before and behind it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peyvand.kernel import numbers
from peyvand.kernel.errors import NotFound
from peyvand.platform.objects.neighbours import place_of
from peyvand.web.objects.lists.state import read_state
from peyvand.web.objects.lists.totals import say_count
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of


@require_GET
def object_place(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """«۳ از ۱٬۲۴۰» between two arrows; nothing where the record is no longer in that list."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    try:
        place = place_of(state.query, id)
    except NotFound:
        return HttpResponse("")
    language, base = ctx.reader.language, address(ctx, spec)
    context = {
        "number": numbers.format_number(place.number, language) if place.number else "",
        "total": say_count(place.total, place.is_exact, language),
        "before": f"{base}/{place.before}/" if place.before else "",
        "after": f"{base}/{place.after}/" if place.after else "",
        "list_url": f"{base}/?{state.query_string or 'view=all'}",
    }
    return render(request, "objects/lists/_place.html", context)
