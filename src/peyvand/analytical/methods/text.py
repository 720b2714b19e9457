"""What a free text is about, or whether it is glad or cross, learned from texts that people have labelled.

Logistic regression over TF-IDF of words, pairs of words and pieces of words, by scikit-learn, on text folded as the search
folds it: ي and ی, digits, half-spaces and drawn-out letters make no difference. Reasons are exact: every piece belongs to a
word, and the words' parts add up to what the text says for its topic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import optimize, sparse, special
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from peyvand.analytical.methods.backtest import (
    SEED,
    Bounded,
    Calibration,
    Comparison,
    bootstrap,
    calibration,
    compare,
)
from peyvand.analytical.methods.guards import NoSignal, Numbers, Whole, require
from peyvand.analytical.methods.logistic import folds
from peyvand.kernel.errors import Invalid, msg, msgid
from peyvand.kernel.persian.text import fold

LABELLED: Final = 200
EACH: Final = 10
RIDGES: Final = (2.0, 0.2)
_FOLDS: Final = 5
_PIECES: Final = (2, 4)
_WORD: Final = re.compile(r"\w+|[^\w\s]")
_DRAWN_OUT: Final = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True)
class JudgedTexts:
    """How it did on texts it had not seen, by five folds: the share named rightly, beside "always the most frequent".

    `calibration` is of the probability it gives its own answer.
    """

    texts: int
    right: Bounded
    simple: Comparison
    calibration: Calibration


@dataclass(frozen=True, eq=False)
class TextModel:
    """The topics it knows, those of too few examples that it was not taught, and how well it did.

    `words` and `pieces` are scikit-learn's vectorizers; `coefficients` is topics × features.
    """

    topics: tuple[str, ...]
    left_out: tuple[str, ...]
    words: Any
    pieces: Any
    coefficients: Numbers
    intercepts: Numbers
    judged: JudgedTexts


@dataclass(frozen=True)
class Word:
    """A word of a text (folded) and what it adds to the logit of the topic that was named; below 0 it speaks against it."""

    word: str
    effect: float


@dataclass(frozen=True)
class Named:
    """The topic of a text, how likely it is (0–1), and the words that decided, strongest first."""

    topic: str
    probability: float
    reasons: tuple[Word, ...]


def learn(
    texts: Sequence[str | None],
    labels: Sequence[str],
    *,
    ridges: tuple[float, ...] = RIDGES,
    least: int = LABELLED,
    seed: int = SEED,
) -> TextModel:
    """Learn from texts and a label each. Labels with fewer than ten texts are left out; one fold chooses the ridge.

    NotEnough below ``least`` (200) labelled texts or two labels, NoSignal when it is not surely better than the most frequent label.
    """
    if len(texts) != len(labels):
        raise Invalid.of(
            msg("%(has)s values, but %(needs)s rows.", has=len(labels), needs=len(texts)), "labels"
        )
    if not all(ridge > 0 for ridge in ridges):
        raise Invalid.of(msg("A ridge is above 0."), "ridge")
    names, topic, seen = np.unique(np.array(labels, np.str_), return_inverse=True, return_counts=True)
    known = seen >= EACH
    kept = np.flatnonzero(known[topic])
    require(msgid("labelled texts"), least, len(kept))
    require(msgid("labels with ten texts"), 2, int(known.sum()))
    topics = tuple(map(str, names[known]))
    read = [" ".join(split(texts[row])) for row in kept.tolist()]
    topic = (np.cumsum(known) - 1)[topic[kept]]
    judged, ridge, sharper = _judge(read, topic, ridges, seed)
    words, pieces, matrix = _vectorized(read)
    coefficients, intercepts = _fit(matrix, topic, ridge)
    left_out = tuple(map(str, names[~known]))
    return TextModel(topics, left_out, words, pieces, sharper * coefficients, sharper * intercepts, judged)


def name(model: TextModel, texts: Sequence[str | None], *, reasons: int = 3) -> tuple[Named, ...]:
    """The topic of each text. A text of no known word gets the most usual topic, without reasons."""
    if not texts:
        return ()
    read = [split(text) for text in texts]
    matrix = _matrix(model.words, model.pieces, [" ".join(words) for words in read])
    said = _likely(model, matrix)
    best = said.argmax(axis=1)
    return tuple(
        Named(
            model.topics[best[row]],
            float(said[row, best[row]]),
            tuple(_reasons(model, words, matrix[[row]], int(best[row]))[:reasons]),
        )
        for row, words in enumerate(read)
    )


def probabilities(model: TextModel, texts: Sequence[str | None]) -> Numbers:
    """How likely each topic is for each text: texts × topics, every row adding up to 1."""
    read = [" ".join(split(text)) for text in texts]
    if not read:
        return np.empty((0, len(model.topics)))
    return _likely(model, _matrix(model.words, model.pieces, read))


def split(text: str | None) -> list[str]:
    """The words and marks of a text, folded; letters drawn out (خیلیییی) are written once."""
    return _WORD.findall(_DRAWN_OUT.sub(r"\1", fold(text or "")))


def _likely(model: TextModel, matrix: sparse.csr_array) -> Numbers:
    likely: Numbers = special.softmax(matrix @ model.coefficients.T + model.intercepts, axis=1)
    return likely


def _vectorized(read: Sequence[str]) -> tuple[Any, Any, sparse.csr_array]:
    words = TfidfVectorizer(
        ngram_range=(1, 2),
        min_df=2,
        sublinear_tf=True,
        lowercase=False,
        tokenizer=str.split,
        token_pattern=None,
    )
    pieces = TfidfVectorizer(
        analyzer="char_wb", ngram_range=_PIECES, min_df=2, sublinear_tf=True, lowercase=False
    )
    try:
        matrix = sparse.csr_array(sparse.hstack([words.fit_transform(read), pieces.fit_transform(read)]))
    except ValueError as error:
        # scikit-learn's only complaint about text that is text: no word occurs twice.
        raise NoSignal(msgid("the number of words that occur in two texts"), 0, 1) from error
    return words, pieces, matrix


def _matrix(words: Any, pieces: Any, read: Sequence[str]) -> sparse.csr_array:
    return sparse.csr_array(sparse.hstack([words.transform(read), pieces.transform(read)]))


def _fit(matrix: sparse.csr_array, topic: Whole, ridge: float) -> tuple[Numbers, Numbers]:
    """Coefficients (topics × features) and intercepts; of two topics each has half, with its own sign."""
    fitted = LogisticRegression(C=1 / ridge, max_iter=500, tol=1e-3).fit(matrix, topic)
    if len(fitted.coef_) > 1:
        return fitted.coef_, fitted.intercept_
    sides = np.array([[-0.5], [0.5]])
    return sides * fitted.coef_, (sides * fitted.intercept_)[:, 0]


def _judge(
    read: Sequence[str], topic: Whole, ridges: tuple[float, ...], seed: int
) -> tuple[JudgedTexts, float, float]:
    """How it does on unseen texts, the ridge that does best on the first fold, and what to multiply logits by."""
    fold_of = folds(topic, _FOLDS, seed)
    said = np.empty((len(read), int(topic.max()) + 1))
    usual = np.empty(len(read))
    for number in range(_FOLDS):
        learned, rows = np.flatnonzero(fold_of != number), np.flatnonzero(fold_of == number)
        words, pieces, matrix = _vectorized([read[row] for row in learned.tolist()])
        unseen = _matrix(words, pieces, [read[row] for row in rows.tolist()])
        tried = {}
        for ridge in ridges:
            coefficients, intercepts = _fit(matrix, topic[learned], ridge)
            tried[ridge] = unseen @ coefficients.T + intercepts
        best = min(tried, key=lambda ridge: _sharpened(tried[ridge], topic[rows])[1])
        ridges, said[rows] = (best,), tried[best]
        usual[rows] = topic[rows] == np.bincount(topic[learned]).argmax()
    right = (said.argmax(axis=1) == topic).astype(np.float64)

    def mean(_: Numbers, hits: Numbers) -> float:
        return float(hits.mean())

    simple = compare(msgid("always the most frequent label"), mean, right, right, usual, seed=seed)
    if not simple.is_better:
        raise NoSignal(
            msgid("the share of texts named correctly beyond the most frequent label"), simple.gain.low, 0
        )
    surely = bootstrap(lambda rows: float(right[rows].mean()), len(right), seed=seed)
    sharper, _ = _sharpened(said, topic)
    sure = special.softmax(sharper * said, axis=1).max(axis=1)
    return JudgedTexts(len(read), surely, simple, calibration(right, sure)), ridges[0], sharper


def _sharpened(logits: Numbers, topic: Whole) -> tuple[float, float]:
    """By how much to multiply logits for probabilities to come true (temperature: Guo et al. 2017), and the loss then."""

    def loss(times: float) -> float:
        return -float(special.log_softmax(times * logits, axis=1)[np.arange(len(topic)), topic].sum())

    found = optimize.minimize_scalar(loss, bounds=(1 / 3, 3), method="bounded")
    return float(found.x), float(found.fun)


def _reasons(model: TextModel, words: list[str], row: sparse.csr_array, topic: int) -> list[Word]:
    """What every word adds: its own part, half of each pair it is in, and its share of each piece of a word."""
    added = dict(
        zip(row.indices.tolist(), (row.data * model.coefficients[topic, row.indices]).tolist(), strict=True)
    )
    found: dict[int, list[int]] = {}
    for place, feature in _features(model, words):
        if feature in added:
            found.setdefault(feature, []).append(place)
    effect: dict[str, float] = {}
    for feature, places in found.items():
        for place in places:
            effect[words[place]] = effect.get(words[place], 0.0) + added[feature] / len(places)
    return sorted(
        (Word(word, value) for word, value in effect.items()), key=lambda word: (-abs(word.effect), word.word)
    )


def _features(model: TextModel, words: list[str]) -> Iterator[tuple[int, int]]:
    """Which word each feature of a text comes from; a pair comes from both its words."""
    of_words, of_pieces = model.words.vocabulary_, model.pieces.vocabulary_
    cut = model.pieces.build_analyzer()
    for place, word in enumerate(words):
        for term in (word, *_pairs(words, place)):
            if term in of_words:
                yield place, of_words[term]
        for piece in cut(word):
            if piece in of_pieces:
                yield place, len(of_words) + of_pieces[piece]


def _pairs(words: list[str], place: int) -> Iterable[str]:
    if place:
        yield f"{words[place - 1]} {words[place]}"
    if place + 1 < len(words):
        yield f"{words[place]} {words[place + 1]}"
