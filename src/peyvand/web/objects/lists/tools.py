"""What can be done with a whole list, declared by the slices that can do it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from peyvand.platform.access.decisions import decide
from peyvand.web.objects.lists.state import ListState


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
    """Offer it in the menu of every list."""
    _tools.append(tool)
    return tool


def tools_of(state: ListState) -> list[Tool]:
    """Those that the actor may use on this list."""
    actor, spec = state.ctx.actor, state.spec
    return [tool for tool in _tools if decide(actor, spec.permission(tool.verb))]
