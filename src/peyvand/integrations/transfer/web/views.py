"""Upload, look, check, import, report: the pages of an import."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from peyvand.integrations.transfer.actions import folder_of, lay_down, start_import
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.running import PERMISSION
from peyvand.integrations.transfer.web.looking import Look, look_at, told_by
from peyvand.kernel.errors import Invalid, Message, NotFound
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

_HISTORY = 50


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, workspace: str) -> HttpResponse:
    """Where files are chosen, and the imports that were."""
    ctx = _allowed(request)
    if request.method == "POST":
        uploads = [(file.name or "", file.chunks()) for file in request.FILES.getlist("files")]
        try:
            run = lay_down(ctx, uploads)
        except Invalid as error:
            return _index(request, error.problems[0].message, 422)
        return HttpResponseRedirect(here(ctx, f"import/{run.id}"))
    return _index(request)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """One import: what its columns mean, how far it is, or what became of it."""
    ctx = _allowed(request)
    run = _run(run_id)
    problem: Message | None = None
    looks: list[Look] = []
    if run.state in ("draft", "checked", "failed") and folder_of(ctx.tenant.id, run.id).is_dir():
        looks = look_at(ctx, run, run.mapping if request.method != "POST" else _told(ctx, run, request.POST))
        problem = next((look.problem for look in looks if look.problem), None)
    if request.method == "POST" and "look" not in request.POST:
        start_import(ctx, run, told_by(looks), dry_run="check" in request.POST)
        return HttpResponseRedirect(here(ctx, f"import/{run.id}"))
    template = (
        "transfer/_progress.html"
        if "part" in request.GET and run.state in ("waiting", "running")
        else "transfer/run.html"
    )
    response = render(
        request, template, {"run": run, "looks": looks, "problem": problem, "report": _shown(run)}
    )
    if "part" in request.GET and run.state not in ("waiting", "running"):
        response["HX-Refresh"] = "true"
    return response


@require_safe
def refused(request: HttpRequest, workspace: str, run_id: int, place: int) -> FileResponse:
    """The file of refused rows of one of the import's tables."""
    ctx = _allowed(request)
    files = _run(run_id).report.get("files", [])
    name = files[place]["refused_file"] if place < len(files) else None
    path = folder_of(ctx.tenant.id, run_id) / str(name)
    if not name or path.parent != folder_of(ctx.tenant.id, run_id) or not path.is_file():
        raise NotFound
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


def _index(request: HttpRequest, problem: Message | None = None, status: int = 200) -> HttpResponse:
    runs = ImportRun.objects.select_related("user").order_by("-id").defer("report", "mapping")[:_HISTORY]
    return render(request, "transfer/index.html", {"runs": runs, "problem": problem}, status=status)


def _allowed(request: HttpRequest) -> Context:
    ctx = context_of(request)
    demand(ctx.actor, PERMISSION)
    return ctx


def _run(run_id: int) -> ImportRun:
    run: ImportRun | None = ImportRun.objects.select_related("user").filter(id=run_id).first()
    if run is None:
        raise NotFound
    return run


def _told(ctx: Context, run: ImportRun, given: QueryDict) -> dict[str, Any]:
    """The mapping that the form says: an object for each table, a field for each column."""
    files: dict[str, Any] = {}
    for place, look in enumerate(look_at(ctx, run, run.mapping)):
        object_key = given.get(f"object-{place}", "")
        if not object_key:
            continue
        columns: dict[str, str | None] = {}
        if object_key == look.object:
            columns = {
                head.name: given.get(f"column-{place}-{n}") or None
                for n, head in enumerate(look.heads)
                if head.name
            }
        files[look.name] = {"object": object_key, **({"columns": columns} if columns else {})}
    return {"files": files}


def _shown(run: ImportRun) -> dict[str, Any]:
    report: dict[str, Any] = dict(run.report)
    for place, file in enumerate(report.get("files", [])):
        file["place"] = place
        file["more"] = max(0, file["refused_rows"] - len(file["refused"]))
    return report
