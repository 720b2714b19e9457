"""Whoever is given a deal sees with whom it is: who gives it, and sees them, opens them to its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.sales.models import Deal
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import Actor, access_changed, actors_of
from peyvand.platform.identity.models import RecordShare
from peyvand.platform.objects.sharing import RecordShared
from peyvand.platform.objects.spec import ObjectSpec

_LINKS: Final = ((COMPANY, "company_id"), (PERSON, "person_id"))
_GIVES: Final = frozenset({"owner", "company", "person"})


def open_customers(
    ctx: Context, deals: Sequence[Deal], values: Sequence[Mapping[str, Any]], created: bool
) -> None:
    """Share the companies and persons of deals, to be seen, with the owners who do not see them. What the giver sees by a share
    alone is not theirs to pass on, and rights that are lent leave nothing behind. A rule gives no more than whoever made the
    deal could have given."""
    given = [
        deal
        for deal, each in zip(deals, values, strict=True)
        if deal.owner_id not in (None, ctx.actor.user_id) and (created or each.keys() & _GIVES)
    ]
    if not given or ctx.actor.raised is not None:
        return
    by_giver: dict[Actor, list[Deal]] = defaultdict(list)
    makers = actors_of(ctx.tenant.id, {d.created_by_id for d in given if d.created_by_id})
    for deal in given:
        by_rule = deal.created_by_id if ctx.actor.user_id is None else None
        if giver := ctx.actor if by_rule is None else makers.get(by_rule):
            by_giver[giver].append(deal)
    for giver, some in by_giver.items():
        for spec, column in _LINKS:
            pairs = {(d.owner_id or 0, id) for d in some if (id := getattr(d, column)) is not None}
            _open(ctx, spec, pairs, replace(giver, shares=frozenset()))


def _open(ctx: Context, spec: ObjectSpec, pairs: set[tuple[int, int]], giver: Actor) -> None:
    rows = spec.rows.filter(id__in={id for _, id in pairs}, deleted_at__isnull=True)
    owners = {
        owner: actor
        for owner, actor in actors_of(ctx.tenant.id, {owner for owner, _ in pairs}).items()
        if decide(actor, spec.permission("view"))
    }
    hidden: set[tuple[int, int]] = set()
    for owner, actor in owners.items():
        wanted = {id for of, id in pairs if of == owner}
        seen = visible(actor, spec.key, rows.filter(id__in=wanted)).values_list("id", flat=True)
        hidden |= {(owner, id) for id in wanted - set(seen)}
    if not hidden:
        return
    names = dict(visible(giver, spec.key, rows).values_list("id", spec.title))
    opened = sorted((owner, id) for owner, id in hidden if id in names)
    if not opened:
        return
    RecordShare.objects.bulk_create(
        (
            RecordShare(
                workspace_id=ctx.tenant.id, object=spec.key, object_id=id, user_id=owner, shared_by_id=ctx.actor.user_id
            )
            for owner, id in opened
        ),
        update_conflicts=True,
        unique_fields=["workspace_id", "user", "object", "object_id"],
        update_fields=["ends_at", "shared_by"],
    )  # fmt: skip
    access_changed(ctx.tenant.id)
    ctx.record(*(
        RecordShared(object=spec.key, object_id=id, title=str(names[id]), holder=owners[owner].name) for owner, id in opened
    ))  # fmt: skip
