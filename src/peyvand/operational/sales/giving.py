"""Whoever is given a deal has its company and person too, or sees them at least (contacts/following)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from peyvand.operational.contacts.public import Business, let_follow, works_with
from peyvand.operational.sales.models import Deal
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import object_named


def _open() -> QuerySet[Any]:
    return Deal.objects.filter(status="open", deleted_at__isnull=True)


def _won() -> QuerySet[Any]:
    return Deal.objects.filter(status="won", deleted_at__isnull=True)


works_with("deal", Business(_open, _won))


def give_customers(
    ctx: Context, deals: Sequence[Deal], values: Sequence[Mapping[str, Any]], created: bool
) -> None:
    """Let the companies and persons of deals follow them to their owners."""
    changed = [(deal, deal.transition) for deal in deals if deal.transition is not None]
    former = {deal.id: t.before.owner_id for deal, t in changed if t.to_owner}
    let_follow(ctx, object_named("deal"), deals, values, created, former)
