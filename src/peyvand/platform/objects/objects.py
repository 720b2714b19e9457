"""Users and teams as objects: listed, searched and linked like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Message, msg
from peyvand.platform.access.decisions import demand_lasting
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.actions.action import on_change
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Email, Flag, Link, Text, UserLink
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, Team, Territory, User
from peyvand.platform.objects.spec import ObjectSpec, Prepare, Related, register
from peyvand.platform.objects.trees import keep_a_tree

# What says whose records somebody sees.
_REACH = {"manager_id", "team_id", "lead_id", "parent_id"}


def _moves_rights(records: Sequence[Any]) -> bool:
    """Whether somebody is to see other records than before, for as long as these stay so."""
    model = type(records[0])
    columns = [f.attname for f in model._meta.local_concrete_fields if f.attname in _REACH]
    rows = model.objects.filter(id__in=[r.id for r in records]).values_list("id", *columns)
    before = {id: links for id, *links in rows}
    nothing = [None] * len(columns)
    return any([getattr(r, c) for c in columns] != before.get(r.id, nothing) for r in records)


def _tree(link: str, problem: Message) -> Prepare:
    """Refuses to let a record lie, however far up, in itself: whoever did would have everybody's rights within it."""

    def prepare(ctx: Context, records: Sequence[Any], values: Sequence[Mapping[str, Any]]) -> None:
        if ctx.actor.raised is not None and _moves_rights(records):
            demand_lasting(ctx.actor)
        keep_a_tree(ctx, records, values, link, problem)

    return prepare


keep_reporting_a_tree = _tree(
    "manager", msg("A user cannot report to themselves, nor to someone beneath them.")
)
keep_teams_a_tree = _tree("parent", msg("A team cannot be part of itself, nor of a team beneath it."))
keep_territories_a_tree = _tree("parent", msg("A territory cannot lie in itself, nor in one beneath it."))

USER = register(
    ObjectSpec(
        key="user",
        admin=True,
        plural="users",
        model=User,
        label=_("User"),
        label_plural=_("Users"),
        icon="user",
        policy=SharedRows(),
        subtitle="title",
        prepare=keep_reporting_a_tree,
        # Users are added, invited and switched off by verbs of their own (administration/members).
        creatable=False,
        has_bin=False,
        fields=(
            Text(
                key="name",
                label=_("Name"),
                required=True,
                search=True,
                headers=("sales agent", "agent", "user", "نام کاربر"),
            ),
            Email(key="email", label=_("E-mail"), readonly=True, search=True),
            Text(key="title", label=_("Job title")),
            Link(key="role", label=_("Role"), to="role", readonly=True),
            Link(key="team", label=_("Team"), to="team"),
            UserLink(key="manager", label=_("Manager")),
            Flag(key="is_active", label=_("Active"), readonly=True),
        ),
        columns=("name", "email", "title", "role", "team", "manager", "is_active"),
    )
)

ROLE = register(
    ObjectSpec(
        key="role",
        admin=True,
        plural="roles",
        model=Role,
        label=_("Role"),
        label_plural=_("Roles"),
        icon="shield",
        policy=SharedRows(),
        # What a role grants is edited by verbs of its own, which see that nobody grants more than they have.
        creatable=False,
        has_bin=False,
        in_search=False,
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            Text(key="key", label=_("Short name"), readonly=True),
            Flag(key="is_builtin", label=_("Built in"), readonly=True),
        ),
        columns=("name", "key", "is_builtin"),
    )
)

TEAM = register(
    ObjectSpec(
        key="team",
        admin=True,
        plural="teams",
        model=Team,
        label=_("Team"),
        label_plural=_("Teams"),
        icon="users",
        policy=SharedRows(),
        fields=(
            Text(key="name", label=_("Name"), required=True, search=True),
            Link(key="parent", label=_("Part of"), to="team"),
            UserLink(key="lead", label=_("Team lead")),
        ),
        columns=("name", "parent", "lead"),
        prepare=keep_teams_a_tree,
        related=(Related("user", "team"),),
    )
)


TERRITORY = register(
    ObjectSpec(
        key="territory",
        plural="territories",
        model=Territory,
        admin=True,
        label=_("Territory"),
        label_plural=_("Territories"),
        icon="pin",
        policy=SharedRows(),
        in_search=False,
        # What lies in it and who works there is said by verbs of its own (administration/members/territories).
        creatable=False,
        fields=(
            Text(key="name", label=_("Name"), required=True),
            Link(key="parent", label=_("Part of"), to="territory"),
        ),
        columns=("name", "parent"),
        prepare=keep_territories_a_tree,
    )
)


@on_change
def renew_access(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Who may see what follows from users, teams and roles: whoever changes one makes every process read them again."""
    if object_key in ("user", "team", "role", "territory"):
        access_changed(ctx.tenant.id)
