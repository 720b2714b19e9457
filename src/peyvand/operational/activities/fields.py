"""Fields of activities: who takes part in a meeting, and how long a call lasted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.operational.activities.models import MeetingPerson
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Number, held_in, whole_id
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id


@dataclass(frozen=True, kw_only=True)
class Participants(Compound):
    """People who take part in a meeting: items {id, name}, given by id."""

    search: bool = True
    widget: ClassVar[str] = "people"
    names: ClassVar[str] = "person"
    table: ClassVar[type[WorkspaceModel]] = MeetingPerson

    def understand(self, raw: Any, reader: Reader) -> Any:
        items = raw.replace("،", ",").split(",") if isinstance(raw, str) else raw
        if isinstance(items, int):
            items = [items]
        if not isinstance(items, Iterable) or isinstance(items, Mapping):
            raise Invalid.of(msg("Choose people from the list."))
        ids = [to_ascii_digits(str(i.get("id") if isinstance(i, Mapping) else i)).strip() for i in items]
        if not all(map(whole_id, ids)):
            raise Invalid.of(msg("Choose people from the list."))
        return tuple({"id": id, "name": ""} for id in dict.fromkeys(map(whole_id, ids)))

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        rows = MeetingPerson.objects.filter(meeting_id__in=list(ids)).order_by("id")
        for meeting, person, name in rows.values_list("meeting_id", "person_id", "person__name"):
            found[meeting].append({"id": person, "name": name})
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        asked = {item["id"] for items in values.values() for item in items}
        there = visible(
            ctx.actor, PERSON.key, PERSON.model.objects.filter(id__in=asked, deleted_at__isnull=True)
        ).values_list("id", flat=True)
        if asked - set(there):
            raise Invalid.of(msg("This record does not exist or you may not see it."), self.key, "missing")
        workspace_id = current_workspace_id()
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from meeting_person where workspace_id = %s and meeting_id = any(%s)",
                [workspace_id, list(values)],
            )
        pairs = [(id, item["id"]) for id, items in values.items() for item in items]
        if pairs:
            rows = (
                (new, workspace_id, *pair)
                for new, pair in zip(next_ids(MeetingPerson, len(pairs)), pairs, strict=True)
            )
            insert_rows(MeetingPerson, ("id", "workspace_id", "meeting_id", "person_id"), rows)

    def filter(self, op: str, value: Any) -> Q:
        ids = () if op == "empty" else tuple(map(whole_id, value))
        return held_in(MeetingPerson.objects.all(), "meeting_id", "person_id", op, ids)

    def show(self, value: Any, reader: Reader) -> str:
        return reader.comma.join(
            gettext("out of sight") if item.get("is_unseen") else item["name"] for item in value or ()
        )

    def search_text(self, value: Any) -> str:
        return " ".join(item["name"] for item in value)

    def to_json(self, value: Any) -> Any:
        return [{"id": item["id"], "name": item["name"]} for item in value or ()]

    def schema(self) -> dict[str, Any]:
        person = {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["id"],
        }
        return {"type": "array", "items": {"anyOf": [{"type": "integer"}, person]}}


@dataclass(frozen=True, kw_only=True)
class Duration(Number):
    """A length of time in seconds; typed as seconds or like 12:30."""

    min: int | None = 0
    max: int | None = 7 * 24 * 3600
    widget: ClassVar[str] = "duration"

    def understand(self, raw: Any, reader: Reader) -> int:
        parts = to_ascii_digits(str(raw)).strip().split(":")
        if 2 <= len(parts) <= 3 and all(p.isdecimal() and len(p) < 8 for p in parts):
            raw = sum(int(p) * 60**n for n, p in enumerate(reversed(parts)))
        return super().understand(raw, reader)

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else numbers.format_duration(value, reader.language)
