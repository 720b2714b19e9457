"""The customers of whom an analysis says something, for the cards of boards."""

from __future__ import annotations

from django.db.models import QuerySet

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.listed import CUSTOMERS, Listed, listed
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.models import InsightRow

__all__ = ["CUSTOMERS", "Listed", "listed", "rows_of", "sees", "standing_of"]


def sees(ctx: Context, *insights: str) -> bool:
    """Whether the actor sees all customers and these insights of them."""
    return closed(ctx.actor, CUSTOMERS, [f"{key}.{name}" for key in CUSTOMERS for name in insights]) is None


def rows_of(analysis: str) -> QuerySet[InsightRow]:
    return InsightRow.objects.filter(analysis=analysis, object__in=CUSTOMERS)
