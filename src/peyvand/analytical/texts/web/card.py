"""The card on every record that holds a text of a customer: how it sounds, what it is about, and buttons to say otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from peyvand.analytical.texts.actions import said_of
from peyvand.analytical.texts.models import TextLabel, Topic
from peyvand.analytical.texts.objects import MOOD, MOODS, TOPICS
from peyvand.analytical.texts.sources import SOURCES, Source
from peyvand.analytical.texts.web.labelling import say_url
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.insights.models import InsightRow
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.cards import record_card
from peyvand.web.shell.today import Card

# Of the topics that are not suggested so many stand as buttons; the dialog has them all.
OTHERS: Final = 3


@dataclass(frozen=True)
class Given:
    """What somebody said: who, and when."""

    label: TextLabel

    @property
    def by(self) -> str:
        return self.label.by.name if self.label.by else ""


def _declare(source: Source) -> None:
    @record_card(source.object, order=94)
    def how_it_sounds(ctx: Context, opened: Opened) -> Card | None:
        return _card(ctx, opened, source)


def _card(ctx: Context, opened: Opened, source: Source) -> Card | None:
    record = opened.record
    if set(source.texts) & ctx.actor.grants.hides(source.object):
        return None
    if not source.holds(record) or not source.text_of(record):
        return None
    labels = {
        label.kind: Given(label)
        for label in TextLabel.objects.filter(object=source.object, object_id=record.id).select_related("by")
    }
    may = {
        verb: bool(decide(ctx.actor, opened.spec.permission(verb), record))
        for verb in ("set_mood", "set_topic")
    }
    at = f"{page_url(ctx, opened.spec, record.id)}do/"
    said = said_of(source, record)
    # The card of insights says it then.
    is_told = InsightRow.objects.filter(analysis=MOOD.key, object=source.object, object_id=record.id).exists()
    mood = labels[TextLabel.MOOD].label.mood if TextLabel.MOOD in labels else said
    return Card("texts/card.html", {
        "mood": next(option for option in MOODS if option.key == mood), "moods": MOODS, "by_mood": labels.get(TextLabel.MOOD),
        "is_told": is_told,
        "may_mood": may["set_mood"], "may_topic": may["set_topic"], "set_mood": f"{at}set_mood",
        "say_mood": say_url(ctx, source.object, record.id, TextLabel.MOOD),
        "say_topic": say_url(ctx, source.object, record.id, TextLabel.TOPIC), "set_topic": f"{at}set_topic",
        **_topic(source, record, labels.get(TextLabel.TOPIC)),
    })  # fmt: skip


def _topic(source: Source, record: Any, given: Given | None) -> dict[str, Any]:
    topics = {t.pk: t for t in Topic.objects.filter(deleted_at__isnull=True).order_by("position", "id")}
    row = InsightRow.objects.filter(analysis=TOPICS.key, object=source.object, object_id=record.id).first()
    suggested = topics.get(row.number1) if row is not None and row.number1 else None
    own = topics.get(given.label.topic_id) if given is not None else None
    shown = own or suggested
    return {
        "topic": shown, "by_topic": given if own else None, "has_topics": bool(topics),
        "sure": row.number2 if row is not None and own is None and suggested else None,
        "others": [t for t in topics.values() if t is not shown][:OTHERS],
    }  # fmt: skip


for _source in SOURCES:
    _declare(_source)
