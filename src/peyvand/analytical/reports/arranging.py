"""Whose board looks how: everybody may put cards into an order of their own, do without some, and add reports for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from peyvand.analytical.reports.models import BoardHabit
from peyvand.platform.actions.context import Context

MOST: Final = 100


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


K = TypeVar("K", bound=_Keyed)


@dataclass(frozen=True)
class Arrangement:
    """Keys of cards in their order, keys of those that are left out, and ids of added reports."""

    order: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    pinned: tuple[int, ...] = ()

    def ordered(self, cards: Iterable[K]) -> list[K]:
        """All of these cards; those that were never moved keep their places behind the others."""
        places = {key: n for n, key in enumerate(self.order)}
        return sorted(cards, key=lambda card: places.get(card.key, len(places)))

    def shown(self, cards: Iterable[K]) -> list[K]:
        """Those that are not left out, in their order."""
        return [card for card in self.ordered(cards) if card.key not in self.hidden]


def arrangement_of(ctx: Context, board: str) -> Arrangement:
    """How the actor wants a board."""
    habit = BoardHabit.objects.filter(user=ctx.actor.user_id, board=board).first()
    return (
        Arrangement(tuple(habit.order), frozenset(habit.hidden), tuple(habit.pinned))
        if habit
        else Arrangement()
    )


def move(ctx: Context, board: str, keys: Sequence[str], key: str, step: int) -> None:
    """Let a card change places with its neighbour; ``keys`` are all cards of the board as they stand."""
    order = list(keys)
    if key in order and 0 <= (to := order.index(key) + step) < len(order):
        at = order.index(key)
        order[at], order[to] = order[to], order[at]
        _keep(ctx, board, order=order[:MOST])


def leave_out(ctx: Context, board: str, key: str, *, is_hidden: bool) -> None:
    """Do without a card, or have it back."""
    rest = [each for each in sorted(arrangement_of(ctx, board).hidden) if each != key]
    _keep(ctx, board, hidden=[*rest, key][:MOST] if is_hidden else rest)


def pin(ctx: Context, board: str, report_id: int, *, is_pinned: bool) -> None:
    """Add a report to the actor's own board, or take it off."""
    rest = [each for each in arrangement_of(ctx, board).pinned if each != report_id]
    _keep(ctx, board, pinned=[report_id, *rest][:MOST] if is_pinned else rest)


def begin_anew(ctx: Context, board: str) -> None:
    """Have the board as it comes, with the reports that were added."""
    _keep(ctx, board, order=[], hidden=[])


def _keep(ctx: Context, board: str, **values: list[str] | list[int]) -> None:
    # One's own choice about one's own page: it asks for no right, as with notifications.
    if ctx.actor.user_id is not None:
        BoardHabit.objects.update_or_create(user_id=ctx.actor.user_id, board=board, defaults=values)
