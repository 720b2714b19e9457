"""Compound fields of contacts: phones and mails, addresses. Each loads and stores in sets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet

from peyvand.kernel import clock
from peyvand.kernel.email import email
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.identifiers import postal_code
from peyvand.kernel.persian.text import tidy
from peyvand.kernel.phone import phone, show_phone
from peyvand.operational.contacts.models import ContactPoint, PostalAddress
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, held_in
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id

LABELS = ("mobile", "work", "home", "fax", "other")
CONSENTS = ("unknown", "granted", "refused")
MOST = 50
_PLAIN = {"value", "label"}
# A tuple: what a program sends as a label may be a list, and then cannot be looked up in a set.
_LABELLED = (*LABELS, "")

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


def written(raw: Any) -> str:
    """A text as it is kept: tidy, and without the one character that no database takes."""
    return tidy("" if raw is None else str(raw).replace("\x00", ""))


def _one_primary(items: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    first = next((i for i, item in enumerate(items) if item["primary"]), 0)
    return tuple({**item, "primary": i == first} for i, item in enumerate(items))


@dataclass(frozen=True, kw_only=True)
class Rows(Compound):
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
        values = () if op == "empty" else tuple(map(self.asked, value))
        return held_in(self._mine(), "object_id", self.asked_by, op, values)

    def asked(self, value: Any) -> Any:
        """What a filter's value is compared as."""
        return str(value)


@dataclass(frozen=True, kw_only=True)
class Points(Rows):
    """Phones or mails: items {value, label, primary, consent}. Typing one value alone makes it the only one."""

    kind: str
    search: bool = True
    found_as_given: ClassVar[bool] = True
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
            if label not in _LABELLED:
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

    def held_by(self, kept: Collection[str]) -> Q:
        """The records that hold one of these numbers or addresses, given as they are kept, thousands at once."""
        return Q(id__in=self._mine().filter(value__any_of=kept).values("object_id"))

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
        return reader.comma.join(texts)

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
class Addresses(Rows):
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
            parts = {p: written(item.get(p)) for p in self.parts}
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
                {"label": written(item.get("label"))[:20], **parts, "primary": bool(item.get("primary"))}
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
        comma = reader.comma
        return "; ".join(
            comma.join(i[p] for p in ("province", "city", "street", "postal_code") if i[p])
            for i in value or ()
        )

    def schema(self) -> dict[str, Any]:
        properties = {p: {"type": "string"} for p in ("label", *self.parts)} | {
            "primary": {"type": "boolean"}
        }
        return {"type": "array", "items": {"type": "object", "properties": properties}}
