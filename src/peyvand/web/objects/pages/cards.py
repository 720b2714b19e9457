"""Cards at the side of a record's page: what a slice has to say of its records beyond their fields.

A slice registers a function beside its screens, in its ``web`` module:

    @record_card("deal", order=10)
    def next_step(ctx: Context, opened: Opened) -> Card | None: ...

Its template draws ``card.title`` and so on from the context, in a ``<section class="sec">``. The cards are fetched again
with the related records whenever the record changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened
from peyvand.web.shell.today import Card

CardSource = Callable[[Context, Opened], Card | None]
_sources: dict[str, list[tuple[int, CardSource]]] = defaultdict(list)
# Cards of this order and above stand below the related records.
LAST = 50


def record_card(object_key: str, *, order: int) -> Callable[[CardSource], CardSource]:
    """Put a card on the page of an object's records (``"*"``: of every object's); a source that returns None is left out.

    By ``order`` it stands above the related records or, from LAST on, below them.
    """

    def register(source: CardSource) -> CardSource:
        _sources[object_key].append((order, source))
        return source

    return register


def cards_of(ctx: Context, opened: Opened) -> dict[str, list[Card]]:
    """The cards of one record in their order, as the page's ``cards`` and ``last_cards``; none of one in the bin, which rests."""
    shown: dict[str, list[Card]] = {"cards": [], "last_cards": []}
    if not opened.in_bin:
        for order, source in sorted((*_sources[opened.spec.key], *_sources["*"]), key=lambda pair: pair[0]):
            if card := source(ctx, opened):
                shown["cards" if order < LAST else "last_cards"].append(card)
    return shown
