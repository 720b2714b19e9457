"""Who acts: one value for people, tokens and the system itself, carried by every action."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils.translation import pgettext

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.kernel.money import Unit
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.roles import grants_of
from peyvand.platform.workspaces.modules import objects_off
from peyvand.platform.workspaces.scope import held

# What the open scope holds: the workspace's access_version, and whether it was raised in this transaction.
ACCESS_VERSION, UNCOMMITTED = "access_version", "uncommitted"

# Given grants, a workspace and its access_version: the fields that tell what the grants hide.
Following = Callable[[Grants, int, int], frozenset[str]]
_following: list[Following] = []


def hide_following(following: Following) -> Following:
    """Say which fields ("deal.weighted") are hidden from a role along with others; set by whoever knows what is worked
    out from what."""
    _following[:] = [following]
    return following


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
    # What counts as today wherever figures are made; None: today.
    present: date | None = None

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Ground:
    """A territory that an actor works in: what lies in it by object, and who works there."""

    id: int
    conditions: Mapping[str, Any]
    user_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Raised:
    """The elevation that an actor acts by, and until when."""

    id: int
    ends_at: datetime
    reason: str


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
    # What the workspace calls that role.
    role_name: str = ""
    team_id: int | None = None
    # Users whose records count as this actor's team's: self, the team tree they lead or belong to, and subordinates.
    team_user_ids: frozenset[int] = frozenset()
    # Self and everyone who reports to this actor, however far down.
    below_user_ids: frozenset[int] = frozenset()
    # Teams whose shares reach this actor: their own and those above it, and those they lead.
    circle_ids: frozenset[int] = frozenset()
    grounds: tuple[Ground, ...] = ()
    # Operations that some record was opened for by a share ("deal.view").
    shares: frozenset[str] = frozenset()
    raised: Raised | None = None
    # Somebody else looks through this actor's eyes: nothing may be written.
    is_preview: bool = False
    language: str = "en"
    # The workspace's access_version that all this was read under.
    access_version: int = 0

    @property
    def workspace_id(self) -> int:
        return self.tenant.id

    def speaking(self, language: str) -> Actor:
        """The same actor, addressed in another language."""
        return self if language == self.language else _speaking(self, language)

    def narrowed(self, scopes: Sequence[str] | None) -> Actor:
        """The same actor by a key that was given for these patterns of operations only; None: for all."""
        return self if scopes is None else _narrowed(self, frozenset(scopes))


@lru_cache(maxsize=4096)
def _speaking(actor: Actor, language: str) -> Actor:
    return replace(actor, language=language)


@lru_cache(maxsize=4096)
def _narrowed(actor: Actor, scopes: frozenset[str]) -> Actor:
    grants = _complete(replace(actor.grants, only=scopes), actor.workspace_id, actor.access_version)
    return replace(actor, grants=grants, shares=frozenset(filter(grants.reaches, actor.shares)))


def by_itself() -> str:
    """Who did what nobody did: the product by itself, as a line of a history calls it."""
    return pgettext("who did it, where nobody did", "Peyvand")


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
    "settings",
)


def tenant_of(row: Sequence[Any]) -> Tenant:
    """The workspace from its TENANT_COLUMNS; ``modules_off`` and ``settings`` may still be JSON text."""
    modules, settings = (json.loads(each) if isinstance(each, str) else each for each in (row[7], row[9]))
    told = settings.get("present")
    present = date.fromisoformat(told) if told else None
    return Tenant(row[0], row[1], row[2], row[3], row[4], row[5], row[6], tuple(modules), present)


def tenant_by(*, id: int | None = None, slug: str | None = None) -> Tenant | None:
    """The workspace with this id or slug, or None."""
    from peyvand.platform.workspaces.models import Workspace

    found = Workspace.objects.filter(id=id) if id is not None else Workspace.objects.filter(slug=slug)
    row = found.values_list(*TENANT_COLUMNS).first()
    return tenant_of(row) if row else None


# What is read of one user, %(user)s, to make their actor.
_READ = """
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
),
circle as (
    select t.id, t.parent_id from team t, me where t.workspace_id = %(ws)s and t.deleted_at is null
        and (t.lead_id = me.id or t.id = me.team_id)
    union
    select t.id, t.parent_id from team t join circle c on t.id = c.parent_id
    where t.workspace_id = %(ws)s and t.deleted_at is null
),
ground as (
    select t.id, t.conditions from territory t join territory_member m on m.workspace_id = t.workspace_id
        and m.territory_id = t.id join me on me.id = m.user_id
    where t.workspace_id = %(ws)s and t.deleted_at is null
    union
    select t.id, t.conditions from territory t join ground g on t.parent_id = g.id
    where t.workspace_id = %(ws)s and t.deleted_at is null
),
raised as (
    select e.id, e.role_id, e.ends_at, e.reason from elevation e join me on me.id = e.user_id
    where e.workspace_id = %(ws)s and e.ended_at is null and e.ends_at > %(now)s and %(person)s
    order by e.ends_at desc limit 1
)
select me.id, me.account_id, me.name, me.team_id, r.key, r.name, r.is_builtin, r.grants, r.fields, r.conditions,
       a.language,
       array(select id from below union select u.id from app_user u join led on u.team_id = led.id
             where u.workspace_id = %(ws)s),
       array(select id from below),
       array(select id from circle),
       (select jsonb_agg(jsonb_build_array(g.id, g.conditions, array(
            select m.user_id from territory_member m where m.workspace_id = %(ws)s and m.territory_id = g.id)))
        from ground g),
       array(select distinct s.object || v.verb from record_share s
             join (values ('.view', false), ('.update', true)) v(verb, edits) on s.may_update or not v.edits
             where s.workspace_id = %(ws)s and (s.ends_at is null or s.ends_at > %(now)s)
               and (s.user_id = me.id or s.team_id in (select id from circle))),
       raised.id, raised.ends_at, raised.reason
from me left join raised on true
join role r on r.id = coalesce(raised.role_id, me.role_id) and r.workspace_id = %(ws)s
left join account a on a.id = me.account_id
"""
# The same of several, by one statement.
_READ_MANY = f"""
select actor.* from unnest(%(users)s::bigint[]) as wanted(id) cross join lateral ({_READ.replace("%(user)s", "wanted.id")}) actor
"""  # noqa: S608 made of our own text


@lru_cache(maxsize=4096)
def _actor_of(
    workspace_id: int,
    user_id: int,
    access_version: int,
    tenant: Tenant,
    kind: ActorKind,
    after: datetime | None,
) -> Actor | None:
    """Read inside the workspace's scope. Any change of roles, teams or users raises access_version, so this never lags.

    ``after`` is the moment at which the elevation ended that the actor had when read before. A program's key is never
    raised: an elevation is for the person who asked for it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"user": user_id, **_reading(workspace_id, kind, after)})
        row = cursor.fetchone()
    return _actor(tenant, access_version, kind, row) if row else None


def _reading(workspace_id: int, kind: ActorKind, after: datetime | None) -> dict[str, Any]:
    now = max(filter(None, (after, clock.now())))
    return {"ws": workspace_id, "now": now, "person": kind is ActorKind.USER}


def _actor(tenant: Tenant, access_version: int, kind: ActorKind, row: Sequence[Any]) -> Actor:
    (user_id, account_id, name, team_id, role, role_name, is_builtin, grants, fields, conditions, language, users, below, circle,
     grounds, shares, *raised) = row  # fmt: skip
    rights = grants_of(role, is_builtin, _json(grants), _json(fields), _json(conditions))
    rights = replace(rights, objects_off=objects_off(tenant.modules_off))
    rights = _complete(rights, tenant.id, access_version)
    return Actor(
        kind,
        tenant,
        rights,
        user_id,
        account_id,
        name,
        role,
        role_name,
        team_id,
        frozenset(users),
        frozenset(below),
        frozenset(circle),
        tuple(Ground(id, said, frozenset(members)) for id, said, members in _json(grounds) or ()),
        frozenset(shares),
        Raised(*raised) if raised[0] is not None else None,
        language=language or tenant.language,
        access_version=access_version,
    )


def _complete(rights: Grants, workspace_id: int, access_version: int) -> Grants:
    """The rights with the fields that are hidden along with what they hide."""
    for following in _following:
        rights = replace(rights, following=following(rights, workspace_id, access_version))
    return rights


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


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


def actors_of(workspace_id: int, user_ids: Collection[int]) -> dict[int, Actor]:
    """The actors of those of the users who are active here, by one statement; call it inside the workspace's scope."""
    from peyvand.platform.workspaces.models import Workspace

    row = Workspace.objects.filter(id=workspace_id).values_list(*TENANT_COLUMNS).first()
    if row is None or not user_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _READ_MANY, {"users": sorted(user_ids), **_reading(workspace_id, ActorKind.USER, None)}
        )
        found = [_actor(tenant_of(row), row[8], ActorKind.USER, each) for each in cursor.fetchall()]
    return {actor.user_id: actor for actor in found if actor.user_id is not None}


def actor_from(row: Sequence[Any], user_id: int, kind: ActorKind = ActorKind.USER) -> Actor:
    """As user_actor, where the workspace's TENANT_COLUMNS are at hand already.

    Raises:
        NotAllowed: there is no such user here, or they were switched off.
    """
    known, read = held(), _actor_of
    if known is not None:
        known.setdefault(ACCESS_VERSION, row[8])
        if known.get(UNCOMMITTED):
            # Rights that may yet be rolled back are nobody else's to have.
            read = _actor_of.__wrapped__  # type: ignore[assignment]
    tenant = tenant_of(row)
    actor = read(row[0], user_id, row[8], tenant, kind, None)
    while actor is not None and actor.raised is not None and actor.raised.ends_at <= clock.now():
        actor = read(row[0], user_id, row[8], tenant, kind, actor.raised.ends_at)
    if actor is None:
        raise NotAllowed(msg("This account has no access to the workspace any more."))
    return actor


def access_changed(workspace_id: int) -> None:
    """Make every process forget its cached actors and definitions of this workspace; call it after changing roles,
    teams, users, fields or objects."""
    from django.db.models import F, Func

    from peyvand.platform.workspaces.models import Workspace

    # From a sequence, for no rollback takes that back: a version never stands for two states.
    later = Func(F("access_version") + 1, template="greatest(nextval('access_version'), %(expressions)s)")
    Workspace.objects.filter(id=workspace_id).update(access_version=later)
    if (known := held()) is not None:
        known.clear()
        # What is read from now on may yet be rolled back: it is nobody else's to know.
        known[UNCOMMITTED] = True
