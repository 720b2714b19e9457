"""Action items as an input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Day, Text, whole_id

MOST = 50
_TITLE = Text(key="title", label="", max_length=300)
_DAY = Day(key="due_on", label="")


@dataclass(frozen=True)
class Item:
    """What is to be done. ``id`` names the item of the minutes before these; 0 is a new one."""

    title: str
    id: int = 0
    owner: int | None = None
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class Items(Compound):
    """Action items: {id?, title, owner?: a user's id, due_on?: a day}; those without a title are passed over."""

    widget: ClassVar[str] = "action_items"

    def understand(self, raw: Any, reader: Reader) -> tuple[Item, ...]:
        if not isinstance(raw, Iterable) or isinstance(raw, str | Mapping):
            raise Invalid.of(msg("This must be a list."))
        items: list[Item] = []
        problems: list[Problem] = []
        for n, given in enumerate(raw):
            if isinstance(given, Item):
                items.append(given)
                continue
            if not isinstance(given, Mapping):
                raise Invalid.of(msg("Say of each item at least its title."))
            said: dict[str, Any] = {}
            for field in (_TITLE, _DAY):
                try:
                    said[field.key] = field.parse(given.get(field.key), reader)
                except Invalid as error:
                    problems += error.at(f"{n}.{field.key}").problems
            who = given.get("owner")
            owner = whole_id(str(who.get("id") if isinstance(who, Mapping) else who)) if who else None
            if title := said.get("title"):
                items.append(
                    Item(title, whole_id(str(given.get("id") or "")), owner or None, said.get("due_on"))
                )
        if len(items) > MOST:
            problems.append(Problem(None, msg("At most %(most)s items.", most=MOST)))
        if problems:
            raise Invalid(problems)
        return tuple(items)

    def show(self, value: Any, reader: Reader) -> str:
        return reader.comma.join(item.title for item in value or ())

    def to_json(self, value: Any) -> Any:
        return [
            {
                "id": i.id,
                "title": i.title,
                "owner": i.owner,
                "due_on": i.due_on.isoformat() if i.due_on else None,
            }
            for i in value or ()
        ]

    def schema(self) -> dict[str, Any]:
        properties = {
            "id": {"type": "integer"}, "title": {"type": "string", "maxLength": 300},
            "owner": {"type": ["integer", "null"]}, "due_on": {"type": ["string", "null"], "format": "date"},
        }  # fmt: skip
        return {
            "type": "array",
            "maxItems": MOST,
            "items": {"type": "object", "properties": properties, "required": ["title"]},
        }
