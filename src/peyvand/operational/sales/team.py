"""The team of a deal: whose share of it is how large, and that its members see it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from math import floor
from typing import Any

from django.db.models import QuerySet

from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.sales.models import Deal, DealMember
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import RecordShare
from peyvand.platform.workspaces.lookups import lookup

WHOLE = Decimal(100)


def credits(deals: Iterable[Deal]) -> dict[int, dict[int, Decimal]]:
    """For each deal by id, the percentage of it that is counted for each user by id; one query.

    The owner has what the team has not: all of it without a team. What falls to nobody (a deal without an owner) is left out.
    """
    owners = {deal.id: deal.owner_id for deal in deals}
    found: dict[int, dict[int, Decimal]] = {id: {} for id in owners}
    for deal_id, user_id, share in _shares_of(list(owners)):
        found[deal_id][user_id] = found[deal_id].get(user_id, Decimal(0)) + share
    for deal_id, owner_id in owners.items():
        rest = WHOLE - sum(found[deal_id].values(), Decimal(0))
        if owner_id is not None and rest > 0:
            found[deal_id][owner_id] = found[deal_id].get(owner_id, Decimal(0)) + rest
    return found


@lookup("bigint[]")
def _shares_of(deals: Slot) -> QuerySet[Any]:
    rows = DealMember.objects.filter(in_slot("deal_id", deals), share__gt=0).order_by("deal_id", "position")
    return rows.values_list("deal_id", "user_id", "share")


def split(amount: int, shares: Mapping[int, Decimal]) -> dict[int, int]:
    """An amount in minor units by shares in percent, so that what all have together is what the shares come to: the units
    that rounding leaves over go to the largest remainders, to the lower id where they are the same."""
    exact = {user: Decimal(amount) * share / WHOLE for user, share in shares.items()}
    parts = {user: floor(part) for user, part in exact.items()}
    left = int((sum(exact.values(), Decimal(0))).to_integral_value()) - sum(parts.values())
    for user in sorted(parts, key=lambda user: (parts[user] - exact[user], user))[: max(left, 0)]:
        parts[user] += 1
    return parts


def check_shares(deal: Deal, team: Sequence[Mapping[str, Any]]) -> None:
    """Refuse a team whose shares are more than the whole, or less where the owner's own is named.

    Raises:
        Invalid: the sum is not what it must be.
    """
    shares = {item["user"]["id"]: Decimal(str(item["share"] or 0)) for item in team}
    total = sum(shares.values(), Decimal(0))
    if total > WHOLE:
        raise Invalid.of(msg("The shares come to more than 100 percent."), "team")
    named = {item["user"]["id"] for item in team if item["share"] is not None}
    if deal.owner_id in named and total != WHOLE:
        raise RuleViolation(
            msg("With the owner's own share, all shares together must be 100 percent."), "team"
        )


def open_to_team(
    ctx: Context, before: Mapping[int, Collection[int]], after: Mapping[int, Collection[int]]
) -> None:
    """Let whoever joined the teams of deals see those, and whoever left them no longer, where the pipeline says so."""
    came = {(deal, user) for deal, users in after.items() for user in set(users) - set(before.get(deal, ()))}
    left = {(deal, user) for deal, users in after.items() for user in set(before.get(deal, ())) - set(users)}
    if not came and not left:
        return
    deals = {deal for deal, _ in came | left}
    shared: dict[tuple[int, int], int] = {
        (deal, user): id
        for id, deal, user in RecordShare.objects.filter(
            object="deal", object_id__in=deals, user_id__isnull=False, may_update=False, ends_at=None
        ).values_list("id", "object_id", "user_id")
    }
    open_deals = set(Deal.objects.filter(id__in=deals, pipeline__team_sees=True).values_list("id", flat=True))
    held = set(
        RecordShare.objects.filter(object="deal", object_id__in=deals, user_id__isnull=False).values_list(
            "object_id", "user_id"
        )
    )
    RecordShare.objects.filter(id__in=[shared[pair] for pair in left if pair in shared]).delete()
    RecordShare.objects.bulk_create(
        RecordShare(
            workspace_id=ctx.tenant.id, object="deal", object_id=deal, user_id=user, shared_by_id=ctx.actor.user_id
        )
        for deal, user in sorted(came)
        if deal in open_deals and (deal, user) not in held
    )  # fmt: skip
    access_changed(ctx.tenant.id)


def credited(deal: Deal) -> dict[int, int]:
    """What of a deal's amount is counted for each user, in minor units."""
    return split(deal.amount or 0, credits([deal])[deal.id])
