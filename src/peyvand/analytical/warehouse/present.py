"""The day that counts as today wherever figures are made: today, or the one that the workspace says, whose data are of another time.

Spans of reports, analyses, forecasts, boards and watches end there; nothing else does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from peyvand.kernel import clock
from peyvand.kernel.conditions import EvalContext
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.objects.filters import eval_context


def present(tenant: Tenant) -> date:
    """The last day whose facts count."""
    return tenant.present or clock.today(tenant.tz)


def present_moment(tenant: Tenant) -> datetime:
    """Now, or the end of the workspace's own present day; aware, in UTC."""
    if tenant.present is None:
        return clock.now()
    return datetime.combine(tenant.present + timedelta(days=1), time(), tenant.tz).astimezone(UTC)


def figures_context(actor: Actor) -> EvalContext:
    """Whose eyes and which day figures are asked with."""
    return replace(eval_context(actor), today=present(actor.tenant))
