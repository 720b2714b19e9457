"""Signs that an open deal is sold, as the slices above know them: its quote was accepted, its invoice is paid; and what it was
sold for, where that is something else than the deal says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.fields.choices import Option
from peyvand.platform.fields.types import Label
from peyvand.platform.workspaces.lookups import Asking, lookup

Source = Callable[[], QuerySet[Any]]
Offers = Callable[[Context, Sequence[Any]], Mapping[int, list[Option]]]
Take = Callable[[Context, Sequence[tuple[Any, int]]], None]
_sold: list[tuple[Offers, Take]] = []
# What each says, the rows that say it, and which of some deals they are about.
_signs: list[tuple[Label, Source, Asking]] = []


def sign_of_winning(says: Label) -> Callable[[Source], Source]:
    """Have a function give the rows that are such a sign, each with its ``deal_id``; ``says`` is the reason for people."""

    def register(source: Source) -> Source:
        @lookup("bigint[]")
        def about(deals: Slot) -> QuerySet[Any]:
            return source().filter(in_slot("deal_id", deals)).values_list("deal_id").distinct()

        _signs.append((says, source, about))
        return source

    return register


def sold_as(offers: Offers, take: Take) -> None:
    """Say for what deals were sold: ``offers`` gives, by deal, what differs from it and the actor may see, each with its id,
    and ``take`` takes it over, deal by deal."""
    _sold.append((offers, take))


def what_was_sold(ctx: Context, deal: Any) -> list[Option]:
    """For what a deal was sold, where the deal says something else and the actor may see it."""
    return [option for offers, _ in _sold for option in offers(ctx, [deal]).get(deal.id, ())]


def take_over(ctx: Context, deals: Sequence[Any], chosen: Collection[int] | None) -> None:
    """Take over into deals what they were sold for, so far as it was chosen by its id; None: all of it."""
    for offers, take in _sold:
        offered = offers(ctx, deals)
        pairs = [(deal, int(option.key)) for deal in deals for option in offered.get(deal.id, ())]
        if wanted := [(deal, id) for deal, id in pairs if chosen is None or id in chosen]:
            take(ctx, wanted)


def with_signs() -> Q:
    """The condition on deals for which there is a sign."""
    found = Q(pk__in=[])
    for _says, source, _about in _signs:
        found |= Q(id__in=source().filter(deal_id__isnull=False).values("deal_id"))
    return found


def signs_of(deals: Collection[int]) -> dict[int, list[Label]]:
    """Why each of these deals seems won, of those that do; one query for each kind of sign."""
    found: dict[int, list[Label]] = defaultdict(list)
    for says, _source, about in _signs:
        for (id,) in about(list(deals)):
            found[id].append(says)
    return found
