"""What can be done with a list, whole or with the rows chosen in it, declared by the slices that can do it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.functional import Promise
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import whole_id
from peyvand.web.objects.lists.state import MOST_ONLY, ListState, read_state
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here


@dataclass(frozen=True)
class Tool:
    """``path`` is the page under the workspace that answers with a dialog, given the object's plural and the list's
    address; ``verb`` the right on the object that it takes."""

    key: str
    label: str | Promise
    icon: str
    path: str
    verb: str


_tools: list[Tool] = []


def register_tool(tool: Tool) -> Tool:
    """Offer it in the menu of every list, and in the bar of chosen rows."""
    _tools.append(tool)
    return tool


def tools_of(state: ListState) -> list[Tool]:
    """Those that the actor may use on this list."""
    actor, spec = state.ctx.actor, state.spec
    return [tool for tool in _tools if decide(actor, spec.permission(tool.verb))]


@require_GET
def object_chosen(request: HttpRequest, workspace: str, plural: str, key: str) -> HttpResponseRedirect:
    """On to a tool with the rows that are ticked (``ids``), or with all that match (``all``)."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    tool = next((tool for tool in tools_of(state) if tool.key == key), None)
    if tool is None:
        raise NotFound
    ids = () if request.GET.get("all") else tuple(map(whole_id, request.GET.getlist("ids")[:MOST_ONLY]))
    return HttpResponseRedirect(
        f"{here(ctx, tool.path)}/{spec.plural}?{state.address(only=ids or state.only)}"
    )
