"""Whose turn it is: of those who are there, whoever waited longest.

A member has as many turns in a round as their weight, spread over it. As long as the same people are there, each turn comes
once in every round; whoever was away gets no more than their next turn when they are back.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass
class Turns:
    """``places``: at which place each turn ("user:n") last came; ``last``: the newest of them."""

    places: dict[str, int] = field(default_factory=dict)
    last: int = 0

    @classmethod
    def read(cls, places: Mapping[str, int]) -> Turns:
        """Turns as they were kept."""
        return cls(dict(places), max(places.values(), default=0))

    def order(self, weights: Mapping[int, int], among: Collection[int]) -> list[int]:
        """Those of the users who are there, the one whose turn it is first."""
        return sorted(among, key=lambda user: self._next(user, weights.get(user, 1)))

    def take(self, user: int, weight: int) -> None:
        """Let a user have had their turn."""
        self.last += 1
        self.places[f"{user}:{self._next(user, weight)[3]}"] = self.last

    def _next(self, user: int, weight: int) -> tuple[int, float, int, int]:
        """When the user's next turn is, comparable with others'; at its end which of their turns it is."""
        return min(
            (place, 0.0 if place else (n + 0.5) / weight, user, n)
            for n in range(weight)
            for place in (self.places.get(f"{user}:{n}", 0),)
        )
