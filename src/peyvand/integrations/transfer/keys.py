"""What tells one record from another: a key column, else what people go by. The same row finds its record again."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.integrations.transfer.drafts import Draft
from peyvand.integrations.transfer.links import SEVERAL, Links, invalid_word
from peyvand.integrations.transfer.mapping import NEW, TITLE, TITLE_AND_COMPANY, Column, Shape
from peyvand.integrations.transfer.recognition import EXTERNAL
from peyvand.kernel.errors import msg
from peyvand.kernel.persian.text import compact
from peyvand.platform.access.decisions import visible
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.fields.types import Compound
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.schema.values import found_by

Key = tuple[str, str]
_PHONE_AND_TITLE: Final = "phone+title"


class Keys:
    """Gives drafts their keys, refuses those that come twice in a file, and finds the records they are about."""

    def __init__(self, shape: Shape, links: Links) -> None:
        self.shape, self.links = shape, links
        self._seen = Hashes()
        self._usual_ways: tuple[str, ...] = (shape.key,) if shape.key else (TITLE,)
        if not shape.key and shape.spec.key == "person":
            self._usual_ways = ("emails", _PHONE_AND_TITLE, TITLE)
        elif not shape.key and shape.spec.key == "lead":
            self._usual_ways = ("email", "phone", TITLE)

    def give(self, draft: Draft) -> None:
        """Set the draft's keys, the surest first, or refuse it: without a key, or with one that an earlier row has.

        What only stands beside the object of the rows may come again: it is the same record then.
        """
        # What is never changed has nothing to go by but a key of its own: without one every row is new.
        if self.shape.match == (NEW,) or not (self.shape.spec.changeable or self.shape.key):
            draft.keys = [(NEW, str(draft.row.line))]
            return
        keys = (
            [key for way in self.shape.match if (key := self._by(way, draft))]
            if self.shape.match
            else self._usual(draft)
        )
        if not keys:
            if self.shape.is_aside:
                # The row says nothing of it.
                draft.is_blank = True
                return
            header = next((c.header for c in self.shape.columns if c.field.key == self.shape.key), "")
            draft.refuse(msg("The key is missing."), header, "missing_key")
            return
        draft.keys = keys
        if not self._seen.add(hash(keys[0])):
            draft.is_repeated = self.shape.is_aside
            if not draft.is_repeated:
                draft.refuse(
                    msg("An earlier row has the same key “%(key)s”.", key=draft.key[1]), code="duplicate_key"
                )

    def kind_of(self, drafts: Sequence[Draft]) -> str:
        """The one kind of key by which all these rows are told apart; "" where another row of the file, told apart by
        its own key of that kind, may yet be about the same record as one of these."""
        kinds = {draft.keys[0][0] for draft in drafts}
        if len(kinds) != 1 or any(len(draft.keys) > 1 for draft in drafts):
            return ""
        kind = kinds.pop()
        points = "phones" if kind == _PHONE_AND_TITLE else kind
        has_several = any(
            isinstance(value := draft.values.get(points), tuple) and len(value) > 1 for draft in drafts
        )
        return "" if has_several else kind

    def match(self, drafts: Sequence[Draft]) -> None:
        """Find, in sets, the record each draft is about; refuse those whose record may not be changed."""
        found: dict[int, int] = {}
        for kind in dict.fromkeys(key[0] for draft in drafts for key in draft.keys if key[0] != NEW):
            some = [d for d in drafts if id(d) not in found and any(key[0] == kind for key in d.keys)]
            keys = {id(d): key for d in some for key in d.keys if key[0] == kind}
            for draft, record_id in self._ids(kind, some, keys):
                found[id(draft)] = record_id
        if found:
            self._load([d for d in drafts if id(d) in found], found)

    def _load(self, drafts: Sequence[Draft], found: dict[int, int]) -> None:
        spec = self.shape.spec
        rows = spec.rows.filter(id__any_of=[id for id in set(found.values()) if id != SEVERAL])
        records = {record.id: record for record in visible(self.links.ctx.actor, spec.key, rows, "update")}
        for draft in drafts:
            record_id, key = found[id(draft)], draft.key[1]
            draft.record = records.get(record_id)
            if record_id == SEVERAL:
                reason = invalid_word("", key, SEVERAL).problems[0]
                draft.refuse(reason.message, code=reason.code)
            elif draft.record is None:
                draft.refuse(
                    msg("“%(key)s” is there already, and you may not change it.", key=key), code="not_allowed"
                )
            elif draft.record.deleted_at is not None:
                draft.refuse(msg("“%(key)s” is in the bin; restore it first.", key=key), code="in_bin")

    def _usual(self, draft: Draft) -> list[Key]:
        """By the key column if there is one, else by what people go by."""
        for way in self._usual_ways:
            if key := self._by(way, draft):
                return [key]
        return []

    def _by(self, way: str, draft: Draft) -> Key | None:
        values, spec = draft.values, self.shape.spec
        if way in (TITLE, spec.title):
            title = compact(title_of(spec, values))
            return (TITLE, title) if title else None
        if way == TITLE_AND_COMPANY:
            title = compact(title_of(spec, values))
            # The word of a link is its id by now, or still the word where it is not looked up yet.
            return (way, f"{title} {values['company']}") if title and values.get("company") else None
        if way == _PHONE_AND_TITLE:
            if not values.get("phones"):
                return None
            # One number may serve a household, an address hardly ever.
            return (way, f"{values['phones'][0]['value']} {compact(title_of(spec, values))}")
        value = values.get(way)
        if isinstance(value, tuple):
            value = value[0]["value"] if value else None
        return (way, str(value)) if value else None

    def _ids(self, kind: str, drafts: Sequence[Draft], keys: dict[int, Key]) -> Iterable[tuple[Draft, int]]:
        spec, words = self.shape.spec, {keys[id(draft)][1] for draft in drafts}
        if kind == TITLE:
            titles = {title_of(spec, draft.values): keys[id(draft)][1] for draft in drafts}
            by_title = self.links.find(spec.key, titles, thorough=False)
            found = {titles[title]: record_id for title, record_id in by_title.items()}
        elif kind == TITLE_AND_COMPANY:
            found = self._ids_in_companies({draft.values["company"] for draft in drafts})
        elif kind == _PHONE_AND_TITLE:
            found = self._ids_by_points(spec.all_fields["phones"], words, with_title=True)
        elif isinstance(field := spec.all_fields[kind], Compound):
            found = self._ids_by_points(field, words, with_title=False)
        elif isinstance(field, InCustom):
            found = _counted(self._known(found_by(field, words), field.defined.is_unique))
        else:
            # An external ID is one record's alone, so whoever writes it learns whether it is taken.
            there = spec.rows if kind == EXTERNAL else self._in_sight()
            rows = there.filter(**{f"{field.column}__any_of": words}).values_list(field.column, "id")
            found = (
                dict(rows)
                if kind == EXTERNAL
                else _counted((str(value), record_id) for value, record_id in rows)
            )
        return [(draft, found[word]) for draft in drafts if (word := keys[id(draft)][1]) in found]

    def _in_sight(self) -> QuerySet[Any]:
        """The records that a guess may find: of those out of sight nobody is told what they hold."""
        return visible(self.links.ctx.actor, self.shape.spec.key, self.shape.spec.rows)

    def _known(self, found: Sequence[tuple[str, int]], is_unique: bool) -> Sequence[tuple[str, int]]:
        """The same of values of an own field; a unique one is one record's alone, as an external ID is."""
        if is_unique or not found:
            return found
        seen = set(self._in_sight().filter(id__any_of=[id for _, id in found]).values_list("id", flat=True))
        return [(word, id) for word, id in found if id in seen]

    def _ids_in_companies(self, companies: Collection[Any]) -> dict[str, int]:
        """By title and company: the records of these companies."""
        spec, ids = self.shape.spec, [one for one in companies if isinstance(one, int)]
        rows = (
            self._in_sight()
            .filter(company_id__in=ids, deleted_at__isnull=True)
            .values_list("company_id", spec.title, "id")
        )
        return _counted((f"{compact(title)} {company}", id) for company, title, id in rows)

    def _ids_by_points(self, field: Any, keys: Iterable[str], *, with_title: bool) -> dict[str, int]:
        spec, wanted = self.shape.spec, set(keys)
        asked = {key.partition(" ")[0] for key in wanted} if with_title else wanted
        there = self._in_sight().filter(field.held_by(asked), deleted_at__isnull=True)
        rows = there.values_list("id", spec.title)
        titles = dict(rows)
        points = field.load(list(titles)) if titles else {}
        found = (
            (f"{item['value']} {compact(titles[id])}" if with_title else item["value"], id)
            for id, items in points.items()
            for item in items
        )
        return _counted((key, id) for key, id in found if key in wanted)


class Hashes:
    """A set of hashes in at most two dozen bytes each, where Python's own takes a hundred: files have millions of rows."""

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 << 10))
        self._count = 0
        # Zero marks a slot that is free.
        self._has_zero = False

    def add(self, hash: int) -> bool:
        """Whether it was not there yet."""
        if hash == 0:
            was, self._has_zero = self._has_zero, True
            return not was
        if not self._put(self._slots, hash):
            return False
        self._count += 1
        if self._count * 3 > len(self._slots) * 2:
            larger = array("q", bytes(16 * len(self._slots)))
            for kept in self._slots:
                if kept:
                    self._put(larger, kept)
            self._slots = larger
        return True

    @staticmethod
    def _put(slots: array[int], hash: int) -> bool:
        last = len(slots) - 1
        at = hash & last
        while (there := slots[at]) != 0:
            if there == hash:
                return False
            at = (at + 1) & last
        slots[at] = hash
        return True


def title_of(spec: ObjectSpec, values: dict[str, Any]) -> str:
    """The title that the values give; of a person also by given and family name."""
    if title := values.get(spec.title):
        return str(title)
    return f"{values.get('given_name', '')} {values.get('family_name', '')}".strip()


def naming_columns(shape: Shape) -> list[Column]:
    """The columns that hold the name of a record, or a part of it."""
    return [c for c in shape.columns if c.field.key in (shape.spec.title, "given_name", "family_name")]


def demand_name(shape: Shape, draft: Draft) -> None:
    """Refuse a row that has a column for the name and leaves it empty, where nothing else says whom it is about."""
    spec, naming = shape.spec, naming_columns(shape)
    has_key = shape.key or shape.match or shape.is_aside or not spec.changeable or spec.key == "user"
    if has_key or not naming or draft.row.problem is not None:
        return
    if title_of(spec, draft.values) or draft.values.get("emails"):
        return
    at_fault = {one.column for one in draft.refusal.all} if draft.refusal else set()
    if not at_fault & {column.header for column in naming}:
        label = spec.field(spec.title).label
        draft.refuse(msg("“%(field)s” is required.", field=label), naming[0].header, "required")


def _counted(rows: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for key, id in rows:
        found[key] = SEVERAL if found.get(key, id) != id else id
    return found
