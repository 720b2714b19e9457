"""The list page, the rows that follow while one scrolls, and the figures that come after the rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from peyvand.kernel import money, numbers
from peyvand.platform.access.decisions import decide
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.queries import ListQuery, count_up_to, fetch_page, fetch_rows
from peyvand.platform.objects.views import views_for
from peyvand.web.objects.lists.bar import verbs_for, waiting_runs
from peyvand.web.objects.lists.filters import (
    builder_schema,
    chips,
    for_builder,
    from_builder,
    is_buildable,
    labels_for,
)
from peyvand.web.objects.lists.heads import column_choices, heads, sort_choices
from peyvand.web.objects.lists.rows import RowWriter, can_choose
from peyvand.web.objects.lists.state import ListState, dump, read_json, read_state
from peyvand.web.objects.lists.tabs import tabs
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import open_screens

# A total is counted, and a sum is added up, over this many rows at most.
MOST_COUNTED = 100_000
MOST_IN_TAB = 1000
MOST_ALONE = 100


def object_list(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The list; with ``after`` only the rows that follow, with ``ids`` only those rows."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    if "build" in request.GET:
        return _built(request, state)
    writer = RowWriter(state)
    if "ids" in request.GET:
        ids = [whole_id(i) for i in request.GET["ids"].split(",")[:MOST_ALONE]]
        found = fetch_rows(replace(state.query, condition=None, text=""), ids)
        return HttpResponse(writer.rows(found[i] for i in ids if i in found))
    page = fetch_page(state.query, request.GET.get("after") or None)
    if "after" in request.GET or "rows" in request.GET:
        return HttpResponse(writer.page(page))
    context = {
        "spec": spec,
        "state": state,
        "rows": writer.page(page),
        "count": len(page.rows),
        "is_whole": page.next is None,
        "tabs": tabs(state),
        "heads": heads(state),
        "chips": chips(state),
        "verbs": verbs_for(state) if can_choose(state) else (),
        "runs": waiting_runs(ctx, spec),
        "can_create": spec.creatable and bool(decide(ctx.actor, spec.permission("create"))),
        "fillers": [] if page.rows else [s for s in open_screens(ctx) if s.fills_lists],
        "can_keep": bool(decide(ctx.actor, "view.create")),
        "can_keep_here": state.view is not None and bool(decide(ctx.actor, "view.update", state.view)),
        "base": address(ctx, spec),
        "kept": _kept(state),
    }
    return render(request, "objects/lists/list.html", context, status=422 if state.problems else 200)


def _built(request: HttpRequest, state: ListState) -> HttpResponse:
    """Where the builder's form leads: the same list, with its condition written plainly in the address."""
    text = request.GET["build"]
    try:
        raw: Any = from_builder(read_json(text), state) if text else None
    except ValueError:
        raw = text
    return HttpResponseRedirect(f"{address(state.ctx, state.spec)}/?{state.address(raw=raw)}")


def object_menu(request: HttpRequest, workspace: str, plural: str, name: str) -> HttpResponse:
    """The inside of the menu that sorts or chooses columns, fetched when it is opened: a page carries what it shows."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    if name == "sort":
        return render(request, "objects/lists/_sort.html", {"sorts": sort_choices(state)})
    context = {"columns": column_choices(state), "base": address(ctx, spec)}
    return render(request, "objects/lists/_columns.html", context)


def object_filter(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The filter builder, for the dialog."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    usable = is_buildable(state.raw)
    context = {
        "spec": spec,
        "state": state,
        "base": address(ctx, spec),
        "schema": builder_schema(state),
        "value": dump(for_builder(state.raw, state)) if usable else "",
        "labels": dump(labels_for(state)),
        "is_lost": bool(state.raw) and not usable,
        "kept": _kept(state),
    }
    return render(request, "objects/lists/_filter.html", context)


def _kept(state: ListState) -> list[tuple[str, str]]:
    """What a form has to carry so that the rest of the address stays as it is."""
    return [(name, value) for name, value in parse_qsl(state.query_string, keep_blank_values=True)]


def object_count(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The row of totals and the figures of the tabs, fetched after the page so that the rows never wait for them."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    total, exact = count_up_to(state.query, MOST_COUNTED)
    said = say_count(total, exact, ctx.reader.language)
    writer = [_totals(state, total, exact, said)]
    writer += [
        format_html(
            '<span class="n" id="tab-n-{}" hx-swap-oob="true">{}</span>', tab.id, _tab_count(state, tab)
        )
        for tab in views_for(ctx.actor, spec.key)[:12]
        if tab.kind == "list"
    ]
    everything = ListQuery(spec, ctx.actor, ())
    writer.append(
        format_html(
            '<span class="n" id="tab-n-0" hx-swap-oob="true">{}</span>',
            say_count(*count_up_to(everything, MOST_IN_TAB), ctx.reader.language),
        )
    )
    if can_choose(state):
        writer.append(format_html(
            '<button type="button" class="link" id="bulk-match" data-bulk-match hx-swap-oob="true">{}</button>',
            gettext("Choose all %(count)s") % {"count": said},
        ))  # fmt: skip
    return HttpResponse(SafeString("".join(writer)))


def _tab_count(state: ListState, view: Any) -> str:
    shown = read_state(state.ctx, state.spec, QueryDict(f"view={view.id}"))
    return say_count(*count_up_to(shown.query, MOST_IN_TAB), state.ctx.reader.language)


def say_count(count: int, exact: bool, language: str) -> str:
    """«۱۲٬۴۸۰», or «۱۰۰٬۰۰۰+» where counting stopped."""
    return numbers.format_number(count, language) + ("" if exact else "+")


def _totals(state: ListState, total: int, exact: bool, said: str) -> SafeString:
    sums = _sums(state) if exact and total else {}
    cells = []
    for column in state.columns:
        if column.is_title:
            cells.append(format_html('<td class="c-n keep"><b>{}</b> {}</td>', said, _noun(state, total)))
        elif (found := sums.get(column.key)) is not None:
            value = _short(found, state)
            cells.append(format_html('<td class="figs keep"><bdi class="num"><b>{}</b></bdi></td>', value))
        else:
            cells.append(SafeString("<td></td>"))
    return format_html(
        '<tr id="totals" data-total="{}"><td class="sel"></td>{}</tr>',
        total,
        format_html_join("", "{}", ((c,) for c in cells)),
    )


def _noun(state: ListState, total: int) -> str:
    spec = state.spec
    if state.ctx.reader.is_persian or total == 1:
        return str(spec.label)
    return str(spec.label_plural).lower()


def _short(minor: int, state: ListState) -> str:
    reader = state.ctx.reader
    return money.format_amount(
        minor, money.currency(reader.currency), reader.money_unit, reader.language, "short"
    )


def _sums(state: ListState) -> dict[str, int | None]:
    """Sums of the money columns, in one query; only asked for where the count was exact, so its cost is bounded."""
    fields = [c.field for c in state.columns if c.field.widget == "money" and not c.field.is_compound]
    if not fields:
        return {}
    found = state.query.rows().order_by().aggregate(**{f"sum_{f.key}": Sum(f.column) for f in fields})
    return {f.key: int(v) if (v := found[f"sum_{f.key}"]) is not None else None for f in fields}
