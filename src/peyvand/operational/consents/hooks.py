"""What happens when purposes and entries of the ledger are written: rules held, facts told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Refusals, RuleViolation, msg
from peyvand.operational.consents.channels import GIVE, GRANTED, WITHDRAW
from peyvand.operational.consents.events import ConsentGiven, ConsentWithdrawn
from peyvand.operational.consents.models import Consent, Purpose
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.platform.access.decisions import demand_each
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import kept
from peyvand.platform.identity.actor import ActorKind

Values = Mapping[str, Any]
# Clocks of other programs may run a little before ours.
_AHEAD: Final = timedelta(minutes=5)
_LONGEST_WORD: Final = 40


def prepare_purposes(ctx: Context, purposes: Sequence[Purpose], values: Sequence[Values]) -> None:
    """Give each its key word: what was typed in one word, else made of the name."""
    for purpose in purposes:
        text = purpose.word or purpose.name
        # A name of signs alone leaves nothing of itself.
        purpose.word = "-".join(text.replace(".", " ").lower().split())[:_LONGEST_WORD] or str(purpose.id)


def keep_used_purposes(ctx: Context, purposes: Sequence[Purpose]) -> None:
    """A purpose that people said something of stays: what they said is proof. Who is just saying it is waited for."""
    list(
        Purpose.objects.filter(id__in=[p.id for p in purposes]).order_by("id").select_for_update(of=("self",))
    )
    used = Consent.objects.filter(purpose_id__in=[p.id for p in purposes])
    if (purpose_id := used.values_list("purpose_id", flat=True).first()) is not None:
        name = next(p.name for p in purposes if p.id == purpose_id)
        raise RuleViolation(msg("Consents are recorded for “%(name)s”; it stays with them.", name=name))


def prepare_consents(ctx: Context, consents: Sequence[Consent], values: Sequence[Values]) -> None:
    """Whoever may change a person and give, or withdraw, consent for them may record it, by whichever way they come; of
    what is yet to come nothing can be recorded.

    Raises:
        NotAllowed, NotFound: the actor may not, for one of the people.
        RuleViolation: a date that cannot be.
    """
    people = {p.id: p for p in kept(_people(consents))}
    demand_each(ctx.actor, PERSON.permission("update"), list(people.values()))
    for verb, is_given in ((GIVE, True), (WITHDRAW, False)):
        if spoken := {c.person_id for c in consents if (c.state == GRANTED) is is_given}:
            demand_each(ctx.actor, verb, [person for id, person in people.items() if id in spoken])
    now, refusals = clock.now(), Refusals()
    for consent in consents:
        consent.given_at = consent.given_at or now
        if not consent.source and ctx.actor.kind is ActorKind.TOKEN:
            consent.source = "api"
        with refusals.of(consent.id):
            if people[consent.person_id].deleted_at is not None:
                # Thrown away or merged since they were looked up: an entry would hang where nobody reads it.
                raise Invalid.of(
                    msg("This record does not exist or you may not see it."), "person", "missing"
                )
            if consent.given_at > now + _AHEAD:
                raise RuleViolation(msg("A consent is recorded once it was said, not before."), "given_at")
            if consent.expires_at is not None and consent.state != GRANTED:
                raise RuleViolation(
                    msg("A refusal has no end; it holds until they say otherwise."), "expires_at"
                )
            if consent.expires_at is not None and consent.expires_at <= consent.given_at:
                raise RuleViolation(msg("The end cannot be before the beginning."), "expires_at")
    refusals.settle()


def tell_consents(ctx: Context, consents: Sequence[Consent], values: Sequence[Values], created: bool) -> None:
    """Record what was said on the timelines of the people, at the time they said it."""
    people = {p.id: p for p in _people(consents)}
    asked = {c.purpose_id for c in consents if c.purpose_id is not None}
    purposes = dict(Purpose.objects.filter(id__in=asked).values_list("id", "name"))
    for consent in consents:
        said: dict[str, Any] = {
            "object": "consent", "object_id": consent.id, "title": people[consent.person_id].name, "at": consent.given_at,
            "subjects": (("consent", consent.id), (PERSON.key, consent.person_id)), "person_id": consent.person_id,
            "channel": consent.channel, "purpose_id": consent.purpose_id,
            "purpose": purposes.get(consent.purpose_id or 0, ""), "source": consent.source,
        }  # fmt: skip
        if consent.state == GRANTED:
            ctx.record(ConsentGiven(**said, expires_at=consent.expires_at))
        else:
            ctx.record(ConsentWithdrawn(**said))


def _people(consents: Sequence[Consent]) -> QuerySet[Person]:
    return Person.objects.filter(id__in={c.person_id for c in consents})
