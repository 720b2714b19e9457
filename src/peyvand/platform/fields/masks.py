"""A value that a role sees masked: enough to tell one from another with whoever knows it, not enough to use it."""

from __future__ import annotations

from typing import Any, Final

from peyvand.platform.fields.types import Field, Text

DOTS: Final = "••••"
# Of a text of so many characters or more its last ones are shown.
_LONG: Final = 8
_LAST: Final = 4


class Masked(str):
    """What stands in the place of a value; screens show it as it is."""

    __slots__ = ()


def mask(field: Field, value: Any) -> Masked | None:
    """The shape of a value: the end of a number or a text, the domain of an address; None where there is no value."""
    if value is None or value == "" or value == ():
        return None
    if field.is_compound:
        first = value[0]
        found = first.get("value") if isinstance(first, dict) else None
        return _text(found) if isinstance(found, str) else Masked(DOTS)
    return _text(value) if isinstance(field, Text) and isinstance(value, str) else Masked(DOTS)


def masked_json(field: Field, value: Any) -> Any:
    """What programs read in its place, within the field's own schema: of texts their mask, of all else nothing."""
    shape = mask(field, value)
    if field.is_compound:
        return []
    return (shape or "") if isinstance(field, Text) else None


def _text(value: str) -> Masked:
    name, at, domain = value.rpartition("@")
    if at and name:
        return Masked(f"{name[0]}{DOTS}@{domain}")
    return Masked(f"{DOTS}{value[-_LAST:]}" if len(value) >= _LONG else DOTS)
