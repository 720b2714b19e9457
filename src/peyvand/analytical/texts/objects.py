"""The mood of customers and the topics of texts: the insights of this slice's analyses, and the list of topics."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.contract import Analysis, register_analysis
from peyvand.analytical.texts.hearing import HAPPY, NEUTRAL, UNHAPPY
from peyvand.analytical.texts.models import Topic
from peyvand.analytical.texts.sources import FIELDS, SOURCES, Source
from peyvand.platform.access.policies import SharedRows
from peyvand.platform.fields.types import Number, Option, Text
from peyvand.platform.insights.fields import InInsight, InsightDay, InsightLevel, InsightLink, InsightPercent
from peyvand.platform.objects import areas
from peyvand.platform.objects.spec import ObjectSpec, register

MOODS = (
    Option(UNHAPPY, _("Unhappy"), "bad"),
    Option(NEUTRAL, _("Neither"), ""),
    Option(HAPPY, _("Happy"), "good"),
)

TOPIC = register(
    ObjectSpec(
        key="text_topic",
        admin=True,
        plural="text_topics",
        model=Topic,
        label=_("Topic"),
        label_plural=_("Topics of texts"),
        icon="chat",
        area=areas.INSIGHTS,
        policy=SharedRows(),
        in_search=False,
        default_sort="position",
        fields=(
            Text(key="name", label=_("Name"), required=True, max_length=100),
            Number(key="position", label=_("Order"), min=0, max=32000, default=0),
        ),
        columns=("name",),
    )
)


def _of_customers() -> tuple[InInsight, ...]:
    return (
        InsightLevel(
            key="mood", slot="text1", label=_("Mood"), options=MOODS, is_ranked=True, better="high", begins=NEUTRAL,
            gathers=FIELDS, outlives_modules=True,
        ),
        InsightLevel(
            key="mood_before", slot="text2", label=_("Mood before"), options=MOODS, is_ranked=True, is_told=False,
            gathers=FIELDS, outlives_modules=True,
        ),
        InsightDay(key="mood_on", slot="day1", label=_("Mood since"), gathers=FIELDS, outlives_modules=True),
        InsightPercent(
            key="mood_share", slot="number1", label=_("Unhappy texts lately"), better="low", gathers=FIELDS,
            outlives_modules=True,
        ),
    )  # fmt: skip


def _mood_of(source: Source) -> tuple[InInsight, ...]:
    return (
        InsightLevel(
            key="text_mood", slot="text1", label=_("Mood of the text"), options=MOODS, is_ranked=True, is_told=False,
            better="high", reads=source.texts,
        ),
    )  # fmt: skip


def _topic_of(source: Source) -> tuple[InInsight, ...]:
    return (
        InsightLink(key="text_topic", slot="number1", label=_("Topic of the text"), to=TOPIC.key, reads=source.texts),
        InsightPercent(key="text_topic_share", slot="number2", label=_("Confidence in the topic"), reads=source.texts),
    )  # fmt: skip


MOOD = register_analysis(
    Analysis(
        key="mood",
        label=_("Mood of customers"),
        about=_("Whether a customer is unhappy or happy, judged by what they last wrote or said: from known words, or learned from corrections."),
        run="peyvand.analytical.texts.mood:run",
        insights={
            "person": _of_customers(),
            "company": _of_customers(),
            **{source.object: _mood_of(source) for source in SOURCES},
        },
        defaults={"horizon_days": 90},
    )
)  # fmt: skip

TOPICS = register_analysis(
    Analysis(
        key="topics",
        label=_("Topics of texts"),
        about=_("What an e-mail, a message, a note or a call is about, learned from the topics that people gave to earlier ones."),
        run="peyvand.analytical.texts.topics:run",
        insights={source.object: _topic_of(source) for source in SOURCES},
        defaults={"horizon_days": 90},
    )
)  # fmt: skip
