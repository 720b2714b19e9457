"""One night of a rule, set by set: what is done stays done if the worker dies, and is not done again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from peyvand.administration.governance.public import erase_person
from peyvand.administration.retention.models import RetentionRule, RetentionRun
from peyvand.administration.retention.rules import BIN, DELETE, LIMITS, due
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Message, RuleViolation, msg
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.actions.long import begin_work, end_work
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.objects.purge import purge_records
from peyvand.platform.objects.records import delete_records
from peyvand.platform.objects.sifting import Change, Outcome, sift
from peyvand.platform.objects.spec import ObjectSpec, object_named

WAITING, RUNNING, DONE, STOPPED, FAILED = "waiting", "running", "done", "stopped", "failed"
UNDER_WAY = (WAITING, RUNNING)
RUN = "retention.run"
MOST_REASONS = 20


def begin_run(tenant: Tenant, rule: RetentionRule) -> RetentionRun | None:
    """A new night of a rule that is on, to be gone through by go_on; None while the one before is still under way."""
    if not rule.is_on or RetentionRun.objects.filter(rule=rule, state__in=UNDER_WAY).exists():
        return None
    work = begin_work(job_context(tenant))
    run: RetentionRun = RetentionRun.objects.create(rule=rule, audit_id=work.audit_id, started_at=clock.now())
    return run


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
    records = list(rows.select_for_update(of=("self",))[:room])
    if records:
        ctx = replace(job_context(tenant), audit_id=run.audit_id)
        outcome = apply(ctx, object_named(rule.object), rule.deed, records)
        _note(run, outcome, records[-1].id)
    if len(records) == room and run.done + run.left < limit.night:
        run.state = RUNNING
        run.save()
        return True
    run.has_more = len(records) == room and due(tenant, rule).filter(id__gt=run.position).exists()
    _end(tenant, run, rule, DONE)
    return False


def apply(ctx: Context, spec: ObjectSpec, deed: str, records: Sequence[Any]) -> Outcome:
    """Do to these records what a rule says; those that a rule of the product refuses are left, each with its reason."""
    outcome = Outcome()
    change: Change = {BIN: delete_records, DELETE: _delete_for_good}.get(deed, _forget)
    sift(ctx, spec, records, change, outcome)
    return outcome


def _delete_for_good(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    delete_records(ctx, spec, records)
    if purge_records(ctx, spec, records) != len(records):
        # Nothing of this set has gone then: they are tried by halves until the one that has to stay is found.
        raise RuleViolation(msg("Other records lean on it."))


def _forget(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
    for person in records:
        erase_person(ctx, person)


def _note(run: RetentionRun, outcome: Outcome, last: int) -> None:
    run.done += len(outcome.done)
    run.left += len(outcome.refused)
    run.position = last
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
