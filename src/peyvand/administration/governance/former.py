"""What a person's own history says they were called and known by before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

from peyvand.operational.contacts.public import PERSON
from peyvand.platform.events.models import EventRow

_KNOWN_BY: Final = ("phone", "phones", "email", "emails", "national_id", "external_id")


@dataclass(frozen=True)
class Former:
    """Names and values that the events of a person tell, present ones among them."""

    names: tuple[str, ...]
    values: tuple[str, ...]


def former_of(people: Sequence[Any]) -> Former:
    """Read before the events go: titles, and both sides of every change of a name, a number, an address of mail."""
    names, values = list[str](), list[str]()
    given, family = [p.given_name for p in people], [p.family_name for p in people]
    rows = EventRow.objects.filter(object=PERSON.key, object_id__in=[p.id for p in people])
    for data in rows.values_list("data", flat=True):
        names += _texts(data.get("title"))
        changes = data.get("changes") or {}
        given += _texts(changes.get("given_name"))
        family += _texts(changes.get("family_name"))
        for key in _KNOWN_BY:
            values += _texts(changes.get(key))
    names += [f"{first} {last}" for first, last in product(dict.fromkeys(given), dict.fromkeys(family))]
    return Former(tuple(dict.fromkeys(n.strip() for n in names)), tuple(dict.fromkeys(values)))


def _texts(value: Any) -> Iterator[str]:
    """The texts in one side or both sides of a change; of an item of several fields, its value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield from _texts(value.get("value"))
