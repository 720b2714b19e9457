"""What only people with columns of answers need: what they said is added to the ledger of consents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from peyvand.integrations.transfer.answers import ANSWERS
from peyvand.integrations.transfer.drafts import Draft
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.links import Links
from peyvand.integrations.transfer.mapping import BLANK, NEVER, SOURCE, Shape
from peyvand.integrations.transfer.reading import Table
from peyvand.integrations.transfer.writing import Tally, write
from peyvand.kernel.errors import NotAllowed, msg
from peyvand.operational.consents.public import CONSENT, GIVE, WITHDRAW, Consent
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.access.decisions import decide
from peyvand.platform.access.rules import covered
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.records import create_records

_VERBS: Final = (PERSON.permission("update"), GIVE, WITHDRAW)


def has_answers(shape: Shape) -> bool:
    """Whether a table of people says what they answered."""
    return shape.spec is PERSON and any(c.field.key in ANSWERS for c in shape.columns)


def may_speak(actor: Actor) -> bool:
    """Whether the actor may say what people answered."""
    return all(decide(actor, verb) for verb in (*_VERBS, CONSENT.permission("create")))


class Consenting:
    """The people of one table with their answers. What the ledger says already is not said again."""

    def begin(self, table: Table, shape: Shape, links: Links) -> Shape:
        """Raises:
        NotAllowed: the actor may not speak for people.
        """
        self.links, actor = links, links.ctx.actor
        asked = tuple(c for c in shape.columns if c.field.key in ANSWERS)
        self.rules = {c.field.key: c.rule for c in asked}
        if GIVE in actor.grants.objects_off:
            # Where nothing is kept of consents, such columns say nothing.
            left = tuple(c for c in shape.columns if c not in asked)
            shape = replace(shape, columns=left, unused=(*shape.unused, *(c.header for c in asked)))
        elif not may_speak(actor):
            raise NotAllowed(msg("Your role may not write “%(field)s”.", field=asked[0].field.label))
        self.shape = shape
        return shape

    def complete(self, drafts: Sequence[Draft]) -> None:
        """Refuse the rows that speak for somebody whom the actor may not speak for."""
        speaking = [d for d in drafts if d.record is not None and d.values.keys() & ANSWERS.keys()]
        people = [d.record for d in speaking]
        for verb in _VERBS:
            may = covered(self.links.ctx.actor, verb, people)
            for draft in speaking:
                if draft.record.pk not in may:
                    draft.refuse(msg("Your role does not allow this for this record."), code="not_allowed")

    def write(self, drafts: Sequence[Draft], tally: Tally, journal: Journal) -> list[tuple[Draft, Any]]:
        """Write the people, then what is new of what they said."""
        answers = {id(d): {k: d.values.pop(k) for k in ANSWERS if k in d.values} for d in drafts}
        known = {id(d) for d in drafts if d.record is not None}
        made = write(self.links.ctx, self.shape, drafts, tally, journal)
        of = {id(d): d.record.id for d in drafts if d.record is not None} | {id(d): r.id for d, r in made}
        said = _last_words(list(of.values()))
        entries = [
            {"person": of[id(d)], "channel": ANSWERS[key].channel, "state": state, "source": "import", "basis": "consent"}
            for d in drafts
            if d.refusal is None
            for key, state in answers[id(d)].items()
            if self._is_news(key, id(d) in known, state, said.get((of[id(d)], ANSWERS[key].channel)))
        ]  # fmt: skip
        if entries:
            create_records(self.links.ctx, CONSENT, entries, source=SOURCE)
        return made

    def _is_news(self, key: str, is_known: bool, state: str, last: str | None) -> bool:
        rule = self.rules.get(key, "")
        return state != last and not (rule == NEVER and is_known) and not (rule == BLANK and last)


def _last_words(people: Sequence[int]) -> dict[tuple[int, str], str]:
    """What each said last of every purpose, by person and channel."""
    entries = Consent.objects.filter(person_id__in=people, purpose=None).order_by("given_at", "id")
    return {
        (person, channel): state
        for person, channel, state in entries.values_list("person_id", "channel", "state")
    }
