"""Fields that name a record of another object, and what is shown of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.fields.field import Field
from peyvand.platform.fields.reader import Reader


@dataclass(frozen=True)
class Mark:
    """How records of a kind are told apart at a glance, by a small coloured sign beside their title.

    ``says`` makes it from the values of ``columns``: a tone of the design tokens (good, warn, bad, info, acc), or a
    share of the accent in percent ("v-25").
    """

    columns: tuple[str, ...]
    says: Callable[..., str]


@dataclass(frozen=True)
class Ref:
    """A record named from another's field: enough to show and to link it. ``mark`` is what its object's Mark says.

    ``is_unseen``: whoever reads this may not see the record, and so has no title of it (objects/sight).
    """

    object: str
    id: int
    title: str
    mark: str = field(default="", compare=False)
    is_unseen: bool = field(default=False, compare=False)


def whole_id(text: Any) -> int:
    """The id that a condition names; 0, which no record has, for what can be none."""
    digits = str(text)
    possible = digits.isascii() and digits.isdecimal() and len(digits) < 19 and not digits.startswith("0")
    return int(digits) if possible else 0


@dataclass(frozen=True, kw_only=True)
class Link(Field):
    """A reference to one record of another object. Stored as its id, shown by its title."""

    to: str
    # ORM path, from the linked model, of what names it.
    title: str = "name"
    # Whether facts about this record also belong on the linked record's timeline.
    timeline: bool = False
    # The linked object's mark, to be shown wherever this field is.
    mark: Mark | None = None
    # Key of another link of the same form, which what can be chosen here belongs to: a stage to its pipeline.
    within: str = ""
    type: ClassVar[FieldType] = FieldType.link
    widget: ClassVar[str] = "picker"

    @property
    def column(self) -> str:
        return f"{self.attr}_id"

    @property
    def sort_column(self) -> str:
        return f"{self.attr}__{self.title}"

    def columns(self) -> tuple[str, ...]:
        marks = self.mark.columns if self.mark else ()
        return (self.column, f"{self.attr}__{self.title}", *(f"{self.attr}__{name}" for name in marks))

    def from_columns(self, values: Sequence[Any]) -> Any:
        if values[0] is None:
            return None
        mark = self.mark.says(*values[2:]) if self.mark else ""
        return Ref(self.to, values[0], values[1] or "", mark, is_unseen=values[1] is None)

    def understand(self, raw: Any, reader: Reader) -> int:
        if isinstance(raw, Mapping):
            raw = raw.get("id")
        if isinstance(raw, Ref):
            return raw.id
        try:
            value = int(to_ascii_digits(str(raw)))
        except ValueError:
            value = 0
        if not 0 < value < 2**63:
            raise Invalid.of(msg("Choose one from the list."))
        return value

    def show(self, value: Any, reader: Reader) -> str:
        return value.title if isinstance(value, Ref) else ""

    def to_json(self, value: Any) -> Any:
        return {"id": value.id, "title": value.title} if isinstance(value, Ref) else value

    def schema(self) -> dict[str, Any]:
        return {
            "description": f"id of a {self.to} when writing; an object with id and title when reading",
            "anyOf": [
                {"type": "integer"},
                {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
                    "required": ["id"],
                },
                {"type": "null"},
            ],
        }


@dataclass(frozen=True, kw_only=True)
class UserLink(Link):
    to: str = "user"
    type: ClassVar[FieldType] = FieldType.user
    widget: ClassVar[str] = "user"
