"""What ends a sequence by itself: an answer, a booking, a decision about the lead or deal, a withdrawn consent, a mail that
came back, a record that went away."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from peyvand.collaborative.mail.events import MessageBounced, MessageSent
from peyvand.collaborative.mail.events import MessageFailed as MailFailed
from peyvand.collaborative.mail.events import MessageReceived as MailReceived
from peyvand.collaborative.sequences import reasons
from peyvand.collaborative.sequences.models import (
    DELIVERED,
    GOING,
    MAIL,
    NOT_SENT,
    SMS,
    Enrolment,
    Step,
    StepRun,
)
from peyvand.collaborative.sequences.objects import ENROLMENT, RUN
from peyvand.collaborative.sequences.stopping import ADVANCE, credit, stop_where
from peyvand.collaborative.sms.events import MessageDelivered
from peyvand.collaborative.sms.events import MessageFailed as SmsFailed
from peyvand.collaborative.sms.events import MessageReceived as SmsReceived
from peyvand.operational.activities.public import Meeting
from peyvand.operational.consents.events import ConsentWithdrawn
from peyvand.operational.leads.events import LeadConverted, LeadDisqualified
from peyvand.operational.sales.events import DealLost, DealWon
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, reaction_context
from peyvand.platform.events.facts import Event, RecordCreated, RecordDeleted
from peyvand.platform.events.reactions import Cause, reaction
from peyvand.platform.merging.events import RecordMerged

_CLOSING = {
    LeadConverted: reasons.CONVERTED, LeadDisqualified: reasons.DISQUALIFIED, DealWon: reasons.WON, DealLost: reasons.LOST,
}  # fmt: skip


@reaction(MailReceived, SmsReceived)
def stop_on_reply(cause: Cause, facts: Sequence[Event]) -> None:
    """Whoever answers, by whatever way, gets nothing more by themselves; what machines answer does not count."""
    ctx = reaction_context(cause)
    told = [
        f
        for f in facts
        if isinstance(f, MailReceived | SmsReceived) and f.person_id and not getattr(f, "is_automatic", False)
    ]
    answers = [f for f in told if not getattr(f, "is_stop", False)]
    if answers:
        made = [
            ("mail_message" if isinstance(f, MailReceived) else "sms_message", f.answers)
            for f in answers
            if f.answers
        ]
        _credit(ctx, [f.person_id for f in answers if f.person_id], reasons.REPLIED, made)
        stop_where(ctx, Q(person_id__in={f.person_id for f in answers}), reasons.REPLIED)
    stops = {f.person_id for f in told} - {f.person_id for f in answers}
    stop_where(ctx, Q(person_id__in=stops), reasons.WITHDRAWN)


@reaction(RecordCreated, objects=("meeting",))
def stop_on_booking(cause: Cause, facts: Sequence[Event]) -> None:
    """Whoever has a meeting planned with us needs no more letters about it."""
    ids = [f.object_id for f in facts]
    rows = Meeting.objects.filter(id__in=ids, status="planned", person_id__isnull=False)
    people = set(rows.values_list("person_id", flat=True))
    if people:
        ctx = reaction_context(cause)
        _credit(ctx, sorted(people), reasons.BOOKED, [])
        stop_where(ctx, Q(person_id__in=people), reasons.BOOKED)


@reaction(*_CLOSING, always=True)
def stop_on_decision(cause: Cause, facts: Sequence[Event]) -> None:
    """A lead or deal that was decided about is not followed up any more."""
    ctx = reaction_context(cause)
    for kind, reason in _CLOSING.items():
        found = {(f.object, f.object_id) for f in facts if isinstance(f, kind)}
        for object_key in {key for key, _ in found}:
            ids = [id for key, id in found if key == object_key]
            stop_where(ctx, Q(about_object=object_key, about_id__in=ids), reason)


@reaction(ConsentWithdrawn, always=True)
def stop_on_withdrawal(cause: Cause, facts: Sequence[Event]) -> None:
    """Whoever wants no more messages by a way that the sequence still takes leaves it."""
    ctx = reaction_context(cause)
    for fact in facts:
        if not isinstance(fact, ConsentWithdrawn):
            continue
        kinds = {"email": [MAIL], "sms": [SMS], "any": [MAIL, SMS]}.get(fact.channel)
        if kinds is None:
            continue
        using = Step.objects.filter(kind__in=kinds, deleted_at__isnull=True).values("sequence_id")
        rows = Enrolment.objects.filter(person_id=fact.person_id, state__in=GOING, sequence_id__in=using)
        if fact.purpose_id is not None:
            rows = rows.filter(sequence__purpose_id=fact.purpose_id)
        stop_where(ctx, Q(id__in=list(rows.values_list("id", flat=True))), reasons.WITHDRAWN)


@reaction(MessageBounced, MailFailed, SmsFailed, always=True)
def stop_on_bounce(cause: Cause, facts: Sequence[Event]) -> None:
    """A message that was given up or came back ends its sequence: what would follow it makes no sense."""
    ctx = reaction_context(cause)
    made = _made_by(facts)
    ids = list(made.values_list("enrolment_id", flat=True))
    _note(ctx, made, NOT_SENT)
    stop_where(ctx, Q(id__in=ids), reasons.UNDELIVERED)


@reaction(MessageSent, MessageDelivered, always=True)
def note_delivery(cause: Cause, facts: Sequence[Event]) -> None:
    """A mail that its server took, an SMS that the gateway reports as delivered."""
    _note(reaction_context(cause), _made_by(facts), DELIVERED)


@reaction(RecordDeleted, objects=("person", "lead", "deal"), always=True)
def stop_on_removal(cause: Cause, facts: Sequence[Event]) -> None:
    """What rests in the bin is left alone."""
    ctx = reaction_context(cause)
    for object_key in ("person", "lead", "deal"):
        ids = [f.object_id for f in facts if f.object == object_key]
        where = Q(about_object=object_key, about_id__in=ids)
        stop_where(ctx, where | Q(person_id__in=ids) if object_key == "person" else where, reasons.GONE)


@reaction(RecordMerged, objects=("person",), always=True)
def go_on_once(cause: Cause, facts: Sequence[Event]) -> None:
    """A merged person goes on in each sequence once: where both were in it, what the other began ends here."""
    ctx = reaction_context(cause)
    for fact in facts:
        if not isinstance(fact, RecordMerged):
            continue
        left = Enrolment.objects.filter(person_id=fact.loser_id, state__in=GOING).select_for_update(
            of=("self",)
        )
        there = Enrolment.objects.filter(person_id=fact.object_id, state__in=GOING)
        both = set(there.values_list("sequence_id", flat=True))
        moving = [one.id for one in left if one.sequence_id not in both]

        def move(moving: list[int] = moving, winner: int = fact.object_id) -> None:
            Enrolment.objects.filter(id__in=moving).update(person_id=winner)
            ctx.touch(ENROLMENT.key, *moving)

        if moving:
            perform(ctx, ADVANCE, (), move)
        stop_where(ctx, Q(person_id=fact.loser_id), reasons.MERGED)


def _made_by(facts: Sequence[Event]) -> QuerySet[StepRun]:
    named = Q(pk__in=[])
    for fact in facts:
        named |= Q(made_object=fact.object, made_id=getattr(fact, "message_id", 0) or fact.object_id)
    return StepRun.objects.filter(named)


def _note(ctx: Context, runs: QuerySet[StepRun], state: str) -> None:
    ids = list(runs.values_list("id", flat=True))
    if not ids:
        return

    def write() -> None:
        StepRun.objects.filter(id__in=ids).update(state=state)
        ctx.touch(RUN.key, *ids)

    perform(ctx, ADVANCE, (), write)


def _credit(ctx: Context, people: Sequence[int], reason: str, made: Sequence[tuple[str, int]]) -> None:
    perform(ctx, ADVANCE, (), lambda: credit(ctx, people, reason, answered=made))
