"""The heads of the columns, and the menus that sort and choose them; each choice is a link to the list as it would be."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from peyvand.platform.insights.fields import InInsight
from peyvand.platform.objects.looks import MOST_PINNED
from peyvand.platform.objects.queries import parse_sort
from peyvand.web.components.cells import is_figure
from peyvand.web.objects.lists.columns import Column
from peyvand.web.objects.lists.state import ListState

_LARGE_FIRST = frozenset({"money", "number", "percent", "date", "instant"})
MOST_KEYS = 4


@dataclass(frozen=True)
class Head:
    column: Column
    # "ascending", "descending" or nothing.
    sorted: str
    # Address sorted by this column alone; empty where it cannot be.
    href: str
    is_figure: bool


@dataclass(frozen=True)
class Choice:
    """One line of a menu: the address of the list with it chosen."""

    label: str
    href: str
    is_chosen: bool


@dataclass(frozen=True)
class SortChoice:
    """A sort key in force, or one that could be added."""

    label: str
    descending: bool
    turned: str
    without: str
    # As an address says it: "-amount".
    key: str = ""


@dataclass(frozen=True)
class ColumnChoice:
    key: str
    label: str
    is_shown: bool
    href: str
    is_insight: bool = False


def heads(state: ListState) -> list[Head]:
    """One head for each column."""
    in_force = {
        s.field.key: s.descending for s in state.sort or parse_sort(state.spec.default_sort, state.spec)
    }
    return [
        Head(
            column,
            ("descending" if in_force[column.key] else "ascending") if column.key in in_force else "",
            f"?{state.address(sort_text=_next(state, column, in_force))}" if column.field.sortable else "",
            is_figure(column.field),
        )
        for column in state.columns
    ]


def _next(state: ListState, column: Column, in_force: dict[str, bool]) -> str:
    """First click: the usual direction; second: the other one; third: the list's own order."""
    first = column.field.widget in _LARGE_FIRST
    if column.key not in in_force or not state.sort_text:
        descending = first if column.key not in in_force else not in_force[column.key]
        return _key(column.key, descending)
    return _key(column.key, not first) if in_force[column.key] == first else ""


def _key(key: str, descending: bool) -> str:
    return f"-{key}" if descending else key


def sort_choices(state: ListState) -> dict[str, list[SortChoice]]:
    """The keys in force in their order, and those that could follow them."""
    parts = [(s.field.key, s.descending) for s in state.sort]
    kept = []
    for n, (key, descending) in enumerate(parts):
        turned = [(k, not d if k == key else d) for k, d in parts]
        kept.append(SortChoice(
            str(state.spec.field(key).label), descending, _sorted(state, turned), _sorted(state, parts[:n] + parts[n + 1 :]),
            _key(key, descending),
        ))  # fmt: skip
    hidden = state.ctx.actor.grants.hides(state.spec.key)
    more = [
        SortChoice(str(f.label), False, _sorted(state, [*parts, (f.key, f.widget in _LARGE_FIRST)]), "")
        for f in state.spec.all_fields.values()
        if f.sortable and f.key not in hidden and f.key not in dict(parts) and f.widget != "textarea"
    ]
    return {"kept": kept, "more": more if len(parts) < MOST_KEYS else []}


def _sorted(state: ListState, parts: list[tuple[str, bool]]) -> str:
    return f"?{state.address(sort_text=','.join(_key(k, d) for k, d in parts))}"


def column_choices(state: ListState) -> list[ColumnChoice]:
    """Every field that can be a column, those shown first and in their order."""
    shown = [(c.key, c.width) for c in state.columns]
    grants = state.ctx.actor.grants
    hidden = grants.hides(state.spec.key) - grants.masks(state.spec.key)
    choices = [
        ColumnChoice(
            c.key,
            str(c.field.label),
            True,
            f"?{state.address(chosen=tuple(s for s in shown if s[0] != c.key))}",
        )
        for c in state.columns
        if not c.is_title
    ]
    keys = hidden | {key for key, _ in shown}
    choices += [
        ColumnChoice(
            f.key,
            str(f.label),
            False,
            f"?{state.address(chosen=(*shown, (f.key, None)))}",
            isinstance(f, InInsight),
        )
        for f in state.spec.all_fields.values()
        if f.key not in keys
    ]
    return choices


def look_choices(state: ListState) -> dict[str, list[Choice]]:
    """How dense the rows stand, and how many columns stay while the others scroll."""
    density, pinned = state.look.get("density", ""), state.pinned
    dense = {"compact": gettext("Compact"), "": gettext("Usual"), "roomy": gettext("Roomy")}
    return {
        "density": [
            Choice(label, f"?{state.with_look(density=key)}", key == density) for key, label in dense.items()
        ],
        "pinned": [
            Choice(
                gettext("None") if n == 0 else gettext("Up to “%(field)s”") % {"field": column.field.label},
                f"?{state.with_look(pin='' if n == 1 else str(n))}",
                n == pinned,
            )
            for n, column in enumerate((state.columns[0], *state.columns)[: MOST_PINNED + 1])
        ],
    }
