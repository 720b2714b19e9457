"""Tags, as a field of any record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, ClassVar

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import fold
from peyvand.operational.contacts.fields import Rows, written
from peyvand.operational.contacts.models import Tag, TagLink
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import whole_id
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

_TAG = """
select json_build_object('id', t.id, 'name', t.name, 'tone', t.tone)
from tag_link l join tag t on t.workspace_id = l.workspace_id and t.id = l.tag_id
where l.workspace_id = {record}.workspace_id and l.object = '{of}' and l.object_id = {record}.id and t.deleted_at is null
order by t.name
"""


def _known_tags() -> dict[str, Tag]:
    return {fold(tag.name): tag for tag in Tag.objects.filter(deleted_at__isnull=True)}


def tags_of(object_key: str, ids: Iterable[int]) -> dict[int, set[int]]:
    """The ids of the tags that each of these records carries; none for those that carry none. One query."""
    found: dict[int, set[int]] = defaultdict(set)
    links = TagLink.objects.filter(object=object_key, object_id__in=list(ids), tag__deleted_at__isnull=True)
    for id, tag in links.values_list("object_id", "tag_id"):
        found[id].add(tag)
    return found


@dataclass(frozen=True, kw_only=True)
class Tags(Rows):
    """Tags, given and shown by name; a name not known yet becomes a new tag. Items are {id, name, tone}."""

    widget: ClassVar[str] = "tags"
    holds_tags: ClassVar[bool] = True
    table: ClassVar[type[WorkspaceModel]] = TagLink
    asked_by: ClassVar[str] = "tag_id"

    def understand(self, raw: Any, reader: Reader) -> Any:
        names = raw.replace("،", ",").split(",") if isinstance(raw, str) else raw
        if not isinstance(names, Iterable) or isinstance(names, Mapping):
            raise Invalid.of(msg("Tags are a list of names."))
        texts = [written(n.get("name") if isinstance(n, Mapping) else n) for n in names]
        if any(len(t) > 60 for t in texts):
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=60))
        if not any(texts):
            return ()
        known = found_once("contacts.tags", _known_tags)
        items = []
        for text in dict.fromkeys(filter(None, texts)):
            tag = known.get(fold(text))
            items.append(
                {
                    "id": tag.id if tag else None,
                    "name": tag.name if tag else text,
                    "tone": tag.tone if tag else "",
                }
            )
        # In the order that they are read in, so that the same tags are the same value.
        return tuple(sorted(items, key=itemgetter("name")))

    def items_sql(self, record: str) -> str:
        return _TAG.format(of=self.of, record=record)

    def add(self, ctx: Context, values: Mapping[int, Any]) -> None:
        workspace_id, now = current_workspace_id(), clock.now()
        new = sorted({item["name"] for items in values.values() for item in items if item["id"] is None})
        made: dict[str, int] = {}
        if new:
            columns = ("id", "workspace_id", "name", "tone", "created_at", "updated_at", "version")
            # Two people may make the same tag at once: whoever is second uses the first one's.
            rows = [
                (id, workspace_id, name, "", now, now, 1)
                for id, name in zip(next_ids(Tag, len(new)), new, strict=True)
            ]
            insert_rows(Tag, columns, rows, on_conflict="do nothing")
            made = dict(Tag.objects.filter(name__in=new, deleted_at__isnull=True).values_list("name", "id"))
            own = {row[0] for row in rows}
            for name, id in made.items():
                if id in own:
                    ctx.record(RecordCreated(object="tag", object_id=id, title=name))
                    ctx.touch("tag", id)
        pairs = [(id, item["id"] or made[item["name"]]) for id, items in values.items() for item in items]
        ids = next_ids(TagLink, len(pairs)) if pairs else []
        insert_rows(
            TagLink,
            ("id", "workspace_id", "object", "object_id", "tag_id"),
            ((new_id, workspace_id, self.of, id, tag) for new_id, (id, tag) in zip(ids, pairs, strict=True)),
            on_conflict="do nothing",
        )

    def asked(self, value: Any) -> int:
        return whole_id(value)

    def show(self, value: Any, reader: Reader) -> str:
        return reader.comma.join(item["name"] for item in value or ())

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {
                "anyOf": [{"type": "string"}, {"type": "object", "properties": {"name": {"type": "string"}}}]
            },
        }
