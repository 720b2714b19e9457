"""What is said of a model that was learned from outcomes (``methods/scoring``) and of whom it judged, whatever it is about."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.contract import Beside, Card, Figure, Weight
from peyvand.analytical.methods import scoring
from peyvand.analytical.methods.backtest import Calibration
from peyvand.analytical.methods.guards import Whole, Yes
from peyvand.analytical.methods.scoring import ScoreModel, Scores
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import reason


def learned(of: Mapping[str, NDArray[Any]], came: Yes, when: Whole | None) -> tuple[ScoreModel, ScoreModel]:
    """What was tried, and what is used of it: all fields, or the one that tells most where all are not surely better."""
    tried = scoring.learn(of, came, when)
    if tried.judged.simple.is_better:
        return tried, tried
    alone = tried.judged.field
    return tried, scoring.learn({alone: of[alone]}, came, when)


def judged_card(
    card: Card, tried: ScoreModel, used: ScoreModel, words: Mapping[str, str], own: Collection[str] = ()
) -> Card:
    """A card that holds its data, own figures and notes, completed by how good the model is and what counts. ``words`` are msgids
    of the fields by key; of those in ``own``, which the workspace added, its own words."""
    judged, simple = tried.judged, tried.judged.simple
    ordered = Figure(
        msgid("Pairs ranked correctly"), 100 * judged.auc.value, "percent", 100 * judged.auc.low, 100 * judged.auc.high
    )  # fmt: skip
    return replace(
        card,
        figures=(
            *card.figures,
            ordered,
            *calibrated(judged.calibration, judged.uncorrected),
        ),
        beside=Beside(
            simple.rule, msgid("Share of pairs ranked correctly"), simple.method, simple.simple,
            simple.gain.value, simple.gain.low, simple.gain.high, "share", msgid("The result shown comes from that one field alone."),
        ),
        bins=tuple((b.said, b.came, b.rows) for b in judged.calibration.bins),
        lift=judged.lift.cumulative,
        weights=_weights(used, words, own),
        notes=(*left_out(tried.leaks, words, own), *card.notes),
        watched=(*card.watched, ordered.name),
        caution=word_of(judged.calibration),
    )  # fmt: skip


def calibrated(corrected: Calibration, before: Calibration | None) -> list[Figure]:
    """How far percentages are from what came true, on rows that neither they nor their correction were learned from."""
    found = [Figure(msgid("Expected calibration error"), 100 * corrected.ece, "percent")]
    if before is not None:
        found.append(Figure(msgid("Expected calibration error, uncorrected"), 100 * before.ece, "percent"))
    return found


def word_of(corrected: Calibration) -> Message | None:
    """The warning that percentages are not to be taken at their word, where that is so."""
    if not corrected.is_off:
        return None
    worst = corrected.worst
    said, came = {"percent": round(100 * worst.said)}, {"percent": round(100 * worst.came)}
    return msg(
        "Its percentages are not to be taken at their word: where it said %(said)s, %(came)s came true. Who stands above whom is more "
        "certain than by how much.",
        said=said, came=came,
    )  # fmt: skip


def interval(scores: Scores, row: int) -> dict[str, int]:
    """What the chance of a row lies between, in percent, as an insight keeps it."""
    return {"low": round(100 * float(scores.low[row])), "high": round(100 * float(scores.high[row]))}


def reasons(
    scores: Scores, row: int, model: ScoreModel, words: Mapping[str, str], value_of: Callable[[str], Any],
    own: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:  # fmt: skip
    """Why the chance of a row is what it is, as an insight keeps it; ``words`` are msgids of the fields by key, ``value_of`` gives a
    field of the row as a reason holds it, or None where it is empty; ``own`` are keys of fields that the workspace added, whose
    words are its own."""
    found = []
    for place, effect in zip(scores.reasons[row].tolist(), scores.effects[row].tolist(), strict=True):
        field = model.fields[place]
        if (value := value_of(field)) is not None:
            told = msg(
                "%(field)s: %(value)s", field={"name" if field in own else "text": words[field]}, value=value
            )
            found.append(reason(told, round(effect, 1), own.get(field, "")))
    return {"reasons": found}


def left_out(
    leaks: Sequence[Any], words: Mapping[str, str], own: Collection[str] = ()
) -> tuple[Message, ...]:
    """What is said of fields that would have given the outcome away; ``words`` and ``own`` as in ``judged_card``."""
    return tuple(
        msg(
            "%(field)s was left out: %(why)s.",
            field=words[leak.field] if leak.field in own else Message(words[leak.field]),
            why=Message(leak.why),
        )
        for leak in leaks
    )


def _weights(model: ScoreModel, words: Mapping[str, str], own: Collection[str]) -> tuple[Weight, ...]:
    """How much each field moves the logit: the length of its coefficients, whose columns have a deviation of 1 or are kinds."""
    owner, coefficients = model.logistic.encoding.owner, model.logistic.coefficients
    lengths = np.sqrt(np.bincount(owner, coefficients**2, len(model.fields))).tolist()
    named: list[Weight] = [
        (words[field], length, True) if field in own else (words[field], length)
        for field, length in zip(model.fields, lengths, strict=True)
    ]
    return tuple(sorted(named, key=lambda one: -one[1]))
