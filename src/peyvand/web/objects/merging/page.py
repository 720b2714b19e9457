"""Merging records that somebody chose, and taking them apart again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.kernel import numbers
from peyvand.kernel.errors import Conflict, Invalid, NotFound, RuleViolation, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Link, whole_id
from peyvand.platform.merging.merging import MOST, can_merge, merge_records
from peyvand.platform.merging.models import Merge
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import render_input
from peyvand.web.components.tags import say
from peyvand.web.objects.merging.compare import compare, read_choices
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of


@require_http_methods(["GET", "HEAD", "POST"])
def object_merge(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The chosen records side by side (``?ids=4&ids=7``); POST makes them one."""
    ctx, spec = _asked(request, plural)
    sent = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(filter(None, map(whole_id, sent.getlist("ids")))))
    if not 2 <= len(ids) <= MOST + 1:
        raise Invalid.of(msg("Choose two to %(most)s different records.", most=MOST + 1), "ids")
    if request.headers.get("HX-Request") and request.method != "POST":
        # Chosen in a list: the comparison is a page of its own, with an address to come back to.
        response = HttpResponse()
        response["HX-Redirect"] = f"{address(ctx, spec, 'merge')}?{urlencode({'ids': ids}, doseq=True)}"
        return response
    winner = whole_id(sent.get("winner", "")) or ids[0]
    if request.method == "POST" and "look" not in request.POST:
        try:
            with transaction.atomic():
                merges = merge_records(
                    ctx, spec, winner, [id for id in ids if id != winner], read_choices(request.POST, spec)
                )
            return merged(request, ctx, spec, merges)
        except (Invalid, RuleViolation, Conflict) as error:
            return _page(request, ctx, spec, ids, winner, problem=say(error.message))
    return _page(request, ctx, spec, ids, winner)


def object_merge_with(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """The dialog that asks which other record is the same as this one."""
    ctx, spec = _asked(request, plural)
    record = load_record(spec, ctx.actor, id)
    field = Link(key="other", label=spec.label, to=spec.key, required=True)
    context = {
        "spec": spec,
        "title": str(getattr(record, spec.title)),
        "id": id,
        "to": address(ctx, spec, "merge"),
        "picker": render_input(field, None, name="ids", reader=ctx.reader),
    }
    return render(request, "objects/merging/_with.html", context)


@require_POST
def object_unmerge(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Take apart merges into this record (``?merge=5``), the last first."""
    ctx, spec = _asked(request, plural)
    wanted = [m for m in map(whole_id, request.GET.getlist("merge")) if m]
    found = Merge.objects.filter(id__in=wanted, object=spec.key, winner=id).order_by("-id")
    if not wanted or len(found) != len(set(wanted)):
        raise NotFound
    try:
        with transaction.atomic():
            undone = [unmerge(ctx, merge.id) for merge in found]
    except RuleViolation as error:
        return with_events(HttpResponse(status=200), toast={"text": say(error.message), "kind": "bad"})
    kept, lost = sum(len(u.kept) for u in undone), sum(u.lost for u in undone)
    words = gettext("The records are apart again.")
    if kept or lost:
        stays = msg("What was changed since stays with “%(title)s”.", title=found[0].winner_title)
        words = f"{words} {say(stays)}"
    where = page_url(ctx, spec, id)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(where)
    changed = {"object": spec.key, "ids": [id, *(u.loser for u in undone)]}
    response = with_events(
        HttpResponse(), toast={"text": words, "kind": "good"}, changed=changed, **{"page-changed": True}
    )
    response["HX-Reswap"] = "none"
    return response


def merged(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, merges: Sequence[Merge], where: str = ""
) -> HttpResponse:
    """On to the record that stays, or ``where``; the toast offers to take the others out again."""
    winner = merges[0].winner
    where = where or page_url(ctx, spec, winner)
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(where)
    response = with_events(HttpResponse(), closeDialog=True, toast=undo_toast(ctx, spec, merges))
    response["HX-Location"] = json.dumps(
        {"path": where, "target": "#main", "select": "#main", "swap": "outerHTML"}
    )
    return response


def undo_toast(ctx: Context, spec: ObjectSpec, merges: Sequence[Merge]) -> dict[str, str]:
    """What is said of merges, with the way back."""
    query = urlencode({"merge": [m.id for m in merges]}, doseq=True)
    words = ngettext(
        "“%(loser)s” is now part of “%(winner)s”.",
        "%(count)s records are now part of “%(winner)s”.",
        len(merges),
    )
    named = {
        "loser": merges[0].loser_title,
        "winner": merges[0].winner_title,
        "count": numbers.format_number(len(merges), ctx.reader.language),
    }
    return {"text": words % named, "undo": f"{page_url(ctx, spec, merges[0].winner, 'unmerge')}?{query}"}


def _asked(request: HttpRequest, plural: str) -> tuple[Context, ObjectSpec]:
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    if not can_merge(spec):
        raise NotFound
    demand(ctx.actor, spec.permission("merge"))
    return ctx, spec


def _page(
    request: HttpRequest, ctx: Context, spec: ObjectSpec, ids: Sequence[int], winner: int, problem: str = ""
) -> HttpResponse:
    chosen: Mapping[str, Any] = {
        key.removeprefix("choice-"): value for key, value in request.POST.items() if key.startswith("choice-")
    }
    context = {
        "spec": spec,
        "compared": compare(ctx, spec, ids, winner, chosen),
        "ids": ids,
        "winner": winner,
        "problem": problem,
        "action": address(ctx, spec, "merge"),
        "list_url": f"{address(ctx, spec)}/",
    }
    template = (
        "objects/merging/_form.html" if request.headers.get("HX-Request") else "objects/merging/merge.html"
    )
    return render(request, template, context, status=422 if problem else 200)
