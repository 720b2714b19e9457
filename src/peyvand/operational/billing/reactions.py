"""What billing does because something happened: a bounced cheque is a task of its owner."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext, override

from peyvand.kernel import clock
from peyvand.operational.activities.public import TASK
from peyvand.operational.billing.events import ChequeBounced
from peyvand.operational.billing.models import Cheque
from peyvand.platform.actions.context import reaction_context
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause, reaction
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records


@reaction(ChequeBounced)
def ask_about_bounced(cause: Cause, facts: Sequence[Event]) -> None:
    """Give whoever is responsible for a bounced cheque a task for today."""
    ctx = reaction_context(cause)
    cheques = Cheque.objects.filter(id__in=[fact.object_id for fact in facts])
    with override(cause.tenant.language):
        create_records(ctx, TASK, [
            {
                "title": gettext("The cheque %(name)s bounced: talk to the customer") % {"name": cheque.name},
                "about": Ref("cheque", cheque.id, cheque.name), "company": cheque.company_id, "person": cheque.person_id,
                "owner": cheque.owner_id, "priority": "high", "due_at": clock.now(), "kind": "call", "status": "open",
            }
            for cheque in cheques
        ])  # fmt: skip
