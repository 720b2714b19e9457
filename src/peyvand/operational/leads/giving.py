"""Whoever is given a lead has its person and company too, or sees them at least (contacts/following)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from peyvand.operational.contacts.public import Business, let_follow, works_with
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.transitions import OPEN, tell_leads
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import object_named


def _open() -> QuerySet[Any]:
    return Lead.objects.filter(state__in=OPEN, deleted_at__isnull=True)


works_with("lead", Business(_open))


def after_leads(
    ctx: Context, leads: Sequence[Lead], values: Sequence[Mapping[str, Any]], created: bool
) -> None:
    """Record what came in and what became of it, and let persons and companies follow their leads."""
    tell_leads(ctx, leads, values, created)
    changed = [(lead, lead.transition) for lead in leads if lead.transition is not None]
    former = {lead.id: t.before.owner_id for lead, t in changed if t.to_owner}
    let_follow(ctx, object_named("lead"), leads, values, created, former)
