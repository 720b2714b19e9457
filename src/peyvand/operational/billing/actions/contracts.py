"""Verbs of contracts: renewed, ended before their time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.kernel.persian.calendar import parts, shift
from peyvand.operational.billing.events import ContractEnded, ContractRenewed
from peyvand.operational.billing.models import Contract
from peyvand.operational.billing.moving import at_work
from peyvand.operational.billing.objects import CONTRACT
from peyvand.operational.numbering.public import calendar_here
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, Money, Text
from peyvand.platform.objects.records import update_records
from peyvand.platform.objects.references import subjects_of


def next_end(starts_on: date | None, ends_on: date | None) -> date | None:
    """Until when a contract between two days lasts if it goes on for as long again; None where they do not say for how long."""
    if starts_on is None or ends_on is None:
        return None
    calendar, after = calendar_here(), ends_on + timedelta(days=1)
    (year, month, day), (to_year, to_month, to_day) = parts(starts_on, calendar), parts(after, calendar)
    months = (to_year - year) * 12 + to_month - month
    if months > 0 and day == to_day:
        return shift(after, months, "month", calendar) - timedelta(days=1)
    return ends_on + (after - starts_on)


@action(
    "contract.renew",
    label=_("Renew"),
    icon="refresh",
    tone="good",
    inputs=(
        Day(key="until", label=_("Until"), help=_("Left empty: for as long again.")),
        Money(key="amount", label=_("Amount"), help=_("Left empty: as before.")),
    ),
    offered=lambda contract: contract.status != "terminated" and contract.ends_on is not None,
    final=True,
)
def renew_contract(
    ctx: Context, contract: Contract, *, until: date | None = None, amount: int | None = None
) -> None:
    """Let a contract go on until another day.

    Raises:
        RuleViolation: it has no end, was terminated, or the day is not after its end.
    """
    if contract.ends_on is None or contract.status == "terminated":
        raise RuleViolation(msg("Only a contract with an end that was not terminated is renewed."), "status")
    to = until or next_end(contract.starts_on, contract.ends_on)
    if to is None or to <= contract.ends_on:
        raise RuleViolation(msg("Say until when: a day after the present end."), "until")
    values: dict[str, Any] = {
        "ends_on": to,
        "status": "active",
        **({"amount": amount} if amount is not None else {}),
    }
    with at_work():
        update_records(ctx, CONTRACT, [contract], [values])
    tell_renewed(ctx, [contract])


@action(
    "contract.terminate",
    label=_("Terminate"),
    icon="xc",
    tone="danger",
    inputs=(Text(key="reason", label=_("Reason"), required=True, max_length=300),),
    offered=lambda contract: contract.status == "active",
    final=True,
)
def terminate_contract(ctx: Context, contract: Contract, *, reason: str) -> None:
    """End a contract before its time; why is added to its note.

    Raises:
        RuleViolation: it is not in force.
    """
    if contract.status != "active":
        raise RuleViolation(msg("This contract is not in force."), "status")
    with at_work():
        note = f"{contract.note}\n{reason}".strip()
        update_records(ctx, CONTRACT, [contract], [{"status": "terminated", "note": note}])
    tell_ended(ctx, [contract])


def tell_renewed(ctx: Context, contracts: Sequence[Contract]) -> None:
    """Record until when contracts go on."""
    ctx.record(*(
        ContractRenewed(
            object="contract", object_id=contract.id, title=contract.title, subjects=subjects,
            until=contract.ends_on.isoformat() if contract.ends_on else "",
        )
        for contract, subjects in zip(contracts, subjects_of(CONTRACT, contracts), strict=True)
    ))  # fmt: skip


def tell_ended(ctx: Context, contracts: Sequence[Contract]) -> None:
    """Record that contracts are over."""
    ctx.record(*(
        ContractEnded(object="contract", object_id=contract.id, title=contract.title, subjects=subjects)
        for contract, subjects in zip(contracts, subjects_of(CONTRACT, contracts), strict=True)
    ))  # fmt: skip
