"""What the warehouse holds, questions in SQL, and tables as files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from typing import Any, Final, cast

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from peyvand.analytical.warehouse import store
from peyvand.analytical.warehouse.jobs import ask_for
from peyvand.analytical.warehouse.looking import rows_by_table, waiting
from peyvand.analytical.warehouse.outside.adding import SCHEMA
from peyvand.analytical.warehouse.public import outside_tables
from peyvand.analytical.warehouse.querying import (
    KINDS,
    QUERY,
    SHOWN,
    Format,
    Unanswered,
    answered,
    ask,
    missing,
    whole,
)
from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.web import WAREHOUSE
from peyvand.analytical.warehouse.web.cells import drawn, is_amount, smallest_unit
from peyvand.analytical.warehouse.web.outside import shown_sources
from peyvand.kernel.errors import Invalid, NotFound, PeyvandError, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.web.components.tags import say
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings

# What the kinds of file are called on buttons.
FORMATS: Final[Mapping[Format, str]] = {"arrow": "Arrow", "parquet": "Parquet", "csv": "CSV"}


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, workspace: str) -> HttpResponse | FileResponse:
    """The tables with their columns; POST answers a question, on the page or as a file."""
    ctx = context_of(request)
    demand(ctx.actor, QUERY)
    sql, wrong, own_words, answer = request.POST.get("sql", ""), "", "", None
    if request.method == "POST":
        try:
            if (format := request.POST.get("format", "")) in KINDS:
                return _file(ctx, "answer", cast(Format, format), answered(ctx, sql, cast(Format, format)))
            answer = _shown(ask(ctx, sql, SHOWN + 1), ctx.reader.language, ctx.tenant.tz, ctx.reader.currency)
        except Invalid as error:
            wrong = " ".join(say(problem.message) for problem in error.problems)
            own_words = error.own_words if isinstance(error, Unanswered) else ""
        except PeyvandError as error:
            wrong = say(error.message)
    shown = {
        "sql": sql, "wrong": wrong, "own_words": own_words, "answer": answer, "asked": "asked" in request.GET,
    }  # fmt: skip
    return shown_page(request, ctx, shown, 422 if wrong else 200)


def shown_page(request: HttpRequest, ctx: Context, shown: Mapping[str, Any], status: int) -> HttpResponse:
    """The page with what is to be said on it."""
    context = {**_standing(ctx), **shown_sources(ctx), "most": SHOWN, **shown}
    return render_settings(request, WAREHOUSE, "warehouse/page.html", context, status=status)


@require_POST
def refresh(request: HttpRequest, workspace: str) -> HttpResponse:
    """Bring the warehouse to the present, in the background."""
    ctx = context_of(request)
    perform(ctx, QUERY, (), lambda: ask_for(ctx.tenant), {"refresh": True})
    return HttpResponseRedirect(f"/w/{ctx.tenant.slug}/settings/{WAREHOUSE.path}?asked")


@require_GET
def table(request: HttpRequest, workspace: str, table: str, format: str) -> FileResponse:
    """All rows of a table as a file."""
    ctx = context_of(request)
    if format not in KINDS:
        raise NotFound
    return _file(ctx, table, cast(Format, format), whole(ctx, table, cast(Format, format)))


def _file(ctx: Context, name: str, format: Format, file: Any) -> FileResponse:
    return FileResponse(
        file, as_attachment=True, filename=f"{ctx.tenant.slug}-{name}.{format}", content_type=KINDS[format]
    )


def _standing(ctx: Context) -> dict[str, Any]:
    version = store.published(ctx.tenant.id)
    rows = rows_by_table(version) if version else {}
    described = [(t.name, gettext(t.says), t.columns) for t in TABLES.values()]
    described += [(f"{SCHEMA}.{t.name}", t.says, t.columns) for t in outside_tables()]
    tables = [
        {
            "name": name, "says": says, "rows": rows.get(name), "kept": missing(ctx.actor, name),
            "columns": [(c, gettext(c.says) if c.says else "") for c in columns],
        }
        for name, says, columns in described
    ]  # fmt: skip
    return {
        "tables": tables, "formats": list(FORMATS.items()), "zone": ctx.tenant.timezone,
        "as_of": store.moment_of(version) if version else None, "waiting": waiting(),
        "base": f"/w/{ctx.tenant.slug}/settings/{WAREHOUSE.path}",
        "is_open": not any(t["kept"] for t in tables),
    }  # fmt: skip


def _shown(answer: Any, language: str, zone: tzinfo, currency: str) -> dict[str, Any]:
    """Raises:
    Invalid: Python has no word for a value, such as a day that never comes.
    """
    try:
        columns = [
            drawn(name, column[:SHOWN].to_pylist(), language, zone)
            for name, column in zip(answer.column_names, answer.columns, strict=True)
        ]
    except (ValueError, OverflowError, NotImplementedError, TypeError) as error:
        raise Invalid.of(
            msg("A value of this answer cannot be shown on a page; take it as a file."), "sql"
        ) from error
    rows = list(zip(*columns, strict=True))
    unit = smallest_unit(currency)
    heads = [(name, unit if is_amount(name) else "") for name in answer.column_names]
    return {"columns": heads, "rows": rows, "is_cut": answer.num_rows > SHOWN}
