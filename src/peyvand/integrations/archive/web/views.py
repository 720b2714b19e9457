"""Archives: the page that has one written, how far it is, the file."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.integrations.archive.actions import remove_archive, start_archive
from peyvand.integrations.archive.models import AT_WORK, ArchiveRun
from peyvand.integrations.archive.web import ARCHIVES
from peyvand.integrations.archive.writing import archive_path
from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def archives(request: HttpRequest, workspace: str) -> HttpResponse:
    """The archives there are, the newest first; POST has another written."""
    ctx = context_of(request)
    demand(ctx.actor, ARCHIVES.operation)
    if request.method == "POST":
        start_archive(ctx)
        return _back(ctx, request)
    runs = [_shown(run) for run in ArchiveRun.objects.select_related("user").order_by("-id")[:SHOWN]]
    shown = {"runs": runs, "is_at_work": any(run["is_at_work"] for run in runs)}
    return render_settings(request, ARCHIVES, "archive/archives.html", shown)


@require_safe
def state(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """One archive's line: how far it is."""
    return render(request, "archive/_run.html", {"each": _shown(_run(context_of(request), run_id))})


@require_safe
def file(request: HttpRequest, workspace: str, run_id: int) -> FileResponse:
    """The archive itself."""
    ctx = context_of(request)
    run = _run(ctx, run_id)
    path = archive_path(ctx.tenant.id, run.id)
    if run.state != "done" or not path.is_file():
        raise NotFound
    name = f"{ctx.tenant.slug}-{run.started_at.astimezone(ctx.reader.tz):%Y-%m-%d}.zip"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


@require_POST
def remove(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    ctx = context_of(request)
    remove_archive(ctx, _run(ctx, run_id))
    return _back(ctx, request, gettext("The archive was removed."))


def _run(ctx: Context, run_id: int) -> ArchiveRun:
    demand(ctx.actor, ARCHIVES.operation)
    run: ArchiveRun | None = ArchiveRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound
    return run


def _shown(run: ArchiveRun) -> dict[str, Any]:
    share = min(100, run.rows * 100 // run.total) if run.total else 0
    return {"run": run, "share": share, "is_at_work": run.state in AT_WORK}


def _back(ctx: Context, request: HttpRequest, sentence: str = "") -> HttpResponse:
    where = f"/w/{ctx.tenant.slug}/settings/{ARCHIVES.path}"
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(where)
    events = {"toast": {"text": sentence, "kind": "good"}} if sentence else {}
    response = with_events(HttpResponse(), **events)
    response["HX-Redirect"] = where
    return response
