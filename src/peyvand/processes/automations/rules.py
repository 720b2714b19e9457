"""Automations as they are read: what each waits for and asks, and whether it makes sense."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from django.db.models import QuerySet

from peyvand.kernel.conditions import Condition
from peyvand.kernel.errors import Invalid, Message, PeyvandError, msg
from peyvand.platform.identity.actor import ACCESS_VERSION, UNCOMMITTED
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.spec import ObjectSpec, find_object, object_named
from peyvand.platform.schema.reading import open_schema
from peyvand.platform.workspaces.scope import current_workspace_id, held
from peyvand.processes.automations.fields import is_told_of
from peyvand.processes.automations.models import ACTIVE, HOURLY, Automation, AutomationStep

# What the product itself does for an automation.
ANSWER: Final = "automation.answer"
_AWAITED: Final = "automations"


def awaited() -> frozenset[str]:
    """Wire names of the facts that the open workspace's active automations wait for. Kept by access_version: switching one
    on or off raises it."""
    open_schema()
    known = held()
    assert known is not None
    if _AWAITED not in known:
        read = _read.__wrapped__ if UNCOMMITTED in known else _read
        known[_AWAITED] = read(current_workspace_id(), known[ACCESS_VERSION])
    found: frozenset[str] = known[_AWAITED]
    return found


@lru_cache(maxsize=1024)
def _read(workspace_id: int, version: int) -> frozenset[str]:
    return frozenset(active().exclude(event=HOURLY).values_list("event", flat=True))


def active() -> QuerySet[Automation]:
    """The automations that are switched on, in their order."""
    return Automation.objects.filter(state=ACTIVE, deleted_at__isnull=True).order_by("id")


def steps_of(automation_ids: Sequence[int]) -> dict[int, list[AutomationStep]]:
    """The steps of automations, in their order."""
    found: dict[int, list[AutomationStep]] = defaultdict(list)
    rows = AutomationStep.objects.filter(automation_id__in=automation_ids, deleted_at__isnull=True)
    for step in rows.select_related("user", "sequence").order_by("position", "id"):
        found[step.automation_id].append(step)
    return found


def spec_of(automation: Automation) -> ObjectSpec:
    """The object that an automation is about.

    Raises:
        Invalid: it is not there.
    """
    spec = find_object(automation.object)
    if spec is None or not is_told_of(spec):
        raise Invalid.of(msg("Choose one from the list."), "object")
    return spec


def condition_of(automation: Automation) -> Condition | None:
    """What it asks of a record; None: nothing.

    Raises:
        Invalid: it means nothing for these records.
    """
    return condition_in(automation.condition, spec_of(automation))


def outcome_of(automation: Automation) -> Condition | None:
    """What is to hold in the end, as condition_of."""
    return condition_in(automation.outcome, spec_of(automation), at="outcome")


def in_the_way(automation: Automation, steps: Sequence[AutomationStep]) -> list[Message]:
    """Why an automation cannot work as it stands; empty where it can."""
    found: list[Message] = []
    try:
        condition_of(automation)
        outcome_of(automation)
    except PeyvandError as error:
        found.append(error.problems[0].message if isinstance(error, Invalid) else error.message)
    if not steps:
        found.append(msg("It does nothing yet: give it a step."))
    for step in steps:
        if step.kind == "enrol" and (
            step.sequence is None or step.sequence.deleted_at or not step.sequence.is_active
        ):
            found.append(msg("A step begins a sequence that is not active."))
        if (
            step.whom == "user"
            and step.kind in ("task", "notify", "give")
            and (step.user is None or not step.user.is_active)
        ):
            found.append(msg("A step names somebody who does not work here any more."))
        if (
            step.kind == "set"
            and step.field.partition(".")[2] not in object_named(automation.object).all_fields
        ):
            found.append(msg("A step sets a field that is no more."))
    return found
