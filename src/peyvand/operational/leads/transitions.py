"""What happens when a lead is written, by whichever path: whose it is, which states it may go through, and what is told.

``prepare_leads`` runs before leads are saved: it finds or makes the person, and sets what follows from the state.
``tell_leads`` runs after: facts. Both work in sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.operational.contacts.public import Asking, Person, find_or_make
from peyvand.operational.leads.events import (
    InquiryReceived,
    LeadAssigned,
    LeadDisqualified,
    LeadNurtured,
    LeadQualified,
    LeadRecycled,
    LeadTakenUp,
)
from peyvand.operational.leads.models import Lead, LeadForm, LeadReason
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import Event
from peyvand.platform.identity.models import User
from peyvand.platform.objects.references import Subjects, subjects_of
from peyvand.platform.objects.sight import unseen
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]
NEW, WORKING, NURTURING, QUALIFIED = "new", "working", "nurturing", "qualified"
CONVERTED, DISQUALIFIED = "converted", "disqualified"
OPEN: Final = (NEW, WORKING, NURTURING, QUALIFIED)
# From these a lead that goes back to work was given up before.
_GIVEN_UP: Final = frozenset({DISQUALIFIED})
_ONLY_BY_VERB: Final = msg("A lead becomes a deal by converting it, which makes the deal too.")


@dataclass(frozen=True)
class Before:
    """What a lead was like in the database."""

    state: str = ""
    owner_id: int | None = None
    state_since: datetime | None = None


@dataclass(frozen=True)
class Transition:
    """One lead's way from what it was: to another state, to another owner, or both."""

    before: Before
    is_moved: bool = False
    to_owner: bool = False
    # Told by whoever does it, in words of their own: converting, waking.
    is_silent: bool = False


def prepare_leads(ctx: Context, leads: Sequence[Lead], values: Sequence[Values]) -> None:
    """Bring leads about to be saved in line: their person, their state.

    Raises:
        Invalid: nobody can be told from the inquiry; a state asks for fields that are empty, each named.
        RuleViolation: the state is not reached by hand.
    """
    before = _before(leads)
    refusals = Refusals()
    _settle_people(ctx, leads, refusals)
    asks_reason = (
        any(lead.state == DISQUALIFIED for lead in leads)
        and LeadReason.objects.filter(deleted_at=None).exists()
    )
    now = clock.now()
    for lead, given in zip(leads, values, strict=True):
        with refusals.of(lead.id):
            was = before.get(lead.id, Before())
            silent, lead.by_verb = lead.by_verb, False
            moved = lead.state != was.state
            if moved and not silent:
                _demand(ctx, lead, was, asks_reason=asks_reason)
            if moved:
                _enter(lead, was, now)
            elif lead.state == NURTURING and "nurture_until" in given:
                _demand_later(ctx, lead)
            if was.state and ctx.actor.user_id is not None and given.keys() - {"owner", "external_id"}:
                lead.touched_at = now
            reassigned = bool(was.state) and "owner" in given and lead.owner_id != was.owner_id
            lead.transition = Transition(was, moved, reassigned, silent) if moved or reassigned else None
    refusals.settle()


def _before(leads: Sequence[Lead]) -> dict[int, Before]:
    ids = [lead.id for lead in leads if not lead._state.adding]
    if not ids:
        return {}
    # History must have no gap: whoever else changes the state waits.
    rows = Lead.objects.filter(id__in=ids).order_by("id").select_for_update()
    return {id: Before(*rest) for id, *rest in rows.values_list("id", "state", "owner_id", "state_since")}


def _settle_people(ctx: Context, leads: Sequence[Lead], refusals: Refusals) -> None:
    """Give leads without a person the one who asks, and leads without a name theirs."""
    asking: list[Lead] = []
    belonging: list[tuple[Lead, int | None]] = []
    for lead in leads:
        if not lead.person_id:
            with refusals.of(lead.id):
                if not (lead.phone or lead.email or lead.given_name or lead.family_name):
                    raise Invalid.of(
                        msg("Say who asks: a person, or a name, a phone or an e-mail."), "person", "required"
                    )
                asking.append(lead)
    if asking:
        for lead, known in zip(asking, find_or_make(ctx, [_asking(lead) for lead in asking]), strict=True):
            lead.person_id = known.id
            if lead._state.adding and lead.company_id is None and not lead.company_name:
                belonging.append((lead, known.company))
    unnamed = [lead for lead in leads if not lead.name]
    if not unnamed and not belonging:
        return
    # Anybody may write anybody's phone: what a person is called, and where they work, is for those who see them.
    people = {lead.person_id for lead in (*unnamed, *(lead for lead, _ in belonging))}
    hidden = unseen(ctx.actor, "person", people)
    for lead, company in belonging:
        if lead.person_id not in hidden:
            lead.company_id = company
    names = dict(Person.objects.filter(id__in=people - hidden).values_list("id", "name")) if unnamed else {}
    for lead in unnamed:
        said = f"{lead.given_name} {lead.family_name}".strip() or lead.phone or lead.email
        lead.name = names.get(lead.person_id, said)[:300]


def _asking(lead: Lead) -> Asking:
    return Asking(
        lead.given_name, lead.family_name, (lead.phone,) if lead.phone else (), (lead.email,) if lead.email else (),
        lead.company_id, lead.job_title, lead.city, lead.source, lead.owner_id,
    )  # fmt: skip


def _demand(ctx: Context, lead: Lead, was: Before, *, asks_reason: bool) -> None:
    if was.state == CONVERTED:
        raise RuleViolation(msg("This lead is a deal by now; take the conversion back first."))
    if lead.state == CONVERTED:
        raise RuleViolation(_ONLY_BY_VERB)
    if lead.state == DISQUALIFIED and lead.reason_id is None and asks_reason:
        raise Invalid.of(msg("Say why it is disqualified."), "reason", "required")
    if lead.state == NURTURING:
        _demand_later(ctx, lead)


def _demand_later(ctx: Context, lead: Lead) -> None:
    if lead.nurture_until is None:
        raise Invalid.of(msg("Say until when it rests."), "nurture_until", "required")
    if lead.nurture_until <= clock.today(ctx.tenant.tz):
        raise Invalid.of(msg("This day must lie ahead."), "nurture_until")


def _enter(lead: Lead, was: Before, now: datetime) -> None:
    lead.state_since = now
    if lead.state != NURTURING:
        lead.nurture_until = None
    if lead.state != DISQUALIFIED:
        lead.reason_id, lead.reason_note = None, ""
    if lead.state == QUALIFIED and lead.qualified_at is None:
        lead.qualified_at = now
    if was.state in _GIVEN_UP and lead.state in OPEN:
        lead.recycled += 1


def tell_leads(ctx: Context, leads: Sequence[Lead], values: Sequence[Values], created: bool) -> None:
    """Record what came in, and what became of it."""
    told = [(lead, lead.transition) for lead in leads if lead.transition is not None]
    if not told:
        return
    reasons = dict(
        LeadReason.objects.filter(id__in={lead.reason_id for lead, _ in told if lead.reason_id}).values_list(
            "id", "name"
        )
    )
    owners = dict(
        User.objects.filter(
            id__in={lead.owner_id for lead, t in told if t.to_owner and lead.owner_id}
        ).values_list("id", "name")
    )
    forms = dict(
        LeadForm.objects.filter(
            id__in={lead.form_id for lead, _ in told if created and lead.form_id}
        ).values_list("id", "name")
    )
    facts: list[Event] = []
    for (lead, t), subjects in zip(
        told, subjects_of(object_named("lead"), [lead for lead, _ in told]), strict=True
    ):
        if created:
            facts.append(_received(lead, subjects, forms.get(lead.form_id or 0, "")))
        if t.is_moved and not t.is_silent and (fact := _state_fact(lead, t, subjects, reasons)):
            facts.append(fact)
        if t.to_owner:
            facts.append(LeadAssigned(
                object="lead", object_id=lead.id, title=lead.name, subjects=subjects, from_owner_id=t.before.owner_id,
                to_owner_id=lead.owner_id, to_owner=owners.get(lead.owner_id or 0, ""),
            ))  # fmt: skip
    ctx.record(*facts)


def _received(lead: Lead, subjects: Subjects, form: str) -> InquiryReceived:
    return InquiryReceived(
        object="lead", object_id=lead.id, title=lead.name, subjects=subjects, source=lead.source, campaign=lead.campaign,
        form=form, message=lead.message,
    )  # fmt: skip


def _state_fact(lead: Lead, t: Transition, subjects: Subjects, reasons: Mapping[int, str]) -> Event | None:
    said: dict[str, Any] = {"object": "lead", "object_id": lead.id, "title": lead.name, "subjects": subjects}
    if lead.state == DISQUALIFIED:
        return LeadDisqualified(**said, reason=reasons.get(lead.reason_id or 0, ""))
    if lead.state == NURTURING:
        return LeadNurtured(**said, until=lead.nurture_until.isoformat() if lead.nurture_until else "")
    if t.before.state in _GIVEN_UP:
        return LeadRecycled(**said, times=lead.recycled)
    if lead.state == QUALIFIED:
        return LeadQualified(**said)
    if lead.state == WORKING and t.before.state:
        return LeadTakenUp(**said)
    return None


def told_by_facts(lead: Lead) -> frozenset[str]:
    """Fields whose change the lead's own facts tell already, after the writing that just took place."""
    t, told = lead.transition, {"state_since", "touched_at"}
    if t is not None and t.is_moved:
        told |= {
            "state",
            "reason",
            "reason_note",
            "nurture_until",
            "qualified_at",
            "recycled",
            "converted_at",
            "deal",
        }
    return frozenset(told | {"owner"} if t is not None and t.to_owner else told)
