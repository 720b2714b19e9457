"""Keeping a list as a view: the dialog, saving into the view at hand or as a new one, and removing it."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from peyvand.kernel.errors import Invalid, NotAllowed, Problem, msg
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.objects.views import AUDIENCES, KINDS, create_view, delete_view, load_view, update_view
from peyvand.web.objects.lists.state import NO_VIEW, ListState, read_state, write_columns
from peyvand.web.objects.lists.tabs import screen_of
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of


@require_http_methods(["GET", "POST"])
def view_save(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """GET: the dialog for a new view, or with ``rename`` for the view at hand. POST: save.

    With ``rename`` the view gets the name and audience that were typed, with ``into`` it takes over what the list shows now.
    """
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    view = state.view if "rename" in request.GET else None
    if request.method == "GET":
        demand(ctx.actor, "view.create")
        return _dialog(
            request,
            state,
            {"audience": "private"} if view is None else vars(view),
            (),
            is_rename=view is not None,
        )
    post = request.POST
    named: dict[str, Any] = {
        "name": post.get("name", ""),
        "audience": post.get("audience") or "private",
        "is_pinned": "is_pinned" in post,
    }
    changed = state.view if "into" in request.GET else view
    _may(ctx, "update" if changed else "create", changed)
    if state.problems:
        return _dialog(request, state, post, state.problems, is_rename=view is not None)
    try:
        # A refusal undoes no more than the action, so that the dialog can be drawn again.
        with transaction.atomic():
            if changed is None:
                kept = create_view(ctx, object=spec.key, kind=_kind(request, spec), **named, **_shown(state))
            else:
                kept = update_view(ctx, changed, **(_shown(state) if "into" in request.GET else named))
    except Invalid as error:
        return _dialog(request, state, post, error.problems, is_rename=view is not None)
    except NotAllowed as error:
        return _dialog(
            request,
            state,
            post,
            (Problem("audience", error.message, error.code),),
            is_rename=view is not None,
        )
    return landed(ctx, spec, kept, gettext("The view is saved"))


@require_POST
def view_delete(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Remove a view; the list stays as it is, without its name."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    view = load_view(ctx.actor, id, spec.key)
    _may(ctx, "delete", view)
    delete_view(ctx, view)
    return _to(f"{address(ctx, spec)}/?view={NO_VIEW}", gettext("The view is removed"))


@require_POST
def object_columns(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """Columns were moved or sized by hand: the address that says so, for the page to take on.

    Nothing is stored: the address holds the state until it is saved into a view.
    """
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    sizes = dict(part.partition(":")[::2] for part in request.POST.get("widths", "").split(",") if part)
    if "widths" not in request.POST:
        sizes = {key: str(width) for key, width in state.chosen if width}
    order = [key for key in request.POST.get("order", "").split(",") if key in spec.all_fields]
    chosen = tuple(
        (
            key,
            int(size)
            if (size := sizes.get(key, "")).isascii() and size.isdigit() and len(size) < 5
            else None,
        )
        for key in order
    )
    given = request.GET.copy()
    given["columns"] = write_columns(chosen)
    moved = read_state(ctx, spec, given)
    response = HttpResponse(status=204)
    response["HX-Replace-Url"] = f"{address(ctx, spec)}/?{moved.query_string}"
    if [c.key for c in moved.columns] != [c.key for c in state.columns]:
        response["HX-Trigger"] = json.dumps({"list-changed": {}})
    return response


@require_POST
def object_sorting(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The sort keys were put into another order by hand: the address that says so, for the page to take on."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    given = request.GET.copy()
    given["sort"] = request.POST.get("order", "")
    response = HttpResponse(status=204)
    response["HX-Replace-Url"] = f"{address(ctx, spec)}/?{read_state(ctx, spec, given).query_string}"
    response["HX-Trigger"] = json.dumps({"list-changed": {}})
    return response


def landed(ctx: Context, spec: ObjectSpec, view: SavedView, words: str) -> HttpResponse:
    """To the view, and say what became of it."""
    return _to(f"{screen_of(ctx, spec, view.kind)}?view={view.mark}", words)


def is_mine(state: ListState) -> bool:
    """Whether the view at hand is one that the actor may change."""
    view = state.view
    return view is not None and not view.standard and bool(decide(state.ctx.actor, "view.update", view))


def _may(ctx: Context, verb: str, view: SavedView | None) -> None:
    """Raises NotAllowed: a shared view that the actor uses, but may not change, is no secret."""
    if view is not None and view.standard:
        raise NotAllowed(msg("This view comes with the program; save it as a new view to change it."))
    decision = decide(ctx.actor, f"view.{verb}", view)
    if not decision:
        raise NotAllowed(decision.reason)


def _kind(request: HttpRequest, spec: ObjectSpec) -> str:
    """What the view is saved from: a list, or another screen of this object."""
    kind = request.GET.get("kind", "list")
    return kind if kind in KINDS and (kind != "board" or spec.board) else "list"


def _shown(state: ListState) -> dict[str, Any]:
    return {
        "condition": state.raw or None,
        "sort": state.sort_text,
        "columns": [list(pair) for pair in state.chosen],
        "look": dict(state.look),
    }


def _dialog(
    request: HttpRequest, state: ListState, typed: Any, problems: Any, *, is_rename: bool
) -> HttpResponse:
    suffix = "&rename=1" if is_rename else f"&kind={_kind(request, state.spec)}"
    context = {
        "spec": state.spec,
        "is_rename": is_rename,
        "name": typed.get("name", ""),
        "audience": typed.get("audience") or "private",
        "audiences": AUDIENCES,
        "is_pinned": bool(typed.get("is_pinned")),
        "problems": {p.field: p.message for p in problems if p.field in ("name", "audience")},
        "others": [p.message for p in problems if p.field not in ("name", "audience")],
        "url": f"{address(state.ctx, state.spec, 'views', 'save')}?{state.query_string}{suffix}",
        "delete_url": address(state.ctx, state.spec, "views", state.view.id, "delete")
        if is_rename and state.view and state.view.id
        else "",
        "can_delete": bool(state.view and is_rename and decide(state.ctx.actor, "view.delete", state.view)),
    }
    return render(request, "objects/lists/_view.html", context, status=422 if problems else 200)


def _to(where: str, words: str) -> HttpResponse:
    """Swap the list in as it is under another address, so that the toast survives."""
    response = HttpResponse(status=200)
    response["HX-Location"] = json.dumps(
        {"path": where, "target": "#main", "select": "#main", "swap": "outerHTML"}
    )
    response["HX-Trigger"] = json.dumps({"closeDialog": True, "toast": {"text": words, "kind": "good"}})
    return response
