"""What someone begins with: the view they used last, else the one given to their role; and the order of their tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import NotAllowed, NotFound, msg
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.identity.actor import Actor
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.models import SavedView, ViewHabit
from peyvand.platform.objects.spec import find_object
from peyvand.platform.objects.views import EVERYONE
from peyvand.platform.workspaces.lookups import lookup

MOST_ORDERED = 100
# The mark of the board without a view.
BOARD = "board"


@dataclass(frozen=True)
class Habit:
    """``last`` is the mark of the view used last, None where none was yet; ``first`` the one that the role begins with."""

    last: str | None = None
    first: str = ""
    order: tuple[str, ...] = ()


def habit_of(actor: Actor, object_key: str) -> Habit:
    """What the actor is used to on this object, in one query."""
    if actor.user_id is None:
        return Habit()
    last, first, order = None, "", tuple[str, ...]()
    for user, view, kept in _habits(actor.user_id, actor.role, object_key):
        if user is None:
            first = view
        else:
            last, order = view, tuple(kept)
    return Habit(last, first, order)


@lookup("bigint", "text", "text")
def _habits(user: Slot, role: Slot, object: Slot) -> QuerySet[Any]:
    mine = Q(user_id=user) | Q(role__key=role)
    return ViewHabit.objects.filter(mine, object=object).values_list("user_id", "view", "order")


def roles_beginning_with(view: SavedView) -> list[int]:
    """The roles whose people begin with this view."""
    found = ViewHabit.objects.filter(object=view.object, view=view.mark, role__isnull=False)
    return list(found.values_list("role_id", flat=True))


@action("view.use", label=_("Remember the view used last"), on="none", button=False)
def use_view(ctx: Context, *, object: str, view: str) -> None:
    """Keep which view the actor looked at last, so that it comes back."""
    _habit(ctx, object, view=view[:60])


@action("view.arrange", label=_("Order the views"), on="none", button=False)
def arrange_views(ctx: Context, *, object: str, order: Sequence[str]) -> None:
    """Keep the order in which the actor wants the views of an object."""
    _habit(ctx, object, order=[mark[:60] for mark in order[:MOST_ORDERED]])


@action("view.begin", label=_("Let a role begin with a view"), on="none", button=False)
def begin_with(ctx: Context, *, view: SavedView, roles: Sequence[int]) -> None:
    """Let the people of these roles begin with the view, and of no other role.

    Raises:
        NotAllowed: the actor's role does not speak for everyone, or the view is not everyone's.
    """
    if ctx.actor.grants.scope("view.begin") is not Scope.ALL:
        raise NotAllowed
    if roles and view.audience != EVERYONE:
        raise NotAllowed(msg("Share the view with everyone before a role begins with it."))
    ViewHabit.objects.filter(object=view.object, view=view.mark, role__isnull=False).delete()
    for role in Role.objects.filter(id__in=list(roles)):
        ViewHabit.objects.update_or_create(object=view.object, role_id=role.id, defaults={"view": view.mark})


def _habit(ctx: Context, object: str, **changes: object) -> None:
    if ctx.actor.user_id is None or find_object(object) is None:
        raise NotFound
    ViewHabit.objects.update_or_create(object=object, user_id=ctx.actor.user_id, defaults=changes)
