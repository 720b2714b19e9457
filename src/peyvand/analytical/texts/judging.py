"""Who says the mood of texts: the words of the lexicon, or a model of the workspace's own where it is surely better."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from peyvand.analytical.analyses.contract import Beside
from peyvand.analytical.methods import text as texts
from peyvand.analytical.methods.backtest import compare
from peyvand.analytical.methods.guards import NoSignal, NotEnough, Numbers
from peyvand.analytical.methods.text import LABELLED, TextModel
from peyvand.analytical.texts.hearing import HAPPY, NEUTRAL, UNHAPPY, hear, tokens_of
from peyvand.analytical.texts.labels import Labelled
from peyvand.analytical.texts.lexicon import WORDS
from peyvand.kernel.errors import Message, msg, msgid

# People correct what is wrong more readily than they confirm what is right: without some of the latter the lexicon looks worse
# than it is, and whatever is learned looks better.
CONFIRMED: Final = 50
# Learned from the earlier labels, tried on the later ones.
_EARLIER: Final = 0.7
# A word of a text is shown as a reason if so many labelled texts have it: it is no name, no number of somebody's then.
COMMON: Final = 5
_SIGNS: Final = {UNHAPPY: -1.0, NEUTRAL: 0.0, HAPPY: 1.0}


@dataclass(frozen=True)
class Mood:
    """What is said of one text, and the words that decided, first those that did most."""

    mood: str
    words: tuple[str, ...]
    effect: float


@dataclass(frozen=True, eq=False)
class Judge:
    """``model`` is None where the lexicon's answer stands; ``beside`` is how the two compared, if they could be."""

    model: TextModel | None = None
    common: frozenset[str] = frozenset()
    beside: Beside | None = None
    notes: tuple[Message, ...] = ()

    def of(self, texts_: Sequence[str]) -> list[Mood]:
        """The mood of each text."""
        if self.model is None:
            return [by_words(text) for text in texts_]
        return [
            Mood(
                one.topic,
                tuple(w.word for w in one.reasons if w.effect > 0 and w.word in self.common),
                _SIGNS.get(one.topic, 0.0) * one.probability,
            )
            for one in texts.name(self.model, texts_)
        ]


def by_words(text: str) -> Mood:
    """What the lexicon says of a text."""
    heard = hear(text)
    side = _SIGNS[heard.mood]
    return Mood(heard.mood, tuple(hit.word for hit in heard.hits if hit.weight * side > 0), heard.sum)


def judge_of(labels: Sequence[Labelled]) -> Judge:
    """The better of the two, by the labels that people gave; they are in the order of time."""
    if len(labels) < LABELLED:
        has, needs = len(labels), LABELLED
        return Judge(notes=(
            msg("The mood comes from known words. A model of your own is tested once %(needs)s texts are labelled; there are %(has)s.",
                needs=needs, has=has),
        ))  # fmt: skip
    confirmed = sum(one.label == one.said for one in labels)
    if confirmed < CONFIRMED:
        return Judge(notes=(
            msg("%(needs)s of the labelled texts must confirm what was said, for a fair comparison; there are %(has)s.",
                needs=CONFIRMED, has=confirmed),
        ))  # fmt: skip
    cut = int(_EARLIER * len(labels))
    try:
        beside = _tried(labels[:cut], labels[cut:])
        model = _learn(labels, LABELLED) if beside.is_better else None
    except (NotEnough, NoSignal) as refusal:
        return Judge(notes=(msg("No model of your own is in use: %(why)s", why=refusal.message),))
    return Judge(model, common_words(labels), beside)


def _tried(earlier: Sequence[Labelled], later: Sequence[Labelled]) -> Beside:
    model = _learn(earlier, LABELLED // 2)
    said = texts.name(model, [one.text for one in later], reasons=0)
    ours = [float(a.topic == b.label) for a, b in zip(said, later, strict=True)]
    theirs = [float(hear(one.text).mood == one.label) for one in later]

    def share(_: Numbers, right: Numbers) -> float:
        return float(right.mean())

    found = compare(
        msgid("known words of satisfaction and dissatisfaction"), share, np.ones(len(later)), ours, theirs
    )
    return Beside(
        found.rule, msgid("Share of later texts named correctly"), found.method, found.simple, found.gain.value,
        found.gain.low, found.gain.high,
    )  # fmt: skip


def _learn(labels: Sequence[Labelled], least: int) -> TextModel:
    return texts.learn([one.text for one in labels], [one.label for one in labels], least=least)


def common_words(labels: Sequence[Labelled]) -> frozenset[str]:
    """The words of labelled texts that may be told as reasons."""
    seen = Counter(word for one in labels for word in set(tokens_of(one.text)))
    return frozenset(word for word, many in seen.items() if many >= COMMON or word in WORDS)
