"""An automation answers: which records are meant, which of them are left alone, and what is done for the others. In sets.

A record comes to an automation at most once in its quiet time. An automation never answers to what it brought about itself,
however far down the chain of causes; chains of several end where all reactions do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import translation

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, NotAllowed, NotFound, PeyvandError, msg
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, reaction_context
from peyvand.platform.database.locks import hold
from peyvand.platform.database.prepared import fetch
from peyvand.platform.events.facts import Event, RecordUpdated
from peyvand.platform.events.reactions import Cause
from peyvand.platform.fields.reader import said
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.references import subjects_of
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.platform.workspaces.scope import current_workspace_id
from peyvand.processes.automations import models as m
from peyvand.processes.automations.doing import Doing
from peyvand.processes.automations.events import AutomationApplied
from peyvand.processes.automations.groups import groups_of
from peyvand.processes.automations.models import Automation, AutomationRun, AutomationStep
from peyvand.processes.automations.objects import RUN
from peyvand.processes.automations.reasons import all_said
from peyvand.processes.automations.rules import ANSWER, condition_of, spec_of, steps_of
from peyvand.processes.automations.texts import Filler, told_by

# The chain of causes behind each of these events, itself left out.
_CHAINS: Final = """
with recursive chain as (
    select id as event, cause_id as behind from event where workspace_id = %s::bigint and id = any(%s::bigint[]) and cause_id is not null
    union
    select c.event, e.cause_id from chain c join event e on e.workspace_id = %s::bigint and e.id = c.behind where e.cause_id is not null
)
select distinct c.event from chain c
join automation_run r on r.workspace_id = %s::bigint and r.event_id = c.behind and r.automation_id = %s::bigint
"""


@dataclass(frozen=True)
class Meant:
    """A record that an automation is to come to, and the event that says so; None: it was looked for by the hour."""

    id: int
    event_id: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)


def answer(cause: Cause, automation: Automation, facts: Sequence[Event], ids: Sequence[int]) -> None:
    """Have an automation answer to facts that it waits for; ``ids`` are their events."""
    try:
        spec = spec_of(automation)
    except Invalid:
        return
    own = set(_brought_about(automation, ids)) if cause.depth > 1 else set()
    asked = [
        (fact, id)
        for fact, id in zip(facts, ids, strict=True)
        if id not in own and is_meant(automation, fact)
    ]
    targets = _targets(spec, asked)
    if not targets:
        return
    ctx = reaction_context(cause)
    meant = {id: Meant(id, event, told_by(ctx, fact)) for id, (fact, event) in targets.items()}
    apply(ctx, automation, meant)


def is_meant(automation: Automation, fact: Event) -> bool:
    """Whether it is the kind of change that the automation waits for: of that field, of that insight, in that direction."""
    if isinstance(fact, RecordUpdated) and automation.changed:
        object_key, _, key = automation.changed.partition(".")
        return fact.object == object_key and key in fact.changes
    if isinstance(fact, InsightLevelChanged):
        wanted = automation.insight in ("", f"{fact.object}.{fact.insight}")
        return wanted and automation.direction in ("", fact.direction)
    return True


def apply(ctx: Context, automation: Automation, meant: Mapping[int, Meant]) -> int:
    """Come to those of these records that meet the condition and are not in their quiet time; return how many they were."""
    # Two jobs at once must not both find that a record's quiet time is over.
    hold(ctx.tenant.id, f"automations:{automation.id}")
    spec = spec_of(automation)
    ids = _fitting(ctx, automation, spec, list(meant))
    if not ids:
        return 0
    if (event := meant[ids[0]].event_id) is not None:
        # What is done for the set has one cause, and it is one of those that were answered to: the chain is read by it.
        ctx.cause_id = event
    perform(ctx, ANSWER, (), lambda: _come_to(ctx, automation, spec, [meant[id] for id in ids]))
    return len(ids)


def quiet_since(automation: Automation) -> datetime:
    """Whatever an automation came to after this moment it leaves in peace."""
    return clock.now() - timedelta(days=automation.quiet_days)


def _fitting(ctx: Context, automation: Automation, spec: ObjectSpec, ids: Sequence[int]) -> list[int]:
    try:
        condition = condition_of(automation)
    except Invalid:
        # It asks for a field that is gone: its page says so, and nothing is done on a guess.
        return []
    rows = spec.rows.filter(id__in=ids, deleted_at__isnull=True)
    if condition is not None:
        rows = rows.filter(compile_condition(condition, spec, system_actor(ctx.tenant)))
    found = list(rows.order_by("id").values_list("id", flat=True))
    if automation.quiet_days and found:
        runs = AutomationRun.objects.filter(automation=automation, about_object=spec.key, about_id__in=found)
        lately = set(runs.filter(at__gt=quiet_since(automation)).values_list("about_id", flat=True))
        found = [id for id in found if id not in lately]
    return found


def _targets(spec: ObjectSpec, asked: Sequence[tuple[Event, int]]) -> dict[int, tuple[Event, int]]:
    """The records meant by facts, each with the first fact that means it: the fact's own record, or the one it belongs to."""
    found: dict[int, tuple[Event, int]] = {}
    others: dict[str, list[tuple[Event, int]]] = defaultdict(list)
    for fact, event in asked:
        if fact.object == spec.key:
            found.setdefault(fact.object_id, (fact, event))
        else:
            others[fact.object].append((fact, event))
    for key, pairs in others.items():
        if (other := find_object(key)) is None:
            continue
        records = {r.pk: r for r in other.rows.filter(id__in={fact.object_id for fact, _ in pairs})}
        loaded = list(records.values())
        subjects = dict(zip(records, subjects_of(other, loaded), strict=True))
        for fact, event in pairs:
            for object_key, id in subjects.get(fact.object_id, ()):
                if object_key == spec.key:
                    found.setdefault(id, (fact, event))
    return found


def _brought_about(automation: Automation, ids: Sequence[int]) -> list[int]:
    here = current_workspace_id()
    return [row[0] for row in fetch(_CHAINS, [here, list(ids), here, here, automation.id])]


def _come_to(ctx: Context, automation: Automation, spec: ObjectSpec, meant: Sequence[Meant]) -> None:
    now, ids = clock.now(), [one.id for one in meant]
    before = AutomationRun.objects.filter(automation=automation, about_object=spec.key, about_id__in=ids)
    groups = groups_of(automation, ids, dict(before.order_by("-id").values_list("about_id", "group")))
    # Whoever sees the record or the run reads why: what anybody's role hides stays out of it.
    why = Filler(ctx, spec).reasons({one.id: one.words for one in meant})
    runs = {one.id: _run_of(automation, spec, one, groups[one.id], why.get(one.id, ""), now) for one in meant}
    carry_out(ctx, automation, spec, [run for run in runs.values() if run.group == m.TREATED])
    for run in runs.values():
        if run.group == m.HELD_OUT:
            run.state = m.LEFT
    linked = ("person_id", "company_id", "owner_id")
    for record in spec.rows.filter(id__in=ids):
        for name in linked:
            setattr(
                runs[record.pk], name, record.pk if name == f"{spec.key}_id" else getattr(record, name, None)
            )
    AutomationRun.objects.bulk_create(runs.values(), batch_size=1000)
    ctx.touch(RUN.key, *(run.id for run in runs.values()))


def _run_of(
    automation: Automation, spec: ObjectSpec, one: Meant, group: str, why: str, now: datetime
) -> AutomationRun:
    until = now + timedelta(days=automation.outcome_days) if automation.is_measured else None
    return AutomationRun(
        automation=automation, title=automation.name, event_id=one.event_id, words=dict(one.words), reason=why,
        group=group, at=now, until=until, about_object=spec.key, about_id=one.id, created_at=now, updated_at=now, state=m.DONE,
    )  # fmt: skip


def carry_out(ctx: Context, automation: Automation, spec: ObjectSpec, runs: Sequence[AutomationRun]) -> None:
    """Take those steps that were not taken yet for the records of these runs, and write down on them what came of it; what
    a rule refuses for one of them is its own affair. The records' timelines tell of what was done."""
    doing = Doing(ctx, automation, spec, {run.about_id or 0: run.words for run in runs})
    by_id = {run.about_id or 0: run for run in runs}
    deeds: dict[int, list[dict[str, Any]]] = defaultdict(list)
    problems: dict[int, list[Message]] = defaultdict(list)
    for step in steps_of([automation.id])[automation.id]:
        _take(
            ctx,
            doing,
            step,
            [id for id, run in by_id.items() if step.id not in run.taken],
            by_id,
            deeds,
            problems,
        )
    with translation.override(ctx.tenant.language):
        for id, run in by_id.items():
            done, wrong = all_said(deeds[id]), [said(why) for why in problems[id]]
            if done is not None:
                run.result = said(
                    msg("%(first)s; %(other)s", first=run.result, other=done) if run.result else done
                )
            run.problem = "\n".join(dict.fromkeys(wrong))
            run.state = m.DONE if not wrong else m.PARTLY if run.taken else m.REFUSED
    _tell(ctx, automation, spec, by_id, deeds)


def _take(
    ctx: Context, doing: Doing, step: AutomationStep, ids: Sequence[int], runs: Mapping[int, AutomationRun],
    deeds: dict[int, list[dict[str, Any]]], problems: dict[int, list[Message]],
) -> None:  # fmt: skip
    def attempt(some: Sequence[int]) -> None:
        for id, done in doing.take(step, some).items():
            deeds[id].append(done)
            runs[id].taken = [*runs[id].taken, step.id]

    def refuse(id: int, error: PeyvandError) -> None:
        problems[id].append(error.problems[0].message if isinstance(error, Invalid) else error.message)

    by_halves(ctx, ids, attempt, refusal_of=_refusal, refuse=refuse, id_of=lambda id: id)


def _refusal(error: Exception) -> PeyvandError | None:
    return error if isinstance(error, PeyvandError) and not isinstance(error, NotAllowed | NotFound) else None


def _tell(
    ctx: Context, automation: Automation, spec: ObjectSpec, runs: Mapping[int, AutomationRun], deeds: Mapping[int, list[dict[str, Any]]]
) -> None:  # fmt: skip
    records = list(spec.rows.filter(id__in=[id for id, done in deeds.items() if done]).order_by("id"))
    ctx.record(*(
        AutomationApplied(
            object=spec.key, object_id=record.pk, title=str(getattr(record, spec.title)), subjects=subjects, automation_id=automation.id,
            automation=automation.name, deeds=deeds[record.pk], reason=runs[record.pk].reason,
        )
        for record, subjects in zip(records, subjects_of(spec, records), strict=True)
    ))  # fmt: skip
