"""The row of totals and the figures of the tabs: fetched after the page, so that the rows never wait for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import money, numbers
from peyvand.kernel.persian.calendar import format_date
from peyvand.platform.fields.reader import Reader
from peyvand.platform.objects.grouping import HOWS, Measure, Totals, can_measure, fetch_totals
from peyvand.platform.objects.looks import NONE
from peyvand.platform.objects.queries import ListQuery, count_up_to
from peyvand.web.components.icons import icon
from peyvand.web.objects.lists.bar import verbs_for
from peyvand.web.objects.lists.columns import Column
from peyvand.web.objects.lists.heads import Choice
from peyvand.web.objects.lists.rows import can_choose
from peyvand.web.objects.lists.state import NO_VIEW, ListState, read_state
from peyvand.web.objects.lists.tabs import Tab, tabs
from peyvand.web.objects.resolve import address, spec_for
from peyvand.web.shell.middleware import context_of

# What is added up at once; more comes in a second answer, while the first already stands there.
MOST_AT_ONCE: Final = 100_000
MOST_IN_ALL: Final = 5_000_000
MOST_IN_TAB: Final = 1000
# Milliseconds after which a figure is given up: a tab's number is a courtesy, a total is worth more.
_PATIENCE_WITH_TAB: Final = 150
_PATIENCE_WITH_TOTAL: Final = 15_000
HOW_LABELS: Final[dict[str, str | Promise]] = {
    "sum": _("Sum"),
    "avg": _("Average"),
    "min": _("Least"),
    "max": _("Greatest"),
}
_DATE_LABELS: Final[dict[str, str | Promise]] = {"min": _("Earliest"), "max": _("Latest")}


def object_count(request: HttpRequest, workspace: str, plural: str) -> HttpResponse:
    """The totals of all that match; with ``whole`` however many they are. Beside them the numbers of the tabs."""
    ctx = context_of(request)
    spec = spec_for(ctx, plural)
    state = read_state(ctx, spec, request.GET)
    is_whole = "whole" in request.GET
    totals = within(
        _PATIENCE_WITH_TOTAL,
        lambda: fetch_totals(state.query, state.measures, MOST_IN_ALL if is_whole else MOST_AT_ONCE),
    ) or Totals(MOST_AT_ONCE, False, {})
    said = say_count(totals.count, totals.is_exact, ctx.reader.language)
    parts = [_row(state, totals, said, goes_on=not totals.is_exact and not is_whole)]
    if not is_whole:
        parts += [
            format_html('<span class="n" id="tab-n-{}" hx-swap-oob="true">{}</span>', tab.mark, number)
            for tab in tabs(state, ())
            if tab.kind == "list" and (number := _tab_count(state, tab))
        ]
    # The bar stands on the page only for whoever may work on many, and where it has something to offer.
    if can_choose(state) and verbs_for(state):
        parts.append(format_html(
            '<button type="button" class="link" id="bulk-match" data-bulk-match hx-swap-oob="true">{}</button>',
            gettext("Choose all %(count)s") % {"count": said},
        ))  # fmt: skip
    return HttpResponse(SafeString("".join(parts)))


def within(milliseconds: int, ask: Any) -> Any:
    """What ``ask`` finds, or None if the database needs longer than that."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("select set_config('statement_timeout', %s, true)", [str(milliseconds)])
            found = ask()
            with connection.cursor() as cursor:
                cursor.execute("set local statement_timeout to default")
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        return None


def _tab_count(state: ListState, tab: Tab) -> str:
    """The number on a tab, nothing where it would take long to find out."""
    if tab.mark == NO_VIEW:
        query = ListQuery(state.spec, state.ctx.actor, ())
    else:
        query = read_state(state.ctx, state.spec, QueryDict(f"view={tab.mark}")).query
    found = within(_PATIENCE_WITH_TAB, lambda: count_up_to(query, MOST_IN_TAB))
    return say_count(found[0], found[1], state.ctx.reader.language) if found else ""


def say_count(count: int, exact: bool, language: str) -> str:
    """«۱۲٬۴۸۰», or «۱۰۰٬۰۰۰+» where counting stopped."""
    return numbers.format_number(count, language) + ("" if exact else "+")


def figure_text(measure: Measure, value: Any, reader: Reader) -> str:
    """A figure in words of its field; amounts in the short form, as heads say them."""
    if value is None:
        return "–"
    if measure.field.widget == "money":
        return money.format_amount(
            value, money.currency(reader.currency), reader.money_unit, reader.language, "short"
        )
    if isinstance(value, datetime):
        value = value.astimezone(reader.tz).date()
    if isinstance(value, date):
        return format_date(value, reader.language)
    return measure.field.show(value, reader)


def _row(state: ListState, totals: Totals, said: str, *, goes_on: bool) -> SafeString:
    by_field = {measure.field.key: measure for measure in state.measures}
    cells = [
        format_html('<td class="c-n keep"><b>{}</b> {}</td>', said, _noun(state, totals.count))
        if column.is_title
        else _cell(state, column, by_field.get(column.key), totals)
        for column in state.columns
    ]
    more = ""
    if goes_on:
        url = f"{address(state.ctx, state.spec, 'count')}?{state.query_string}&whole=1"
        more = f' hx-get="{escape(url)}" hx-trigger="load" hx-swap="outerHTML"'
    return format_html(
        '<tr id="totals" data-total="{}"{}><td class="sel"></td>{}</tr>',
        totals.count,
        SafeString(more),
        format_html_join("", "{}", ((cell,) for cell in cells)),
    )


def _cell(state: ListState, column: Column, measure: Measure | None, totals: Totals) -> SafeString:
    """A figure and the menu that chooses another; a bare cell where no figure makes sense."""
    choices = _choices(state, column, measure)
    if not choices:
        return SafeString("<td></td>")
    if measure is None:
        shown = format_html('<span class="faint">{}</span>', icon("plus"))
    elif not totals.is_exact:
        shown = SafeString('<span class="sk v-60"></span>')
    else:
        text = figure_text(measure, totals.figures.get(measure.key), state.ctx.reader)
        # The sum of an amount is what everybody expects; any other figure says which it is.
        said = "" if measure.how == "sum" else _label(column, measure.how)
        shown = format_html('<span class="faint">{}</span> <bdi class="num"><b>{}</b></bdi>', said, text)
    name = gettext("Figure of “%(field)s”") % {"field": column.field.label}
    links = format_html_join(
        "",
        '<a class="mi" role="menuitemradio" aria-checked="{}" href="{}">{}</a>',
        (("true" if choice.is_chosen else "false", choice.href, choice.label) for choice in choices),
    )
    return format_html(
        '<td class="figs keep"><details class="menu up sums"><summary aria-label="{}">{}</summary>'
        '<div role="menu" hx-boost="true" hx-target="#main" hx-select="#main" hx-swap="outerHTML">{}</div></details></td>',
        name,
        shown,
        links,
    )


def _choices(state: ListState, column: Column, measure: Measure | None) -> list[Choice]:
    hows = [how for how in HOWS if can_measure(column.field, how)]
    if not hows or column.key in state.ctx.actor.grants.hides(state.spec.key):
        return []
    kept = dict(part.partition(":")[::2] for part in state.look.get("sums", "").split(",") if part)
    now = measure.how if measure else NONE
    return [
        Choice(
            gettext("No figure") if how == NONE else _label(column, how),
            "?" + state.with_look(sums=",".join(f"{k}:{h}" for k, h in {**kept, column.key: how}.items())),
            how == now,
        )
        for how in (*hows, NONE)
    ]


def _label(column: Column, how: str) -> str:
    labels = _DATE_LABELS if column.field.widget in ("date", "instant") else HOW_LABELS
    return str(labels[how])


def _noun(state: ListState, total: int) -> str:
    spec = state.spec
    if state.ctx.reader.is_persian or total == 1:
        return str(spec.label)
    return str(spec.label_plural).lower()
