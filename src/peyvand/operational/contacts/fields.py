"""Compound fields of contacts: phones and mails, addresses, tags. Each loads and stores in sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
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
from peyvand.platform.events.facts import RecordCreated
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, whole_id
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

LABELS = ("mobile", "work", "home", "fax", "other")
CONSENTS = ("unknown", "granted", "refused")
MOST = 50
_PLAIN = {"value", "label"}
_LABELLED = frozenset((*LABELS, ""))

# Read with every record, so written by hand: it is prepared once and costs no work of the ORM.
_POINT = """
select json_build_object('value', value, 'label', label, 'primary', is_primary, 'consent', consent) from contact_point
where workspace_id = {record}.workspace_id and object = '{of}' and kind = '{kind}' and object_id = {record}.id order by position, id
"""
_ADDRESS = """
select json_build_object('label', label, 'country', country, 'province', province, 'city', city, 'street', street,
                         'postal_code', postal_code, 'primary', is_primary) from postal_address
where workspace_id = {record}.workspace_id and object = '{of}' and object_id = {record}.id order by position, id
"""
_TAG = """
select json_build_object('id', t.id, 'name', t.name, 'tone', t.tone)
from tag_link l join tag t on t.workspace_id = l.workspace_id and t.id = l.tag_id
where l.workspace_id = {record}.workspace_id and l.object = '{of}' and l.object_id = {record}.id and t.deleted_at is null
order by t.name
"""
_CLEAR_POINTS = """
delete from contact_point
where workspace_id = %s::bigint and object = %s::text and kind = %s::text and object_id = any(%s::bigint[])
returning object_id, value, consent, consent_at
"""


def _items(raw: Any) -> list[dict[str, Any]]:
    if isinstance(raw, str | int):
        return [{"value": str(raw)}]
    if not isinstance(raw, Sequence) or len(raw) > MOST:
        raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST))
    return [dict(item) if isinstance(item, Mapping) else {"value": str(item)} for item in raw]


def _written(raw: Any) -> str:
    """A text as it is kept: tidy, and without the one character that no database takes."""
    return tidy("" if raw is None else str(raw).replace("\x00", ""))


def _one_primary(items: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    first = next((i for i, item in enumerate(items) if item["primary"]), 0)
    return tuple({**item, "primary": i == first} for i, item in enumerate(items))


@dataclass(frozen=True, kw_only=True)
class _Rows(Compound):
    """Rows of a table that hang on (object, object_id) and are replaced whole."""

    of: str
    table: ClassVar[type[WorkspaceModel]]
    # The column that a filter asks about.
    asked_by: ClassVar[str] = "value"

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
        self.add(ctx, values)

    def add(self, ctx: Context, values: Mapping[int, Any]) -> None:
        rows = [(id, n, item) for id, items in values.items() for n, item in enumerate(items)]
        if rows:
            self._insert(rows)

    def _insert(self, rows: Sequence[tuple[int, int, Mapping[str, Any]]]) -> None:
        raise NotImplementedError

    def filter(self, op: str, value: Any) -> Q:
        if op == "empty":
            return ~Q(id__in=self._mine().values("object_id"))
        return _each(op, value, lambda one: self._mine().filter(**{self.asked_by: self.asked(one)}))

    def asked(self, value: Any) -> str:
        """What a filter's value is compared as."""
        return str(value)


def _each(op: str, values: Iterable[Any], rows: Callable[[Any], QuerySet[Any]]) -> Q:
    """Records with rows for any of the values, or for all of them; ``rows`` have an ``object_id``."""
    q = Q() if op == "has_all" else Q(pk__in=[])
    for value in values:
        has = Q(id__in=rows(value).values("object_id"))
        q = q & has if op == "has_all" else q | has
    return q


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
        given = _items(raw)
        if len(given) == 1 and given[0].keys() <= _PLAIN and given[0].get("label", "") in _LABELLED:
            # One without more ado, as nearly every row of a file has it.
            return self._alone(check, given[0])
        items: list[dict[str, Any]] = []
        problems: list[Problem] = []
        for n, item in enumerate(given):
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

    def _alone(self, check: Callable[[str], str], item: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        text = str(item.get("value") or "")
        if not text.strip():
            return ()
        try:
            value = check(text)
        except Invalid as error:
            raise error.at("0") from None
        return ({"value": value, "label": item.get("label", ""), "primary": True, "consent": "unknown"},)

    def holds(self, row: Mapping[str, Any]) -> bool:
        return bool(row["kind"] == self.kind)

    def asked(self, value: Any) -> str:
        try:
            return phone(str(value)) if self.kind == "phone" else email(str(value))
        except Invalid:
            return str(value)

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        # A consent that stays the same keeps the day on which it was given: that is its proof.
        cleared = fetch(_CLEAR_POINTS, [current_workspace_id(), self.of, self.kind, list(values)])
        since = {(id, value, consent): at for id, value, consent, at in cleared}
        self.add(ctx, {
            id: [{**item, "since": since.get((id, item["value"], item["consent"]))} for item in items]
            for id, items in values.items()
        })  # fmt: skip

    def items_sql(self, record: str) -> str:
        return _POINT.format(of=self.of, kind=self.kind, record=record)

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
             item.get("since") or (now if item["consent"] != "unknown" else None), n)
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
    asked_by: ClassVar[str] = "city"

    def understand(self, raw: Any, reader: Reader) -> Any:
        items, problems = [], []
        for n, item in enumerate(_items(raw)):
            if "value" in item:
                item = {"street": item["value"], **item}
            parts = {p: _written(item.get(p)) for p in self.parts}
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
                {"label": _written(item.get("label"))[:20], **parts, "primary": bool(item.get("primary"))}
            )
        if problems:
            raise Invalid(problems)
        return _one_primary(items)

    def items_sql(self, record: str) -> str:
        return _ADDRESS.format(of=self.of, record=record)

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


def _known_tags() -> dict[str, Tag]:
    return {fold(tag.name): tag for tag in Tag.objects.filter(deleted_at__isnull=True)}


@dataclass(frozen=True, kw_only=True)
class Tags(Compound):
    """Tags, given and shown by name; a name not known yet becomes a new tag. Items are {id, name, tone}."""

    of: str
    widget: ClassVar[str] = "tags"
    holds_tags: ClassVar[bool] = True
    table: ClassVar[type[WorkspaceModel]] = TagLink

    def understand(self, raw: Any, reader: Reader) -> Any:
        names = raw.replace("،", ",").split(",") if isinstance(raw, str) else raw
        if not isinstance(names, Iterable) or isinstance(names, Mapping):
            raise Invalid.of(msg("Tags are a list of names."))
        texts = [_written(n.get("name") if isinstance(n, Mapping) else n) for n in names]
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

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "delete from tag_link where workspace_id = %s and object = %s and object_id = any(%s)",
                [current_workspace_id(), self.of, list(values)],
            )
        self.add(ctx, values)

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
