"""The mood of every customer: that of the newest text in which one can be heard, within the days that count.

Texts without any mood («please send the invoice») leave it as it was. Beside it: what it was before, the share of unhappy texts,
and for the page of this slice moods by day, the newest unhappy texts (by record, never by content) and the words that mark them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.methods.guards import require
from peyvand.analytical.texts.hearing import MOODS, NEUTRAL, UNHAPPY
from peyvand.analytical.texts.judging import Judge, judge_of
from peyvand.analytical.texts.labels import labelled
from peyvand.analytical.texts.models import TextLabel
from peyvand.analytical.texts.remembered import Key, Remembered, by_object, judged_by, remembered
from peyvand.analytical.texts.sources import OBJECTS, SET, Text, marks, read, source_of, texts_of
from peyvand.analytical.texts.telling import of_customer, of_text, said_by_colleague
from peyvand.analytical.texts.wording import Wording, words_of_trade
from peyvand.kernel.errors import msg, msgid
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.insights.keeping import Scores
from peyvand.platform.insights.telling import reason
from peyvand.platform.workspaces.scope import workspace_scope

# A year of texts is looked at: twelve whole months, in a leap year too.
YEAR: Final = 366
# So many texts, and their share that is unhappy says something.
SHARED: Final = 3
# Of the newest unhappy texts and of customers whose mood fell, so many are kept for the page.
LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Judged:
    """What a text said of the mood of those it is of; the text itself is not kept."""

    object: str
    id: int
    at: datetime
    day: date
    person: int | None
    company: int | None
    mood: str
    told: Mapping[str, Any] | None
    is_given: bool


@dataclass(frozen=True)
class Customer:
    """What is concluded of one customer: ``text`` decided. ``before`` is the last other mood, ``since`` the day it changed."""

    text: Judged
    mood: str
    before: str
    since: date
    bad: int
    many: int


def run(given: Inputs) -> Finding:
    """The mood of every customer of whom there is a text, as of the day."""
    horizon = int(given.settings["horizon_days"])
    labels = labelled(given.tenant, TextLabel.MOOD)
    judge = judge_of(labels)
    said = {(one.object, one.id): one.label for one in labels}
    span = bounds(given.tenant, given.as_of, max(YEAR, 2 * horizon))
    trade = words_of_trade(given.tenant)
    by = judged_by(given.tenant, judge, labels, horizon, trade)
    known = remembered(given.tenant, given.as_of, by)
    if known is None:
        wording = Wording(given.as_of, horizon, trade)
        judged, silent = _all(given.tenant, judge, said, span, wording)
        words: Sequence[Any] = wording.marks()
    else:
        judged, silent = _again(given.tenant, judge, said, span, known)
        words = known.words
    require(msgid("texts of customers"), 1, len(judged))
    judged.sort(key=lambda one: (one.at, one.object, one.id))
    first = given.as_of - timedelta(days=horizon - 1)
    customers = {
        "person": _customers(((one.person, one) for one in judged), first),
        "company": _customers(((one.company, one) for one in judged), first),
    }
    scores = (*(_scores(key, found) for key, found in customers.items()), *_of_texts(judged))
    return Finding(scores, _card(judged, customers, judge, horizon), {
        "days": _days(judged), "horizon": horizon, "words": words, "judged": by, "silent": by_object(silent),
        "given": by_object((one.object, one.id) for one in judged if one.is_given),
        "unhappy": [
            [one.object, one.id, one.day.isoformat()] for one in reversed(judged) if one.mood == UNHAPPY
        ][:LISTED],
        "fallen": _fallen(customers), "by": "model" if judge.model is not None else "words",
    })  # fmt: skip


def bounds(tenant: Tenant, as_of: date, days: int) -> tuple[datetime, datetime]:
    """The moments between which the last ``days`` days lie, the day itself among them."""
    end = datetime.combine(as_of + timedelta(days=1), time.min, tenant.tz)
    return datetime.combine(as_of - timedelta(days=days - 1), time.min, tenant.tz), end


def _all(
    tenant: Tenant, judge: Judge, said: Mapping[Key, str], span: tuple[datetime, datetime], wording: Wording
) -> tuple[list[Judged], set[Key]]:
    """Every text as it is judged, and those that have no words of their own."""
    judged, silent = list[Judged](), set[Key]()
    for some in read(tenant, *span):
        silent |= {(text.object, text.id) for text in some if not text.text}
        some = [text for text in some if text.text]
        for text, one in zip(some, _judged(tenant, judge, some, said), strict=True):
            judged.append(one)
            wording.take(text, one.day, one.mood)
    return judged, silent


def _again(
    tenant: Tenant, judge: Judge, said: Mapping[Key, str], span: tuple[datetime, datetime], known: Remembered
) -> tuple[list[Judged], set[Key]]:
    """As ``_all``; read is only what is not known."""
    judged, silent, unknown = list[Judged](), set[Key](), set[Key]()
    for mark in marks(tenant, *span):
        key = (mark.object, mark.id)
        label = said.get(key)
        if (one := known.of(mark, label)) is None:
            unknown.add(key)
        elif key in known.silent:
            silent.add(key)
        else:
            day = mark.at.astimezone(tenant.tz).date()
            judged.append(
                Judged(
                    mark.object,
                    mark.id,
                    mark.at,
                    day,
                    mark.person,
                    mark.company,
                    one.mood,
                    one.told,
                    label is not None,
                )
            )
    for object_key, ids in by_object(unknown).items():
        source = source_of(object_key)
        assert source is not None  # its marks were read just now
        for start in range(0, len(ids), SET):
            asked = ids[start : start + SET]
            with workspace_scope(tenant.id):
                some = texts_of(source, asked)
            judged += _judged(tenant, judge, some, said)
            silent |= {(object_key, id) for id in set(asked) - {text.id for text in some}}
    return judged, silent


def _judged(tenant: Tenant, judge: Judge, some: Sequence[Text], said: Mapping[Key, str]) -> Iterable[Judged]:
    for text, mood in zip(some, judge.of([one.text for one in some]), strict=True):
        label = said.get((text.object, text.id))
        reasons = {"reasons": [of_text(mood.words, mood.effect)]} if mood.words else None
        yield Judged(
            text.object, text.id, text.at, text.day(tenant), text.person, text.company, label or mood.mood,
            said_by_colleague() if label is not None else reasons, label is not None,
        )  # fmt: skip


def _customers(texts: Iterable[tuple[int | None, Judged]], first: date) -> dict[int, Customer]:
    """By id, of those who have a text since ``first``; the texts are in the order of time."""
    of: dict[int, list[Judged]] = defaultdict(list)
    for id, one in texts:
        if id is not None:
            of[id].append(one)
    return {id: _customer(own, first) for id, own in of.items() if own[-1].day >= first}


def _customer(texts: Sequence[Judged], first: date) -> Customer:
    lately = [one for one in texts if one.day >= first]
    text = next((one for one in reversed(lately) if one.mood != NEUTRAL), lately[-1])
    heard = [one for one in texts if one.mood != NEUTRAL]
    since = text
    while heard and heard[-1].mood == text.mood:
        since = heard.pop()
    bad = sum(one.mood == UNHAPPY for one in lately)
    return Customer(text, text.mood, heard[-1].mood if heard else "", since.day, bad, len(lately))


def _scores(object_key: str, found: Mapping[int, Customer]) -> Scores:
    ids = sorted(found)
    of = [found[id] for id in ids]
    return Scores(
        object_key, ids,
        {
            "mood": [one.mood for one in of],
            "mood_before": [one.before or None for one in of],
            "mood_on": [one.text.day for one in of],
            "mood_share": [round(100 * one.bad / one.many) if one.many >= SHARED else None for one in of],
        },
        {"mood": [{"reasons": _reasons(one)} for one in of]},
    )  # fmt: skip


def _reasons(one: Customer) -> list[Any]:
    text = one.text
    effect = {name: n - 1.0 for n, name in enumerate(MOODS)}[one.mood]
    told = [of_customer(text.object, text.day, effect, is_given=text.is_given)]
    if one.many >= SHARED and one.bad:
        said = msg("%(bad)s of the last %(many)s texts were unhappy", bad=one.bad, many=one.many)
        told.append(reason(said, -1.0))
    return told


def _of_texts(judged: Sequence[Judged]) -> Iterable[Scores]:
    """Of each text that is not neutral, or of which somebody said what it is."""
    for object_key in OBJECTS:
        own = [one for one in judged if one.object == object_key and (one.mood != NEUTRAL or one.is_given)]
        yield Scores(
            object_key, [one.id for one in own], {"text_mood": [one.mood for one in own]},
            {"text_mood": [one.told for one in own]},
        )  # fmt: skip


def _days(judged: Sequence[Judged]) -> dict[str, list[int]]:
    """By day, how many texts were unhappy, neither and happy."""
    counted: dict[date, Counter[str]] = defaultdict(Counter)
    for one in judged:
        counted[one.day][one.mood] += 1
    return {day.isoformat(): [counted[day][mood] for mood in MOODS] for day in sorted(counted)}


def _fallen(customers: Mapping[str, Mapping[int, Customer]]) -> list[list[Any]]:
    """Customers who are unhappy and were not before, those who fell last first."""
    fell = [
        (one.since, key, id, one.before)
        for key, found in customers.items()
        for id, one in found.items()
        if one.mood == UNHAPPY and one.before not in ("", UNHAPPY)
    ]
    fell.sort(key=lambda one: (-one[0].toordinal(), one[1], one[2]))
    return [[key, id, before, day.isoformat()] for day, key, id, before in fell[:LISTED]]


def _card(
    judged: Sequence[Judged],
    customers: Mapping[str, Mapping[int, Customer]],
    judge: Judge,
    horizon: int,
) -> Card:
    moods = Counter(one.mood for one in judged)
    unhappy = sum(one.mood == UNHAPPY for found in customers.values() for one in found.values())
    return Card(
        rows=len(judged), first=judged[0].day, last=judged[-1].day,
        figures=(
            Figure(msgid("Unhappy texts"), 100 * moods[UNHAPPY] / len(judged), "percent"),
            Figure(msgid("Texts without a clear mood"), 100 * moods[NEUTRAL] / len(judged), "percent"),
            Figure(msgid("Unhappy people and companies"), unhappy),
            Figure(msgid("Texts that count, in days"), horizon, "days"),
            Figure(msgid("Texts that somebody labelled"), sum(one.is_given for one in judged)),
        ),
        beside=judge.beside,
        notes=(
            *judge.notes,
            *((msg("The model was not clearly better; the mood comes from known words."),)
              if judge.beside is not None and judge.model is None else ()),
        ),
        watched=("Unhappy texts",),
    )  # fmt: skip
