"""Saved views: reading those an actor may use, and the actions that make, change and remove them."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Max, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.conditions import parse, to_json
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, Problem, msg
from peyvand.kernel.persian.text import tidy, to_ascii_digits
from peyvand.platform.access.policies import OwnedRows, register_policy
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.fields.types import Choice, Flag, Option, Text, whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.looks import read_look
from peyvand.platform.objects.models import SavedView, ViewHabit
from peyvand.platform.objects.queries import parse_sort
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.lookups import lookup

PRIVATE, TEAM, EVERYONE = "private", "team", "everyone"
AUDIENCES: Final = (
    Option(PRIVATE, _("Only me")),
    Option(TEAM, _("My team")),
    Option(EVERYONE, _("Everyone")),
)
KINDS: Final = ("list", "board", "calendar", "timeline")
WIDTHS: Final = range(56, 1201)
MOST_COLUMNS: Final = 40
MOST_IN_MENU: Final = 8

register_policy("view", OwnedRows())


def views_for(actor: Actor, object_key: str | None = None) -> QuerySet[Any]:
    """The views that the actor may use: their own, those shared with everyone, and those that teammates shared."""
    found = SavedView.objects.filter(
        _shared(actor.user_id, Q(owner_id__in=sorted(actor.team_user_ids)), actor.team_id)
    )
    if object_key is not None:
        found = found.filter(object=object_key)
    return found.order_by("position", "id")


def views_of(actor: Actor, object_key: str) -> list[SavedView]:
    """As views_for, those of one object, fetched: for pages."""
    return _usable(actor.user_id, sorted(actor.team_user_ids), actor.team_id, object_key)


@lookup("bigint", "bigint[]", "bigint", "text")
def _usable(user: Slot, teammates: Slot, team: Slot, object: Slot) -> QuerySet[Any]:
    found = SavedView.objects.filter(_shared(user, in_slot("owner_id", teammates), team), object=object)
    return found.order_by("position", "id")


def pinned_for(actor: Actor) -> list[tuple[int, str, str, str]]:
    """Of the views that the actor may use those that are pinned beneath the menu: id, object, name and kind."""
    return _pinned(actor.user_id, sorted(actor.team_user_ids), actor.team_id)


@lookup("bigint", "bigint[]", "bigint")
def _pinned(user: Slot, teammates: Slot, team: Slot) -> QuerySet[Any]:
    found = SavedView.objects.filter(_shared(user, in_slot("owner_id", teammates), team), is_pinned=True)
    return found.order_by("position", "id").values_list("id", "object", "name", "kind")[:MOST_IN_MENU]


def _shared(user: Any, by_teammates: Q, team: Any) -> Q:
    """What everyone may use, what is the user's own, and what their team may, be it by who reports to whom or by the team
    that its owner is in."""
    by_team = by_teammates if team is None else by_teammates | Q(owner__team_id=team)
    return Q(audience=EVERYONE) | Q(owner_id=user) | Q(audience=TEAM) & by_team


def load_view(actor: Actor, id: int, object_key: str | None = None) -> SavedView:
    """One view that the actor may use.

    Raises:
        NotFound: there is none, or it is not shared with the actor.
    """
    view = views_for(actor, object_key).filter(id=id).first()
    if not isinstance(view, SavedView):
        raise NotFound
    return view


def standard_view(spec: ObjectSpec, key: str) -> SavedView:
    """A view that the object comes with.

    Raises:
        NotFound: it comes with none of this name.
    """
    known = spec.standard_views.get(key)
    if known is None:
        raise NotFound
    view = SavedView(
        object=spec.key,
        name=str(known.label),
        kind=known.kind,
        audience=EVERYONE,
        condition=known.condition,
        sort=known.sort,
        columns=[[column, None] for column in known.columns],
        look=dict(known.look),
    )
    view.standard = key
    return view


def named_view(actor: Actor, spec: ObjectSpec, mark: str) -> SavedView:
    """The view that an address names by its mark, the object's own or a saved one.

    Raises:
        NotFound: there is none, or it is not shared with the actor.
    """
    if mark in spec.standard_views:
        return standard_view(spec, mark)
    return load_view(actor, whole_id(to_ascii_digits(mark)), spec.key)


def read_columns(value: Any, spec: ObjectSpec) -> list[list[Any]]:
    """Columns with their widths, as they are kept: unknown fields are passed over, absurd widths too."""
    seen: dict[str, list[Any]] = {}
    for item in value if isinstance(value, list) else ():
        key, width = (item[0], item[1]) if isinstance(item, list | tuple) and len(item) == 2 else (item, None)
        if isinstance(key, str) and key in spec.all_fields:
            seen.setdefault(key, [key, width if isinstance(width, int) and width in WIDTHS else None])
    return list(seen.values())[:MOST_COLUMNS]


_INPUTS = (
    Text(key="name", label=_("Name"), required=True, max_length=80),
    Choice(key="audience", label=_("Who sees it"), options=AUDIENCES, default=PRIVATE),
    Flag(key="is_pinned", label=_("Show in the sidebar")),
)


@action("view.create", label=_("Save as a new view"), on="none", inputs=_INPUTS, button=False)
def create_view(
    ctx: Context,
    *,
    object: str,
    name: str,
    kind: str = "list",
    audience: str = PRIVATE,
    condition: Any = None,
    sort: str = "",
    columns: Any = (),
    look: Any = None,
    is_pinned: bool = False,
) -> SavedView:
    """Keep a way of looking at an object's records under a name."""
    spec = find_object(object)
    if spec is None or kind not in KINDS:
        raise NotFound
    last = SavedView.objects.filter(object=object).aggregate(last=Max("position"))["last"]
    view = SavedView(object=object, kind=kind, owner_id=ctx.actor.user_id, position=(last or 0) + 1)
    _set(
        ctx,
        spec,
        view,
        {
            "name": name,
            "audience": audience,
            "condition": condition,
            "sort": sort,
            "columns": list(columns),
            "look": look or {},
            "is_pinned": is_pinned,
        },
    )
    view.save(force_insert=True)
    ctx.touch("view", view.id)
    return view


@action("view.update", label=_("Change the view"), inputs=_INPUTS, button=False)
def update_view(ctx: Context, /, view: SavedView, **changes: Any) -> SavedView:
    """Change what a view shows, its name, or who sees it."""
    spec = find_object(view.object)
    if spec is None:
        raise NotFound
    _set(ctx, spec, view, changes)
    view.save()
    ctx.touch("view", view.id)
    return view


@action("view.delete", label=_("Delete the view"), tone="danger", button=False)
def delete_view(ctx: Context, view: SavedView) -> None:
    """Remove a view; the records it showed stay as they are."""
    ctx.touch("view", view.id)
    ViewHabit.objects.filter(object=view.object, view=view.mark, role__isnull=False).delete()
    view.delete()


def _set(ctx: Context, spec: ObjectSpec, view: SavedView, changes: dict[str, Any]) -> None:
    problems: list[Problem] = []
    if "name" in changes:
        view.name = tidy(str(changes["name"] or ""))
        if not view.name:
            problems.append(Problem("name", msg("This is required."), "required"))
        elif len(view.name) > 80:
            problems.append(Problem("name", msg("This is too long: at most %(max)s characters.", max=80)))
    if "audience" in changes:
        audience = changes["audience"] or PRIVATE
        if audience not in (o.key for o in AUDIENCES):
            problems.append(Problem("audience", msg("Choose one from the list."), "choice"))
        elif audience == EVERYONE != view.audience and ctx.actor.grants.scope("view.share") not in (
            Scope.TEAM,
            Scope.ALL,
        ):
            raise NotAllowed(msg("Your role cannot share a view with everyone; share it with your team."))
        view.audience = audience
    try:
        if "condition" in changes:
            condition = changes["condition"]
            view.condition = to_json(parse(condition, spec.condition_schema)) if condition else None
        if "sort" in changes:
            parse_sort(changes["sort"], spec)
            view.sort = changes["sort"]
    except Invalid as error:
        problems += error.problems
    if "columns" in changes:
        view.columns = read_columns(changes["columns"], spec)
    if "look" in changes:
        view.look = read_look(changes["look"], spec)
    for key in ("is_pinned", "position"):
        if key in changes:
            setattr(view, key, changes[key])
    if problems:
        raise Invalid(problems)
