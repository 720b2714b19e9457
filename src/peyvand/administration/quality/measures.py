"""What is asked of an object's records: which fields count how much, which tell records apart, how old is too old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Final

from peyvand.administration.quality.models import QualityRules
from peyvand.kernel import clock
from peyvand.kernel.conditions import Condition, parse
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import calendar_of, shift
from peyvand.operational.contacts.public import Points
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.fields.about import About
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Email, Field, Flag, Identifier, LongText, Text
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.objects.spec import ObjectSpec, all_objects

MOST_WEIGHT: Final = 3
MOST_MONTHS: Final = 120
USUAL_MONTHS: Final = 12
VIEW: Final = "quality.view"
MANAGE: Final = "quality.manage"


@dataclass(frozen=True)
class Asked:
    """What is asked of one field. ``weight`` counts in "complete", 0 not at all; ``is_key``: two with the same are suspect."""

    field: Field
    weight: int
    is_key: bool

    @property
    def key(self) -> str:
        return self.field.key


@dataclass(frozen=True)
class Measure:
    """What is asked of one object; fields that were left out are not in ``asked``. ``months`` None: age does not matter."""

    spec: ObjectSpec
    asked: tuple[Asked, ...]
    months: int | None

    def since(self, tenant: Tenant) -> datetime | None:
        """From when on a record counts as fresh: a midnight of the workspace's clocks."""
        if self.months is None:
            return None
        day = shift(clock.today(tenant.tz), -self.months, "month", calendar_of(tenant.language))
        return datetime.combine(day, time(), tenant.tz)


def measured_objects() -> list[ObjectSpec]:
    """The objects that are measured: those with a place in the menu that people fill in, the workspace's own among them."""
    return [spec for spec in all_objects() if spec.menu is not None and spec.creatable]


def measured_object(key: str) -> ObjectSpec | None:
    """The measured object with this key."""
    return next((spec for spec in measured_objects() if spec.key == key), None)


def open_objects(actor: Actor) -> list[ObjectSpec]:
    """Those whose every record the actor sees: a figure of the whole says something of the records out of sight."""
    return [spec for spec in measured_objects() if reaches_all(actor, spec.permission("view"))]


def countable(spec: ObjectSpec) -> tuple[Field, ...]:
    """The fields that people fill in; a tick that is not set says something too."""
    return tuple(f for f in spec.own_fields if not f.readonly and not isinstance(f, Flag))


def usual(spec: ObjectSpec, field: Field) -> Asked:
    """What is asked of a field where the workspace says nothing."""
    if field.required or field.key == spec.title:
        weight = MOST_WEIGHT
    elif field.secondary or isinstance(field, InCustom):
        # A field that the workspace made may be empty until somebody says otherwise: no trial lowers every score.
        weight = 0
    else:
        weight = 2 if field.search or field.key in spec.list_columns else 1
    return Asked(field, weight, tells_apart(field))


def can_tell(field: Field) -> bool:
    """Whether values of this field can be compared at all: one short text, or what is to be unique."""
    if isinstance(field, InCustom) and field.defined.is_unique:
        return True
    return (isinstance(field, Text) and not isinstance(field, LongText)) or isinstance(field, Points)


def tells_apart(field: Field) -> bool:
    """Whether two records with the same value are likely one: numbers of authorities, mail, what is to be unique."""
    if isinstance(field, InCustom) and field.defined.is_unique:
        return True
    return isinstance(field, Identifier | Email) or getattr(field, "kind", "") == "email"


def usual_months(spec: ObjectSpec) -> int | None:
    """What is about other records is done once and stays as it is."""
    return None if any(isinstance(f, About) for f in spec.fields) else USUAL_MONTHS


def rules_of(spec: ObjectSpec) -> QualityRules:
    """The workspace's rules for an object; unsaved where it has none of its own."""
    found: QualityRules | None = QualityRules.objects.filter(object=spec.key).first()
    return found or QualityRules(object=spec.key, months=usual_months(spec))


def asked_of(spec: ObjectSpec, said: Mapping[str, Any]) -> list[Asked | None]:
    """What is asked of each countable field in their order; None: left out."""
    out: list[Asked | None] = []
    for field in countable(spec):
        ordinary, own = usual(spec, field), said.get(field.key)
        if own is None:
            out.append(ordinary)
        else:
            out.append(None if own["weight"] is None else Asked(field, own["weight"], own["is_key"]))
    return out


def measure_of(spec: ObjectSpec) -> Measure:
    rules = rules_of(spec)
    return Measure(spec, tuple(a for a in asked_of(spec, rules.fields) if a is not None), rules.months)


def shown_when(spec: ObjectSpec, field: Field) -> Condition | None:
    """The condition under which a form shows the field; elsewhere it is not missing."""
    if not isinstance(field, InCustom) or not field.defined.visible_when:
        return None
    try:
        return parse(field.defined.visible_when, spec.condition_schema)
    except Invalid:
        # What it asked about is gone: it is always shown.
        return None
