"""The pages of a workspace's settings: each slice registers its own, and all are drawn in one frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.shell.middleware import context_of


@dataclass(frozen=True)
class SettingsPage:
    """A page under /w/<slug>/settings/. ``path`` is what follows; ``operation`` what the actor needs to open
    it, empty for everybody's own.

    Pages stand in the order of ``order`` under the heading of their ``group``.
    """

    key: str
    label: str | Promise
    icon: str
    path: str
    operation: str
    group: str | Promise = ""
    order: int = 50
    current: bool = False

    def open_to(self, ctx: Context) -> bool:
        return not self.operation or bool(decide(ctx.actor, self.operation))


_pages: dict[str, SettingsPage] = {}


def register_page(page: SettingsPage) -> SettingsPage:
    """Make a page known to the settings' menu; do it in the slice's ``web`` module."""
    if page.key in _pages:
        raise ValueError(f"settings page {page.key} is declared twice")
    _pages[page.key] = page
    return page


def open_pages(ctx: Context) -> list[SettingsPage]:
    """The pages that the actor may open, in their order."""
    return sorted(
        (page for page in _pages.values() if page.open_to(ctx)), key=lambda page: (page.order, page.key)
    )


def render_settings(
    request: HttpRequest,
    page: SettingsPage,
    template: str,
    context: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    """A settings page in the frame of ``settings/base.html``: ``template`` extends it and fills its block
    ``pane``.
    """
    shown = [replace(each, current=each.key == page.key) for each in open_pages(context_of(request))]
    # A heading stands once, where its first page belongs.
    groups: dict[str, list[SettingsPage]] = {}
    for each in shown:
        groups.setdefault(str(each.group), []).append(each)
    context = {"page": page, "page_groups": list(groups.items()), **(context or {})}
    return render(request, template, context, status=status)
