"""The card of a model that was learned from outcomes (``methods/scoring``), the same whatever it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.contract import Beside, Card, Figure
from peyvand.analytical.methods import scoring
from peyvand.analytical.methods.guards import Whole, Yes
from peyvand.analytical.methods.scoring import ScoreModel
from peyvand.kernel.errors import Message, msg, msgid


def learned(of: Mapping[str, NDArray[Any]], came: Yes, when: Whole | None) -> tuple[ScoreModel, ScoreModel]:
    """What was tried, and what is used of it: all fields, or the one that tells most where all are not surely better."""
    tried = scoring.learn(of, came, when)
    if tried.judged.simple.is_better:
        return tried, tried
    alone = tried.judged.field
    return tried, scoring.learn({alone: of[alone]}, came, when)


def judged_card(card: Card, tried: ScoreModel, used: ScoreModel, words: Mapping[str, str]) -> Card:
    """A card that holds its data, own figures and notes, completed by how good the model is and what counts. ``words`` are msgids
    of the fields by key."""
    judged, simple = tried.judged, tried.judged.simple
    ordered = Figure(
        msgid("Pairs put in the right order"), 100 * judged.auc.value, "percent", 100 * judged.auc.low, 100 * judged.auc.high
    )  # fmt: skip
    return replace(
        card,
        figures=(
            *card.figures,
            ordered,
            Figure(msgid("Expected calibration error"), 100 * judged.calibration.ece, "percent"),
        ),
        beside=Beside(
            simple.rule, msgid("Share of pairs put in the right order"), simple.method, simple.simple,
            simple.gain.value, simple.gain.low, simple.gain.high, "share", msgid("What is shown is what that one field says."),
        ),
        bins=tuple((b.said, b.came, b.rows) for b in judged.calibration.bins),
        lift=judged.lift.cumulative,
        weights=_weights(used, words),
        notes=(*left_out(tried.leaks, words), *card.notes),
        watched=(*card.watched, ordered.name),
    )  # fmt: skip


def left_out(leaks: Sequence[Any], words: Mapping[str, str]) -> tuple[Message, ...]:
    """What is said of fields that would have given the outcome away."""
    return tuple(
        msg("%(field)s was left out: %(why)s.", field=Message(words[leak.field]), why=Message(leak.why))
        for leak in leaks
    )


def _weights(model: ScoreModel, words: Mapping[str, str]) -> tuple[tuple[str, float], ...]:
    """How much each field moves the logit: the length of its coefficients, whose columns have a deviation of 1 or are kinds."""
    owner, coefficients = model.logistic.encoding.owner, model.logistic.coefficients
    lengths = np.sqrt(np.bincount(owner, coefficients**2, len(model.fields))).tolist()
    named = [(words[field], length) for field, length in zip(model.fields, lengths, strict=True)]
    return tuple(sorted(named, key=lambda one: -one[1]))
