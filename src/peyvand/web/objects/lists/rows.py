"""The rows of a list as HTML, written in Python: Django's template loop costs several times as much for fifty rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field, PaperNumber
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.queries import Page, Row
from peyvand.web.components.avatars import avatar
from peyvand.web.components.cells import cell
from peyvand.web.objects.lists.columns import Column
from peyvand.web.objects.lists.state import ListState
from peyvand.web.objects.resolve import address


@dataclass(frozen=True)
class RowWriter:
    """Writes rows of one list. What is the same for all of them is worked out once."""

    state: ListState
    # What addresses of further rows say beside the state: the group they are in.
    within: str = ""

    def rows(self, rows: Iterable[Row]) -> SafeString:
        """Rows, each a single line of ``<tr>``."""
        base, columns = address(self.state.ctx, self.state.spec), self.state.columns
        can_choose, can_edit = self.can_choose, self.can_edit
        return SafeString("".join(self._row(row, base, columns, can_choose, can_edit) for row in rows))

    def page(self, page: Page) -> SafeString:
        """Rows, and what fetches those that follow once it comes into sight."""
        return SafeString(self.rows(page.rows) + (self.sentinel(page.next) if page.next else ""))

    @cached_property
    def _reader(self) -> Reader:
        return self.state.ctx.reader

    @property
    def can_choose(self) -> bool:
        return can_choose(self.state)

    @property
    def can_edit(self) -> bool:
        return (
            not self.state.in_bin
            and self.state.ctx.actor.grants.scope(self.state.spec.permission("update")) is not Scope.NONE
        )

    def _row(self, row: Row, base: str, columns: tuple[Column, ...], can_choose: bool, can_edit: bool) -> str:
        here = f"{base}/{row.id}"
        edits = f' data-edit-url="{here}/edit"' if can_edit else ""
        box = ""
        if can_choose:
            title = escape(title_text(columns[0].field, row))
            box = f'<input class="cb" type="checkbox" name="ids" value="{row.id}" aria-label="{title}">'
        cells = "".join(self._cell(column, row, here, can_edit) for column in columns)
        return f'<tr data-id="{row.id}" data-href="{here}/" data-peek="{here}/peek"{edits}><td class="sel">{box}</td>{cells}</tr>'

    def _cell(self, column: Column, row: Row, here: str, can_edit: bool) -> str:
        edit = f' data-edit="{here}/cell/{column.key}"' if can_edit and column.is_editable else ""
        if column.is_title:
            title, kind = title_text(column.field, row), self.state.spec.key
            picture = avatar(title, kind, row.id) if has_picture(kind) else ""
            name = f'<a class="who" href="{here}/">{picture}<span class="trunc">{escape(title)}</span></a>'
            return f'<th class="c-n" scope="row"{edit}>{name}</th>'
        value = row.values.get(column.key)
        unit = f' data-u="{escape(column.unit)}"' if column.unit and value is not None else ""
        name = f' class="{column.classes}"' if column.classes else ""
        return f"<td{name}{unit}{edit}>{cell(column.field, value, self._reader)}</td>"

    def cell(self, row: Row, key: str) -> SafeString:
        """One cell alone, as it stands in its row; the row itself where its column is not among those shown."""
        column = next((c for c in self.state.columns if c.key == key), None)
        if column is None:
            return self.rows([row])
        return SafeString(
            self._cell(column, row, address(self.state.ctx, self.state.spec, row.id), self.can_edit)
        )

    def sentinel(self, cursor: str, *, is_hidden: bool = False) -> SafeString:
        """What fetches the rows behind a cursor once it comes into sight; without a cursor the first ones."""
        words = "&".join(
            filter(None, (self.state.query_string, self.within, f"after={cursor}" if cursor else ""))
        )
        url = f"{address(self.state.ctx, self.state.spec)}/?{words}"
        hidden = " hidden" if is_hidden else ""
        return SafeString(
            f'<tr class="whole-row"{hidden}><td class="whole" colspan="{len(self.state.columns) + 1}" hx-get="{escape(url)}"'
            f' hx-trigger="intersect once" hx-target="closest tr" hx-swap="outerHTML">'
            f'<span class="sk v-40"></span><span class="vh">{escape(gettext("Loading more…"))}</span></td></tr>'
        )


def can_choose(state: ListState) -> bool:
    """Whether the actor may work on many records at once."""
    return state.ctx.actor.grants.scope(state.spec.permission("bulk")) is not Scope.NONE


def title_text(field: Field, row: Row) -> str:
    """What names a row; a choice is named by its label."""
    if isinstance(field, Choice) and (option := field.option(row.title)):
        return str(option.label)
    if isinstance(field, PaperNumber):
        return PaperNumber.written(row.title, get_language() or "en")
    return row.title or gettext("Untitled")


def has_picture(object_key: str) -> bool:
    """Records of people and organisations stand with their initials; others with their title alone."""
    return object_key in ("person", "company", "user", "lead")
