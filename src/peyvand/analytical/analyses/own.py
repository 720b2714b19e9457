"""Fields that a workspace added to its customers, as analyses may learn from them (``columns.own_columns``)."""

from __future__ import annotations

from typing import Final

from django.utils.translation import override

from peyvand.analytical.analyses.contract import OwnField
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Choice, Flag, Money, Number
from peyvand.platform.objects.spec import object_named

_OBJECTS: Final = ("person", "company")


def own_fields(language: str) -> tuple[OwnField, ...]:
    """Those of the open workspace, as they are called in its language; what is worked out from others is left out."""
    with override(language):
        found = [
            _own(object_key, one)
            for object_key in _OBJECTS
            for one in object_named(object_key).custom_fields
            if not one.defined.is_derived
        ]
    return tuple(one for one in found if one is not None)


def _own(object_key: str, one: InCustom) -> OwnField | None:
    match one:
        case Choice():
            return OwnField(
                object_key, one.key, str(one.label), "choice", {o.key: str(o.label) for o in one.options}
            )
        case Flag():
            return OwnField(object_key, one.key, str(one.label), "flag")
        case Money():
            return OwnField(object_key, one.key, str(one.label), "money")
        case Number():
            return OwnField(object_key, one.key, str(one.label), "number")
    return None
