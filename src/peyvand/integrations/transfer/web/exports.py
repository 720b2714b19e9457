"""A list taken away as a file: the dialog that asks for the format, the work in the background, the file."""

from __future__ import annotations

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.integrations.transfer.actions import start_export, stop_export
from peyvand.integrations.transfer.exporting import FORMATS, export_of, file_of
from peyvand.integrations.transfer.models import ExportRun
from peyvand.kernel.errors import NotFound
from peyvand.platform.objects.queries import count_up_to
from peyvand.platform.objects.spec import find_object
from peyvand.web.objects.lists.tools import Tool, register_tool
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

MOST_COUNTED = 1_000_000
TOOL = register_tool(Tool("export", _("Export"), "down", "export", "export"))


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """Ask for the format, then write the list that the address shows."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    given = request.GET.copy()
    query = given.urlencode()
    asked = export_of(ctx, spec, query)
    if request.method == "POST":
        format = request.POST.get("format", "")
        run = start_export(ctx, spec, query, format if format in FORMATS else FORMATS[0])
        return _shown(request, run)
    count, is_exact = count_up_to(asked.state.query, MOST_COUNTED)
    context = {"spec": spec, "count": count, "is_exact": is_exact, "query": query, "columns": asked.columns}
    return render(request, "transfer/export.html", context)


@require_safe
def exported(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """How far it is."""
    return _shown(request, _run(request, run_id))


@require_POST
def stop(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    run = _run(request, run_id)
    stop_export(context_of(request), run)
    return _shown(request, _run(request, run_id))


@require_safe
def file(request: HttpRequest, workspace: str, run_id: int) -> FileResponse:
    """The file, for whoever asked for it."""
    ctx, run = context_of(request), _run(request, run_id)
    path, spec = file_of(ctx.tenant.id, run.id, run.format), find_object(run.object)
    if run.state != "done" or spec is None or not path.is_file():
        raise NotFound
    with translation.override(ctx.actor.language):
        name = f"{spec.label_plural}.{run.format}"
    return FileResponse(path.open("rb"), as_attachment=True, filename=name)


def _run(request: HttpRequest, run_id: int) -> ExportRun:
    ctx = context_of(request)
    run: ExportRun | None = ExportRun.objects.filter(id=run_id, user_id=ctx.actor.user_id).first()
    if run is None or ctx.actor.user_id is None:
        raise NotFound
    return run


def _shown(request: HttpRequest, run: ExportRun) -> HttpResponse:
    share = min(100, run.rows * 100 // run.total) if run.total else 0
    is_at_work = run.state in ("waiting", "running", "stopping")
    return render(request, "transfer/_exported.html", {"run": run, "share": share, "is_at_work": is_at_work})
