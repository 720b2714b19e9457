"""The minute of sequences."""

from __future__ import annotations

from peyvand.collaborative.sequences.models import ACTIVE, Enrolment
from peyvand.collaborative.sequences.running import run_due
from peyvand.kernel import clock
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.schedule import in_every_workspace


def is_any_due() -> bool:
    return Enrolment.objects.filter(state=ACTIVE, next_at__lte=clock.now()).exists()


@in_every_workspace("* * * * *", "sequences.run", scoped=False, due=is_any_due)
def run(tenant: Tenant) -> None:
    """Take whoever is due a step further."""
    run_due(tenant)
