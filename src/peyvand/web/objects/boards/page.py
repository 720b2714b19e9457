"""The board page, what is fetched while one scrolls a column, and what a page that others changed needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.objects.views import views_for
from peyvand.web.objects.boards.drawn import DrawnBoard
from peyvand.web.objects.boards.kinds import board_of, lane_named
from peyvand.web.objects.lists.arranged import use_url
from peyvand.web.objects.lists.filters import (
    Chip,
    builder_schema,
    chips,
    for_builder,
    from_builder,
    is_buildable,
    labels_for,
)
from peyvand.web.objects.lists.state import NO_VIEW, dump, read_json, read_state, whole
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

MOST_TABS = 8
MOST_CHANGES = 100


def drawn_board(request: HttpRequest, plural: str) -> DrawnBoard:
    """The board that an address asks for.

    Raises:
        NotFound: the object has no board, or the actor never sees such records.
    """
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    board, state, given = board_of(spec), read_state(ctx, spec, request.GET), request.GET.copy()
    for name, value in parse_qsl(state.look.get("lanes", "")):
        given.setdefault(name, value)
    return DrawnBoard(ctx, board, state, board.layout(ctx, given))


@require_GET
def object_board(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The board; for its own refetch only what lies beneath the filter bar."""
    drawn = drawn_board(request, plural)
    if "build" in request.GET:
        return _built(request, drawn)
    ctx, spec, state = drawn.ctx, drawn.board.spec, drawn.state
    columns = drawn.columns()
    count = sum(column.count for column in columns)
    context: dict[str, Any] = {
        "drawn": drawn,
        "spec": spec,
        "state": state,
        "columns": columns,
        "is_empty": not count,
        "can_move": drawn.board.may_move(ctx),
        "can_create": spec.creatable and bool(decide(ctx.actor, spec.permission("create"))),
    }
    if request.GET.get("part") == "board":
        return render(request, "objects/boards/_board.html", context)
    context |= {
        "tabs": [(view, state.view is not None and view.id == state.view.id) for view in _views(drawn)],
        "chips": [_kept_chip(chip, drawn) for chip in chips(state)],
        "total": drawn.total(),
        "can_keep": bool(decide(ctx.actor, "view.create")),
        "save_query": _save_query(drawn),
        # Without a word in its address, the list would lead back here.
        "list_url": f"{drawn.pen.base}/?{state.query_string or f'view={NO_VIEW}'}",
        "use_url": use_url(state, on_board=True),
    }
    return render(request, "objects/boards/board.html", context, status=422 if state.problems else 200)


def _views(drawn: DrawnBoard) -> Any:
    return views_for(drawn.ctx.actor, drawn.board.spec.key).filter(kind="board")[:MOST_TABS]


def _save_query(drawn: DrawnBoard) -> str:
    """What a view saved here is made of: the conditions, and which lanes there are."""
    kept = drawn.layout.kept
    lanes = urlencode({"lanes": urlencode(kept)}) if kept else ""
    return "&".join(filter(None, ("kind=board", drawn.state.query_string, lanes)))


def _kept_chip(chip: Chip, drawn: DrawnBoard) -> Chip:
    """A chip whose cross leads to the same lanes."""
    kept = "".join(f"&{name}={value}" for name, value in drawn.layout.kept.items())
    return replace(chip, without=chip.without + kept)


def _built(request: HttpRequest, drawn: DrawnBoard) -> HttpResponse:
    """Where the builder's form leads: the same board, with its condition written plainly in the address."""
    text = request.GET["build"]
    try:
        raw: Any = from_builder(read_json(text), drawn.state) if text else None
    except ValueError:
        raw = text
    changed = replace(drawn, state=replace(drawn.state, raw=raw))
    return HttpResponseRedirect(f"{drawn.base}?{changed.query_string}")


@require_GET
def board_filter(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The filter builder, for the dialog."""
    drawn = drawn_board(request, plural)
    state = drawn.state
    usable = is_buildable(state.raw)
    context = {
        "spec": drawn.board.spec,
        "state": state,
        "base": drawn.base,
        "schema": builder_schema(state),
        "value": dump(for_builder(state.raw, state)) if usable else "",
        "labels": dump(labels_for(state)),
        "is_lost": bool(state.raw) and not usable,
        "kept": [
            (name, value)
            for name, value in parse_qsl(drawn.query_string, keep_blank_values=True)
            if name != "filter"
        ],
    }
    return render(request, "objects/lists/_filter.html", context)


@require_GET
def board_lane(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The cards of one column behind ``after``; ``shown`` is how many the page has already."""
    drawn = drawn_board(request, plural)
    lane = lane_named(drawn.layout, request.GET.get("lane", ""))
    return HttpResponse(
        drawn.following(lane, request.GET.get("after", ""), whole(request.GET.get("shown", "0")))
    )


@require_GET
def board_changes(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """All heads, and those of the cards ``ids`` that belong on this board now; the page removes the rest."""
    drawn = drawn_board(request, plural)
    ids = [
        int(i) for i in request.GET.get("ids", "").split(",") if i.isascii() and i.isdigit() and len(i) < 19
    ]
    if not 0 < len(ids) <= MOST_CHANGES:
        raise NotFound
    return HttpResponse(drawn.heads() + drawn.placed(ids))
