"""What happens when automations and their steps are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Max

from peyvand.kernel.conditions import leaves
from peyvand.kernel.errors import Invalid, Message, Problem, Refusals, RuleViolation, msg
from peyvand.operational.assignment.public import ASSIGNED
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.identity.actor import Actor, access_changed
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.insights.fields import InsightLevel
from peyvand.platform.objects.filters import may_know
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.processes.automations import models as m
from peyvand.processes.automations.fields import ON_CHANGE, ON_INSIGHT
from peyvand.processes.automations.models import Automation, AutomationStep
from peyvand.processes.automations.rules import condition_of, outcome_of, spec_of
from peyvand.processes.automations.texts import check_text

Values = Mapping[str, Any]
MOST_STEPS: Final = 50
ENROLLED: Final = ("person", "lead", "deal")
_TEXTS: Final = ("title", "text", "value")
_REQUIRED: Final = msg("This is required.")


def prepare_automations(ctx: Context, automations: Sequence[Automation], values: Sequence[Values]) -> None:
    """What it waits for and asks makes sense for the records it is about, and is nothing that its author may not know.

    Raises:
        Invalid: it does not, by field.
    """
    refusals = Refusals()
    for one in automations:
        with refusals.of(None if one._state.adding else one.id):
            spec = spec_of(one)
            condition = condition_of(one)
            # What belongs to another kind of event than the one chosen would be a rule that nobody sees.
            one.changed = one.changed if one.event in ON_CHANGE else ""
            if one.event not in ON_INSIGHT:
                one.insight = one.direction = ""
            problems = [*_problems(one, spec, asks=condition is not None), *_secrets(ctx.actor, one, spec)]
            if problems:
                raise Invalid(problems)
            if one.state == m.ACTIVE and not one._state.adding:
                check_steps(ctx, one)
    refusals.settle()


def _problems(one: Automation, spec: ObjectSpec, *, asks: bool) -> Sequence[Problem]:
    found = []
    if one.event == m.HOURLY and not asks:
        found.append(Problem("condition", msg("Say which records are meant."), "required"))
    if one.event == m.HOURLY and one.quiet_days < 1:
        found.append(Problem("quiet_days", msg("What is looked for every hour needs at least one day.")))
    for key, value in (("changed", one.changed), ("insight", one.insight)):
        if value and value.partition(".")[0] != spec.key:
            found.append(Problem(key, msg("Choose a field of the same records.")))
    if one.outcome and one.outcome_event:
        found.append(Problem("outcome_event", msg("Choose a condition or an event: one of both.")))
    return found


def _secrets(author: Actor, one: Automation, spec: ObjectSpec) -> Iterator[Problem]:
    """It asks of every record, whoever may see it: from whom it comes to could be read what the author may not know."""
    for key, condition in (("condition", condition_of(one)), ("outcome", outcome_of(one))):
        for leaf in leaves(condition) if condition else ():
            if not may_know(author, spec, leaf.field):
                yield Problem(key, msg("There is no field “%(field)s”.", field=leaf.field), "unknown_field")
    levels = [f"{spec.key}.{f.key}" for f in spec.fields if isinstance(f, InsightLevel)]
    insights = [] if one.event not in ON_INSIGHT else [one.insight] if one.insight else levels
    for key, paths in (("changed", [one.changed] if one.changed else []), ("insight", insights)):
        if author.grants.hides(spec.key) & {path.partition(".")[2] for path in paths}:
            yield Problem(key, msg("Choose one from the list."))


def check_steps(ctx: Context, one: Automation) -> None:
    """Raises RuleViolation: its steps do not go with the records it is about any more, or whoever asks may not have them
    taken."""
    spec = spec_of(one)
    for step in AutomationStep.objects.filter(automation=one, deleted_at__isnull=True):
        if problems := _step_problems(ctx, step, one, spec) or _text_problems(ctx, step, one, spec, _TEXTS):
            raise RuleViolation(msg("A step does not go with it: %(why)s", why=problems[0].message), "object")


def after_automations(ctx: Context, automations: Sequence[Automation], values: Sequence[Values], created: bool) -> None:  # fmt: skip
    """Have every process know what is waited for now."""
    if any(one.state == m.ACTIVE for one in automations):
        access_changed(ctx.actor.workspace_id)


def prepare_steps(ctx: Context, steps: Sequence[AutomationStep], values: Sequence[Values]) -> None:
    """A step has what its kind needs, and its texts name what there is.

    Raises:
        Invalid: it has not, by field.
    """
    _place(ctx, [step for step in steps if step._state.adding])
    of = Automation.objects.in_bulk({step.automation_id for step in steps})
    refusals = Refusals()
    for step, given in zip(steps, values, strict=True):
        with refusals.of(None if step._state.adding else step.id):
            automation = of[step.automation_id]
            spec = spec_of(automation)
            written = [key for key in _TEXTS if key in given]
            problems = _step_problems(ctx, step, automation, spec)
            if problems := problems or _text_problems(ctx, step, automation, spec, written):
                raise Invalid(problems)
    refusals.settle()


def _text_problems(
    ctx: Context, step: AutomationStep, automation: Automation, spec: ObjectSpec, keys: Sequence[str]
) -> list[Problem]:
    """They are filled in by others' eyes: their author must not learn more by it than they may know."""
    try:
        for key in keys:
            check_text(getattr(step, key), key, ctx.actor, spec, automation.event)
    except Invalid as error:
        return list(error.problems)
    return []


def _place(ctx: Context, steps: Sequence[AutomationStep]) -> None:
    """New steps stand at the end, in the order in which they came."""
    wanted = sorted({step.automation_id for step in steps})
    hold(ctx.tenant.id, *(f"automations.steps:{id}" for id in wanted))
    rows = AutomationStep.objects.filter(automation_id__in=wanted, deleted_at__isnull=True)
    last = dict(rows.order_by().values("automation_id").annotate(last=Max("position")).values_list("automation_id", "last"))  # fmt: skip
    for step in steps:
        step.position = last[step.automation_id] = last.get(step.automation_id, 0) + 1
        if step.position > MOST_STEPS:
            raise RuleViolation(msg("An automation has at most %(most)s steps.", most=MOST_STEPS))


def _step_problems(
    ctx: Context, step: AutomationStep, automation: Automation, spec: ObjectSpec
) -> list[Problem]:
    found: list[Problem] = []

    def need(key: str, value: Any, why: Message = _REQUIRED) -> None:
        if not value:
            found.append(Problem(key, why, "required"))

    if step.kind == m.TASK:
        need("title", step.title)
    if step.kind == m.NOTIFY:
        need("text", step.text)
    if step.kind in (m.TASK, m.NOTIFY, m.GIVE):
        found += _whom_problems(step, spec)
    if step.kind == m.ENROL:
        need("sequence", step.sequence_id)
        need("kind", spec.key in ENROLLED, msg("Only people, leads and deals are put into sequences."))
    if step.kind == m.SET:
        found += _field_problems(ctx, step, spec)
    return found or _right_problems(ctx.actor, step, spec)


def _right_problems(author: Actor, step: AutomationStep, spec: ObjectSpec) -> list[Problem]:
    """It is done by the product's own rights, for every record: whoever has it done may do it to all of them."""
    if step.kind not in (m.SET, m.GIVE, m.ENROL):
        return []
    verb = "enrol_many" if step.kind == m.ENROL else "update"
    if step.kind == m.GIVE and step.whom == m.RULES:
        verb = "assign_now_many"
    may = reaches_all(author, spec.permission(verb))
    if verb == "update":
        key = "owner" if step.kind == m.GIVE else step.field.partition(".")[2]
        may = may and author.grants.field_access(spec.key, key) is FieldAccess.WRITE
    if may:
        return []
    return [Problem("kind", msg("Your role does not let you do this to all records."), "forbidden")]


def _whom_problems(step: AutomationStep, spec: ObjectSpec) -> list[Problem]:
    if step.whom == m.USER and step.user_id is None:
        return [Problem("user", _REQUIRED, "required")]
    if step.whom in (m.OWNER, m.MANAGER) and not spec.can_own:
        return [Problem("whom", msg("Nobody owns these records: name somebody."))]
    if step.kind == m.GIVE and step.whom == m.OWNER:
        return [Problem("whom", msg("It is the owner's already."))]
    if step.kind == m.GIVE and not spec.can_own:
        return [Problem("kind", msg("Nobody owns these records."))]
    if step.kind == m.NOTIFY and step.whom == m.RULES:
        return [Problem("whom", msg("Name who is to be told."))]
    if step.kind == m.GIVE and step.whom == m.RULES and spec.key not in ASSIGNED:
        return [Problem("whom", msg("No rules of assignment are about such records."))]
    return []


def _field_problems(ctx: Context, step: AutomationStep, spec: ObjectSpec) -> list[Problem]:
    object_key, _, key = step.field.partition(".")
    field = spec.all_fields.get(key)
    if find_object(object_key) is not spec or field is None or field.readonly:
        return [Problem("field", msg("Choose a field of the same records."), "required")]
    if field.required and not step.value:
        return [Problem("value", _REQUIRED, "required")]
    if "{{" not in step.value:
        try:
            field.parse(step.value, ctx.reader)
        except Invalid as error:
            return list(error.at("value").problems)
    return []
