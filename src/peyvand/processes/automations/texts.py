"""Texts of steps, filled in for each record by the eyes of whoever reads them.

Beside the fields of the record and of the person, company and user it belongs to there are {{reason}} (why the automation
acted), {{offer}} (the next best offer to this customer, where an analysis has one) and {{event.title}} with whatever else
the fact says.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

from django.utils import translation

from peyvand.collaborative.filling import KINDS, check_places, filler_for
from peyvand.kernel.errors import Message, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import Event, all_facts
from peyvand.platform.fields.reader import said
from peyvand.platform.fields.types import Money
from peyvand.platform.identity.actor import Actor, Tenant, actors_of, system_actor
from peyvand.platform.identity.grants import Grants
from peyvand.platform.identity.models import User
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.telling import read_reasons
from peyvand.platform.objects.sight import unseen
from peyvand.platform.objects.spec import ObjectSpec, all_objects, find_object
from peyvand.platform.objects.telling import field_told, told_to

# Beside a fact's words it is kept which fact they are of, for whoever may hear it: "wire object id".
_SOURCE: Final = "event"
REASON, OFFER, BEST_OFFER = "reason", "offer", "next_offer"
_OFFER: Final = re.compile(r"\{\{\s*offer\s*(\|[^{}]*)?\}\}")
_CHANGED: Final = {
    "up": msg("%(insight)s rose from “%(was)s” to “%(now)s”"),
    "down": msg("%(insight)s fell from “%(was)s” to “%(now)s”"),
    "": msg("%(insight)s changed from “%(was)s” to “%(now)s”"),
}
_BESIDE: Final = frozenset({"object", "object_id", "subjects", "at"})


def words_of(wire: str) -> list[str]:
    """What a text may name besides fields, for facts of this kind."""
    kind = all_facts().get(wire)
    return [REASON, OFFER, *(f"event.{f.name}" for f in fields(kind) if f.name not in _BESIDE)] if kind else [REASON, OFFER]  # fmt: skip


def kinds_of(spec: ObjectSpec) -> tuple[str, ...]:
    """The kinds of records whose fields a text about such records may name."""
    return tuple(dict.fromkeys((spec.key, *KINDS)))


def check_text(text: str, where: str, author: Actor, spec: ObjectSpec, wire: str) -> None:
    """Raises Invalid: a place in the text names nothing, or what its author may not know."""
    tells = kind.tells if (kind := all_facts().get(wire)) else {}
    hidden = {key for each in kinds_of(spec) for key in author.grants.hides(each)}
    known = [w for w in words_of(wire) if field_told(w.removeprefix("event."), tells) not in hidden]
    check_places(text, where, author, kinds=kinds_of(spec), words=known)


def told_by(ctx: Context, fact: Event) -> dict[str, str]:
    """The fact's own words and its reason, in the workspace's language, as texts are filled in with them, and which fact
    it is: of them everybody hears what they may (_heard)."""
    spec, reader = find_object(fact.object), replace(ctx.reader, language=ctx.tenant.language)
    with translation.override(ctx.tenant.language):
        shown = {}
        for key, value in fact.data().items():
            field = spec.all_fields.get(field_told(key, fact.tells)) if spec else None
            if isinstance(field, Money) and isinstance(value, int):
                shown[f"event.{key}"] = field.show(value, reader)
            elif isinstance(value, str | int) and not isinstance(value, bool):
                shown[f"event.{key}"] = str(value)
        return shown | {REASON: _reason(fact, reader), _SOURCE: f"{fact.wire} {fact.object} {fact.object_id}"}


def _reason(fact: Event, reader: Any) -> str:
    if isinstance(fact, InsightLevelChanged):
        why = [one.text for one in read_reasons(fact.reasons, reader)]
        named = {key: Message(fact.names.get(key, getattr(fact, key))) for key in ("insight", "was", "now")}
        changed = said(Message(_CHANGED.get(fact.direction, _CHANGED[""]).template, named))
        return f"{changed}: {('؛ ' if reader.is_persian else '; ').join(why)}" if why else changed
    return said(fact.label) if fact.label else ""


class Filler:
    """Fills the texts of steps in for records, each by the eyes of its readers."""

    def __init__(self, ctx: Context, spec: ObjectSpec) -> None:
        self.ctx, self.spec = ctx, spec
        self._everybody: Actor | None = None

    def fill(
        self, text: Sequence[str], records: Sequence[Any], readers: Mapping[int, Sequence[int]], words: Mapping[int, Mapping[str, str]]
    ) -> dict[int, tuple[str, ...]]:  # fmt: skip
        """The texts for each record by its id. ``readers`` are users; where there is none yet, or several, what is hidden
        from anybody of them is left out."""
        found: dict[int, tuple[str, ...]] = {}
        by_readers: dict[tuple[int, ...], list[Any]] = defaultdict(list)
        for record in records:
            by_readers[tuple(sorted(readers.get(record.id, ())))].append(record)
        texts = [self._with_offer(each) for each in text]
        for users, some in by_readers.items():
            eyes = Context(self._eyes(users), self.ctx.via)
            heard = _heard(eyes.actor, {record.id: words.get(record.id, {}) for record in some})
            whom = [self._whom(record, users) for record in some]
            fill = filler_for(eyes, whom, self.ctx.tenant.language, texts, kinds_of(self.spec))
            for record, named in zip(some, whom, strict=True):
                found[record.id] = tuple(fill(each, named, {REASON: "", **heard.get(record.id, {})}) for each in texts)  # fmt: skip
        return found

    def reasons(self, words: Mapping[int, Mapping[str, str]]) -> dict[int, str]:
        """Why something is done for each record, where nobody's role hides it."""
        return {id: heard[REASON] for id, heard in _heard(self._eyes(()), words).items()}

    def _with_offer(self, text: str) -> str:
        """{{offer}} stands for the field of the record that has one, or of its person or company; else for its fallback."""
        for key in dict.fromkeys((self.spec.key, "person", "company")):
            spec = find_object(key)
            if spec is not None and BEST_OFFER in spec.all_fields:
                place = f"{spec.key}.{BEST_OFFER}"
                return _OFFER.sub(lambda match: f"{{{{{place}{match[1] or ''}}}}}", text)  # noqa: B023 used at once
        return _OFFER.sub(lambda match: (match[1] or "|")[1:].strip(), text)

    def _whom(self, record: Any, users: Sequence[int]) -> dict[str, int | None]:
        linked = {key: getattr(record, f"{key}_id", None) for key in ("person", "company", "deal", "lead")}
        about = {record.about_object: record.about_id} if getattr(record, "about_object", "") else {}
        return {**linked, **about, self.spec.key: record.id, "user": users[0] if len(users) == 1 else None}

    def _eyes(self, users: Sequence[int]) -> Actor:
        """One reader's own eyes; of several, or of whoever it will be, those that see what all of them may."""
        if len(users) == 1 and (found := actors_of(self.ctx.tenant.id, users)):
            return found[users[0]]
        if users:
            return careful(self.ctx.tenant, users)
        if self._everybody is None:
            there = User.objects.filter(is_active=True, deleted_at__isnull=True).values_list("id", flat=True)
            self._everybody = careful(self.ctx.tenant, list(there))
        return self._everybody


def _heard(eyes: Actor, words: Mapping[int, Mapping[str, str]]) -> dict[int, dict[str, str]]:
    """What these eyes may be told of the words of each record, as on a timeline: nothing of a fact whose record is out of
    sight, or whose very kind tells what is hidden, and no word for a hidden field."""
    sources = {id: _source(of) for id, of in words.items() if _SOURCE in of}
    asked: dict[str, set[int]] = defaultdict(set)
    for _, object_key, object_id in sources.values():
        asked[object_key].add(object_id)
    out = {(key, id) for key, ids in asked.items() for id in unseen(eyes, key, ids)}
    found = {}
    for id, (wire, object_key, object_id) in sources.items():
        said = {w.removeprefix("event."): text for w, text in words[id].items() if w.startswith("event.")}
        told = told_to(eyes, object_key, wire, said)
        if told is not None and (object_key, object_id) not in out:
            found[id] = {REASON: words[id].get(REASON, "")} | {f"event.{w}": text for w, text in told.items()}
    return found


def _source(words: Mapping[str, str]) -> tuple[str, str, int]:
    wire, object_key, id = words[_SOURCE].split()
    return wire, object_key, int(id)


def careful(tenant: Tenant, users: Sequence[int]) -> Actor:
    """The product's own eyes, without the fields that are hidden from any of these users."""
    hidden = {
        f"{spec.key}.{key}": "hidden"
        for actor in actors_of(tenant.id, users).values()
        for spec in all_objects()
        for key in actor.grants.hides(spec.key)
    }
    return replace(system_actor(tenant), grants=Grants.from_json({"*": "all"}, hidden))
