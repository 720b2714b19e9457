"""Verbs of whatever holds a text: saying how it sounds and what it is about. What is said so is learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis
from peyvand.analytical.texts.hearing import NEUTRAL, hear
from peyvand.analytical.texts.labels import give, take_back
from peyvand.analytical.texts.models import TextLabel, Topic
from peyvand.analytical.texts.objects import MOOD, MOODS, TOPIC, TOPICS
from peyvand.analytical.texts.sources import SOURCES, Source
from peyvand.analytical.texts.telling import said_by_colleague
from peyvand.kernel.errors import NotFound
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Link
from peyvand.platform.insights.keeping import Scores, keep_within
from peyvand.platform.insights.models import InsightRow, InsightRun
from peyvand.platform.workspaces.modules import belongs

_MOOD = Choice(
    key="mood",
    label=_("Mood"),
    options=MOODS,
    help=_("Left empty, the earlier choice is undone."),
)
_TOPIC = Link(
    key="topic", label=_("Topic"), to=TOPIC.key, help=_("Left empty, the earlier choice is undone.")
)
_TOPIC_OF_MANY = Link(key="topic", label=_("Topic"), to=TOPIC.key, required=True)


def said_of(source: Source, record: Any) -> str:
    """The mood that is said of a record's text now: what the last run found, else what its words say."""
    row = InsightRow.objects.filter(analysis=MOOD.key, object=source.object, object_id=record.pk).first()
    if row is not None:
        return row.text1 or NEUTRAL
    return hear(source.text_of(record)).mood


def _declare(source: Source) -> None:
    def has_text(record: Any) -> bool:
        return source.holds(record) and bool(source.text_of(record))

    @action(
        f"{source.object}.set_mood", label=_("Correct the mood"), icon="chat", inputs=(_MOOD,), offered=has_text, aside=True
    )  # fmt: skip
    def set_mood(ctx: Context, record: Any, *, mood: str | None = None) -> Any:
        """Say how the text sounds: unhappy, happy or neither. The model learns from it. Without a mood what was said is taken back.

        Raises:
            RuleViolation: the record has no text that counts.
        """
        if not mood:
            _hear_again(ctx, source, record)
            return record
        give(ctx, source.object, [record], TextLabel.MOOD, {record.pk: said_of(source, record)}, mood=mood)
        _keep(ctx, MOOD, source, [record], {"text_mood": mood})
        return record

    @action(
        f"{source.object}.set_topic", label=_("Set the topic"), icon="tag", inputs=(_TOPIC,), offered=has_text, aside=True
    )  # fmt: skip
    def set_topic(ctx: Context, record: Any, *, topic: int | None = None) -> Any:
        """Say what the text is about. The model learns from it. Without a topic what was said is taken back.

        Raises:
            NotFound: there is no such topic. RuleViolation: the record has no text that counts.
        """
        if topic:
            _say(ctx, [record], topic)
        else:
            _name_again(ctx, source, record)
        return record

    @action(
        f"{source.object}.set_topics",
        label=_("Set the topic"),
        icon="tag",
        on="many",
        inputs=(_TOPIC_OF_MANY,),
    )
    def set_topics(ctx: Context, records: Sequence[Any], *, topic: int) -> Sequence[Any]:
        """Say of many texts at once what they are about.

        Raises:
            NotFound: there is no such topic. RuleViolation: one of the records has no text that counts.
        """
        _say(ctx, records, topic)
        return records

    def _say(ctx: Context, records: Sequence[Any], topic: int) -> None:
        if not Topic.objects.filter(id=topic, deleted_at__isnull=True).exists():
            raise NotFound
        ids = [record.pk for record in records]
        rows = InsightRow.objects.filter(analysis=TOPICS.key, object=source.object, object_id__in=ids)
        said = {row.object_id: str(row.number1 or "") for row in rows}
        give(ctx, source.object, records, TextLabel.TOPIC, said, topic_id=topic)
        _keep(ctx, TOPICS, source, records, {"text_topic": topic, "text_topic_share": None})

    for verb in ("set_mood", "set_topic", "set_topics"):
        belongs(f"{source.object}.{verb}", "texts")


def _hear_again(ctx: Context, source: Source, record: Any) -> None:
    """What had been suggested before somebody said otherwise stands again, until the next run gives its reasons."""
    said = take_back(ctx, source.object, record.pk, TextLabel.MOOD)
    if said in ("", NEUTRAL):
        # Of a text without a mood nothing is kept.
        InsightRow.objects.filter(analysis=MOOD.key, object=source.object, object_id=record.pk).delete()
    elif said is not None:
        _keep(ctx, MOOD, source, [record], {"text_mood": said}, by_colleague=False)


def _name_again(ctx: Context, source: Source, record: Any) -> None:
    """The topic that had been suggested before somebody said otherwise stands again, until the next run says how sure it is."""
    said = take_back(ctx, source.object, record.pk, TextLabel.TOPIC)
    if said and Topic.objects.filter(id=int(said), deleted_at__isnull=True).exists():
        _keep(
            ctx,
            TOPICS,
            source,
            [record],
            {"text_topic": int(said), "text_topic_share": None},
            by_colleague=False,
        )
    elif said is not None:
        InsightRow.objects.filter(analysis=TOPICS.key, object=source.object, object_id=record.pk).delete()


def _keep(
    ctx: Context, analysis: Analysis, source: Source, records: Sequence[Any], values: Mapping[str, Any], *, by_colleague: bool = True,
) -> None:  # fmt: skip
    """Let what was said stand at once, where the analysis has an answer at all."""
    if records and InsightRun.objects.filter(analysis=analysis.key).exists():
        many = len(records)
        told = {
            key: [said_by_colleague()] * many
            for key, value in values.items()
            if by_colleague and value is not None
        }
        scores = Scores(
            source.object, [r.pk for r in records], {k: [v] * many for k, v in values.items()}, told
        )
        keep_within(ctx, analysis.fields_of(source.object), scores)


for _source in SOURCES:
    _declare(_source)
