"""About: a reference to a record of any object, kept in two columns."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field, Ref

KEY = re.compile(r"([a-z][a-z0-9_]{0,39}):([0-9]{1,18})")


def parse_ref(raw: Any) -> Ref:
    """A reference from "deal:42", {"object": "deal", "id": 42} or a Ref; whether the record exists is not asked here.

    Raises:
        Invalid: it has another form.
    """
    if isinstance(raw, Ref):
        return Ref(raw.object, raw.id, "")
    text = (
        f"{raw.get('object')}:{raw.get('id')}"
        if isinstance(raw, Mapping)
        else to_ascii_digits(str(raw).strip())
    )
    match = KEY.fullmatch(text)
    if match is None or int(match[2]) == 0:
        raise Invalid.of(msg("Name a record like “deal:42”."))
    return Ref(match[1], int(match[2]), "")


@dataclass(frozen=True, kw_only=True)
class About(Field):
    """A reference to any record, written "deal:42". The model keeps it in ``<attr>_object`` and ``<attr>_id`` and gives
    it as a property that returns a Ref without title; lists add the titles, in sets."""

    type: ClassVar[FieldType] = FieldType.link
    widget: ClassVar[str] = "about"
    sortable: ClassVar[bool] = False
    untitled: ClassVar[bool] = True
    filters_itself: ClassVar[bool] = True

    def columns(self) -> tuple[str, ...]:
        return (f"{self.attr}_object", f"{self.attr}_id")

    def from_columns(self, values: Sequence[Any]) -> Ref | None:
        return Ref(values[0], values[1], "") if values[0] and values[1] is not None else None

    def understand(self, raw: Any, reader: Reader) -> Ref:
        return parse_ref(raw)

    def show(self, value: Any, reader: Reader) -> str:
        return value.title if isinstance(value, Ref) else ""

    def to_json(self, value: Any) -> Any:
        return (
            {"object": value.object, "id": value.id, "title": value.title} if isinstance(value, Ref) else None
        )

    def comparable(self, value: Any) -> Any:
        return f"{value.object}:{value.id}" if isinstance(value, Ref) else None

    def filter(self, op: str, value: Any) -> Q:
        """A Q for one comparison; what is no reference matches nothing."""
        if op == "empty":
            return Q(**{self.attr + "_object": ""})
        q = Q(pk__in=[])
        for key in value if op == "in" else (value,):
            if match := KEY.fullmatch(str(key)):
                q |= Q(**{self.attr + "_object": match[1], self.attr + "_id": int(match[2])})
        return q

    def schema(self) -> dict[str, Any]:
        properties = {"object": {"type": "string"}, "id": {"type": "integer"}, "title": {"type": "string"}}
        return {
            "description": "any record, as “object:id” or an object with object and id",
            "anyOf": [
                {"type": "string", "pattern": f"^{KEY.pattern}$"},
                {"type": "object", "properties": properties, "required": ["object", "id"]},
                {"type": "null"},
            ],
        }
