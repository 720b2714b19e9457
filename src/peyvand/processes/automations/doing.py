"""Taking one step of an automation for a set of records, by the ordinary verbs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from peyvand.collaborative.sequences.public import WorkingClock
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.operational.activities.public import TASK
from peyvand.operational.assignment.public import give_out
from peyvand.platform.actions.action import action_named, perform
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.models import User
from peyvand.platform.objects.cleaning import understood
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.processes.automations import models as m
from peyvand.processes.automations.events import AutomationTold
from peyvand.processes.automations.models import Automation, AutomationStep
from peyvand.processes.automations.reasons import deed
from peyvand.processes.automations.texts import Filler

Deeds = dict[int, dict[str, Any]]
_MOST_TITLE: Final = 300


@dataclass
class Doing:
    """An automation at work on a set: what its steps need, read once. ``words`` are of each record by its id."""

    ctx: Context
    automation: Automation
    spec: ObjectSpec
    words: Mapping[int, Mapping[str, str]]
    filler: Filler = field(init=False)
    times: WorkingClock = field(init=False)

    def __post_init__(self) -> None:
        self.filler, self.times = Filler(self.ctx, self.spec), WorkingClock(self.ctx.tenant)

    def take(self, step: AutomationStep, ids: Sequence[int]) -> Deeds:
        """Take the step for these records, as they are now; return what was done, by record.

        Raises:
            Invalid, RuleViolation: it cannot be taken for all of them; those at fault are named where they are known.
        """
        found = self.spec.rows.filter(id__in=ids)
        records = list((found.filter(deleted_at__isnull=True) if self.spec.has_bin else found).order_by("id"))
        gone = set(ids) - {record.id for record in records}
        refusals = Refusals()
        for id in gone:
            with refusals.of(id):
                raise RuleViolation(msg("The record is not there any more."))
        refusals.settle()
        return _DEEDS[step.kind](self, step, records)

    def whom(self, step: AutomationStep, records: Sequence[Any]) -> dict[int, User | None]:
        """Whom the step means, for each record by its id; None: whom the rules of assignment will say."""
        if step.whom == m.RULES:
            return {record.id: None for record in records}
        if step.whom == m.USER:
            users = {record.id: step.user for record in records}
        else:
            owners = User.objects.in_bulk({r.owner_id for r in records if r.owner_id})
            users = {record.id: owners.get(record.owner_id) for record in records}
            if step.whom == m.MANAGER:
                managers = User.objects.in_bulk({o.manager_id for o in owners.values() if o.manager_id})
                users = {id: managers.get(o.manager_id) if o else None for id, o in users.items()}
        refusals = Refusals()
        for id, user in users.items():
            with refusals.of(id):
                if user is None and step.whom == m.MANAGER:
                    raise RuleViolation(msg("The owner has no manager."))
                if user is None and (step.whom == m.USER or step.kind != m.TASK):
                    raise RuleViolation(msg("Nobody owns it."))
                if user is not None and (not user.is_active or user.deleted_at is not None):
                    raise RuleViolation(msg("%(name)s does not work here any more.", name=user.name))
        refusals.settle()
        return users

    def fill(self, texts: Sequence[str], records: Sequence[Any], readers: Mapping[int, User | None]) -> dict[int, tuple[str, ...]]:  # fmt: skip
        of = {id: (user.id,) if user else () for id, user in readers.items()}
        return self.filler.fill(texts, records, of, self.words)


def _task(doing: Doing, step: AutomationStep, records: Sequence[Any]) -> Deeds:
    """Who has no owner has a task without one, which the rules of assignment give out."""
    users, now = doing.whom(step, records), clock.now()
    words = doing.fill((step.title, step.text), records, users)
    rows = []
    for record in records:
        user, (title, text) = users[record.id], words[record.id]
        owner = user.id if user else None
        rows.append({
            "title": (title.strip() or doing.automation.name)[:_MOST_TITLE], "description": text, "kind": "todo", "status": "open",
            "priority": step.priority, "owner": owner, "about": Ref(doing.spec.key, record.id, ""),
            "due_at": doing.times.after(owner, now, step.days, step.hours),
        })  # fmt: skip
    create_records(doing.ctx, TASK, rows)
    return {id: deed("task", name=user.name) if user else deed("task_by_rules") for id, user in users.items()}


def _notify(doing: Doing, step: AutomationStep, records: Sequence[Any]) -> Deeds:
    users = doing.whom(step, records)
    words = doing.fill((step.text,), records, users)
    done = {}
    facts = []
    for record, subjects in zip(records, subjects_of(doing.spec, records), strict=True):
        user, (text,) = users[record.id], words[record.id]
        assert user is not None, step.whom
        facts.append(AutomationTold(
            object=doing.spec.key, object_id=record.id, title=str(getattr(record, doing.spec.title)), subjects=subjects[:1],
            user_ids=[user.id], text=text, automation=doing.automation.name,
        ))  # fmt: skip
        done[record.id] = deed("notify", name=user.name)
    doing.ctx.record(*facts)
    return done


def _give(doing: Doing, step: AutomationStep, records: Sequence[Any]) -> Deeds:
    ctx, spec = doing.ctx, doing.spec
    if step.whom != m.RULES:
        users = doing.whom(step, records)
        update_records(ctx, spec, records, [{"owner": user.id if (user := users[r.id]) else None} for r in records])  # fmt: skip
        return {id: deed("give", name=user.name) for id, user in users.items() if user}
    gifts = perform(ctx, spec.permission("assign_now_many"), records, partial(give_out, ctx, spec, records))
    given = {gift.record.id: gift for gift in gifts}
    refusals = Refusals()
    for record in records:
        with refusals.of(record.id):
            if record.id not in given:
                raise RuleViolation(msg("No rule of assignment is about this record."))
            if given[record.id].choice.user is None:
                raise RuleViolation(msg("Nobody of the pool could take this record now."))
    refusals.settle()
    return {id: deed("give", name=gift.name) for id, gift in given.items()}


def _set(doing: Doing, step: AutomationStep, records: Sequence[Any]) -> Deeds:
    ctx, spec, key = doing.ctx, doing.spec, step.field.partition(".")[2]
    owners = {r.id: None for r in records}
    words = doing.fill((step.value,), records, owners)
    refusals, rows = Refusals(), []
    for record in records:
        with refusals.of(record.id):
            values, problems = understood(ctx, spec, {key: words[record.id][0]}, True)
            if problems:
                raise Invalid(problems)
            rows.append(values)
    refusals.settle()
    update_records(ctx, spec, records, rows)
    return {record.id: deed("set", field=str(spec.field(key).label)) for record in records}


def _enrol(doing: Doing, step: AutomationStep, records: Sequence[Any]) -> Deeds:
    verb = action_named(doing.spec.permission("enrol_many"))
    if verb is None or step.sequence is None:
        raise RuleViolation(msg("This sequence is not active."))
    verb.function(doing.ctx, records, sequence=step.sequence_id)
    return {record.id: deed("enrol", title=step.sequence.name) for record in records}


_DEEDS: Final[Mapping[str, Callable[[Doing, AutomationStep, Sequence[Any]], Deeds]]] = {
    m.TASK: _task, m.NOTIFY: _notify, m.GIVE: _give, m.SET: _set, m.ENROL: _enrol,
}  # fmt: skip
