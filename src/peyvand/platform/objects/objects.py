"""Users and teams as objects: listed, searched and linked like any other."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.platform.access.policies import SharedRows
from peyvand.platform.actions.action import on_change
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Email, Flag, Link, Text, UserLink
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, Team, User
from peyvand.platform.objects.spec import ObjectSpec, Related, register

USER = register(
    ObjectSpec(
        key="user",
        plural="users",
        model=User,
        label=_("User"),
        label_plural=_("Users"),
        icon="user",
        policy=SharedRows(),
        subtitle="title",
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
        related=(Related("user", "team"),),
    )
)


@on_change
def renew_access(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """Who may see what follows from users, teams and roles: whoever changes one makes every process read them again."""
    if object_key in ("user", "team", "role"):
        access_changed(ctx.tenant.id)
