"""The columns of a list: which, in what order, how wide, and where each stands on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Field
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.cells import is_figure, unit_of

# Width in rem by widget; the reader's own widths are in pixels and come from the view or the address.
_WIDTHS = {
    "email": 13, "url": 12, "phone": 9, "code": 9, "number": 6, "percent": 6, "money": 11, "select": 8, "date": 8,
    "instant": 9, "checkbox": 5, "picker": 11, "user": 10, "tags": 12, "textarea": 15, "points": 10,
}  # fmt: skip
_TITLE_WIDTH, _USUAL_WIDTH = 15, 10


@dataclass(frozen=True)
class Column:
    field: Field
    # Where it stands in the three lines of a phone's card: c-n, c-c, c-p, c-v, c-s, c-l or nowhere.
    place: str
    width: int | None
    unit: str
    is_editable: bool

    @property
    def key(self) -> str:
        return self.field.key

    @property
    def is_title(self) -> bool:
        return self.place == "c-n"

    @cached_property
    def classes(self) -> str:
        """Of the head and of each cell."""
        return " ".join(filter(None, (self.place, "figs tab" if is_figure(self.field) else "")))

    @property
    def rem(self) -> int:
        return _TITLE_WIDTH if self.is_title else _WIDTHS.get(self.field.widget, _USUAL_WIDTH)


def title_field(spec: ObjectSpec) -> Field:
    """The field whose value names a record."""
    return next(f for f in spec.all_fields.values() if spec.title in (f.key, f.attr))


def columns_of(
    spec: ObjectSpec, ctx: Context, chosen: Sequence[tuple[str, int | None]]
) -> tuple[Column, ...]:
    """The columns to draw: the title first whatever was chosen, and none that the actor may not see."""
    grants, title = ctx.actor.grants, title_field(spec)
    hidden = grants.hides(spec.key) - grants.masks(spec.key)
    widths = dict(chosen)
    keys = [
        key
        for key in (widths or dict.fromkeys(spec.list_columns))
        if key in spec.all_fields and key not in hidden
    ]
    fields = [title, *(spec.field(key) for key in keys if key != title.key)]
    places = _places(fields)
    return tuple(
        Column(
            f, places.get(f.key, ""), widths.get(f.key), unit_of(f, ctx.reader), _is_editable(ctx, spec, f)
        )
        for f in fields
    )


def _is_editable(ctx: Context, spec: ObjectSpec, field: Field) -> bool:
    return (
        not field.readonly
        and field.widget
        not in ("points", "addresses", "lines", "priced", "parts", "table", "textarea", "condition")
        and ctx.actor.grants.field_access(spec.key, field.key) is FieldAccess.WRITE
    )


def _places(fields: Sequence[Field]) -> dict[str, str]:
    """One field for each place of a phone's card, the first that suits it."""
    suits: dict[str, Callable[[Field], bool]] = {
        "c-v": lambda f: f.widget == "money",
        "c-s": lambda f: isinstance(f, Choice) and any(o.tone for o in f.options),
        "c-p": lambda f: f.widget in ("phone", "points"),
        "c-c": lambda f: f.widget in ("picker", "about"),
        "c-l": lambda f: f.widget in ("date", "instant"),
    }
    places = {fields[0].key: "c-n"}
    for place, suit in suits.items():
        found = next((f.key for f in fields[1:] if f.key not in places and suit(f)), None)
        if found:
            places[found] = place
    spare = (
        f.key for f in fields[1:] if f.key not in places and f.widget in ("text", "select", "user", "email")
    )
    for place in ("c-c", "c-p", "c-s"):
        if place not in places.values() and (key := next(spare, None)):
            places[key] = place
    return places
