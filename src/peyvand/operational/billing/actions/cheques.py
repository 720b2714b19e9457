"""Verbs of cheques: the moves that each state allows, and what they mean for the invoices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import RuleViolation, msg
from peyvand.operational.billing.actions.payments import void
from peyvand.operational.billing.customers import customer_of, held
from peyvand.operational.billing.events import ChequeBounced, ChequeMoved
from peyvand.operational.billing.hooks import cover
from peyvand.operational.billing.models import Allocation, Cheque, Payment
from peyvand.operational.billing.moving import at_work
from peyvand.operational.billing.objects import CHEQUE, PAYMENT
from peyvand.operational.billing.settling import allocated, drop, keep, open_invoices, put, renew_touched
from peyvand.operational.numbering.public import demand_open, is_closed
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, Text
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import about

MOVES: Final[Mapping[str, frozenset[str]]] = {
    "received": frozenset({"deposited", "handed_on", "cleared", "returned"}),
    "deposited": frozenset({"cleared", "bounced", "received"}),
    "handed_on": frozenset({"cleared", "bounced", "received"}),
    "cleared": frozenset({"bounced"}),
    "bounced": frozenset({"deposited", "cleared", "returned"}),
    "returned": frozenset(),
}
"""From which state a cheque may come into which."""
_REASON: Final = Text(key="reason", label=_("Reason"), required=True, max_length=300)


def _may(state: str) -> Any:
    return lambda cheque: state in MOVES[cheque.state]


@action("cheque.deposit", label=_("Give to the bank"), icon="building", offered=_may("deposited"), final=True)
def deposit_cheque(ctx: Context, cheque: Cheque) -> None:
    """Give a cheque to the bank to be collected; one that bounced covers invoices again."""
    now, before = _held(cheque, "deposited")
    _set(ctx, now, "deposited")
    if before == "bounced":
        cover(ctx, now)
    _tell(ctx, now, before)


@action(
    "cheque.clear",
    label=_("Mark as cleared"),
    icon="check",
    tone="good",
    inputs=(Day(key="day", label=_("Cleared on"), help=_("Default: today.")),),
    offered=_may("cleared"),
    final=True,
)
def clear_cheque(ctx: Context, cheque: Cheque, *, day: date | None = None) -> Payment:
    """Say that the money came: the cheque is a payment from now on, of the invoices that it covered.

    Raises:
        RuleViolation: its state does not allow it, or the day lies in a closed year.
    """
    on = day or clock.today(ctx.tenant.tz)
    demand_open(on, "day")
    now, before = _held(cheque, "cleared")
    rows = allocated(cheque_id=now.id)
    _set(ctx, now, "cleared")
    payment: Payment = create_records(ctx, PAYMENT, [{
        "kind": "receipt", "company": now.company_id, "person": now.person_id, "amount": now.amount, "paid_on": on, "method": "cheque",
        "reference": now.sayad or now.number, "cheque": now.id, "owner": now.owner_id,
    }])[0]  # fmt: skip
    # What the cheque covered is what its money pays; only what is left goes to other invoices.
    Allocation.objects.filter(id__in=[row.id for row in rows]).update(cheque_id=None, payment_id=payment.id)
    renew_touched(ctx, rows, payments={payment.id})
    left = now.amount - sum(row.amount for row in rows)
    if left and now.invoice_id is None:
        customer = customer_of(now)
        keep(ctx, put(payment, left, open_invoices([customer])[customer]))
    _tell(ctx, now, before)
    return payment


@action(
    "cheque.bounce",
    label=_("Mark as bounced"),
    icon="alert",
    tone="danger",
    inputs=(_REASON,),
    offered=_may("bounced"),
    final=True,
)
def bounce_cheque(ctx: Context, cheque: Cheque, *, reason: str) -> None:
    """Say that the bank did not pay: what the cheque covered, or had paid already, is open again.

    Raises:
        RuleViolation: its state does not allow it, or its money was paid back to the customer since.
    """
    now, before = _held(cheque, "bounced")
    if before == "cleared":
        payment = Payment.objects.filter(cheque_id=now.id, status="valid").order_by("-id").first()
        if payment is not None:
            _reverse(ctx, payment, reason)
    drop(ctx, allocated(cheque_id=now.id))
    _set(ctx, now, "bounced", bounce_reason=reason)
    ctx.record(
        ChequeBounced(
            **about(CHEQUE, now),
            amount=now.amount,
            reason=reason,
            was_cleared=before == "cleared",
        )
    )


def _reverse(ctx: Context, payment: Payment, reason: str) -> None:
    """Take a payment back: voided while its year is open, else by a payment the other way today, for closed books stay."""
    if not is_closed(payment.paid_on):
        void(ctx, payment, reason)
        return
    drop(ctx, [row for row in allocated(payment_id=payment.id) if row.to_invoice_id is not None])
    create_records(ctx, PAYMENT, [{
        "kind": "refund", "company": payment.company_id, "person": payment.person_id, "amount": payment.amount, "method": "cheque",
        "paid_on": clock.today(ctx.tenant.tz), "cheque": payment.cheque_id, "owner": payment.owner_id, "note": reason,
    }])  # fmt: skip


@action("cheque.hand_on", label=_("Hand on"), icon="arrow", offered=_may("handed_on"), final=True,
        inputs=(Text(key="to", label=_("To whom"), attr="handed_to", required=True, max_length=200),))  # fmt: skip
def hand_cheque_on(ctx: Context, cheque: Cheque, *, to: str) -> None:
    """Give a cheque to somebody else as our own payment; it stays on its way until it is cleared there."""
    now, before = _held(cheque, "handed_on")
    _set(ctx, now, "handed_on", handed_to=to)
    _tell(ctx, now, before)


@action("cheque.take_back", label=_("Take back"), icon="undo", offered=_may("received"), final=True)
def take_cheque_back(ctx: Context, cheque: Cheque) -> None:
    """Say that a cheque that was at the bank or handed on is in hand again."""
    now, before = _held(cheque, "received")
    _set(ctx, now, "received", handed_to="")
    _tell(ctx, now, before)


@action(
    "cheque.give_back",
    label=_("Give back to its drawer"),
    icon="xc",
    offered=_may("returned"),
    final=True,
)
def give_cheque_back(ctx: Context, cheque: Cheque) -> None:
    """Give a cheque back to its drawer: it covers nothing any more, and its way ends here."""
    now, before = _held(cheque, "returned")
    drop(ctx, allocated(cheque_id=now.id))
    _set(ctx, now, "returned")
    _tell(ctx, now, before)


def _held(cheque: Cheque, to: str) -> tuple[Cheque, str]:
    """The cheque as it is now, locked with its customer's money, and its state.

    Raises:
        RuleViolation: from there it does not go where it should.
    """
    now = held(cheque)
    if to not in MOVES[now.state]:
        raise RuleViolation(msg("This cheque does not go there from the state that it is in now."), "state")
    return now, now.state


def _set(ctx: Context, cheque: Cheque, state: str, **values: Any) -> None:
    with at_work():
        update_records(ctx, CHEQUE, [cheque], [{"state": state, "state_since": clock.now(), **values}])


def _tell(ctx: Context, cheque: Cheque, before: str) -> None:
    ctx.record(
        ChequeMoved(
            **about(CHEQUE, cheque),
            from_state=before,
            to_state=cheque.state,
        )
    )
