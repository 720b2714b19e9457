"""What an automation changed, in words that claim no more than is known."""

from __future__ import annotations

from collections.abc import Callable

from peyvand.analytical.methods.effect import Effect
from peyvand.kernel.errors import Message, msg


def verdict(effect: Effect, number: Callable[[float], str]) -> Message:
    """The sentence of an effect; ``number`` writes figures as the reader does. Of each hundred so many more: percentage points."""
    found = effect.difference
    if effect.verdict == "few":
        treated, control = effect.missing
        return msg(
            "Too early to tell: %(treated)s more treated and %(control)s more in the control group are needed."
            " Until then the interval can still move, even where it leaves out zero.",
            treated=number(treated),
            control=number(control),
        )

    def points(ratio: float) -> str:
        return number(round(100 * ratio, 1))

    low, high, by = points(found.low), points(found.high), points(abs(found.value))
    if effect.verdict == "open":
        sentence = msg(
            "No clear effect yet: the difference is between %(low)s and %(high)s percentage points, so there may be none.",
            low=low,
            high=high,
        )
    elif effect.verdict == "better":
        sentence = msg(
            "It helps: the outcome happens more often, by %(by)s percentage points (between %(low)s and %(high)s).",
            by=by,
            low=low,
            high=high,
        )
    else:
        low, high = points(-found.high), points(-found.low)
        sentence = msg(
            "It hurts: the outcome happens less often, by %(by)s percentage points (between %(low)s and %(high)s).",
            by=by,
            low=low,
            high=high,
        )
    return sentence
