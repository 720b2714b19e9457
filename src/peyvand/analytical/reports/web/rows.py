"""The rows behind a figure: the list of the records that it counts, or a choice where they are of several objects."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.reports.counted import (
    COUNTED,
    MOST,
    is_listed,
    may_ask,
    origin_of,
    read_mark,
    records_of,
    said,
)
from peyvand.analytical.reports.rights import demand_question
from peyvand.kernel.errors import NotAllowed, NotFound
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.web.objects.lists.links import list_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here


@require_GET
def rows(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?mark=`` as counted.mark_of makes it."""
    ctx = context_of(request)
    text = request.GET.get("mark", "")
    mark = read_mark(text)
    if mark is None:
        raise NotFound
    demand_question(ctx.actor, mark.question)
    if not may_ask(ctx.actor, mark):
        raise NotAllowed
    found = records_of(ctx.actor, mark)

    def listed(spec: ObjectSpec) -> str:
        # Of a module that is switched off there are figures, and no lists.
        if not is_listed(spec.key) or spec.key in ctx.actor.grants.objects_off:
            return ""
        return list_url(ctx, spec, {"field": COUNTED, "op": "is", "value": text})

    lists = [
        (spec, len(ids), listed(spec)) for key, ids in found.items() if (spec := find_object(key)) is not None
    ]
    if len(lists) == 1 and lists[0][2]:
        return HttpResponseRedirect(lists[0][2])
    return render(request, "reports/rows.html", {
        "lists": lists, "label": gettext(MEASURES[mark.measure].label), "most": MOST,
        "says": said(mark, ctx.reader), "report": here(ctx, origin_of(mark)), "is_cut": sum(len(ids) for ids in found.values()) >= MOST,
    })  # fmt: skip
