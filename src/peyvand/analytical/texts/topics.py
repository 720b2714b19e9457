"""The topic of texts, learned from the topics that people gave to others; without two hundred of these there is no answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs
from peyvand.analytical.methods import text as texts
from peyvand.analytical.methods.text import Named, TextModel
from peyvand.analytical.texts.judging import common_words
from peyvand.analytical.texts.labels import labelled
from peyvand.analytical.texts.models import TextLabel, Topic
from peyvand.analytical.texts.mood import bounds
from peyvand.analytical.texts.sources import OBJECTS, Text, read
from peyvand.analytical.texts.telling import of_text, said_by_colleague
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.keeping import Scores
from peyvand.platform.workspaces.scope import workspace_scope

# What is less likely is no suggestion.
LEAST: Final = 0.3

# Of a record: its id, the topic, how likely it is in percent (None: somebody said so), what is told beside it.
Said = tuple[int, int, int | None, Mapping[str, Any] | None]


def run(given: Inputs) -> Finding:
    """The topic of the texts of the days that count, as of the day."""
    labels = labelled(given.tenant, TextLabel.TOPIC)
    model = texts.learn([one.text for one in labels], [one.label for one in labels])
    common, said = common_words(labels), {(one.object, one.id): int(one.label) for one in labels}
    found: dict[str, list[Said]] = defaultdict(list)
    counted: Counter[int] = Counter()
    for some in read(given.tenant, *bounds(given.tenant, given.as_of, int(given.settings["horizon_days"]))):
        some = [text for text in some if text.text]
        for text, one in zip(some, texts.name(model, [t.text for t in some]), strict=True):
            if told := _said(text, one, said.get((text.object, text.id)), common):
                found[text.object].append(told)
                counted[told[1]] += 1
    scores = tuple(_scores(key, found[key]) for key in OBJECTS)
    names = _names(given)
    first, last = (one.at.astimezone(given.tenant.tz).date() for one in (labels[0], labels[-1]))
    return Finding(scores, _card(model, first, last, names), {
        "topics": [[topic, many] for topic, many in sorted(counted.items(), key=lambda one: (-one[1], one[0]))],
    })  # fmt: skip


def _said(text: Text, one: Named, given: int | None, common: frozenset[str]) -> Said | None:
    if given is not None:
        return text.id, given, None, said_by_colleague()
    # A text of no known word is of the most usual topic for the model, which is no answer about it.
    if one.probability < LEAST or not one.reasons:
        return None
    words = tuple(w.word for w in one.reasons if w.effect > 0 and w.word in common)
    told = {"reasons": [of_text(words, 0.0)]} if words else None
    return text.id, int(one.topic), round(100 * one.probability), told


def _scores(object_key: str, said: Sequence[Said]) -> Scores:
    return Scores(
        object_key, [id for id, *_ in said],
        {"text_topic": [topic for _, topic, _, _ in said], "text_topic_share": [sure for _, _, sure, _ in said]},
        {"text_topic": [told for *_, told in said]},
    )  # fmt: skip


def _names(given: Inputs) -> dict[str, str]:
    with workspace_scope(given.tenant.id):
        return {str(topic.pk): topic.name for topic in Topic.objects.filter(deleted_at__isnull=True)}


def _card(model: TextModel, first: date, last: date, names: Mapping[str, str]) -> Card:
    judged, simple = model.judged, model.judged.simple
    left_out = [names.get(key, "") for key in model.left_out]
    notes: tuple[Message, ...] = ()
    if left_out:
        topics = {"name": " · ".join(left_out)}
        notes = (msg("Topics with fewer than ten labelled texts are left out: %(topics)s.", topics=topics),)
    return Card(
        rows=judged.texts, first=first, last=last,
        figures=(
            Figure(msgid("Named correctly, among texts it had not seen"), 100 * judged.right.value, "percent",
                   100 * judged.right.low, 100 * judged.right.high),
            Figure(msgid("Topics that it knows"), len(model.topics)),
            Figure(msgid("Expected calibration error"), 100 * judged.calibration.ece, "percent"),
        ),
        beside=Beside(
            simple.rule, msgid("Share of texts named correctly"), simple.method, simple.simple, simple.gain.value, simple.gain.low,
            simple.gain.high,
        ),
        bins=tuple((b.said, b.came, b.rows) for b in judged.calibration.bins),
        notes=notes,
        watched=("Named rightly, of texts it had not seen",),
    )  # fmt: skip
