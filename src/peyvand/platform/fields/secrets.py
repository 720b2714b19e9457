"""Keys and passwords: sealed as soon as they are read, never shown again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.texts import Text
from peyvand.platform.sealing import seal


@dataclass(frozen=True, kw_only=True)
class Secret(Text):
    """A key or password, kept under the seal of its ``purpose``. Left empty, the one that is kept stays."""

    purpose: str
    max_length: int = 500
    # Nothing may be asked of it but whether there is one.
    type: ClassVar[FieldType] = FieldType.flag
    widget: ClassVar[str] = "secret"
    sortable: ClassVar[bool] = False
    filters_itself: ClassVar[bool] = True

    def understand(self, raw: Any, reader: Reader) -> str:
        if not isinstance(raw, str):
            raise Invalid.of(msg("This must be text."))
        if len(raw) > self.max_length or "\x00" in raw or "\n" in raw:
            raise Invalid.of(msg("This cannot be a password."))
        return seal(self.purpose, raw) if raw else ""

    def write(self, record: Any, value: Any) -> None:
        if value:
            super().write(record, value)

    def show(self, value: Any, reader: Reader) -> str:
        return "••••" if value else ""

    def to_json(self, value: Any) -> None:
        return None

    def comparable(self, value: Any) -> bool:
        return bool(value)

    def filter(self, op: str, value: Any) -> Q:
        none = Q(**{self.attr: ""})
        return ~none if value else none

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": self.max_length, "description": "Never sent back."}
