"""Rules of retention: made, tried, switched on and off; and records kept from all of them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.administration.retention.holding import settle_holds
from peyvand.administration.retention.models import RetentionHold, RetentionRule, RetentionRun
from peyvand.administration.retention.rules import clean_rule, kept_objects, mark_of, needed_for
from peyvand.administration.retention.running import RUN, begin_run, put_to_work
from peyvand.administration.retention.standing import SWITCH_ON, demand_known, obstacle
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, NotFound, RuleViolation, msg
from peyvand.kernel.persian.text import tidy
from peyvand.platform.access.decisions import demand, demand_lasting
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec, find_object

MANAGE, HOLD = "retention.manage", "retention.hold"
MOST_RULES = 100
MOST_REASON = 300


@action(MANAGE, label=_("Change a retention rule"), on="none", icon="clock", button=False, admin=True)
def save_rule(ctx: Context, raw: dict[str, Any], rule_id: int | None = None) -> RetentionRule:
    """Make a rule, or change one; either way it is off until somebody saw what it does and switched it on.

    Raises:
        NotFound: there is no such rule. Invalid: what the rule says is not understood.
        NotAllowed: it asks for what is hidden from the actor.
    """
    rule = _rule(ctx, rule_id) if rule_id is not None else RetentionRule()
    if rule_id is None and RetentionRule.objects.count() >= MOST_RULES:
        raise RuleViolation(msg("A workspace can have at most %(most)s rules.", most=MOST_RULES))
    for column, value in clean_rule(ctx, raw).items():
        setattr(rule, column, value)
    rule.is_on, rule.switched_by, rule.switched_at = False, None, None
    rule.save()
    return rule


@action(
    "retention.remove", label=_("Remove a retention rule"), on="none", icon="trash", button=False, admin=True
)
def remove_rule(ctx: Context, rule_id: int) -> None:
    """Remove a rule with the list of its nights; the audit keeps what it did. Its object may be gone already."""
    found = next((rule for rule in rules_for(ctx) if rule.id == rule_id), None)
    if found is None:
        raise NotFound
    found.delete()


@action(SWITCH_ON, label=_("Switch on a retention rule"), on="none", icon="play", button=False, admin=True)
def switch_on(ctx: Context, rule_id: int, seen: str) -> None:
    """Let a rule work from tonight on; only who might do by hand what it does, to every record.

    Raises:
        NotAllowed: the right is lent, the actor may not do this themselves, or the rule asks for what is hidden from them.
        RuleViolation: the actor may do this to some of the records only.
        Conflict: ``seen`` is not the mark of the rule as it stands, which only its trial shows (rules.mark_of).
    """
    demand_lasting(ctx.actor)
    rule = _rule(ctx, rule_id)
    operation = needed_for(_spec(ctx, rule), rule.deed)
    demand(ctx.actor, operation)
    if not reaches_all(ctx.actor, operation):
        raise RuleViolation(msg("You may do this to some of the records only; a rule would do it to all."))
    if seen != mark_of(rule):
        raise Conflict(msg("Look first at what this rule would do, as it stands now."))
    rule.is_on, rule.switched_by_id, rule.switched_at = True, ctx.actor.user_id, clock.now()
    rule.seen = seen
    rule.save(update_fields=["is_on", "switched_by", "switched_at", "seen"])


@action(
    "retention.switch_off",
    label=_("Switch off a retention rule"),
    on="none",
    icon="x",
    button=False,
    admin=True,
)
def switch_off(ctx: Context, rule_id: int) -> None:
    """Let a rule do nothing more; a night that goes on ends behind its present set."""
    rule = _rule(ctx, rule_id, is_known=False)
    rule.is_on = False
    rule.save(update_fields=["is_on"])


@action(RUN, label=_("Retention rule"), on="none", icon="clock", button=False, admin=True)
def run_now(ctx: Context, rule_id: int) -> RetentionRun:
    """Do tonight's work of a rule now.

    Raises:
        RuleViolation: it is off, or may not go on (standing.obstacle). Conflict: it works already.
    """
    rule = _rule(ctx, rule_id)
    if not rule.is_on:
        raise RuleViolation(msg("This rule is switched off."))
    if (why := obstacle(ctx.tenant, rule)) is not None:
        raise RuleViolation(why)
    run = begin_run(ctx.tenant, rule)
    if run is None:
        raise Conflict(msg("This rule is at work already."))
    put_to_work(ctx.tenant, run)
    return run


@action(
    HOLD,
    label=_("Keep a record from every retention rule"),
    on="none",
    icon="shield",
    button=False,
    admin=True,
)
def hold_record(ctx: Context, object_key: str, record_id: int, reason: str) -> RetentionHold:
    """Keep a record whatever rules say; a hold that stands gets the new reason.

    Raises:
        NotFound: there is no such record, or the actor may not see it. Invalid: no reason is given.
    """
    spec = find_object(object_key)
    if spec is None or not spec.has_bin:
        raise NotFound
    settle_holds()
    load_record(spec, ctx.actor, record_id, lock=True)
    said = tidy(reason)
    if not said or len(said) > MOST_REASON:
        raise Invalid.of(
            msg("Write a text of 1 to %(most)s letters.", most=MOST_REASON), "reason", "required"
        )
    hold: RetentionHold = RetentionHold.objects.update_or_create(
        object=object_key,
        object_id=record_id,
        defaults={"reason": said, "user_id": ctx.actor.user_id, "at": clock.now()},
    )[0]
    return hold


@action("retention.lift", label=_("Lift a hold"), on="none", icon="shield", button=False, admin=True)
def lift_hold(ctx: Context, object_key: str, record_id: int) -> None:
    """Let rules be about a record again.

    Raises:
        NotFound: it is not on hold, or the actor may not see it.
    """
    spec = find_object(object_key)
    if spec is None:
        raise NotFound
    load_record(spec, ctx.actor, record_id, lock=True)
    gone, _rows = RetentionHold.objects.filter(object=object_key, object_id=record_id).delete()
    if not gone:
        raise NotFound


def rules_for(ctx: Context) -> list[RetentionRule]:
    """The rules about objects whose every record the actor sees, and those about what is no longer there."""
    open_to = {spec.key for spec in kept_objects(ctx.actor)}
    rules = RetentionRule.objects.order_by("object", "name", "id")
    return [rule for rule in rules if rule.object in open_to or find_object(rule.object) is None]


def _rule(ctx: Context, rule_id: int, *, is_known: bool = True) -> RetentionRule:
    """The rule, locked: a set that is being worked on comes to its end first. ``is_known``: all that it asks the actor
    has to be allowed to know."""
    rule: RetentionRule | None = RetentionRule.objects.select_for_update().filter(id=rule_id).first()
    if rule is None:
        raise NotFound
    spec = _spec(ctx, rule)
    if is_known:
        demand_known(ctx.actor, spec, rule)
    return rule


def _spec(ctx: Context, rule: RetentionRule) -> ObjectSpec:
    spec = next((s for s in kept_objects(ctx.actor) if s.key == rule.object), None)
    if spec is None:
        raise NotFound
    return spec
