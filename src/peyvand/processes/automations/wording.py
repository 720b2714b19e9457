"""What an automation changed, in words that claim no more than is known."""

from __future__ import annotations

from collections.abc import Callable

from peyvand.analytical.methods.effect import Effect
from peyvand.kernel.errors import Message, msg


def verdict(effect: Effect, number: Callable[[int], str], ratio: Callable[[float], str]) -> Message:
    """The sentence of an effect; ``number`` and ``ratio`` write figures as the reader does."""
    found = effect.difference
    if effect.verdict == "few":
        treated, control = effect.missing
        return msg(
            "It cannot be said yet: %(treated)s more treated and %(control)s more left alone are needed.",
            treated=number(treated), control=number(control),
        )  # fmt: skip
    low, high, by = ratio(found.low), ratio(found.high), ratio(abs(found.value))
    if effect.verdict == "open":
        sentence = msg("It cannot be said yet: the difference lies between %(low)s and %(high)s, so it may be none.", low=low, high=high)  # fmt: skip
    elif effect.verdict == "better":
        sentence = msg("It helps: the outcome comes more often by %(by)s (between %(low)s and %(high)s).", by=by, low=low, high=high)  # fmt: skip
    else:
        low, high = ratio(-found.high), ratio(-found.low)
        sentence = msg("It harms: the outcome comes less often by %(by)s (between %(low)s and %(high)s).", by=by, low=low, high=high)  # fmt: skip
    return sentence
