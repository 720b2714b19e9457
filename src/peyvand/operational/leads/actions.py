"""Verbs of leads: capture, take up, qualify, disqualify, put off, take up again, convert and back, assign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.leads.capture import take_in
from peyvand.operational.leads.converting import convert, unconvert
from peyvand.operational.leads.models import Lead
from peyvand.operational.leads.objects import LEAD
from peyvand.operational.leads.transitions import (
    CONVERTED,
    DISQUALIFIED,
    NEW,
    NURTURING,
    OPEN,
    QUALIFIED,
    WORKING,
)
from peyvand.operational.sales.public import DEAL, Deal
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Field, Flag, Link, Text, UserLink
from peyvand.platform.objects.cleaning import missing_links
from peyvand.platform.objects.records import update_records


def _inputs(*keys: str, required: bool = False) -> tuple[Field, ...]:
    return tuple(replace(LEAD.field(key), required=required, default=None) for key in keys)


_OWNER = UserLink(key="owner", label=_("Owner"), required=True)
_REASON = (replace(LEAD.field("reason"), required=True), *_inputs("reason_note"))
_UNTIL = _inputs("nurture_until", required=True)


@action(
    "lead.capture",
    label=_("Capture a lead"),
    on="none",
    icon="inbox",
    inputs=(
        Text(key="who", label=_("Name"), max_length=200),
        replace(PERSON.field("phones"), key="phones"),
        replace(PERSON.field("emails"), key="emails"),
        *_inputs("company_name", "job_title", "city", "message", "product", "budget", "source", "campaign", "owner", "utm_source",
                 "utm_medium", "utm_campaign", "utm_term", "utm_content", "referrer", "landing_page", "external_id", "name"),
    ),
)  # fmt: skip
def capture_lead(ctx: Context, /, **values: Any) -> Lead:
    """Take an inquiry in: the person is found by phone or e-mail, or made; whose lead is open gets no second one.

    With an ``external_id`` it is done once however often it is sent.

    Raises:
        Invalid: nobody can be told from it.
    """
    return take_in(ctx, values)


@action(
    "lead.take_up",
    label=_("Start follow-up"),
    icon="play",
    offered=lambda lead: lead.state in (NEW, NURTURING),
)
def take_up_lead(ctx: Context, lead: Lead) -> None:
    """Begin to work on a lead; one without an owner is then the actor's own."""
    _demand(lead, NEW, NURTURING)
    owner = {"owner": ctx.actor.user_id} if lead.owner_id is None and ctx.actor.user_id else {}
    _write(ctx, [lead], {"state": WORKING, **owner})


@action(
    "lead.qualify",
    label=_("Qualify"),
    icon="check",
    tone="good",
    offered=lambda lead: lead.state in (NEW, WORKING, NURTURING),
)
def qualify_lead(ctx: Context, lead: Lead) -> None:
    """Say that a lead is worth a deal."""
    _demand(lead, NEW, WORKING, NURTURING)
    _write(ctx, [lead], {"state": QUALIFIED})


@action(
    "lead.disqualify",
    label=_("Disqualify"),
    icon="xc",
    tone="danger",
    inputs=_REASON,
    offered=lambda lead: lead.state in OPEN,
)
def disqualify_lead(ctx: Context, lead: Lead, *, reason: int, reason_note: str = "") -> None:
    """Say that a lead comes to nothing, and why."""
    _demand(lead, *OPEN)
    _write(ctx, [lead], {"state": DISQUALIFIED, "reason": reason, "reason_note": reason_note})


@action(
    "lead.disqualify_many",
    label=_("Disqualify"),
    on="many",
    icon="xc",
    tone="danger",
    inputs=_REASON,
    button=False,
)
def disqualify_leads(ctx: Context, leads: Sequence[Lead], *, reason: int, reason_note: str = "") -> None:
    """Say of those of the leads that are open that they come to nothing."""
    chosen = [lead for lead in leads if lead.state in OPEN]
    _write(ctx, chosen, {"state": DISQUALIFIED, "reason": reason, "reason_note": reason_note})


@action(
    "lead.nurture",
    label=_("Put off"),
    icon="clock",
    inputs=_UNTIL,
    offered=lambda lead: lead.state in (NEW, WORKING, QUALIFIED),
)
def nurture_lead(ctx: Context, lead: Lead, *, nurture_until: date) -> None:
    """Let a lead rest until a day; that morning it is back at work."""
    _demand(lead, *OPEN)
    _write(ctx, [lead], {"state": NURTURING, "nurture_until": nurture_until})


@action("lead.nurture_many", label=_("Put off"), on="many", icon="clock", inputs=_UNTIL, button=False)
def nurture_leads(ctx: Context, leads: Sequence[Lead], *, nurture_until: date) -> None:
    """Let those of the leads that are open rest until a day."""
    _write(
        ctx,
        [lead for lead in leads if lead.state in OPEN],
        {"state": NURTURING, "nurture_until": nurture_until},
    )


@action(
    "lead.recycle",
    label=_("Resume follow-up"),
    icon="refresh",
    offered=lambda lead: lead.state == DISQUALIFIED,
)
def recycle_lead(ctx: Context, lead: Lead) -> None:
    """Take a lead up again that was given up; how often that was is counted."""
    _demand(lead, DISQUALIFIED)
    _write(ctx, [lead], {"state": WORKING})


@action("lead.recycle_many", label=_("Resume follow-up"), on="many", icon="refresh", button=False)
def recycle_leads(ctx: Context, leads: Sequence[Lead]) -> None:
    """Take those of the leads up again that were given up."""
    _write(ctx, [lead for lead in leads if lead.state == DISQUALIFIED], {"state": WORKING})


@action(
    "lead.convert",
    label=_("Convert"),
    icon="deals",
    tone="good",
    inputs=(
        Text(key="name", label=_("Name of the deal"), max_length=300),
        replace(DEAL.field("amount"), label=_("Amount")),
        Link(key="pipeline", label=_("Pipeline"), to="pipeline"),
        Link(key="company", label=_("Company"), to="company"),
        Text(key="company_name", label=_("Name of the company"), max_length=300),
        replace(COMPANY.field("national_id"), required=False),
        Flag(key="has_company", label=_("With a company"), default=True),
    ),
    offered=lambda lead: lead.state in OPEN,
    is_next=lambda lead: lead.state == QUALIFIED,
    opens=True,
    undo="unconvert",
)
def convert_lead(
    ctx: Context, lead: Lead, *, name: str = "", amount: int | None = None, pipeline: int | None = None, company: int | None = None,
    company_name: str = "", national_id: str = "", has_company: bool = True,
) -> Deal:  # fmt: skip
    """Make a deal of a lead, with its company (found by national id or name, else made) and the same person.

    Source, campaign and message go along; ``lead.unconvert`` takes all of it back.

    Raises:
        RuleViolation: it is a deal by now, or was given up.
    """
    return convert(
        ctx, lead, name=name, amount=amount, pipeline=pipeline, company=company, company_name=company_name,
        national_id=national_id, has_company=has_company,
    )  # fmt: skip


@action(
    "lead.unconvert",
    label=_("Take the conversion back"),
    icon="undo",
    offered=lambda lead: lead.state == CONVERTED,
    aside=True,
)
def unconvert_lead(ctx: Context, lead: Lead) -> None:
    """Take a conversion back: the deal and the company that it made go to the bin, the links that it made are gone.

    Raises:
        RuleViolation: somebody worked on the deal since; what, is said.
    """
    unconvert(ctx, lead)


@action("lead.assign", label=_("Give to"), icon="user", inputs=(_OWNER,))
def assign_lead(ctx: Context, lead: Lead, *, owner: int) -> None:
    """Give a lead to somebody."""
    _write(ctx, [lead], {"owner": owner})


@action("lead.assign_many", label=_("Give to"), on="many", icon="user", inputs=(_OWNER,), button=False)
def assign_leads(ctx: Context, leads: Sequence[Lead], *, owner: int) -> None:
    """Give several leads to somebody."""
    _write(ctx, leads, {"owner": owner})


def _demand(lead: Lead, *states: str) -> None:
    if lead.state not in states:
        raise RuleViolation(msg("The lead is not in a state for this."), code="state")


def _write(ctx: Context, leads: Sequence[Lead], values: dict[str, Any]) -> None:
    if not leads:
        return
    if problems := missing_links(ctx, LEAD, [values])[0]:
        raise Invalid(problems)
    update_records(ctx, LEAD, leads, [values] * len(leads))
