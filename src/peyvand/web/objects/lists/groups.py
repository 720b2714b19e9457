"""A list in groups: a head with number and figures for each, its rows when it is opened, and the menu that chooses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.persian.calendar import UNITS, format_date, month_names, parts, quarter_name
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.platform.fields.reader import Reader
from peyvand.platform.objects.grouping import DATES, Group, Grouping, fetch_groups
from peyvand.platform.objects.looks import group_fields
from peyvand.web.components.cells import cell
from peyvand.web.components.icons import icon
from peyvand.web.objects.lists.columns import Column
from peyvand.web.objects.lists.heads import Choice
from peyvand.web.objects.lists.rows import RowWriter
from peyvand.web.objects.lists.state import ListState
from peyvand.web.objects.lists.totals import figure_text
from peyvand.web.objects.resolve import address

# So many rows of the first groups are open from the start; a group's own page is shorter than a list's.
OPEN_AT_FIRST: Final = 60
PAGE: Final = 25
UNIT_LABELS: Final = {
    "day": _("By day"),
    "week": _("By week"),
    "month": _("By month"),
    "quarter": _("By quarter"),
    "year": _("By year"),
}


def group_rows(state: ListState, grouping: Grouping) -> SafeString:
    """The heads of all groups; what is open fetches its rows as it comes into sight."""
    found = fetch_groups(state.query, grouping, state.measures)
    columns, parts_, seen = state.columns, list[str](), 0
    for group in found.groups:
        is_open = seen < OPEN_AT_FIRST and "fold" not in state.look
        seen += min(group.count, PAGE)
        writer = RowWriter(state, f"in={quote(group.name, safe='')}")
        parts_ += [
            _head(state, grouping, group, columns, is_open=is_open),
            writer.sentinel("", is_hidden=not is_open),
        ]
    if found.is_cut:
        note = gettext("Only the largest groups are shown; add a condition to see the others.")
        parts_.append(_wide(columns, f'<span class="faint">{escape(note)}</span>'))
    return SafeString("".join(parts_))


def waiting_rows(state: ListState) -> SafeString:
    """The shape of what will come, and what fetches it."""
    url = f"{address(state.ctx, state.spec)}/?{state.query_string}&rows=1"
    said = escape(gettext("Loading…"))
    shape = '<span class="sk v-60"></span>' * 3
    return SafeString(
        f'<tr class="whole-row"><td class="whole" colspan="{len(state.columns) + 1}" hx-get="{escape(url)}"'
        f' hx-trigger="load" hx-target="#rows" hx-swap="innerHTML">{shape}<span class="vh">{said}</span></td></tr>'
    )


def group_label(grouping: Grouping, group: Group, reader: Reader) -> SafeString:
    """The name of a group as a reader says it: «آبان ۱۴۰۵», a stage, «بدون مسئول»."""
    known = grouping.field
    if group.value is None:
        return format_html(
            '<span class="faint">{}</span>', gettext("Without “%(field)s”") % {"field": known.label}
        )
    if grouping.unit is not None:
        return SafeString(escape(period_label(grouping.unit, group.value, group.until, reader)))
    if known.type is FieldType.flag:
        return SafeString(escape(gettext("Yes") if group.value else gettext("No")))
    return cell(known, group.value, reader)


def period_label(unit: str, first: Any, until: Any, reader: Reader) -> str:
    """«آبان ۱۴۰۵», «۲۴ تا ۳۰ آبان ۱۴۰۵», «پاییز ۱۴۰۵», «۱۴۰۵»."""
    language = reader.language
    year, month, _day = parts(first, "jalali" if reader.is_persian else "gregorian")
    if unit == "quarter":
        return quarter_name(first, language)
    if unit == "week" and until is not None:
        low, high = (
            format_date(first, language, "day"),
            format_date(until - timedelta(days=1), language, "long"),
        )
        return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
    if unit == "day":
        return format_date(first, language, "long")
    text = str(year) if unit == "year" else f"{month_names(language)[month - 1]} {year}"
    return to_persian_digits(text) if reader.is_persian else text


def group_choices(state: ListState) -> dict[str, Any]:
    """What the menu offers: fields, for a date its units, direction, and whether groups begin closed."""
    now, hidden = state.grouping, state.ctx.actor.grants.hides(state.spec.key)
    fields = []
    for known in group_fields(state.spec, hidden):
        first = f"-{known.key}:month" if known.type is FieldType.instant else known.key
        chosen = now is not None and now.field.key == known.key
        fields.append(Choice(str(known.label), f"?{state.with_look(group=first, fold='')}", chosen))
    if now is None:
        return {"fields": fields}
    units: Sequence[Choice] = ()
    sign = "-" if now.descending else ""
    if now.field.type in DATES:
        units = [
            Choice(
                str(UNIT_LABELS[unit]),
                f"?{state.with_look(group=f'{sign}{now.field.key}:{unit}')}",
                unit == now.unit,
            )
            for unit in UNITS
        ]
    turned = now.text[1:] if now.descending else f"-{now.text}"
    return {
        "fields": fields,
        "units": units,
        "none": f"?{state.with_look(group='', fold='')}",
        "turned": Choice(gettext("Last first"), f"?{state.with_look(group=turned)}", now.descending),
        "folded": Choice(
            gettext("Begin closed"),
            f"?{state.with_look(fold='' if 'fold' in state.look else '1')}",
            "fold" in state.look,
        ),
    }


def _head(
    state: ListState, grouping: Grouping, group: Group, columns: Sequence[Column], *, is_open: bool
) -> str:
    reader = state.ctx.reader
    by_field = {measure.field.key: measure for measure in state.measures}
    cells = []
    for column in columns:
        if column.is_title:
            fold = format_html(
                '<button type="button" class="fold" data-fold aria-expanded="{}">{}<span class="trunc">{}</span>'
                ' <span class="n">{}</span></button>',
                "true" if is_open else "false",
                icon("cd"),
                group_label(grouping, group, reader),
                numbers.format_number(group.count, reader.language),
            )
            cells.append(format_html('<th class="c-n" scope="rowgroup">{}</th>', fold))
        elif measure := by_field.get(column.key):
            text = figure_text(measure, group.figures.get(measure.key), reader)
            cells.append(format_html('<td class="figs keep"><bdi class="num">{}</bdi></td>', text))
        else:
            cells.append(SafeString("<td></td>"))
    return f'<tr class="grp" data-group="{escape(group.name)}"><td class="sel"></td>{"".join(cells)}</tr>'


def _wide(columns: Sequence[Column], inside: str) -> str:
    return f'<tr class="whole-row"><td class="whole" colspan="{len(columns) + 1}">{inside}</td></tr>'
