"""What both scores have in common: learned from past records as they were then, and told of open ones with reasons.

Where all fields together are not surely better on later records than the best of them alone, that one is used. Fields of which
only today's value is known are never learned from; those that would give the outcome away are named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast

import numpy as np
from django.utils.translation import override
from numpy.typing import NDArray

from peyvand.analytical.analyses.contract import Card, Figure, Finding
from peyvand.analytical.analyses.judged import interval, judged_card, learned, left_out, reasons
from peyvand.analytical.methods import encoding, scoring
from peyvand.analytical.methods.guards import Numbers, Whole, Yes
from peyvand.analytical.methods.leaks import leaks
from peyvand.analytical.methods.scoring import ScoreModel
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.fields.types import Choice
from peyvand.platform.insights.keeping import Scores
from peyvand.platform.objects.spec import object_named

LEVELS: Final = np.array(["cold", "warm", "hot"], dtype=object)
# Warm is what is about as likely as usual: between half the usual odds and twice these.
_APART: Final = 2.0

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Past:
    """Records whose outcome is known: the fields as they were when seen, the outcome, and a day that puts them in time.

    ``today`` are fields of which only today's value is known.
    """

    of: Columns
    came: Yes
    when: Whole
    today: Columns


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What a score is of. ``said`` gives a field of an open record as a reason holds it, or None where it is empty;
    ``fields`` and ``today`` are msgids by key."""

    object: str
    fields: Mapping[str, str]
    today: Mapping[str, str]
    said: Callable[[int, str], Any]
    figures: tuple[Figure, ...]
    notes: tuple[Message, ...] = ()


def usual_bounds(came: Yes) -> tuple[float, float]:
    """The probabilities from which on a record is warm and hot: half and twice the usual odds."""
    odds = float(came.sum()) / float((~came).sum())
    return odds / _APART / (1 + odds / _APART), odds * _APART / (1 + odds * _APART)


def answered(asked: Asked, past: Past, ids: Whole, of: Columns, days: tuple[Any, Any]) -> Finding:
    """Scores of the open records and the model's card; ``days`` are the first and last of what it was learned from."""
    tried, model = learned(past.of, past.came, past.when)
    scores = scoring.score(model, of) if len(ids) else None
    chance = np.empty(0) if scores is None else scores.probability
    warm, hot = usual_bounds(past.came)
    level = np.searchsorted((warm, hot), chance, side="right")
    name = asked.object
    told: dict[str, Sequence[Any]] = {f"{name}_score": [], f"{name}_level": []}
    if scores is not None:
        told = {
            f"{name}_score": [interval(scores, n) for n in range(len(ids))],
            f"{name}_level": [
                reasons(scores, n, model, asked.fields, partial(asked.said, n)) for n in range(len(ids))
            ],
        }
    values = {
        f"{name}_score": np.rint(100 * chance).astype(np.int64).tolist(),
        f"{name}_level": LEVELS[level].tolist(),
    }
    card = _card(asked, past, tried, model, chance, (warm, hot), days)
    return Finding((Scores(name, ids.tolist(), values, told),), card)


def words_of(object_key: str, field: str) -> dict[str, str]:
    """The msgids of a choice's options by key."""
    choice = cast(Choice, object_named(object_key).field(field))
    with override(None):
        return {option.key: str(option.label) for option in choice.options}


def _card(
    asked: Asked,
    past: Past,
    tried: ScoreModel,
    model: ScoreModel,
    chance: Numbers,
    bounds: tuple[float, float],
    days: tuple[Any, Any],
) -> Card:
    """Of what was tried; ``model`` is what is used of it."""
    card = Card(
        rows=len(past.came),
        first=days[0],
        last=days[1],
        figures=(
            *asked.figures,
            Figure(msgid("Usual chance"), 100 * float(past.came.mean()), "percent"),
            Figure(msgid("Warm from"), 100 * bounds[0], "percent"),
            Figure(msgid("Hot from"), 100 * bounds[1], "percent"),
            Figure(msgid("Hot ones"), int((chance >= bounds[1]).sum())),
        ),
        notes=(*_of_today(asked, past, tried), *asked.notes),
        watched=("Usual chance",),
    )
    return judged_card(card, tried, model, asked.fields)


def _of_today(asked: Asked, past: Past, tried: ScoreModel) -> tuple[Message, ...]:
    """Why each field is left out of which only today's value is known: it gives the outcome away, or it is of today."""
    alarms = leaks(encoding.table(past.today), past.came, past.when)
    named = {leak.field for leak in (*tried.leaks, *alarms)}
    return (
        *left_out(alarms, asked.today),
        *(
            msg("%(field)s was left out: only its value of today is known.", field=Message(word))
            for field, word in asked.today.items()
            if field not in named
        ),
    )
