"""Today: cards that slices put on the first page of the day.

A slice registers a function beside its screens, in its ``web`` module:

    @today_card("tasks", order=10, column=1, live="task")
    def my_tasks(ctx: Context) -> Card | None: ...

Its template draws ``card.title`` and so on from the context, in a ``<section class="card" {{ live }}>``: the part that
is fetched again by itself when records of the kind that ``live`` names change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.shell.navigation import here

COLUMNS = 3


@dataclass(frozen=True)
class Card:
    """What a card shows: a template, drawn with ``context`` as its ``card``."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Drawn:
    """A card with what makes it follow changes."""

    template: str
    card: dict[str, Any]
    live: SafeString


CardSource = Callable[[Context], Card | None]


@dataclass(frozen=True)
class _Place:
    column: int
    order: int
    key: str
    live: str
    source: CardSource


_places: dict[str, _Place] = {}


def today_card(key: str, *, order: int, column: int, live: str) -> Callable[[CardSource], CardSource]:
    """Put a card on Today, in one of three columns from inline-start; a source that returns None is left out."""
    if not 1 <= column <= COLUMNS:
        raise ValueError(f"Today has columns 1 to {COLUMNS}, not {column}")

    def register(source: CardSource) -> CardSource:
        if key in _places:
            raise ValueError(f"Today's card {key} is declared twice")
        _places[key] = _Place(column, order, key, live, source)
        return source

    return register


def cards_of(ctx: Context) -> list[list[Drawn]]:
    """The actor's cards, column by column; columns that would be empty are left out."""
    columns: list[list[Drawn]] = [[] for _ in range(COLUMNS)]
    for place in sorted(_places.values(), key=lambda place: (place.column, place.order)):
        # A card about records that the actor may not see, or whose module is off, is not asked for.
        if not decide(ctx.actor, f"{place.live}.view"):
            continue
        if (card := place.source(ctx)) is not None:
            columns[place.column - 1].append(_drawn(ctx, place, card))
    return [column for column in columns if column]


def card_named(ctx: Context, key: str) -> Drawn:
    """One card, to be drawn anew.

    Raises:
        NotFound: there is no such card for this actor.
    """
    place = _places.get(key)
    card = place.source(ctx) if place else None
    if place is None or card is None:
        raise NotFound
    return _drawn(ctx, place, card)


def _drawn(ctx: Context, place: _Place, card: Card) -> Drawn:
    live = format_html('data-live="{}" data-live-url="{}"', place.live, here(ctx, f"today/{place.key}"))
    return Drawn(card.template, card.context, live)
