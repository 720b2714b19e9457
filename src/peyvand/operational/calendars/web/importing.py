"""The page that takes a calendar file over: first what would become of it, then the taking over."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from peyvand.kernel.errors import Invalid, msg
from peyvand.operational.calendars.importing import MOST_BYTES, Preview, preview, take_over
from peyvand.operational.calendars.web import CALENDARS
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.reader import said
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

# Of each kind, in a preview.
SHOWN: Final = 100


@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest, workspace: str) -> HttpResponse:
    """GET: the form; POST a file: what would become of it; POST its ``body`` again: the taking over."""
    ctx = context_of(request)
    demand(ctx.actor, CALENDARS.operation)
    demand(ctx.actor, "meeting.create")
    context: dict[str, Any] = {"here": request.path}
    if request.method != "POST":
        return _page(request, context)
    try:
        if kept := request.POST.get("body"):
            return _page(request, context | {"is_done": True, **_told(take_over(ctx, _unpacked(kept)))})
        file = request.FILES.get("file")
        if file is None:
            raise Invalid.of(msg("Choose a file."), "file")
        body = file.read(MOST_BYTES + 1)
        found = preview(ctx, body)
    except Invalid as error:
        return _page(request, context | {"problem": said(error.problems[0].message)}, 422)
    return _page(request, context | {"body": b64encode(body).decode(), "name": file.name, **_told(found)})


def _unpacked(kept: str) -> bytes:
    try:
        return b64decode(kept, validate=True)
    except (NotBase64, ValueError):
        raise Invalid.of(msg("Choose a file."), "file") from None


def _told(found: Preview) -> dict[str, Any]:
    return {
        "new": found.new[:SHOWN], "changed": found.changed[:SHOWN], "unreadable": found.unreadable[:SHOWN],
        "counts": {"new": len(found.new), "changed": len(found.changed), "same": found.same, "unreadable": len(found.unreadable)},
        "has_any": bool(found.new or found.changed),
    }  # fmt: skip


def _page(request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render_settings(request, CALENDARS, "calendars/import.html", context, status)
