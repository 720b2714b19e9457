"""One night of a rule, set by set: what is done stays done if the worker dies, and is not done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from peyvand.administration.governance.public import erase_person
from peyvand.administration.retention.holding import refuse_held_about, refuse_named_by_held, settle_holds
from peyvand.administration.retention.models import RetentionRule, RetentionRun
from peyvand.administration.retention.rules import BIN, DELETE, LIMITS, due
from peyvand.administration.retention.standing import obstacle
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, RuleViolation, msg
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.actions.long import begin_work, end_work
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.jobs.models import DeadLetter
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.records import delete_records
from peyvand.platform.objects.sifting import Change, Outcome, sift
from peyvand.platform.objects.spec import ObjectSpec, object_named

WAITING, RUNNING, DONE, STOPPED, FAILED = "waiting", "running", "done", "stopped", "failed"
UNDER_WAY = (WAITING, RUNNING)
RUN = "retention.run"
WORK = "retention.work"
MOST_REASONS = 20


def begin_run(tenant: Tenant, rule: RetentionRule) -> RetentionRun | None:
    """A new night of a rule that is on, to be gone through by go_on; None while the one before is still under way.

    It goes on behind the one before where that left more than it might take: what has to stay would else be tried first
    every night, and nothing else ever.
    """
    # Locked: of two who begin at once the second finds the first one's night.
    found: RetentionRule | None = (
        RetentionRule.objects.select_for_update().filter(id=rule.id, is_on=True).first()
    )
    if found is None:
        return None
    last: RetentionRun | None = RetentionRun.objects.filter(rule=found).order_by("-id").first()
    if last is not None and last.state in UNDER_WAY:
        if not DeadLetter.objects.filter(task=WORK, args__run_id=last.id).exists():
            return None
        # Its work broke off for good; the nights after it do not wait for that.
        _end(tenant, last, found, FAILED)
    goes_on = last is not None and last.has_more and last.started_at >= (found.switched_at or last.started_at)
    run: RetentionRun = RetentionRun.objects.create(
        rule=found, audit_id=begin_work(job_context(tenant)).audit_id, started_at=clock.now(),
        position=last.position if last is not None and goes_on else 0,
    )  # fmt: skip
    return run


def put_to_work(tenant: Tenant, run: RetentionRun) -> None:
    """Queue the next set of a run; the sets of a workspace are done one after another."""
    defer(WORK, lock=f"retention:{tenant.id}", run_id=run.id)


def go_on(tenant: Tenant, run: RetentionRun) -> bool:
    """Do the next set; True while there is more to do tonight. Called each time in a new transaction, the run locked."""
    if run.state not in UNDER_WAY:
        return False
    # Locked: whoever changes the rule or switches it off waits for this set, and no set follows.
    rule: RetentionRule = RetentionRule.objects.select_for_update().get(id=run.rule_id)
    if not rule.is_on:
        _end(tenant, run, rule, STOPPED)
        return False
    limit = LIMITS[rule.deed]
    room = min(limit.set, limit.night - run.done - run.left)
    try:
        rows = due(tenant, rule).filter(id__gt=run.position).order_by("id")
    except Invalid as error:
        run.reasons = [_told(error.message, 0)]
        _end(tenant, run, rule, FAILED)
        return False
    if (why := obstacle(tenant, rule)) is not None:
        # Off for good: somebody has to look at it anew, whatever changes back meanwhile.
        rule.is_on = False
        rule.save(update_fields=["is_on"])
        run.reasons = [*run.reasons, _told(why, 0)]
        _end(tenant, run, rule, STOPPED)
        return False
    settle_holds()
    ids = [record.id for record in rows.select_for_update(of=("self",))[:room]]
    # Asked again now that nobody else can: whoever had one of them locked may have put it on hold.
    records = list(due(tenant, rule).filter(id__in=ids).order_by("id"))
    if records:
        ctx = replace(job_context(tenant), audit_id=run.audit_id)
        _note(run, apply(ctx, object_named(rule.object), rule.deed, records))
    if ids:
        run.position = ids[-1]
    if len(ids) == room and run.done + run.left < limit.night:
        run.state = RUNNING
        run.save()
        return True
    run.has_more = len(ids) == room and due(tenant, rule).filter(id__gt=run.position).exists()
    _end(tenant, run, rule, DONE)
    return False


def apply(ctx: Context, spec: ObjectSpec, deed: str, records: Sequence[Any]) -> Outcome:
    """Do to these records what a rule says; those that a rule of the product refuses are left, each with its reason."""
    outcome = Outcome()
    change: Change = {BIN: delete_records, DELETE: _delete_for_good}.get(deed, _forget)
    sift(ctx, spec, records, change, outcome)
    return outcome


def _delete_for_good(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    refuse_named_by_held(spec, records)
    delete_records(ctx, spec, records)
    if purge_records(ctx, spec, records) != len(records):
        # Nothing of this set has gone then: they are tried by halves until the one that has to stay is found.
        raise RuleViolation(msg("Other records lean on it."))


def _forget(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    for person in records:
        refuse_held_about(person)
        refuse_named_by_held(spec, [person])
        erase_person(ctx, person)


def _note(run: RetentionRun, outcome: Outcome) -> None:
    run.done += len(outcome.done)
    run.left += len(outcome.refused)
    kept = Counter({(r["template"], tuple(sorted(r["params"].items()))): r["count"] for r in run.reasons})
    for (template, params), count in outcome.reasons.items():
        kept[template, tuple(sorted(params))] += count
    run.reasons = [
        _told(Message(template, dict(params)), count)
        for (template, params), count in kept.most_common(MOST_REASONS)
    ]


def _told(reason: Message, count: int) -> dict[str, Any]:
    params: Mapping[str, Any] = reason.params
    return {"template": reason.template, "params": {k: str(v) for k, v in params.items()}, "count": count}


def _end(tenant: Tenant, run: RetentionRun, rule: RetentionRule, state: str) -> None:
    """The run is over; one line of audit tells of all of it."""
    run.state, run.ended_at = state, clock.now()
    run.save()
    ctx = replace(job_context(tenant), audit_id=run.audit_id)
    detail = {"rule": rule.id, "name": rule.name, "deed": rule.deed, "left": run.left}
    end_work(ctx, RUN, rule.object, run.done, detail)
