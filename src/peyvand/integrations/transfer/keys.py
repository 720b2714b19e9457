"""What tells one record from another: a key column, else what people go by. The same row finds its record again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

from peyvand.integrations.transfer.drafts import Draft
from peyvand.integrations.transfer.links import SEVERAL, Links, invalid_word
from peyvand.integrations.transfer.mapping import EXTERNAL, Shape
from peyvand.kernel.errors import msg
from peyvand.kernel.persian.text import compact
from peyvand.platform.access.decisions import visible
from peyvand.platform.fields.types import Compound
from peyvand.platform.objects.spec import ObjectSpec


class Keys:
    """Gives drafts their keys, refuses those that come twice in a file, and finds the records they are about."""

    def __init__(self, shape: Shape, links: Links) -> None:
        self.shape, self.links = shape, links
        self._seen: set[int] = set()
        self._lock = Lock()

    def give(self, draft: Draft) -> None:
        """Set the draft's key, or refuse it: without a key, or with one that an earlier row has."""
        key = self._key(draft)
        if key is None:
            header = next((c.header for c in self.shape.columns if c.field.key == self.shape.key), "")
            draft.refuse(msg("The key is missing."), header, "missing_key")
            return
        # Only the hash is kept: a few dozen bytes for a row.
        mark = hash(key)
        with self._lock:
            is_new = mark not in self._seen
            self._seen.add(mark)
        if not is_new:
            draft.refuse(msg("An earlier row has the same key “%(key)s”.", key=key[1]), code="duplicate_key")
        draft.key = key

    def match(self, drafts: Sequence[Draft]) -> None:
        """Find, in sets, the record each draft is about; refuse those whose record may not be changed."""
        spec, by_kind = self.shape.spec, dict[str, list[Draft]]()
        for draft in drafts:
            by_kind.setdefault(draft.key[0], []).append(draft)
        for kind, some in by_kind.items():
            found = self._ids(kind, some)
            ids = {id for id in found.values() if id != SEVERAL}
            if not found:
                continue
            mine = visible(
                self.links.ctx.actor, spec.key, spec.model.objects.filter(id__any_of=ids), "update"
            )
            records = {record.id: record for record in mine}
            for draft in some:
                id = found.get(draft.key[1])
                if id is None:
                    continue
                draft.record = records.get(id)
                if id == SEVERAL:
                    reason = invalid_word("", draft.key[1], SEVERAL).problems[0]
                    draft.refuse(reason.message, code=reason.code)
                elif draft.record is None:
                    draft.refuse(
                        msg("“%(key)s” is there already, and you may not change it.", key=draft.key[1]),
                        code="not_allowed",
                    )
                elif draft.record.deleted_at is not None:
                    draft.refuse(
                        msg("“%(key)s” is in the bin; restore it first.", key=draft.key[1]), code="in_bin"
                    )

    def _key(self, draft: Draft) -> tuple[str, str] | None:
        values, spec = draft.values, self.shape.spec
        if self.shape.key:
            value = values.get(self.shape.key)
            if self.shape.key == spec.title and value:
                return "title", compact(value)
            if isinstance(value, tuple):
                value = value[0]["value"]
            return (self.shape.key, str(value)) if value else None
        title = title_of(spec, values)
        if spec.key == "person":
            for key in ("emails", "phones"):
                if items := values.get(key):
                    # One number may serve a household, an address hardly ever.
                    return key, items[0][
                        "value"
                    ] if key == "emails" else f"{items[0]['value']} {compact(title)}"
        return ("title", compact(title)) if title else None

    def _ids(self, kind: str, drafts: Sequence[Draft]) -> dict[str, int]:
        spec = self.shape.spec
        keys = {draft.key[1] for draft in drafts}
        if kind == "title":
            titles = {title_of(spec, draft.values): draft.key[1] for draft in drafts}
            found = self.links.find(spec.key, titles, thorough=False)
            return {titles[title]: id for title, id in found.items()}
        field = spec.all_fields[kind]
        if isinstance(field, Compound):
            return self._ids_by_points(field, keys, with_title=kind == "phones" and self.shape.key != kind)
        rows = spec.model.objects.filter(**{f"{field.column}__any_of": keys}).values_list(field.column, "id")
        if kind == EXTERNAL:
            return dict(rows)
        return _counted((str(value), id) for value, id in rows)

    def _ids_by_points(self, field: Compound, keys: Iterable[str], *, with_title: bool) -> dict[str, int]:
        spec, wanted = self.shape.spec, set(keys)
        asked = {key.partition(" ")[0] for key in wanted} if with_title else wanted
        rows = spec.model.objects.filter(field.filter("has_any", asked), deleted_at__isnull=True).values_list(
            "id", spec.title
        )
        titles = dict(rows)
        points = field.load(list(titles)) if titles else {}
        found = (
            (f"{item['value']} {compact(titles[id])}" if with_title else item["value"], id)
            for id, items in points.items()
            for item in items
        )
        return _counted((key, id) for key, id in found if key in wanted)


def title_of(spec: ObjectSpec, values: dict[str, Any]) -> str:
    """The title that the values give; of a person also by given and family name."""
    if title := values.get(spec.title):
        return str(title)
    return f"{values.get('given_name', '')} {values.get('family_name', '')}".strip()


def _counted(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, id in rows:
        found[key] = SEVERAL if found.get(key, id) != id else id
    return found
