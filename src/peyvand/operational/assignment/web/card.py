"""The card on a record's page: to whom it was given, why to them, and who was passed over for what reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from peyvand.kernel.errors import Message, msg
from peyvand.operational.assignment.events import RecordGiven
from peyvand.operational.assignment.fields import KINDS
from peyvand.operational.assignment.models import AssignmentEntry
from peyvand.operational.assignment.reasons import passed, why
from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.events.reading import assigning, newest
from peyvand.platform.identity.models import User
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.components.tags import say
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card

SHOWN = 3
# What was given out by a rule is told twice: that it was given, and why; so many facts hold the newest hands.
_FACTS = 2 * SHOWN


@dataclass(frozen=True)
class Hand:
    """Into whose hands a record came (None: nobody's), when and why; ``passed``: who else was asked about, with the reason."""

    user: int | None
    name: str
    at: datetime
    why: str
    rule: str = ""
    passed: tuple[tuple[str, str], ...] = ()


def why_this_person(ctx: Context, opened: Opened) -> Card | None:
    """Who gave this record to whom, a colleague or the rules, the newest first; nothing for whoever may not know its owner."""
    key, id = opened.spec.key, opened.record.id
    if "owner" in ctx.actor.grants.hides(key) or "assignment" in ctx.tenant.modules_off:
        return None
    assigns = assigning()
    facts = newest(key, id, [*assigns, RecordGiven.wire], _FACTS)
    by_rule = {fact.audit for fact in facts if fact.wire == RecordGiven.wire}
    hands = _by_rules(key, id) if by_rule else []
    by_hand = [fact for fact in facts if fact.wire in assigns and fact.audit not in by_rule]
    names = (
        dict(User.objects.filter(id__in={f.actor for f in by_hand if f.actor}).values_list("id", "name"))
        if by_hand
        else {}
    )
    hands += [
        Hand(
            f.data.get("to_owner_id"),
            f.data.get("to_owner") or "",
            f.at,
            say(_by_hand(f.actor, f.data, names)),
        )
        for f in by_hand
    ]
    shown = sorted(hands, key=lambda hand: hand.at, reverse=True)[:SHOWN]
    return Card("assignment/card.html", {"hands": shown}) if shown else None


def _by_rules(key: str, id: int) -> list[Hand]:
    ids = [each for (each,) in _ruled(key, id)]
    rows = AssignmentEntry.objects.filter(id__in=ids).select_related("user").order_by("-id") if ids else ()
    return [
        Hand(
            row.user_id, row.user.name if row.user else "", row.at, say(why(row.why)), row.rule_name,
            tuple((each.get("name") or "—", say(passed(each))) for each in row.passed),
        )
        for row in rows
    ]  # fmt: skip


def _by_hand(by: int | None, data: Mapping[str, Any], names: Mapping[int, str]) -> Message:
    """Who gave it by hand, to stand after the name of whom it was given to."""
    name = names.get(by or 0, "")
    if data.get("to_owner_id") is None:
        return (
            msg("%(name)s left it without an owner", name=name)
            if name
            else msg("it was left without an owner")
        )
    if by == data["to_owner_id"]:
        return msg("they took it themselves")
    return msg("%(name)s gave it to them", name=name) if name else msg("an automation gave it to them")


@lookup("text", "bigint")
def _ruled(object: Slot, id: Slot) -> QuerySet[Any]:
    """The latest that rules decided: most records have none, and then nothing more is asked."""
    rows = AssignmentEntry.objects.filter(object=object, object_id=id)
    return rows.order_by("-id").values_list("id")[:SHOWN]


for _key in KINDS:
    record_card(_key, order=45)(why_this_person)
