"""Valid values for any field, and valid records of any object: what the conformance tests are made from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from peyvand.kernel.errors import Invalid
from peyvand.platform.fields.about import About
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import (
    Choice,
    Compound,
    Day,
    Email,
    Field,
    Flag,
    Identifier,
    Instant,
    Link,
    Money,
    Number,
    Phone,
    Text,
    Url,
    UserLink,
)
from peyvand.platform.objects.spec import ObjectSpec, find_object

Body = dict[str, Any]
# Lengths of the official numbers that carry a checksum.
_LENGTHS = (10, 11, 12, 14)
_PERSIAN = ("آوند", "كاوه", "علی‌رضا", "Zoe", "پروین ۲", "100% «O'Brien»", 'a_b\\c "d"')


@dataclass
class Maker:
    """Makes bodies of records by asking ``create(spec, body)`` for those that they link to; gives each value once.

    ``rules`` complete the body of an object whose own rules ask for more than its fields say.
    """

    create: Callable[[ObjectSpec, Body], int]
    user_id: int
    rules: Mapping[str, Callable[[Maker], Body]] = field(default_factory=dict)
    _count: Any = field(default_factory=lambda: itertools.count(1))
    _made: dict[str, int] = field(default_factory=dict)

    def body(self, spec: ObjectSpec, *, full: bool = True) -> Body:
        """A new record's values: all that can be written, or only what is required."""
        fields = [
            f
            for f in spec.all_fields.values()
            if not f.readonly and (full or (f.required and f.default is None))
        ]
        own = self.rules[spec.key](self) if spec.key in self.rules else {}
        given = {
            f.key: value for f in fields if f.key not in own and (value := self.value(f, spec)) is not None
        }
        return {key: value for key, value in (given | own).items() if value is not None}

    def make(self, spec: ObjectSpec) -> int:
        """The id of a new record with the least that it needs."""
        return self.create(spec, self.body(spec, full=False))

    def linked(self, object_key: str) -> int | None:
        """The id of one record of this object, made once; None where it cannot be made."""
        spec = find_object(object_key)
        if object_key == "user":
            return self.user_id
        if spec is None or not spec.creatable:
            return None
        if object_key not in self._made:
            self._made[object_key] = self.make(spec)
        return self._made[object_key]

    def value(self, field: Field, spec: ObjectSpec) -> Any:
        """What a program could send for this field; None where nothing can be made up."""
        n = next(self._count)
        match field:
            case UserLink():
                return self.user_id
            case Link():
                # A record linked to its own kind could become a circle.
                return None if field.to == spec.key else self.linked(field.to)
            case About():
                return {"object": "person", "id": self.linked("person")}
            case Compound():
                return _compound(field, n)
            case Choices():
                return [o.key for o in field.options[: 1 + n % len(field.options)]]
            case Choice():
                return field.options[n % len(field.options)].key
            case Flag():
                return bool(n % 2)
            case Day():
                return (date(2026, 1, 1) + timedelta(days=n % 300)).isoformat()
            case Instant():
                return (datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(hours=n)).isoformat()
            case Number():
                low, high = field.min or 0, field.max if field.max is not None else 1_000_000
                return low + n % (high - low + 1)
            case Money():
                return n * 1_000_000
            case Email():
                return f"person{n}@example.com"
            case Phone():
                return f"+98912{n:07d}"
            case Url():
                return f"https://example{n}.com"
            case Identifier():
                return _official(field, n)
            case Text():
                return f"{_PERSIAN[n % len(_PERSIAN)]} {n}"[: field.max_length]
        return None


def _compound(field: Compound, n: int) -> Any:
    """A value of a compound field whose items are simple; others are left out."""
    match field.widget:
        case "points":
            return [
                {"value": f"+98912{n:07d}" if getattr(field, "kind", "") == "phone" else f"p{n}@example.com"}
            ]
        case "tags":
            return [f"Tag {n % 5}"]
        case "addresses":
            return [{"city": "تهران", "street": f"خیابان {n}"}]
    return None


def _official(field: Identifier, n: int) -> str | None:
    """A number whose checksum is right, found by trying."""
    for length, tail in itertools.product(_LENGTHS, range(2000)):
        text = f"{1 + n % 8}{n:0{length - 5}d}"[: length - 4] + f"{tail:04d}"
        try:
            return field.check(text)
        except Invalid:
            continue
    return None
