"""Cards at the end of a record's page: what a slice has to say of its records beyond their fields.

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


def record_card(object_key: str, *, order: int) -> Callable[[CardSource], CardSource]:
    """Put a card on the page of an object's records (``"*"``: of every object's); a source that returns None is left out."""

    def register(source: CardSource) -> CardSource:
        _sources[object_key].append((order, source))
        return source

    return register


def cards_of(ctx: Context, opened: Opened) -> list[Card]:
    """The cards of one record, in their order; none of one in the bin, which rests."""
    if opened.in_bin:
        return []
    sources = sorted((*_sources[opened.spec.key], *_sources["*"]), key=lambda pair: pair[0])
    found = (source(ctx, opened) for _, source in sources)
    return [card for card in found if card is not None]
