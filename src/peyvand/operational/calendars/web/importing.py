"""The pages that take a calendar file over: what would become of it, how far it is, what became of it, and the way back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.operational.calendars.importing import MOST_BYTES, Preview, preview
from peyvand.operational.calendars.models import CalendarImport
from peyvand.operational.calendars.taking import can_undo, start, undo
from peyvand.operational.calendars.web import CALENDARS
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here
from peyvand.web.shell.settings_pages import render_settings

# Of each kind, in a preview; of files, in the list of earlier ones.
SHOWN: Final = 100
_EARLIER: Final = 20
_AT_WORK: Final = frozenset({"waiting", "running", "undoing"})


@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest, workspace: str) -> HttpResponse:
    """GET: the form; POST a file: what would become of it; POST its ``body`` again: the taking over."""
    ctx = _allowed(request)
    if request.method != "POST":
        return _page(request, ctx, {})
    try:
        if kept := request.POST.get("body"):
            run = start(ctx, name=request.POST.get("name", ""), body=_unpacked(kept))
            return HttpResponseRedirect(_place(ctx, run))
        file = request.FILES.get("file")
        if file is None:
            raise Invalid.of(msg("Choose a file."), "file")
        body = file.read(MOST_BYTES + 1)
        found = preview(ctx, body)
    except Invalid as error:
        return _page(request, ctx, {"problem": say(error.problems[0].message)}, 422)
    return _page(request, ctx, {"body": b64encode(body).decode(), "name": file.name, **_told(found)})


@require_safe
def imported(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """What becomes, or became, of a file; ``?part=progress`` is how far it is."""
    ctx = _allowed(request)
    run = _run(ctx, id)
    context = {"run": run, "place": _place(ctx, run), "is_at_work": run.state in _AT_WORK}
    context["share"] = min(100, run.done * 100 // run.total) if run.total else 0
    if request.GET.get("part") == "progress":
        response = render(request, "calendars/_progress.html", context)
        if run.state not in _AT_WORK:
            response["HX-Refresh"] = "true"
        return response
    return _page(request, ctx, {**context, "can_undo": can_undo(run)})


@require_POST
def undo_import(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Have a file taken back."""
    ctx = _allowed(request)
    run = _run(ctx, id)
    undo(ctx, run)
    return HttpResponseRedirect(_place(ctx, run))


def _allowed(request: HttpRequest) -> Context:
    ctx = context_of(request)
    demand(ctx.actor, CALENDARS.operation)
    demand(ctx.actor, "meeting.create")
    return ctx


def _run(ctx: Context, id: int) -> CalendarImport:
    """One of one's own: a calendar is nobody else's business."""
    run: CalendarImport | None = CalendarImport.objects.filter(id=id, user_id=ctx.actor.user_id).first()
    if run is None:
        raise NotFound
    return run


def _place(ctx: Context, run: CalendarImport) -> str:
    return here(ctx, f"settings/calendars/import/{run.id}")


def _unpacked(kept: str) -> bytes:
    try:
        return b64decode(kept, validate=True)
    except (NotBase64, ValueError):
        raise Invalid.of(msg("Choose a file."), "file") from None


def _told(found: Preview) -> dict[str, Any]:
    return {
        "new": found.new[:SHOWN], "changed": found.changed[:SHOWN], "unreadable": found.unreadable[:SHOWN],
        "counts": {"new": len(found.new), "changed": len(found.changed), "same": found.same, "refused": len(found.unreadable)},
        "has_any": bool(found.new or found.changed),
    }  # fmt: skip


def _page(request: HttpRequest, ctx: Context, context: dict[str, Any], status: int = 200) -> HttpResponse:
    mine = CalendarImport.objects.filter(user_id=ctx.actor.user_id).defer("body", "told").order_by("-id")
    context |= {"here": here(ctx, "settings/calendars/import"), "earlier": mine[:_EARLIER]}
    return render_settings(request, CALENDARS, "calendars/import.html", context, status)
