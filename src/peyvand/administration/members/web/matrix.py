"""What a role allows, as a table that a person reads: kinds of records down, verbs across, and the rules for fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.administration.members.lines import APART, COLUMNS, UNDECLARED, Label, verb_label
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Invalid
from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.actions.action import ActionSpec, all_actions
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field
from peyvand.platform.identity.grants import FieldAccess, Grants, Scope
from peyvand.platform.identity.models import Role
from peyvand.platform.identity.operations import VERBS, is_sealed
from peyvand.platform.objects.models import SavedView
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.objects.views import views_for
from peyvand.web.objects.lists.filters import Sayer

SCOPES: Final[dict[Scope, Label]] = {
    Scope.NONE: _("none"),
    Scope.OWN: _("own"),
    Scope.BELOW: _("own and subordinates'"),
    Scope.TEAM: _("the team's"),
    Scope.TERRITORY: _("their territory's"),
    Scope.CONDITION: _("by condition"),
    Scope.ALL: _("all"),
}
ACCESS: Final[tuple[tuple[FieldAccess, Label], ...]] = (
    (FieldAccess.WRITE, _("sees and changes")),
    (FieldAccess.READ, _("sees only")),
    (FieldAccess.MASKED, _("sees masked")),
    (FieldAccess.HIDDEN, _("does not see")),
)
# These know no rows: one may, or may not.
_YES_OR_NO: Final = ("create", "bulk")


@dataclass(frozen=True)
class Cell:
    """One permission: what it is set to, and what it could be."""

    operation: str
    label: Label
    scope: str
    choices: list[tuple[str, Label]]


@dataclass(frozen=True)
class MatrixRow:
    """One kind of record, its cells in the order of the columns (None: nobody has that verb), and its further verbs."""

    key: str
    label: Label
    cells: list[Cell | None]
    more: list[Cell]
    # Where a verb may be granted by condition: what is stated now, in words, and the views whose condition can be taken.
    stated: str = ""
    views: tuple[tuple[str, str], ...] = ()
    may_state: bool = False


@dataclass(frozen=True)
class MatrixGroup:
    label: Label
    rows: list[MatrixRow]
    # What stands over the cells.
    columns: tuple[Label, ...] = ()


def matrix(ctx: Context, role: Role) -> list[MatrixGroup]:
    """The whole table: what people work with, what all share, what runs the workspace, and verbs about no record."""
    rights = role.rights
    specs = _edited()
    owned = [s for s in specs if isinstance(s.policy, OwnedRows)]
    admin = [s for s in specs if s.admin]
    shared = [s for s in specs if s not in owned and s not in admin]
    views = views_to_take(ctx, (s.key for s in owned))
    groups = [
        MatrixGroup(
            _("Records"), [_row(ctx, s, rights, views.get(s.key, ())) for s in owned], _columns(owned)
        ),
        MatrixGroup(_("Shared by everybody"), [_row(ctx, s, rights) for s in shared], _columns(shared)),
        MatrixGroup(_("Running the workspace"), [_row(ctx, s, rights) for s in admin], _columns(admin)),
        MatrixGroup(_("Other abilities"), _apart(rights)),
    ]
    return [group for group in groups if group.rows]


def field_rows(role: Role) -> list[dict[str, Any]]:
    """The rules for fields, object by object."""
    rights = role.rights
    rows = []
    for spec in _edited():
        cells = [{"field": f, "access": rights.field_access(spec.key, f.key).value} for f in _ruled(spec)]
        if cells and spec.menu is not None:
            rows.append({"spec": spec, "cells": cells, "ruled": sum(c["access"] != "write" for c in cells)})
    return rows


def read_matrix(
    ctx: Context, posted: QueryDict, role: Role
) -> tuple[dict[str, str], dict[str, str], dict[str, Any]]:
    """Grants, field rules and conditions as posted; what the table does not show of a role stays as it is."""
    rights = role.rights
    grants: dict[str, str] = dict(role.grants)
    for operation in _shown(ctx, role):
        asked = posted.get(f"grant:{operation}")
        if asked is not None and (operation in grants or asked != rights.scope(operation).value):
            grants[operation] = asked
    fields = dict(role.fields)
    for row in field_rows(role):
        for cell in row["cells"]:
            path = f"{row['spec'].key}.{cell['field'].key}"
            fields[path] = posted.get(f"field:{path}", fields.get(path, FieldAccess.WRITE))
    return (
        grants,
        {k: v for k, v in fields.items() if v != FieldAccess.WRITE},
        _conditions(ctx, posted, role, grants),
    )


def said(ctx: Context, spec: ObjectSpec, condition: Any) -> str:
    """A stated condition in the reader's words."""
    try:
        read = parse(condition, spec.condition_schema)
    except Invalid:
        return gettext("a condition that can no longer be read")
    return Sayer(ctx, spec, read)(read)


def views_to_take(ctx: Context, keys: Iterable[str]) -> dict[str, list[SavedView]]:
    """The actor's saved views that have a condition, of these objects, by object."""
    found: dict[str, list[SavedView]] = {}
    for view in views_for(ctx.actor).filter(object__in=set(keys), condition__isnull=False):
        found.setdefault(view.object, []).append(view)
    return found


def chosen_view(
    views: Mapping[str, Sequence[SavedView]], posted: QueryDict, object_key: str
) -> SavedView | None:
    """The one whose condition was chosen for an object."""
    asked = posted.get(f"condition:{object_key}")
    return next((view for view in views.get(object_key, ()) if str(view.pk) == asked), None)


def further_verbs(object_key: str) -> list[ActionSpec]:
    """The actions of an object beside those that every object has."""
    return [a for a in all_actions() if a.object_key == object_key and a.verb not in VERBS]


def _edited() -> list[ObjectSpec]:
    specs = [spec for spec in all_objects() if spec.key != "role"]
    return sorted(specs, key=lambda spec: (spec.menu is None, spec.menu or 0))


def _ruled(spec: ObjectSpec) -> list[Field]:
    return [f for f in spec.own_fields if spec.title not in (f.key, f.attr)]


def _verbs(spec: ObjectSpec) -> dict[str, Label]:
    """The verbs of an object's group, those that nobody has on the object itself among them."""
    is_owned = isinstance(spec.policy, OwnedRows)
    return {verb: label for verb, label in COLUMNS.items() if is_owned or verb != "share"}


def _columns(specs: Sequence[ObjectSpec]) -> tuple[Label, ...]:
    return tuple(_verbs(specs[0]).values()) if specs else ()


def _row(ctx: Context, spec: ObjectSpec, rights: Grants, views: Sequence[SavedView] = ()) -> MatrixRow:
    is_owned = isinstance(spec.policy, OwnedRows)
    cells = [
        None
        if is_sealed(operation := spec.permission(v))
        else _cell(rights, operation, label, is_owned and v not in _YES_OR_NO)
        for v, label in _verbs(spec).items()
    ]
    more = [_cell(rights, a.key, verb_label(a), is_owned and a.on != "none") for a in further_verbs(spec.key)]
    stated = next((c for p, c in rights.conditions.items() if p.partition(".")[0] == spec.key), None)
    return MatrixRow(
        spec.key,
        spec.label_plural,
        cells,
        more,
        said(ctx, spec, stated) if stated else "",
        tuple((str(view.pk), view.name) for view in views),
        is_owned,
    )


def _apart(rights: Grants) -> list[MatrixRow]:
    rows = []
    for key, label in APART.items():
        verbs = [(a.verb, verb_label(a)) for a in all_actions() if a.object_key == key]
        verbs += [(verb, said) for obj, verb, said in UNDECLARED if obj == key]
        if verbs:
            rows.append(
                MatrixRow(key, label, [], [_cell(rights, f"{key}.{v}", said, False) for v, said in verbs])
            )
    return rows


def _cell(rights: Grants, operation: str, label: Label, by_rows: bool) -> Cell:
    scope = rights.scope(operation)
    if by_rows:
        choices = [(s.value, said) for s, said in SCOPES.items()]
    else:
        yes = scope if scope not in (Scope.NONE, Scope.ALL) else Scope.ALL
        choices = [(Scope.NONE.value, _("no")), (yes.value, _("yes"))]
    return Cell(operation, label, scope.value, choices)


def _shown(ctx: Context, role: Role) -> list[str]:
    return [
        cell.operation
        for group in matrix(ctx, role)
        for row in group.rows
        for cell in (*row.cells, *row.more)
        if cell is not None
    ]


def _conditions(ctx: Context, posted: QueryDict, role: Role, grants: Mapping[str, str]) -> dict[str, Any]:
    """The condition of each pattern that has one: taken from the view that was chosen, else as it was."""
    before, taken = role.rights.conditions, {}
    asked = {p: p.partition(".")[0] for p, scope in grants.items() if scope == Scope.CONDITION}
    views = views_to_take(ctx, asked.values())
    for pattern, key in asked.items():
        known = before.get(pattern) or next((c for p, c in before.items() if p.startswith(f"{key}.")), None)
        view = chosen_view(views, posted, key)
        taken[pattern] = view.condition if view is not None else known
    return taken
