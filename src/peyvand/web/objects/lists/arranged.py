"""The views of a list as someone wants them: which comes back, in what order they stand, which role begins with which."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.habits import (
    BOARD,
    arrange_views,
    begin_with,
    roles_beginning_with,
    use_view,
)
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.objects.views import EVERYONE, create_view, named_view, views_for
from peyvand.web.objects.lists.saved import landed
from peyvand.web.objects.lists.state import NO_VIEW, ListState, read_state
from peyvand.web.objects.lists.tabs import screen_of, tabs
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of


def beginning(state: ListState) -> str:
    """Where an address that says nothing leads: to the view used last, else to the role's; empty for the list itself."""
    ctx, spec = state.ctx, state.spec
    habit = state.habit
    mark = habit.last if habit.last is not None else habit.first or _unused(spec)
    if mark == BOARD and spec.board:
        return screen_of(ctx, spec, "board")
    if not mark:
        return ""
    try:
        view = named_view(ctx.actor, spec, mark)
    except NotFound:
        return ""
    return f"{screen_of(ctx, spec, view.kind)}?view={view.mark}"


def _unused(spec: ObjectSpec) -> str:
    """What an object opens on for whoever has looked at nothing of it yet."""
    return BOARD if spec.board and spec.board.first else ""


def use_url(state: ListState, *, on_board: bool = False) -> str:
    """What the page posts to when this view is not the one used last; empty where nothing is to be kept."""
    ctx, spec = state.ctx, state.spec
    habit = state.habit
    mark = state.view.mark if state.view else BOARD if on_board else ""
    if state.in_bin or habit.last == mark or ctx.actor.is_preview or not decide(ctx.actor, "view.use"):
        return ""
    # Somebody who never chose a view has nothing to keep.
    if habit.last is None and mark == _unused(spec) and not habit.first:
        return ""
    return f"{address(ctx, spec, 'views', 'used')}?view={mark or NO_VIEW}"


@require_POST
def view_used(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """This view is looked at: it is the one that comes back."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    if request.GET.get("view") == BOARD and spec.board:
        use_view(ctx, object=spec.key, view=BOARD)
        return HttpResponse(status=204)
    state = read_state(ctx, spec, request.GET)
    use_view(ctx, object=spec.key, view=state.view.mark if state.view else "")
    return HttpResponse(status=204)


@require_GET
def view_arranging(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The dialog of all views: their order, and what can be done to each."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    found = [tab for tab in tabs(state, state.habit.order) if tab.mark != NO_VIEW]
    own = {view.mark for view in views_for(ctx.actor, spec.key) if decide(ctx.actor, "view.update", view)}
    context = {
        "spec": spec,
        "tabs": found,
        "own": own,
        "base": address(ctx, spec),
        "can_keep": bool(decide(ctx.actor, "view.create")),
        "can_begin": ctx.actor.grants.scope("view.begin") is Scope.ALL,
    }
    return render(request, "objects/lists/_views.html", context)


@require_POST
def view_order(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The views were put into another order."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    arrange_views(ctx, object=spec.key, order=[m for m in request.POST.get("order", "").split(",") if m])
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({"list-changed": {}})
    return response


@require_POST
def view_copy(request: HttpRequest, workspace: str, plural: str, mark: str) -> HttpResponse:
    """A private view like this one."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    view = named_view(ctx.actor, spec, mark)
    copy = create_view(
        ctx,
        object=spec.key,
        name=(gettext("%(name)s (copy)") % {"name": view.name})[:80],
        kind=view.kind,
        condition=view.condition,
        sort=view.sort,
        columns=view.columns,
        look=view.look,
    )
    return landed(ctx, spec, copy, gettext("The view is copied"))


def view_begin(request: HttpRequest, workspace: str, plural: str, mark: str) -> HttpResponse:
    """GET: the dialog that asks which roles begin with this view. POST: keep it."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    view = named_view(ctx.actor, spec, mark)
    if request.method == "POST":
        begin_with(ctx, view=view, roles=[id for id in map(whole_id, request.POST.getlist("roles")) if id])
        return landed(ctx, spec, view, gettext("The view is saved"))
    context = {
        "view": view,
        "roles": list(Role.objects.order_by("-is_builtin", "id")),
        "chosen": roles_beginning_with(view),
        "is_shared": view.audience == EVERYONE,
        "url": address(ctx, spec, "views", view.mark, "begin"),
    }
    return render(request, "objects/lists/_begin.html", context)
