"""Opening one record to a user or a team, until a day or until it is taken back.

A share widens which records a role's verbs reach, and gives no verb: whoever may not see deals at all, sees no shared deal
either. Nobody shares more than they may themselves, and what was shared with one is not one's to share on.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, NotFound, RuleViolation, msg
from peyvand.platform.access.decisions import demand, demand_lasting
from peyvand.platform.access.policies import OwnedRows
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import Event, fact
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import RecordShare, Team, User
from peyvand.platform.objects.spec import ObjectSpec

VERB = "share"


@fact("objects.record_shared.v1", label=msg("A record was shared"), icon="users")
class RecordShared(Event):
    holder: str = ""
    # The user to whom it was opened; none where that is a team.
    holder_id: int | None = None
    may_update: bool = False
    # Opened because of another record that its holder was given, and closed again with the last such record.
    is_along: bool = False

    def describe(self) -> Message:
        if self.may_update:
            return msg("opened %(title)s to %(name)s, to change it too", title=self.title, name=self.holder)
        return msg("opened %(title)s to %(name)s", title=self.title, name=self.holder)


@fact("objects.record_share_ended.v1", label=msg("A share was ended"), icon="users")
class RecordShareEnded(Event):
    holder: str = ""

    def describe(self) -> Message:
        return msg("no longer shares %(title)s with %(name)s", title=self.title, name=self.holder)


def can_share(spec: ObjectSpec) -> bool:
    """Whether single records of an object are somebody's, and so can be opened to somebody else."""
    return isinstance(spec.policy, OwnedRows)


def shares_of(spec: ObjectSpec, record_id: int) -> list[RecordShare]:
    """To whom the record is open now, whoever opened it."""
    lasting = Q(ends_at=None) | Q(ends_at__gt=clock.now())
    found = RecordShare.objects.filter(lasting, object=spec.key, object_id=record_id)
    return list(found.select_related("user", "team").order_by("id"))


def share_record(
    ctx: Context,
    spec: ObjectSpec,
    record: Any,
    *,
    user: User | None = None,
    team: Team | None = None,
    may_update: bool = False,
    ends_at: datetime | None = None,
) -> RecordShare:
    """Open a record to one user or one team; opened to them already, it is open from now on as said here.

    Raises:
        Invalid: not exactly one of the two, or an end that has passed. NotAllowed: the actor may not, or not so much.
    """
    holder = user or team
    if holder is None or (user is not None and team is not None):
        raise Invalid.of(msg("Choose one user or one team."), "user", "required")
    if ends_at is not None and ends_at <= clock.now():
        raise Invalid.of(msg("This day has passed already."), "until")
    if not can_share(spec):
        raise RuleViolation(msg("This belongs to everybody already."))

    def write() -> RecordShare:
        demand_lasting(ctx.actor)
        if may_update:
            demand(ctx.actor, spec.permission("update"), record)
        share: RecordShare = RecordShare.objects.update_or_create(
            object=spec.key, object_id=record.id, user=user, team=team,
            defaults={"may_update": may_update, "ends_at": ends_at, "shared_by_id": ctx.actor.user_id},
        )[0]  # fmt: skip
        access_changed(ctx.tenant.id)
        title = str(getattr(record, spec.title))
        ctx.record(
            RecordShared(
                object=spec.key, object_id=record.id, title=title, holder=str(holder),
                holder_id=user.id if user is not None else None, may_update=may_update,
            )
        )  # fmt: skip
        return share

    return perform(ctx, spec.permission(VERB), [record], write)


def end_share(ctx: Context, spec: ObjectSpec, record: Any, share_id: int) -> None:
    """Close a record again to whom it was opened.

    Raises:
        NotFound: this share is none of the record's.
    """

    def write() -> None:
        found = RecordShare.objects.filter(id=share_id, object=spec.key, object_id=record.id)
        share = found.select_related("user", "team").first()
        if share is None:
            raise NotFound
        share.delete()
        access_changed(ctx.tenant.id)
        title, holder = str(getattr(record, spec.title)), str(share.user or share.team)
        ctx.record(RecordShareEnded(object=spec.key, object_id=record.id, title=title, holder=holder))

    perform(ctx, spec.permission(VERB), [record], write)
