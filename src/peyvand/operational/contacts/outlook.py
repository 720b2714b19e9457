"""What will become of the customer of a record that is about to be given away, before it is done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from peyvand.operational.contacts.following import LINKS, goes, work_of
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor, actors_of
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.spec import ObjectSpec, object_named

GOES, OPENED, STAYS, HIDDEN = "goes", "opened", "stays", "hidden"


@dataclass(frozen=True)
class Prospect:
    """A company or a person, and what it will be to the new owner: theirs (goes), seen by them as others' (opened), seen by
    them as it is already (stays), or out of their sight (hidden). ``title`` is empty where the giver does not see it."""

    key: str
    title: str
    becomes: str


def outlook(ctx: Context, spec: ObjectSpec, record: Any, to: int | None) -> list[Prospect]:
    """What will become of the record's customers when it goes to ``to`` (None: to somebody who is not chosen yet)."""
    return [
        _prospect(ctx, spec, record, to, key, column)
        for key, column in LINKS
        if getattr(record, column) is not None
    ]


def _prospect(ctx: Context, spec: ObjectSpec, record: Any, to: int | None, key: str, column: str) -> Prospect:
    customer, id = object_named(key), getattr(record, column)
    rows = customer.rows.filter(id=id, deleted_at__isnull=True)
    seen = visible(ctx.actor, key, rows).first()
    own = replace(ctx.actor, shares=frozenset())
    taker = actors_of(ctx.tenant.id, [to]).get(to) if to is not None else None
    title = str(getattr(seen, customer.title)) if seen is not None else ""
    if taker is not None and visible(taker, key, rows).exists():
        becomes = STAYS
    else:
        becomes = OPENED if ctx.actor.raised is None and visible(own, key, rows).exists() else HIDDEN
    if taker is not None and not decide(taker, customer.permission("view")):
        return Prospect(key, title, HIDDEN)
    if seen is None or not _may_give(own, key, seen) or seen.owner_id == to:
        return Prospect(key, title, becomes)
    along = goes(seen.owner_id, to or 0, {record.owner_id}, work_of(column, [id], spec, [record]), id)
    return Prospect(key, title, GOES if along else becomes)


def _may_give(giver: Actor, key: str, customer: Any) -> bool:
    if giver.grants.field_access(key, "owner") is not FieldAccess.WRITE:
        return False
    return bool(decide(giver, object_named(key).permission("update"), customer))
