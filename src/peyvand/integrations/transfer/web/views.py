"""Upload, look, check, import, watch, undo: the pages of an import."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from peyvand.integrations.transfer import history
from peyvand.integrations.transfer.actions import (
    can_put_away,
    can_undo,
    folder_of,
    lay_down,
    paths_of,
    put_away,
    start_import,
    stop_import,
    undo_import,
)
from peyvand.integrations.transfer.kept import as_headed, keep_mapping
from peyvand.integrations.transfer.models import ImportMapping, ImportRun
from peyvand.integrations.transfer.reading import DELIMITERS, about_rows
from peyvand.integrations.transfer.running import PERMISSION
from peyvand.integrations.transfer.web.answered import read_told
from peyvand.integrations.transfer.web.looking import Look, look_at, told_by
from peyvand.integrations.transfer.web.reported import UndoneShown, report_of, undone_of, with_refused
from peyvand.kernel.errors import Invalid, Message, NotFound, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import whole_id
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import here

_HISTORY = 50
_GONE = msg(
    "The files of this import are not there any more: they are removed after some days, and when the data of a person is "
    "erased. Upload them again."
)
AT_WORK = frozenset({"waiting", "running", "stopping", "undoing"})
PREPARED = frozenset({"draft", "checked", "failed", "stopped"})


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, workspace: str) -> HttpResponse:
    """Where files are chosen, and the imports that were."""
    ctx = _allowed(request)
    if request.method == "POST":
        uploads = [(file.name or "", file.chunks()) for file in request.FILES.getlist("files")]
        try:
            run = lay_down(ctx, uploads)
        except Invalid as error:
            return _index(request, ctx, error.problems[0].message, 422)
        return HttpResponseRedirect(here(ctx, f"import/{run.id}"))
    return _index(request, ctx)


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """One import: what its columns mean, how far it is, or what became of it."""
    ctx = _allowed(request)
    run = _run(ctx, run_id)
    is_prepared = run.state in PREPARED and folder_of(ctx.tenant.id, run.id).is_dir()
    if request.method == "POST":
        if not is_prepared:
            return HttpResponseRedirect(here(ctx, f"import/{run.id}"))
        return _told(ctx, request, run)
    if "part" in request.GET:
        return _progress(request, run)
    looks = look_at(ctx, run, run.mapping) if is_prepared else []
    return _page(request, ctx, run, looks, _GONE if run.state in PREPARED and not is_prepared else None)


def _told(ctx: Context, request: HttpRequest, run: ImportRun) -> HttpResponse:
    given = {name: str(value) for name, value in request.POST.items()}
    looks = look_at(ctx, run, run.mapping)
    told = read_told(looks, given)
    for place, look in enumerate(looks):
        kept_id = whole_id(given.get(f"use-{place}", ""))
        if kept_id and (kept := ImportMapping.objects.filter(id=kept_id).first()):
            told["files"][look.name] = as_headed(kept.told, [head.name for head in look.heads])
    ImportRun.objects.filter(id=run.id).update(mapping=told)
    run.mapping = told
    if not {"check", "import", "keep"} & given.keys():
        return HttpResponseRedirect(here(ctx, f"import/{run.id}"))
    looks = look_at(ctx, run, told, closely=False)
    problem = next((look.problem for look in looks if look.problem), None)
    if "keep" in given:
        return _kept(ctx, request, run, looks, given)
    if problem or not any(look.object for look in looks):
        return _page(request, ctx, run, look_at(ctx, run, told), problem, 422)
    whole = {**told_by(looks), "loud": told["loud"]}
    total = sum(map(about_rows, paths_of(ctx.tenant.id, run)))
    start_import(ctx, run, whole, dry_run="check" in given, total=total)
    return HttpResponseRedirect(here(ctx, f"import/{run.id}"))


def _kept(
    ctx: Context, request: HttpRequest, run: ImportRun, looks: list[Look], given: dict[str, str]
) -> HttpResponse:
    place = whole_id(given["keep"])
    if place >= len(looks):
        raise NotFound
    try:
        keep_mapping(
            ctx, given.get(f"name-{place}", ""), [h.name for h in looks[place].heads], looks[place].told
        )
    except Invalid as error:
        return _page(request, ctx, run, look_at(ctx, run, run.mapping), error.problems[0].message, 422)
    return HttpResponseRedirect(here(ctx, f"import/{run.id}"))


@require_POST
def stop(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """Have an import end where it is."""
    ctx = _allowed(request)
    stop_import(ctx, _run(ctx, run_id))
    return HttpResponseRedirect(here(ctx, f"import/{run_id}"))


@require_POST
def drop(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """Put a prepared import away, with its files."""
    ctx = _allowed(request)
    put_away(ctx, _run(ctx, run_id))
    return HttpResponseRedirect(here(ctx, "import/"))


@require_POST
def undo(request: HttpRequest, workspace: str, run_id: int) -> HttpResponse:
    """Have an import taken back."""
    ctx = _allowed(request)
    undo_import(ctx, _run(ctx, run_id))
    return HttpResponseRedirect(here(ctx, f"import/{run_id}"))


@require_safe
def refused(request: HttpRequest, workspace: str, run_id: int, place: int) -> FileResponse:
    """The file of refused rows of one of the import's tables."""
    ctx = _allowed(request)
    files = _run(ctx, run_id).report.get("files", [])
    name = files[place]["refused_file"] if place < len(files) else None
    path = folder_of(ctx.tenant.id, run_id) / str(name)
    if not name or path.parent != folder_of(ctx.tenant.id, run_id) or not path.is_file():
        raise NotFound
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


def _progress(request: HttpRequest, run: ImportRun) -> HttpResponse:
    if run.state not in AT_WORK:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    return render(request, "transfer/_progress.html", {"run": run, "share": _share(run)})


def _page(
    request: HttpRequest,
    ctx: Context,
    run: ImportRun,
    looks: list[Look],
    problem: Message | None = None,
    status: int = 200,
) -> HttpResponse:
    undone: UndoneShown | None = undone_of(ctx, run) if run.undoing else None
    with_refused(looks, run)
    context: dict[str, Any] = {
        "run": run, "looks": looks, "problem": problem, "report": report_of(run), "undone": undone, "share": _share(run),
        "is_at_work": run.state in AT_WORK, "can_undo": can_undo(run), "delimiters": DELIMITERS,
        "loud": bool(run.mapping.get("loud")), "can_begin": any(look.heads for look in looks), "can_go": can_put_away(run),
    }  # fmt: skip
    return render(request, "transfer/run.html", context, status=status)


def _share(run: ImportRun) -> int:
    return min(100, run.rows * 100 // run.total) if run.total else 0


def _index(
    request: HttpRequest, ctx: Context, problem: Message | None = None, status: int = 200
) -> HttpResponse:
    runs = history.seen_by(ctx.actor).select_related("user").order_by("-id")
    context = {"runs": runs.defer("report", "mapping", "undoing")[:_HISTORY], "problem": problem}
    return render(request, "transfer/index.html", context, status=status)


def _allowed(request: HttpRequest) -> Context:
    ctx = context_of(request)
    demand(ctx.actor, PERMISSION)
    return ctx


def _run(ctx: Context, run_id: int) -> ImportRun:
    run: ImportRun | None = history.seen_by(ctx.actor).select_related("user").filter(id=run_id).first()
    if run is None:
        raise NotFound
    return run
