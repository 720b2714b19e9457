"""Who acts: one value for people, tokens and the system itself, carried by every action."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from peyvand.kernel.errors import NotAllowed, msg
from peyvand.kernel.money import Unit
from peyvand.platform.identity.grants import Grants
from peyvand.platform.workspaces.modules import objects_off


class ActorKind(StrEnum):
    USER = "user"
    TOKEN = "token"  # noqa: S105 not a password
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Tenant:
    """The workspace's facts that almost every page needs."""

    id: int
    slug: str
    name: str
    language: str
    timezone: str
    currency: str
    money_unit: Unit
    modules_off: tuple[str, ...]

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


# Compared by identity: the same user is the same object until their access changes, so queries are cached by it.
@dataclass(frozen=True, slots=True, eq=False)
class Actor:
    kind: ActorKind
    tenant: Tenant
    grants: Grants
    user_id: int | None = None
    account_id: int | None = None
    name: str = ""
    role: str = ""
    team_id: int | None = None
    # Users whose records count as this actor's team's: self, the team tree they lead or belong to, and subordinates.
    team_user_ids: frozenset[int] = frozenset()
    language: str = "en"

    @property
    def workspace_id(self) -> int:
        return self.tenant.id

    def speaking(self, language: str) -> Actor:
        """The same actor, addressed in another language."""
        return self if language == self.language else _speaking(self, language)


@lru_cache(maxsize=4096)
def _speaking(actor: Actor, language: str) -> Actor:
    return replace(actor, language=language)


def system_actor(tenant: Tenant) -> Actor:
    """The product acting by itself in a workspace: jobs, reactions, imports run for nobody in particular."""
    return Actor(
        ActorKind.SYSTEM,
        tenant,
        Grants.from_json({"*": "all"}, {}),
        name="Peyvand",
        role="system",
        language=tenant.language,
    )


TENANT_COLUMNS = (
    "id",
    "slug",
    "name",
    "language",
    "timezone",
    "currency",
    "money_unit",
    "modules_off",
    "access_version",
)


def tenant_of(row: Sequence[Any]) -> Tenant:
    """The workspace from its TENANT_COLUMNS; ``modules_off`` may still be JSON text."""
    modules = json.loads(row[7]) if isinstance(row[7], str) else row[7]
    return Tenant(row[0], row[1], row[2], row[3], row[4], row[5], row[6], tuple(modules))


def tenant_by(*, id: int | None = None, slug: str | None = None) -> Tenant | None:
    """The workspace with this id or slug, or None."""
    from peyvand.platform.workspaces.models import Workspace

    found = Workspace.objects.filter(id=id) if id is not None else Workspace.objects.filter(slug=slug)
    row = found.values_list(*TENANT_COLUMNS).first()
    return tenant_of(row) if row else None


@lru_cache(maxsize=4096)
def _actor_of(
    workspace_id: int, user_id: int, access_version: int, tenant: Tenant, kind: ActorKind
) -> Actor | None:
    """Read inside the workspace's scope. Any change of roles, teams or users raises access_version, so this never lags."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with recursive
            me as (select * from app_user where id = %(user)s and workspace_id = %(ws)s and is_active and deleted_at is null),
            led as (
                select t.id from team t, me where t.workspace_id = %(ws)s and t.deleted_at is null
                    and (t.lead_id = me.id or t.id = me.team_id)
                union
                select t.id from team t join led on t.parent_id = led.id where t.workspace_id = %(ws)s and t.deleted_at is null
            ),
            below as (
                select me.id from me
                union
                select u.id from app_user u join below b on u.manager_id = b.id where u.workspace_id = %(ws)s
            )
            select me.account_id, me.name, me.team_id, r.key, r.grants, r.fields, a.language,
                   array(select id from below union select u.id from app_user u join led on u.team_id = led.id
                         where u.workspace_id = %(ws)s)
            from me join role r on r.id = me.role_id and r.workspace_id = %(ws)s left join account a on a.id = me.account_id
            """,
            {"user": user_id, "ws": workspace_id},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    account_id, name, team_id, role, grants, fields, language, users = row
    return Actor(
        kind,
        tenant,
        replace(Grants.from_json(_json(grants), _json(fields)), objects_off=objects_off(tenant.modules_off)),
        user_id,
        account_id,
        name,
        role,
        team_id,
        frozenset(users),
        language or tenant.language,
    )


def _json(value: Any) -> dict[str, str]:
    return json.loads(value) if isinstance(value, str) else dict(value)


def user_actor(workspace_id: int, user_id: int, kind: ActorKind = ActorKind.USER) -> Actor:
    """The actor of one active user; call it inside the workspace's scope.

    Raises:
        NotAllowed: there is no such user here, or they were switched off.
    """
    from peyvand.platform.workspaces.models import Workspace

    row = Workspace.objects.filter(id=workspace_id).values_list(*TENANT_COLUMNS).first()
    if row is None:
        raise NotAllowed(msg("This account has no access to the workspace any more."))
    return actor_from(row, user_id, kind)


def actor_from(row: Sequence[Any], user_id: int, kind: ActorKind = ActorKind.USER) -> Actor:
    """As user_actor, where the workspace's TENANT_COLUMNS are at hand already.

    Raises:
        NotAllowed: there is no such user here, or they were switched off.
    """
    actor = _actor_of(row[0], user_id, row[8], tenant_of(row), kind)
    if actor is None:
        raise NotAllowed(msg("This account has no access to the workspace any more."))
    return actor


def access_changed(workspace_id: int) -> None:
    """Make every process forget its cached actors of this workspace; call it after changing roles, teams or users."""
    from django.db.models import F

    from peyvand.platform.workspaces.models import Workspace

    Workspace.objects.filter(id=workspace_id).update(access_version=F("access_version") + 1)
