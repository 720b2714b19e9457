"""Which measures can be shown by what, and of which fact they are then told. Loads no engine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from peyvand.analytical.measures.catalogue import MEASURES, Plain, plain_of
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.measures.sources import SOURCES, Source
from peyvand.kernel.conditions import All, Condition, fields_of
from peyvand.kernel.errors import Message, NotFound, RuleViolation, msg

EVERYTHING: Final = All(())
"""The filter that leaves all."""


def fits(measures: Sequence[str], by: Sequence[str] = (), filters: Condition = EVERYTHING) -> None:
    """Raises as ``ask`` does, without a warehouse."""
    dimensions = [dimension(key) for key in by]
    for plain in asked(measures):
        source_of(plain, dimensions, filters)


def asked(measures: Sequence[str]) -> list[Plain]:
    """The plain measures that these are made of."""
    if not measures:
        raise RuleViolation(msg("Choose at least one measure."), "measures")
    for key in measures:
        if key not in MEASURES:
            raise NotFound(msg("There is no measure “%(key)s”.", key=key))
    return list(plain_of(tuple(measures)))


def dimension(key: str) -> Dimension:
    """Raises NotFound: there is none of this key."""
    if key not in DIMENSIONS:
        raise NotFound(msg("There is nothing called “%(key)s” to show measures by.", key=key))
    return DIMENSIONS[key]


def source_of(plain: Plain, by: Sequence[Dimension], filters: Condition) -> Source:
    """The first fact that can tell this measure by these and for what the filter asks about."""
    for each in by:
        if not each.groups:
            raise RuleViolation(
                msg(
                    "Nothing can be shown by “%(dimension)s”, only filtered.",
                    dimension=Message(each.label),
                ),
                "by",
            )
    needed = [*by, *(dimension(key) for key in fields_of(filters))]
    for key in plain.sources:
        if all(each.way(SOURCES[key]) is not None for each in needed):
            return SOURCES[key]
    strange = [d for d in needed if all(d.way(SOURCES[key]) is None for key in plain.sources)] or needed
    raise RuleViolation(
        msg(
            "“%(measure)s” says nothing about “%(dimension)s”: no record that it counts has one.",
            measure=Message(_label(plain)),
            dimension=Message(strange[0].label),
        ),
        "by" if strange[0] in by else "filters",
    )


def _label(plain: Plain) -> str:
    """Its own, or that of a measure made of it."""
    return plain.label or next(m.label for m in MEASURES.values() if plain.key in m.parts)
