"""The bell's count and panel, the page of all notifications, and what one does with them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel.errors import NotFound
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.platform.notifications.kinds import kind_of
from peyvand.platform.notifications.making import BELL
from peyvand.platform.notifications.reading import (
    Said,
    count_new,
    mark_read,
    mine,
    newest,
    object_plural,
    page,
    see_all,
)
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

PAGE: Final = 30
# How far something is put off, as the slice that can do it understands it.
PUT_OFF: Final = (
    ("10m", _("In 10 minutes")),
    ("1h", _("In an hour")),
    ("work", _("When I start work tomorrow")),
)


@dataclass(frozen=True)
class Line:
    """A notification ready to be drawn; ``ids`` as a form sends them."""

    said: Said
    href: str
    ids: str
    snooze: str


def _lines(ctx: Context, found: Sequence[Said]) -> list[Line]:
    return [
        Line(
            line,
            here(ctx, f"notifications/{line.id}")
            if line.count == 1
            else here(ctx, f"notifications/?kind={line.wire}"),
            ",".join(map(str, line.ids)),
            here(ctx, f"notifications/{line.id}/snooze") if line.can_snooze and not line.is_read else "",
        )
        for line in found
    ]


def _shown(ctx: Context, found: Sequence[Said]) -> dict[str, Any]:
    return {"lines": _lines(ctx, found), "put_off": PUT_OFF, "bell": f"{BELL}:{ctx.actor.user_id}"}


@require_GET
def count(request: HttpRequest, workspace: str) -> HttpResponse:
    """How many are new, as the bell shows it."""
    return render(request, "shell/_bell_count.html", {"new": count_new(context_of(request).actor)})


@require_GET
def panel(request: HttpRequest, workspace: str) -> HttpResponse:
    """What lies under the bell."""
    ctx = context_of(request)
    return render(request, "notifications/_panel.html", _shown(ctx, newest(ctx.actor)))


@require_GET
def inbox(request: HttpRequest, workspace: str) -> HttpResponse:
    """All of one's own, newest first: ``?show=unread``, ``?kind=`` one kind, ``?after=`` the place to go on from."""
    ctx = context_of(request)
    unread, wire = request.GET.get("show") == "unread", request.GET.get("kind", "")
    place = request.GET.get("after", "")
    kind = kind_of(wire)
    found, further = page(
        ctx.actor, unread=unread, wire=kind.wire if kind else "", after=whole_id(place) or 0, limit=PAGE
    )
    asked = {"show": "unread" if unread else "", "kind": wire if kind else ""}
    query = "&".join(f"{key}={value}" for key, value in asked.items() if value)
    context = _shown(ctx, found) | {
        "unread": unread,
        "kind": kind,
        "query": query,
        "next": f"?{query}{'&' if query else ''}after={further}" if further else "",
        "any_unread": any(not line.is_read for line in found),
    }
    if place:
        return render(request, "notifications/_more.html", context)
    see_all(ctx.actor)
    template = "notifications/_inbox.html" if request.GET.get("part") else "notifications/inbox.html"
    return render(request, template, context)


@require_GET
def opened(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """On to the record that a notification is about; it is read then."""
    ctx = context_of(request)
    row = mine(ctx.actor).filter(id=id).first()
    if row is None or not (plural := object_plural(row.object)):
        raise NotFound
    mark_read(ctx.actor, [id])
    return HttpResponseRedirect(here(ctx, f"{plural}/{row.object_id}/"))


@require_POST
def seen(request: HttpRequest, workspace: str) -> HttpResponse:
    """The bell was opened: what is new now is new no longer."""
    see_all(context_of(request).actor)
    return HttpResponse(status=204)


@require_POST
def read(request: HttpRequest, workspace: str) -> HttpResponse:
    """Mark as read those that ``ids`` names, all of them with ``all``; with ``undo``, as unread again."""
    ctx = context_of(request)
    ids = [id for part in request.POST.get("ids", "").split(",") if (id := whole_id(part))]
    changed = mark_read(
        ctx.actor, None if request.POST.get("all") else ids[:1000], read=not request.POST.get("undo")
    )
    response = HttpResponse(status=204)
    if request.POST.get("all"):
        text = gettext("All are marked as read") if changed else gettext("There was nothing unread")
        response["HX-Trigger"] = json.dumps({"toast": {"text": text, "kind": "good"}})
    return response


@require_POST
def snooze(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Put off what a notification reminds of, and have done with it until then."""
    ctx = context_of(request)
    row = mine(ctx.actor).filter(id=id).first()
    kind = kind_of(row.wire) if row else None
    if row is None or kind is None or kind.snooze is None:
        raise NotFound
    choice = request.POST.get("for", "")
    if choice not in dict(PUT_OFF):
        raise NotFound
    kind.snooze(ctx, row.object, row.object_id, choice)
    mark_read(ctx.actor, [id])
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps(
        {"toast": {"text": gettext("You will be reminded again"), "kind": "good"}}
    )
    return response
