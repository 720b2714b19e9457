"""Verbs of plans and statements: versions, reckoning anew, submitting, approving, paying, objections."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any, Final, cast

import orjson
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, RuleViolation, msg
from peyvand.kernel.persian.calendar import Unit
from peyvand.operational.commissions.events import (
    DisputeSettled,
    LineDisputed,
    StatementAdjusted,
    StatementApproved,
    StatementPaid,
    StatementReturned,
    StatementSubmitted,
)
from peyvand.operational.commissions.facts import fix_credits, is_understood
from peyvand.operational.commissions.fields import Rates, Seats
from peyvand.operational.commissions.hooks import settled_until
from peyvand.operational.commissions.models import (
    CommissionCredit,
    CommissionLine,
    CommissionMember,
    CommissionPlan,
    CommissionStatement,
)
from peyvand.operational.commissions.objects import PLAN, STATEMENT
from peyvand.operational.commissions.statements import deals_in, renew, renew_all, sum_up
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.fields.types import Choice, Day, Money, Option, Text
from peyvand.platform.objects.changes import record_changes
from peyvand.platform.objects.records import create_records, update_records

_REASON = Text(key="reason", label=_("Reason"), required=True, max_length=300)
_KEPT: Final = (
    "name",
    "unit",
    "basis",
    "condition",
    "way",
    "by_quota",
    "most",
    "least",
    "is_draw",
    "override",
    "ends_on",
)
_VERDICTS: Final = (Option("accepted", _("Accept it")), Option("declined", _("Decline it")))


@action(
    "commission_plan.new_version", label=_("New version from a day on"), icon="copy", admin=True, opens=True, final=True,
    inputs=(Day(key="from_on", label=_("Holds from"), required=True),),
)  # fmt: skip
def new_version(ctx: Context, plan: CommissionPlan, *, from_on: date) -> CommissionPlan:
    """Let other terms hold from a day on: this plan ends the day before, a copy goes on and can be changed.

    Raises:
        Invalid: the day lies outside the plan, or in a period that somebody submitted.
    """
    if from_on <= plan.starts_on or (plan.ends_on is not None and from_on > plan.ends_on):
        raise Invalid.of(msg("Choose a day on which this plan holds, after its first."), "from_on")
    until = settled_until([plan]).get(plan.id)
    if until is not None and from_on <= until:
        raise Invalid.of(msg("Statements of this day were submitted already: choose a later one."), "from_on")
    values: dict[str, Any] = {key: getattr(plan, key) for key in _KEPT} | {"starts_on": from_on}
    values["rates"] = Rates(key="rates", label="").load([plan.id]).get(plan.id, ())
    for key, to in (("users", "user"), ("teams", "team"), ("roles", "role")):
        values[key] = Seats(key=key, label="", to=to).load([plan.id]).get(plan.id, ())
    update_records(ctx, PLAN, [plan], [{"ends_on": from_on - timedelta(days=1)}])
    new: CommissionPlan = create_records(ctx, PLAN, [{**values, "root": plan.chain}])[0]
    return new


@action(
    "commission_statement.reckon_all",
    label=_("Recalculate all statements"),
    on="none",
    icon="refresh",
    admin=True,
)
def reckon_all(ctx: Context) -> None:
    """Bring the drafts of everybody up to date."""
    renew_all(ctx)


@action(
    "commission_statement.submit", label=_("Submit"), icon="arrow", tone="good", admin=True, final=True,
    offered=lambda statement: statement.status == "draft",
    useful=lambda ctx, statement: statement.ends_on < clock.today(ctx.tenant.tz),
)  # fmt: skip
def submit(ctx: Context, statement: CommissionStatement) -> None:
    """Reckon a draft for the last time and hand it in: from then on later changes make corrections in the next one.

    Raises:
        RuleViolation: it was submitted already, its period is not over, or the condition of a plan is not understood any more.
    """
    _demand_clear(_held(ctx, statement, "draft"))
    if statement.ends_on >= clock.today(ctx.tenant.tz):
        raise RuleViolation(msg("The period is not over yet."), "status")
    renew(ctx, cast(Unit, statement.unit), statement.owner_id)
    now = _held(ctx, statement, "draft")
    fix_credits(deals_in(now))
    _turn(ctx, now, status="submitted")
    ctx.record(StatementSubmitted(**_about(now), amount=now.amount))


@action(
    "commission_statement.reckon", label=_("Recalculate"), icon="refresh", admin=True, final=True,
    offered=lambda statement: statement.status == "draft",
)  # fmt: skip
def reckon(ctx: Context, statement: CommissionStatement) -> None:
    """Bring a draft up to date with deals, invoices and payments.

    Raises:
        RuleViolation: it was submitted already.
    """
    _held(ctx, statement, "draft")
    renew(ctx, cast(Unit, statement.unit), statement.owner_id)


@action(
    "commission_statement.send_back", label=_("Send back"), icon="undo", admin=True, final=True, inputs=(_REASON,),
    offered=lambda statement: statement.status == "submitted",
)  # fmt: skip
def send_back(ctx: Context, statement: CommissionStatement, *, reason: str) -> None:
    """Make a submitted statement a draft again, which is reckoned anew.

    Raises:
        RuleViolation: it is not submitted.
    """
    now = _held(ctx, statement, "submitted")
    deals = deals_in(now)
    _turn(ctx, now, status="draft", note=reason)
    others = CommissionLine.objects.filter(deal_id__in=deals).exclude(statement__status="draft")
    free = set(deals) - set(others.values_list("deal_id", flat=True))
    CommissionCredit.objects.filter(deal_id__in=free).delete()
    ctx.record(StatementReturned(**_about(now), reason=reason))


@action(
    "commission_statement.approve", label=_("Approve"), icon="check", tone="good", admin=True, final=True,
    offered=lambda statement: statement.status == "submitted",
    useful=lambda ctx, statement: statement.owner_id != ctx.actor.user_id,
)  # fmt: skip
def approve(ctx: Context, statement: CommissionStatement) -> None:
    """Say that a submitted statement is right and may be paid.

    Raises:
        NotAllowed: it is one's own.
        RuleViolation: it is not submitted, or an objection is open.
    """
    now = _held(ctx, statement, "submitted")
    _demand_others(ctx, now, _OWN_APPROVAL)
    _demand_no_objection(now)
    _turn(ctx, now, status="approved", approved_by=ctx.actor.user_id, approved_at=clock.now())
    ctx.record(StatementApproved(**_about(now), amount=now.amount, owner_id=now.owner_id))


@action(
    "commission_statement.pay", label=_("Record the payment"), icon="money", tone="good", admin=True, final=True,
    inputs=(Day(key="paid_on", label=_("Paid on"), help=_("Default: today.")),),
    offered=lambda statement: statement.status == "approved",
    useful=lambda ctx, statement: statement.owner_id != ctx.actor.user_id,
)  # fmt: skip
def pay(ctx: Context, statement: CommissionStatement, *, paid_on: date | None = None) -> None:
    """Say that an approved statement was paid.

    Raises:
        Invalid: the day is still ahead.
        NotAllowed: it is one's own.
        RuleViolation: it is not approved, or somebody objected since.
    """
    now = _held(ctx, statement, "approved")
    _demand_others(ctx, now, msg("Nobody records the payment of their own commission."))
    _demand_no_objection(now)
    today = clock.today(ctx.tenant.tz)
    if paid_on is not None and paid_on > today:
        raise Invalid.of(msg("This day is still ahead."), "paid_on")
    _turn(ctx, now, status="paid", paid_on=paid_on or today)
    ctx.record(
        StatementPaid(
            **_about(now), amount=now.amount, owner_id=now.owner_id, paid_on=(paid_on or today).isoformat()
        )
    )


@action(
    "commission_statement.adjust", label=_("Adjust by hand"), icon="pencil", admin=True, final=True,
    inputs=(Money(key="amount", label=_("Amount; below zero takes off"), required=True), _REASON),
    offered=lambda statement: statement.status in ("draft", "submitted"),
    useful=lambda ctx, statement: statement.owner_id != ctx.actor.user_id,
)  # fmt: skip
def adjust(ctx: Context, statement: CommissionStatement, *, amount: int, reason: str) -> None:
    """Add an amount to a statement that no plan says, with its reason.

    Raises:
        Invalid: the amount is nothing.
        NotAllowed: it is one's own.
        RuleViolation: it was approved already.
    """
    now = _held(ctx, statement, "draft", "submitted")
    _demand_others(ctx, now, msg("Nobody adjusts their own commission."))
    if not amount:
        raise Invalid.of(msg("This must not be nothing."), "amount")
    with override(ctx.tenant.language):
        name = gettext("Adjustment by %(name)s") % {"name": ctx.actor.name}
    CommissionLine.objects.create(
        statement_id=now.id, kind="manual", key=f"manual:{uuid.uuid4().hex}", period=now.starts_on, name=name, amount=amount,
        day=clock.today(ctx.tenant.tz), why=orjson.dumps({"note": reason}).decode(), created_by_id=ctx.actor.user_id,
    )  # fmt: skip
    sum_up(ctx, [now])
    _turn(ctx, now, note=reason)
    ctx.record(StatementAdjusted(**_about(now), amount=amount, reason=reason))


@action(
    "commission_line.dispute", label=_("Object"), icon="alert", admin=True, final=True,
    inputs=(Text(key="objection", label=_("What is wrong"), required=True, max_length=1000),),
    offered=lambda line: line.dispute != "open" and line.statement.status != "paid",
    useful=lambda ctx, line: line.statement.owner_id == ctx.actor.user_id,
)  # fmt: skip
def dispute(ctx: Context, line: CommissionLine, *, objection: str) -> None:
    """Say what is wrong with a line of one's own statement: it is not approved or paid until that is answered.

    Raises:
        NotAllowed: the statement is somebody else's.
        RuleViolation: there is an open objection already, or it was paid.
    """
    statement = _held(ctx, line.statement, "draft", "submitted", "approved")
    line = _as_it_is(line)
    if statement.owner_id != ctx.actor.user_id:
        raise NotAllowed(msg("Whoever a statement is for objects to it."))
    if line.dispute == "open":
        raise RuleViolation(msg("This line was objected to already."), "dispute")
    _say(ctx, line, statement, dispute="open", objection=objection, answer="")
    ctx.record(LineDisputed(**_about(statement), line_id=line.id, line=line.name, objection=objection))


@action(
    "commission_line.settle", label=_("Answer the objection"), icon="check", admin=True, final=True,
    inputs=(
        Choice(key="verdict", label=_("Decision"), options=_VERDICTS, required=True),
        Text(key="answer", label=_("Answer"), required=True, max_length=1000),
    ),
    offered=lambda line: line.dispute == "open",
    useful=lambda ctx, line: line.statement.owner_id != ctx.actor.user_id,
)  # fmt: skip
def settle(ctx: Context, line: CommissionLine, *, verdict: str, answer: str) -> None:
    """Accept or decline an objection, with the reason; what follows from it is adjusted by hand, or where it came from.

    Raises:
        NotAllowed: it is about one's own commission.
        RuleViolation: nothing is objected to.
    """
    statement = _held(ctx, line.statement)
    line = _as_it_is(line)
    _demand_others(ctx, statement, msg("Nobody decides about their own objection."))
    if line.dispute != "open":
        raise RuleViolation(msg("Nobody objects to this line."), "dispute")
    _say(ctx, line, statement, dispute=verdict, answer=answer)
    told = DisputeSettled(
        **_about(statement), line_id=line.id, line=line.name, is_accepted=verdict == "accepted", answer=answer
    )
    ctx.record(told)


_OWN_APPROVAL: Final = msg("Nobody approves their own commission.")


def _as_it_is(line: CommissionLine) -> CommissionLine:
    """A line as it is now that its statement is held.

    Raises:
        NotFound: the statement was reckoned without it meanwhile.
    """
    now: CommissionLine | None = CommissionLine.objects.filter(id=line.id).first()
    if now is None:
        raise NotFound
    return now


def _demand_no_objection(statement: CommissionStatement) -> None:
    if CommissionLine.objects.filter(statement_id=statement.id, dispute="open").exists():
        raise RuleViolation(msg("An objection is not answered yet."), "open_disputes")


def _demand_clear(statement: CommissionStatement) -> None:
    plans = CommissionPlan.objects.filter(
        id__in=CommissionMember.objects.filter(user_id=statement.owner_id).values("plan_id"), unit=statement.unit,
        deleted_at__isnull=True, starts_on__lte=statement.ends_on,
    ).exclude(ends_on__lt=statement.starts_on)  # fmt: skip
    for plan in plans.order_by("id"):
        if not is_understood(plan):
            raise RuleViolation(
                msg("The plan “%(plan)s” asks for what does not exist any more: fix its condition first.", plan=plan.name)
            )  # fmt: skip


def _demand_others(ctx: Context, statement: CommissionStatement, sentence: Any) -> None:
    if ctx.actor.user_id is not None and statement.owner_id == ctx.actor.user_id:
        raise NotAllowed(sentence)


def _held(ctx: Context, statement: CommissionStatement, *states: str) -> CommissionStatement:
    """The statement as it is now, while nobody else reckons or decides.

    Raises:
        RuleViolation: it is in none of these states (if any are named).
    """
    hold(ctx.tenant.id, "commissions")
    now: CommissionStatement = CommissionStatement.objects.get(id=statement.id)
    if states and now.status not in states:
        label = next(o.label for o in STATEMENT.field("status", Choice).options if o.key == now.status)
        raise RuleViolation(
            msg("This statement is in another state by now: %(state)s.", state=str(label)), "status"
        )
    return now


def _turn(ctx: Context, statement: CommissionStatement, **values: Any) -> None:
    """Write what becomes of a statement, with its history."""
    changes: dict[str, Any] = {}
    for key, value in values.items():
        field = STATEMENT.field(key)
        before = field.read(statement)
        field.write(statement, value)
        changes[key] = [_plain(before), _plain(value)]
    statement.version += 1
    statement.updated_at = clock.now()
    statement.save()
    record_changes(ctx, STATEMENT, [(statement, changes)], told={statement.id: tuple(changes)})
    ctx.touch(STATEMENT.key, statement.id)


def _say(ctx: Context, line: CommissionLine, statement: CommissionStatement, **values: str) -> None:
    CommissionLine.objects.filter(id=line.id).update(
        version=line.version + 1, updated_at=clock.now(), **values
    )
    ctx.touch("commission_line", line.id)
    sum_up(ctx, [statement])
    ctx.touch(STATEMENT.key, statement.id)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _about(statement: CommissionStatement) -> dict[str, Any]:
    return {
        "object": STATEMENT.key, "object_id": statement.id, "title": statement.name, "subjects": ((STATEMENT.key, statement.id),),
    }  # fmt: skip
