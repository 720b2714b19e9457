"""Compound fields of contacts: phones and mails, addresses, tags. Each loads and stores in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Q, QuerySet

from peyvand.kernel import clock
from peyvand.kernel.email import email
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.identifiers import postal_code
from peyvand.kernel.persian.text import fold, tidy
from peyvand.kernel.phone import phone, show_phone
from peyvand.operational.contacts.models import ContactPoint, PostalAddress, Tag, TagLink
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, whole_id
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id

LABELS = ("mobile", "work", "home", "fax", "other")
CONSENTS = ("unknown", "granted", "refused")
MOST = 50

# Loaded with every record that is read, so written by hand: they are prepared once and cost no work of the ORM.
_POINTS = """
select object_id, value, label, is_primary, consent from contact_point
where workspace_id = %s::bigint and object = %s::text and kind = %s::text and object_id = any(%s::bigint[]) order by position, id
"""
_CLEAR_POINTS = """
delete from contact_point
where workspace_id = %s::bigint and object = %s::text and kind = %s::text and object_id = any(%s::bigint[])
"""
_ADDRESSES = """
select object_id, label, is_primary, country, province, city, street, postal_code from postal_address
where workspace_id = %s::bigint and object = %s::text and object_id = any(%s::bigint[]) order by position, id
"""
_TAGS = """
select l.object_id, t.id, t.name, t.tone from tag_link l join tag t on t.workspace_id = l.workspace_id and t.id = l.tag_id
where l.workspace_id = %s::bigint and l.object = %s::text and l.object_id = any(%s::bigint[]) order by t.name
"""


def _items(raw: Any) -> list[dict[str, Any]]:
    if isinstance(raw, str | int):
        return [{"value": str(raw)}]
    if not isinstance(raw, Sequence) or len(raw) > MOST:
        raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST))
    return [dict(item) if isinstance(item, Mapping) else {"value": str(item)} for item in raw]


def _one_primary(items: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    first = next((i for i, item in enumerate(items) if item["primary"]), 0)
    return tuple({**item, "primary": i == first} for i, item in enumerate(items))


@dataclass(frozen=True, kw_only=True)
class _Rows(Compound):
    """Rows of a table that hang on (object, object_id) and are replaced whole."""

    of: str
    table: ClassVar[type[WorkspaceModel]]

    def _mine(self) -> QuerySet[Any]:
        return self.table.objects.filter(object=self.of)

    def _clear(self, ids: Sequence[int]) -> None:
        table = self.table._meta.db_table
        run(
            f"delete from {table} where workspace_id = %s::bigint and object = %s::text and object_id = any(%s::bigint[])",  # noqa: S608 names come from models, values are parameters
            [current_workspace_id(), self.of, list(ids)],
        )

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        self._clear(list(values))
        rows = [(id, n, item) for id, items in values.items() for n, item in enumerate(items)]
        if rows:
            self._insert(rows)

    def _insert(self, rows: Sequence[tuple[int, int, Mapping[str, Any]]]) -> None:
        raise NotImplementedError

    def filter(self, op: str, value: Any) -> Q:
        if op == "empty":
            return ~Q(id__in=self._mine().values("object_id"))
        return Q(id__in=self._mine().filter(value__in=list(value)).values("object_id"))


@dataclass(frozen=True, kw_only=True)
class Points(_Rows):
    """Phones or mails: items {value, label, primary, consent}. Typing one value alone makes it the only one."""

    kind: str
    search: bool = True
    widget: ClassVar[str] = "points"
    table: ClassVar[type[WorkspaceModel]] = ContactPoint

    def _mine(self) -> QuerySet[Any]:
        return super()._mine().filter(kind=self.kind)

    def understand(self, raw: Any, reader: Reader) -> Any:
        check: Callable[[str], str] = phone if self.kind == "phone" else email
        items: list[dict[str, Any]] = []
        problems: list[Problem] = []
        for n, item in enumerate(_items(raw)):
            if not str(item.get("value") or "").strip():
                continue
            try:
                value = check(str(item["value"]))
            except Invalid as error:
                problems += error.at(str(n)).problems
                continue
            label, consent = str(item.get("label") or ""), str(item.get("consent") or "unknown")
            if label not in (*LABELS, ""):
                problems.append(Problem(f"{n}.label", msg("There is no such label."), "choice"))
            if consent not in CONSENTS:
                problems.append(
                    Problem(f"{n}.consent", msg("Consent is unknown, granted or refused."), "choice")
                )
            items.append(
                {"value": value, "label": label, "primary": bool(item.get("primary")), "consent": consent}
            )
        if problems:
            raise Invalid(problems)
        return _one_primary(list({i["value"]: i for i in items}.values()))

    def _clear(self, ids: Sequence[int]) -> None:
        run(_CLEAR_POINTS, [current_workspace_id(), self.of, self.kind, list(ids)])

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for id, value, label, primary, consent in fetch(
            _POINTS, [current_workspace_id(), self.of, self.kind, list(ids)]
        ):
            found[id].append({"value": value, "label": label, "primary": primary, "consent": consent})
        return {id: tuple(items) for id, items in found.items()}

    def _insert(self, rows: Sequence[tuple[int, int, Mapping[str, Any]]]) -> None:
        workspace_id, now = current_workspace_id(), clock.now()
        columns = (
            "workspace_id",
            "object",
            "object_id",
            "kind",
            "value",
            "label",
            "is_primary",
            "consent",
            "consent_at",
            "position",
        )
        insert_rows(ContactPoint, columns, (
            (workspace_id, self.of, id, self.kind, item["value"], item["label"], item["primary"], item["consent"],
             now if item["consent"] != "unknown" else None, n)
            for id, n, item in rows
        ))  # fmt: skip

    def show(self, value: Any, reader: Reader) -> str:
        texts = (
            show_phone(i["value"], reader.language) if self.kind == "phone" else i["value"]
            for i in value or ()
        )
        return ("، " if reader.is_persian else ", ").join(texts)

    def search_text(self, value: Any) -> str:
        # A phone is looked for as it is dialled at home as well: 0912… and +98912….
        return " ".join(
            f"{i['value']} 0{i['value'][3:]}" if i["value"].startswith("+98") else i["value"] for i in value
        )

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value"],
                "properties": {
                    "value": {"type": "string"},
                    "label": {"type": "string", "enum": [*LABELS, ""]},
                    "primary": {"type": "boolean"},
                    "consent": {"type": "string", "enum": list(CONSENTS)},
                },
            },
        }


@dataclass(frozen=True, kw_only=True)
class Addresses(_Rows):
    """Postal addresses: items {label, country, province, city, street, postal_code, primary}."""

    widget: ClassVar[str] = "addresses"
    table: ClassVar[type[WorkspaceModel]] = PostalAddress
    parts: ClassVar[tuple[str, ...]] = ("country", "province", "city", "street", "postal_code")

    def understand(self, raw: Any, reader: Reader) -> Any:
        items, problems = [], []
        for n, item in enumerate(_items(raw)):
            if "value" in item:
                item = {"street": item["value"], **item}
            parts = {p: tidy(str(item.get(p) or "")) for p in self.parts}
            if not any(parts.values()):
                continue
            for part, text in parts.items():
                if len(text) > (500 if part == "street" else 100):
                    problems.append(Problem(f"{n}.{part}", msg("This is too long."), "too_long"))
            if parts["postal_code"] and parts["country"] in ("", "ایران", "Iran"):
                try:
                    parts["postal_code"] = postal_code(parts["postal_code"])
                except Invalid as error:
                    problems += error.at(f"{n}.postal_code").problems
            items.append(
                {"label": str(item.get("label") or "")[:20], **parts, "primary": bool(item.get("primary"))}
            )
        if problems:
            raise Invalid(problems)
        return _one_primary(items)

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for id, label, primary, *parts in fetch(_ADDRESSES, [current_workspace_id(), self.of, list(ids)]):
            found[id].append(
                {"label": label, **dict(zip(self.parts, parts, strict=True)), "primary": primary}
            )
        return {id: tuple(items) for id, items in found.items()}

    def _insert(self, rows: Sequence[tuple[int, int, Mapping[str, Any]]]) -> None:
        workspace_id = current_workspace_id()
        columns = (
            "id",
            "workspace_id",
            "object",
            "object_id",
            "label",
            *self.parts,
            "is_primary",
            "position",
        )
        ids = next_ids(PostalAddress, len(rows))
        insert_rows(PostalAddress, columns, (
            (new, workspace_id, self.of, id, item["label"], *(item[p] for p in self.parts), item["primary"], n)
            for new, (id, n, item) in zip(ids, rows, strict=True)
        ))  # fmt: skip

    def filter(self, op: str, value: Any) -> Q:
        if op == "empty":
            return super().filter(op, value)
        return Q(id__in=self._mine().filter(city__in=list(value)).values("object_id"))

    def show(self, value: Any, reader: Reader) -> str:
        comma = "، " if reader.is_persian else ", "
        return "; ".join(
            comma.join(i[p] for p in ("province", "city", "street", "postal_code") if i[p])
            for i in value or ()
        )

    def schema(self) -> dict[str, Any]:
        properties = {p: {"type": "string"} for p in ("label", *self.parts)} | {
            "primary": {"type": "boolean"}
        }
        return {"type": "array", "items": {"type": "object", "properties": properties}}


@dataclass(frozen=True, kw_only=True)
class Tags(Compound):
    """Tags, given and shown by name; a name not known yet becomes a new tag. Items are {id, name, tone}."""

    of: str
    widget: ClassVar[str] = "tags"

    def understand(self, raw: Any, reader: Reader) -> Any:
        names = raw.replace("،", ",").split(",") if isinstance(raw, str) else raw
        if not isinstance(names, Iterable) or isinstance(names, Mapping):
            raise Invalid.of(msg("Tags are a list of names."))
        texts = [tidy(str(n.get("name", "") if isinstance(n, Mapping) else n)) for n in names]
        if any(len(t) > 60 for t in texts):
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=60))
        known = {fold(t.name): t for t in Tag.objects.filter(deleted_at__isnull=True)}
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
        return tuple(items)

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for id, tag_id, name, tone in fetch(_TAGS, [current_workspace_id(), self.of, list(ids)]):
            found[id].append({"id": tag_id, "name": name, "tone": tone})
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
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
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from tag_link where workspace_id = %s and object = %s and object_id = any(%s)",
                [workspace_id, self.of, list(values)],
            )
        pairs = [(id, item["id"] or made[item["name"]]) for id, items in values.items() for item in items]
        ids = next_ids(TagLink, len(pairs)) if pairs else []
        insert_rows(
            TagLink,
            ("id", "workspace_id", "object", "object_id", "tag_id"),
            ((new_id, workspace_id, self.of, id, tag) for new_id, (id, tag) in zip(ids, pairs, strict=True)),
            on_conflict="do nothing",
        )

    def filter(self, op: str, value: Any) -> Q:
        mine = TagLink.objects.filter(object=self.of)
        if op == "empty":
            return ~Q(id__in=mine.values("object_id"))
        ids = [whole_id(v) for v in value]
        if op == "has_all":
            q = Q()
            for id in ids:
                q &= Q(id__in=mine.filter(tag_id=id).values("object_id"))
            return q
        return Q(id__in=mine.filter(tag_id__in=ids).values("object_id"))

    def show(self, value: Any, reader: Reader) -> str:
        return ("، " if reader.is_persian else ", ").join(item["name"] for item in value or ())

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {
                "anyOf": [{"type": "string"}, {"type": "object", "properties": {"name": {"type": "string"}}}]
            },
        }
