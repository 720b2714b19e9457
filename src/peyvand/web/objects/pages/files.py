"""Files of a record through the browser: up, down, off and on again."""

from __future__ import annotations

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.files.actions import attach_file, remove_file, restore_file
from peyvand.platform.files.queries import files_of, load_file
from peyvand.platform.files.sniffing import PICTURES
from peyvand.platform.files.storage import path_of
from peyvand.platform.objects.queries import load_record
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened, open_record
from peyvand.web.objects.pages.answers import page_url, with_events
from peyvand.web.objects.resolve import spec_for
from peyvand.web.shell.middleware import context_of

# A stored file may say what it likes: it runs nothing, loads nothing and belongs to no origin.
CLOSED = "sandbox; default-src 'none'; img-src 'self'; style-src 'none'"


@require_POST
def file_upload(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    """Attach what was sent as ``file`` (several are taken one after another)."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    try:
        with transaction.atomic():
            sent = request.FILES.getlist("file")
            if not sent:
                raise Invalid.of(msg("Choose a file first."), "file", "required")
            for one in sent:
                attach_file(ctx, spec.key, opened.record, one.name or "", one.chunks())
    except Invalid as error:
        return _list(request, ctx, opened, problems=[say(p.message) for p in error.problems])
    return _list(request, ctx, opened, toast=gettext("Attached."))


@require_GET
def file_download(
    request: HttpRequest, workspace: str, plural: str, id: int, file: int
) -> HttpResponse | FileResponse:
    """The file itself; pictures of plain pixels are shown, all else is saved."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    load_record(spec, ctx.actor, id)
    found = load_file(spec.key, id, file)
    try:
        stream = path_of(ctx.tenant.id, found.sha256).open("rb")
    except FileNotFoundError:
        raise NotFound(msg("The content of this file is missing from the store.")) from None
    response = FileResponse(
        stream,
        as_attachment=found.media_type not in PICTURES,
        filename=found.name,
        content_type=found.media_type,
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = CLOSED
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def file_remove(request: HttpRequest, workspace: str, plural: str, id: int, file: int) -> HttpResponse:
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    remove_file(ctx, opened.record, load_file(spec.key, id, file))
    undo = page_url(ctx, spec, id, "files", str(file), "restore")
    return _list(request, ctx, opened, toast=gettext("Removed."), undo=undo)


@require_POST
def file_restore(request: HttpRequest, workspace: str, plural: str, id: int, file: int) -> HttpResponse:
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    opened = open_record(ctx, spec, id, ())
    restore_file(ctx, opened.record, load_file(spec.key, id, file, removed=True))
    response = with_events(HttpResponse(status=200), changed={"object": spec.key, "ids": [id]})
    return (
        response
        if request.headers.get("HX-Request")
        else HttpResponseRedirect(page_url(ctx, spec, id) + "?tab=files")
    )


def file_list(request: HttpRequest, workspace: str, plural: str, id: int) -> HttpResponse:
    ctx = context_of(request)
    return _list(request, ctx, open_record(ctx, spec_for(ctx, plural), id, ()))


def _list(
    request: HttpRequest, ctx: Context, opened: Opened, *, problems: list[str] | None = None, toast: str = "", undo: str = ""
) -> HttpResponse:  # fmt: skip
    spec, id = opened.spec, opened.record.id
    url = page_url(ctx, spec, id)
    if not request.headers.get("HX-Request") and not problems:
        return HttpResponseRedirect(f"{url}?tab=files")
    context = {
        "opened": opened,
        "spec": spec,
        "url": url,
        "files": files_of(spec.key, id),
        "may_attach": opened.may_update,
        "problems": problems or [],
    }
    response = render(request, "objects/pages/_files.html", context, status=422 if problems else 200)
    if toast:
        with_events(
            response,
            toast={"text": toast, "kind": "good", **({"undo": undo} if undo else {})},
            changed={"object": spec.key, "ids": [id]},
        )
    return response
