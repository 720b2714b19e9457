"""The card on a record's page: to whom it was given, why to them, and who was passed over for what reason."""

from __future__ import annotations

from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.models import AssignmentEntry
from peyvand.operational.assignment.reasons import passed, why
from peyvand.platform.actions.context import Context
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card

SHOWN = 3


def why_this_person(ctx: Context, opened: Opened) -> Card | None:
    """What the rules decided about this record, the newest first; nothing for whoever may not know its owner."""
    key = opened.spec.key
    if "owner" in ctx.actor.grants.hides(key) or "assignment" in ctx.tenant.modules_off:
        return None
    rows = AssignmentEntry.objects.filter(object=key, object_id=opened.record.id).select_related(
        "user", "from_user"
    )
    entries = [
        {
            "entry": row,
            "why": say(why(row.why)),
            "passed": [(each.get("name") or "—", say(passed(each))) for each in row.passed],
        }
        for row in rows.order_by("-id")[:SHOWN]
    ]
    return Card("assignment/card.html", {"entries": entries}) if entries else None


for _key in KINDS:
    record_card(_key, order=45)(why_this_person)
