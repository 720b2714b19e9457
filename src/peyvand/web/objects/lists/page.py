"""The list page, the rows that follow while one scrolls, and the figures that come after the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.safestring import SafeString

from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import whole_id
from peyvand.platform.merging.merging import can_merge
from peyvand.platform.objects.grouping import Grouping, narrowed
from peyvand.platform.objects.queries import fetch_page, fetch_rows
from peyvand.web.objects.lists.arranged import beginning, use_url
from peyvand.web.objects.lists.bar import verbs_for, waiting_runs
from peyvand.web.objects.lists.beginnings import beginning_of
from peyvand.web.objects.lists.filters import (
    builder_schema,
    chips,
    for_builder,
    from_builder,
    is_buildable,
    labels_for,
)
from peyvand.web.objects.lists.groups import PAGE as GROUP_PAGE
from peyvand.web.objects.lists.groups import group_choices, group_rows, waiting_rows
from peyvand.web.objects.lists.heads import column_choices, heads, look_choices, sort_choices
from peyvand.web.objects.lists.rows import RowWriter, can_choose
from peyvand.web.objects.lists.saved import is_mine
from peyvand.web.objects.lists.state import NO_VIEW, ListState, dump, read_json, read_state
from peyvand.web.objects.lists.tabs import kinds, screen_of, tabs
from peyvand.web.objects.lists.tools import tools_of
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import open_screens

MOST_ALONE = 100


def object_list(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The list; with ``after`` only the rows that follow, with ``ids`` only those rows."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    try:
        state = read_state(ctx, spec, request.GET)
    except NotFound:
        if request.GET.keys() != {"view"} or request.headers.get("HX-Request"):
            raise
        # A view that is gone, or was never shared, leads to the list itself.
        return HttpResponseRedirect(f"{request.path}?view={NO_VIEW}")
    if "build" in request.GET:
        return _built(request, state)
    if not request.GET and (where := beginning(state)):
        return HttpResponseRedirect(where)
    writer, grouping = RowWriter(state), state.grouping
    if "ids" in request.GET:
        ids = [whole_id(i) for i in request.GET["ids"].split(",")[:MOST_ALONE]]
        found = fetch_rows(replace(state.query, condition=None, text=""), ids)
        return HttpResponse(writer.rows(found[i] for i in ids if i in found))
    if grouping is not None and "in" in request.GET:
        return HttpResponse(_rows_in(state, grouping, request))
    if grouping is not None:
        if "rows" in request.GET:
            return HttpResponse(group_rows(state, grouping))
        return _page(request, state, waiting_rows(state), count=1)
    page = fetch_page(state.query, request.GET.get("after") or None)
    if "after" in request.GET or "rows" in request.GET:
        return HttpResponse(writer.page(page))
    return _page(request, state, writer.page(page), count=len(page.rows))


def _rows_in(state: ListState, grouping: Grouping, request: HttpRequest) -> SafeString:
    """The rows of one group, behind a cursor."""
    name = request.GET["in"]
    page = fetch_page(narrowed(state.query, grouping, name), request.GET.get("after") or None, GROUP_PAGE)
    return RowWriter(state, f"in={quote(name, safe='')}").page(page)


def _page(request: HttpRequest, state: ListState, rows: SafeString, *, count: int) -> HttpResponse:
    """The whole page around its rows. ``count`` 0: there are none."""
    ctx, spec = state.ctx, state.spec
    context = {
        "spec": spec,
        "state": state,
        "rows": rows,
        "count": count,
        "tabs": tabs(state, state.habit.order),
        "heads": heads(state),
        "chips": chips(state),
        "verbs": verbs_for(state) if can_choose(state) else (),
        "may_merge": not state.in_bin
        and can_merge(spec)
        and bool(decide(ctx.actor, spec.permission("merge"))),
        "tools": tools_of(state),
        "runs": waiting_runs(ctx, spec),
        "can_create": spec.creatable and bool(decide(ctx.actor, spec.permission("create"))),
        "beginning": None if count else beginning_of(spec.key),
        "fillers": [] if count else [s for s in open_screens(ctx) if s.fills_lists],
        "can_keep": bool(decide(ctx.actor, "view.create")),
        "can_keep_here": is_mine(state),
        "kinds": kinds(state, "list"),
        "use_url": use_url(state),
        "density": state.look.get("density", ""),
        "base": address(ctx, spec),
        "kept": _kept(state),
    }
    return render(request, "objects/lists/list.html", context, status=422 if state.problems else 200)


def _built(request: HttpRequest, state: ListState) -> HttpResponse:
    """Where the builder's form leads: the same list, with its condition written plainly in the address."""
    text = request.GET["build"]
    try:
        raw: Any = from_builder(read_json(text), state) if text else None
    except ValueError:
        raw = text
    screen = screen_of(state.ctx, state.spec, _screen(request))
    return HttpResponseRedirect(f"{screen}?{state.address(raw=raw)}")


def _screen(request: HttpRequest) -> str:
    """Which of the object's screens the builder was opened on."""
    screen = request.GET.get("screen", "list")
    return screen if screen in ("calendar", "timeline") else "list"


def object_menu(request: HttpRequest, workspace: str, plural: str, name: str) -> HttpResponse:
    """The inside of the menu that sorts or chooses columns, fetched when it is opened: a page carries what it shows."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    base = address(ctx, spec)
    if name == "sort":
        context: dict[str, Any] = {"sorts": sort_choices(state), "base": base, "state": state}
    elif name == "group":
        context = {"choices": group_choices(state), "base": base}
    elif name == "columns":
        context = {
            "columns": column_choices(state),
            "looks": look_choices(state),
            "base": base,
            "state": state,
        }
    elif name == "sheet":
        context = _sheet(state)
    else:
        raise NotFound
    return render(request, f"objects/lists/_{name}.html", context)


def _sheet(state: ListState) -> dict[str, Any]:
    """Everything that a phone's list has no room for, behind one button."""
    ctx, spec = state.ctx, state.spec
    return {
        "spec": spec,
        "state": state,
        "base": address(ctx, spec),
        "sorts": sort_choices(state),
        "choices": group_choices(state),
        "columns": column_choices(state),
        "looks": look_choices(state),
        "can_keep": bool(decide(ctx.actor, "view.create")),
        "can_keep_here": is_mine(state),
    }


def object_filter(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The filter builder, for the dialog."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    usable = is_buildable(state.raw)
    context = {
        "spec": spec,
        "state": state,
        "base": address(ctx, spec),
        "schema": builder_schema(state),
        "value": dump(for_builder(state.raw, state)) if usable else "",
        "labels": dump(labels_for(state)),
        "is_lost": bool(state.raw) and not usable,
        "kept": [*_kept(state), ("screen", _screen(request))],
    }
    return render(request, "objects/lists/_filter.html", context)


def _kept(state: ListState) -> list[tuple[str, str]]:
    """What a form has to carry so that the rest of the address stays as it is."""
    return [(name, value) for name, value in parse_qsl(state.query_string, keep_blank_values=True)]
