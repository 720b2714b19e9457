"""Outside sources among the settings: bring a file, say what its columns are, look after what is read and when."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.analytical.warehouse.actions import (
    DELIMITERS,
    TYPES,
    Shape,
    add_file,
    confirm,
    look_at,
    refresh_source,
    replace_file,
)
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.objects import BY, OUTSIDE
from peyvand.analytical.warehouse.outside.looking import matched
from peyvand.analytical.warehouse.outside.reading import Text
from peyvand.analytical.warehouse.outside.reasons import NotTaken, said
from peyvand.analytical.warehouse.web import WAREHOUSE
from peyvand.kernel.errors import Invalid, PeyvandError, msg
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.records import delete_records
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

ENCODINGS: Final = (
    ("utf-8", "UTF-8"), ("utf-16", "UTF-16"), ("cp1256", "Windows-1256"), ("iso-8859-1", "ISO-8859-1"),
)  # fmt: skip
# The same encoding to people, written with a mark at the beginning or without an order of bytes.
_ALSO: Final = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}
KINDS: Final = {
    "varchar": _("Text"), "bigint": _("Whole number"), "integer": _("Small whole number"), "double": _("Number with decimals"),
    "boolean": _("Yes or no"), "date": _("Date"), "timestamp": _("Date and time"),
}  # fmt: skip
_AT_WORK: Final = (OutsideTaking.WAITING, OutsideTaking.RUNNING)
_HISTORY: Final = 10


def shown_sources(ctx: Context) -> dict[str, Any]:
    """What the warehouse's page shows of outside sources; nothing for who may not see them."""
    if not decide(ctx.actor, "outside_source.view"):
        return {"may_see": False}
    rows = ListQuery(OUTSIDE, ctx.actor, ()).rows().order_by("name", "id")
    at_work = set(OutsideTaking.objects.filter(state__in=_AT_WORK).values_list("source_id", flat=True))
    return {
        "may_see": True,
        "sources": [(row, _state(row, row.id in at_work)) for row in rows],
        "may_add": bool(decide(ctx.actor, "outside_source.create")),
    }


@require_POST
def new_file(request: HttpRequest, workspace: str) -> HttpResponse:
    """Make a source of an uploaded file and go on to its columns."""
    from peyvand.analytical.warehouse.web.views import shown_page

    ctx = context_of(request)
    demand(ctx.actor, "outside_source.create")
    told = {"name": request.POST.get("name", ""), "title": request.POST.get("title", "")}
    try:
        with transaction.atomic():
            source = add_file(ctx, told, *_sent(request))
    except Invalid as error:
        return shown_page(request, ctx, {"new": told, "not_added": _words(ctx, error)}, 422)
    return HttpResponseRedirect(f"{_base(ctx)}/{source.id}/columns")


@require_GET
def source(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """One source: what it is, what of it is there, and the times that it was read; with ``part`` only what changes."""
    ctx, row = _source(request, id)
    context = _shown(ctx, row)
    if "part" in request.GET:
        if not context["is_at_work"]:
            response = HttpResponse()
            response["HX-Refresh"] = "true"
            return response
        return render(request, "warehouse/_reading.html", context)
    return render_settings(request, WAREHOUSE, "warehouse/source.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """What the columns of a source's file are: shown as they were recognised, and confirmed."""
    ctx, row = _source(request, id)
    demand(ctx.actor, "outside_source.update", row)
    given = request.POST
    text = Text(
        given.get("encoding", row.encoding),
        _delimiter(given.get("delimiter", row.delimiter)),
        _header(given, row),
    )
    wrong, found = "", None
    try:
        found, encoding = look_at(ctx, row, text)
        text = Text(encoding, found.delimiter, found.header)
        types = {c["name"]: given.get(f"type-{n}") or _former(row, c) for n, c in enumerate(found.columns)}
        if "confirm" in given:
            with transaction.atomic():
                confirm(
                    ctx,
                    row,
                    Shape(text, types, given.get("customer_column", ""), given.get("customer_by", "")),
                )
            return HttpResponseRedirect(f"{_base(ctx)}/{row.id}")
    except NotTaken as error:
        wrong = said(str(error))
    except Invalid as error:
        wrong = _words(ctx, error)
    shown = [
        {"n": n, "column": c, "renamed": _renamed(c), "type": types[c["name"]], "samples": [line[n] for line in found.sample if line[n]][:4],
         "misfits": found.misfits[n] if found.misfits and types[c["name"]] == c["type"] else 0}
        for n, c in enumerate(found.columns)
    ] if found else []  # fmt: skip
    context = {
        "source": row, "base": _base(ctx), "wrong": wrong, "columns": shown, "text": text, "ways": BY,
        "types": [(type, KINDS[type]) for type in TYPES],
        "encodings": _encodings(text.encoding), "delimiters": DELIMITERS, "customer_column": given.get("customer_column", row.customer_column),
        "customer_by": given.get("customer_by", row.customer_by), "is_found": found is not None,
    }  # fmt: skip
    return render_settings(
        request, WAREHOUSE, "warehouse/columns.html", context, status=422 if wrong else 200
    )


def _encodings(found: str) -> list[tuple[str, str]]:
    """What can be chosen; the encoding that was found stands under the name that people know."""
    return [(found if key == _ALSO.get(found) else key, label) for key, label in ENCODINGS]


@require_POST
def file(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Put a newer file in the place of a source's."""
    ctx, row = _source(request, id)
    try:
        with transaction.atomic():
            replace_file(ctx, row, *_sent(request))
    except Invalid as error:
        return render_settings(
            request,
            WAREHOUSE,
            "warehouse/source.html",
            {**_shown(ctx, row), "wrong": _words(ctx, error)},
            status=422,
        )
    return HttpResponseRedirect(f"{_base(ctx)}/{row.id}" + ("" if row.columns else "/columns"))


@require_POST
def refresh(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Read a source in the background."""
    ctx, row = _source(request, id)
    try:
        with transaction.atomic():
            refresh_source(ctx, row)
    except PeyvandError as error:
        return render_settings(
            request,
            WAREHOUSE,
            "warehouse/source.html",
            {**_shown(ctx, row), "wrong": say(error.message)},
            status=error.status,
        )
    return HttpResponseRedirect(f"{_base(ctx)}/{row.id}")


@require_POST
def delete(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Move a source to the bin; its data leave the warehouse with the next version."""
    ctx, row = _source(request, id)
    delete_records(ctx, OUTSIDE, [row])
    return HttpResponseRedirect(f"/w/{ctx.tenant.slug}/settings/{WAREHOUSE.path}")


def _shown(ctx: Context, row: OutsideSource) -> dict[str, Any]:
    takings = list(OutsideTaking.objects.filter(source=row).select_related("user").order_by("-id")[:_HISTORY])
    last = next((t for t in takings if t.state == OutsideTaking.DONE), None)
    # What was refused is told of the newest reading, whether it failed for that or not.
    told_of = next((t for t in takings if t.state not in _AT_WORK), None)
    told = (
        []
        if row.kind == OutsideSource.FILE
        else ["host", "port", "database", "username", "sslmode", "relation", "query"]
    )
    told += ["customer_column", "customer_by"]
    is_at_work = any(t.state in _AT_WORK for t in takings[:1])
    known = matched(ctx.tenant.id, row.name) if row.customer_column else None
    return {
        "source": row, "base": _base(ctx), "state": _state(row, is_at_work), "file": row.file,
        "is_file": row.kind == OutsideSource.FILE, "takings": [(t, said(t.problem)) for t in takings], "last": last,
        "is_at_work": is_at_work, "problem": said(row.problem),
        "told": [
            (f.label, text) for f in map(OUTSIDE.field, told) if (text := f.show(getattr(row, f.attr), ctx.reader))
        ],
        "columns": [(c["name"], KINDS.get(c["type"], c["type"]), _renamed(c)) for c in last.columns] if last else [],
        "why": [{**line, "says": _why(line)} for line in told_of.refused] if told_of else [],
        "refused_count": told_of.refused_count if told_of else 0,
        "known": known,
        "may_update": bool(decide(ctx.actor, "outside_source.update", row)),
        "may_refresh": bool(decide(ctx.actor, "outside_source.refresh", row)),
        "may_delete": bool(decide(ctx.actor, "outside_source.delete", row)),
        "differs": _differs(takings),
    }  # fmt: skip


def _state(row: OutsideSource, is_at_work: bool) -> tuple[str, str]:
    """A source's state in a word, with its tone."""
    if is_at_work:
        return gettext("being read"), "acc"
    if row.kind == OutsideSource.FILE and not row.columns:
        return gettext("columns not confirmed"), "warn"
    if row.problem:
        return gettext("could not be read"), "bad"
    return (gettext("was read"), "good") if row.taken_at else (gettext("not read yet"), "")


def _differs(takings: list[OutsideTaking]) -> dict[str, str] | None:
    """What of the columns is other than the time before; None: nothing."""
    done = [[c["name"] for c in t.columns] for t in takings if t.state == OutsideTaking.DONE][:2]
    if len(done) < 2 or set(done[0]) == set(done[1]):
        return None
    now, before = done
    return {
        "gone": ", ".join(name for name in before if name not in now) or "–",
        "new": ", ".join(name for name in now if name not in before) or "–",
    }


def _renamed(column: dict[str, str]) -> str:
    """What a column is called in the file, where SQL needs another name for it; else empty."""
    return column["head"] if column["head"] != column["name"] else ""


def _why(line: dict[str, Any]) -> str:
    if line["why"] == "CAST":
        return gettext("the value does not fit the column's type")
    if line["why"] == "MISSING COLUMNS":
        return gettext("there are too few values")
    if line["why"] == "TOO MANY COLUMNS":
        return gettext("there are too many values")
    return gettext("it cannot be read")


def _former(row: OutsideSource, column: dict[str, str]) -> str:
    """The type that was confirmed for a column of this head, else the one that was recognised."""
    return next((c["type"] for c in row.columns if c["head"] == column["head"]), column["type"])


def _delimiter(given: str) -> str:
    return "\t" if given == "tab" else given


def _header(given: Any, row: OutsideSource) -> bool | None:
    if "encoding" in given or "has_header" in given:
        return "has_header" in given
    return row.has_header if row.columns else None


def _sent(request: HttpRequest) -> tuple[str, Any]:
    sent = request.FILES.get("file")
    if sent is None:
        raise Invalid.of(msg("Choose a file first."), "file", "required")
    return sent.name or "", sent.chunks()


def _words(ctx: Context, error: Invalid) -> str:
    return " ".join(say(problem.message) for problem in error.problems)


def _base(ctx: Context) -> str:
    return f"/w/{ctx.tenant.slug}/settings/{WAREHOUSE.path}/sources"


def _source(request: HttpRequest, id: int) -> tuple[Context, OutsideSource]:
    ctx = context_of(request)
    demand(ctx.actor, "outside_source.view")
    row: OutsideSource = load_record(OUTSIDE, ctx.actor, id)
    return ctx, row
