"""Compound fields whose items name a record and say a few things about it: people and competitors in a deal, its team."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, ClassVar

from django.db import connection
from django.db.models import Q, QuerySet

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.text import tidy, to_ascii_digits
from peyvand.operational.sales.models import DealContact, DealMember, DealRival
from peyvand.operational.sales.team import open_to_team
from peyvand.platform.access.decisions import visible
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Field, Link, Rate, held_in, is_empty, whole_id
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.lookups import Asking, lookup
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id, found_once

MOST = 50
_LOST = msg("This record does not exist or you may not see it.")


@dataclass(frozen=True, kw_only=True)
class Parts(Compound):
    """Items {<link>: {id, title}, …}: the first of ``parts`` links to whom an item is about, the others say what.

    Whom it is about is given by id or by name, and only once.
    """

    parts: tuple[Field, ...]
    widget: ClassVar[str] = "parts"
    table: ClassVar[type[WorkspaceModel]]

    @property
    def item_fields(self) -> tuple[Field, ...]:
        return self.parts

    @property
    def who(self) -> Link:
        first = self.parts[0]
        assert isinstance(first, Link)
        return first

    @property
    def to(self) -> str:
        """The object whose records the items name, and by which the field is filtered."""
        return self.who.to

    def understand(self, raw: Any, reader: Reader) -> Any:
        key = self.who.key
        items: dict[int, dict[str, Any]] = {}
        problems: list[Problem] = []
        for n, item in enumerate(_given(raw, key)):
            if all(is_empty(item.get(part.key)) for part in self.parts):
                continue
            try:
                about = self._named(item.get(key))
                said = {part.key: _said(part, item, reader) for part in self.parts[1:]}
            except Invalid as error:
                problems += error.at(str(n)).problems
                continue
            if about["id"] in items:
                problems.append(Problem(f"{n}.{key}", msg("This stands here twice."), "twice"))
            items[about["id"]] = {key: about, **said}
        if problems:
            raise Invalid(problems)
        return tuple(items.values())

    def _named(self, raw: Any) -> dict[str, Any]:
        raw = raw.get("id") if isinstance(raw, Mapping) else raw
        text = tidy("" if raw is None else str(raw).replace("\x00", ""))
        if not text:
            raise Invalid.of(msg("This is required."), self.who.key, "required")
        known: dict[str, list[tuple[int, str]]] = found_once(f"sales.parts.{self.to}", dict)
        if text not in known:
            spec, id = object_named(self.to), whole_id(to_ascii_digits(text))
            asked = Q(id=id) if id else Q(**{spec.title: text, "deleted_at": None})
            known[text] = list(spec.rows.filter(asked).order_by("id").values_list("id", spec.title)[:2])
        if len(known[text]) != 1:
            several = msg("Several are called “%(name)s”; choose one.", name=text)
            raise Invalid.of(several if known[text] else _LOST, self.who.key, "missing")
        [(id, title)] = known[text]
        return {"id": id, "title": title}

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, dict[int, dict[str, Any]]] = defaultdict(dict)
        key, rest = self.who.key, [part.key for part in self.parts[1:]]
        title = f"{key}__{object_named(self.to).title}"
        items_of = _items(self.table, ("deal_id", f"{key}_id", title, *rest))
        for deal, id, named, *said in items_of(list(ids)):
            # Two people who became one person are one here as well.
            found[deal].setdefault(id, {
                key: {"id": id, "title": named or ""},
                **{k: numbers.plain(v) if isinstance(v, Decimal) else v for k, v in zip(rest, said, strict=True)},
            })  # fmt: skip
        return {id: tuple(items.values()) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        key, rest = self.who.key, [part.key for part in self.parts[1:]]
        before = defaultdict(set)
        kept = self.table.objects.filter(deal_id__in=list(values))
        for deal, id in kept.values_list("deal_id", f"{key}_id"):
            before[deal].add(id)
        new = {
            item[key]["id"]
            for deal, items in values.items()
            for item in items
            if item[key]["id"] not in before[deal]
        }
        self._demand(ctx, new)
        with connection.cursor() as cursor:
            cursor.execute(
                f"delete from {self.table._meta.db_table} where workspace_id = %s and deal_id = any(%s)",  # noqa: S608 the name comes from the model
                [current_workspace_id(), list(values)],
            )
        rows = [(deal, n, item) for deal, items in values.items() for n, item in enumerate(items)]
        if rows:
            columns = ("id", "workspace_id", "deal_id", "position", f"{key}_id", *rest)
            insert_rows(self.table, columns, (
                (id, current_workspace_id(), deal, n, item[key]["id"], *(_stored(part, item) for part in self.parts[1:]))
                for id, (deal, n, item) in zip(next_ids(self.table, len(rows)), rows, strict=True)
            ))  # fmt: skip
        self.changed(
            ctx, before, {deal: {item[key]["id"] for item in items} for deal, items in values.items()}
        )

    def changed(
        self, ctx: Context, before: Mapping[int, Collection[int]], after: Mapping[int, Collection[int]]
    ) -> None:
        """What follows from another set of records being named, deal by deal."""

    def _demand(self, ctx: Context, ids: Collection[int]) -> None:
        rows = object_named(self.to).rows.filter(id__in=ids, deleted_at__isnull=True)
        if ids and set(ids) - set(visible(ctx.actor, self.to, rows).values_list("id", flat=True)):
            raise Invalid.of(_LOST, self.key, "missing")

    def filter(self, op: str, value: Any) -> Q:
        ids = () if op == "empty" else tuple(map(whole_id, value))
        return held_in(self.table.objects.all(), "deal_id", f"{self.who.key}_id", op, ids)

    def says(self, item: Mapping[str, Any], reader: Reader) -> str:
        """What an item says of the one it names: «تصمیم‌گیر، موافق»."""
        shown = (_shown(part, item.get(part.key), reader) for part in self.parts[1:])
        return reader.comma.join(filter(None, shown))

    def show(self, value: Any, reader: Reader) -> str:
        texts = []
        for item in value or ():
            said = self.says(item, reader)
            texts.append(f"{item[self.who.key]['title']} ({said})" if said else item[self.who.key]["title"])
        return reader.comma.join(texts)

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        properties = {part.key: part.schema() for part in self.parts}
        item = {"type": "object", "properties": properties, "required": [self.who.key]}
        return {"type": "array", "items": item}


@cache
def _items(table: type[WorkspaceModel], columns: tuple[str, ...]) -> Asking:
    """Asks for the items of some deals."""

    @lookup("bigint[]")
    def items_of(deals: Slot) -> QuerySet[Any]:
        rows = table.objects.filter(in_slot("deal_id", deals)).order_by("deal_id", "position", "id")
        return rows.values_list(*columns)

    return items_of


def _given(raw: Any, key: str) -> list[Mapping[str, Any]]:
    items = raw.replace("،", ",").split(",") if isinstance(raw, str) else raw
    items = [items] if isinstance(items, Mapping | int) else items
    if not isinstance(items, Iterable):
        raise Invalid.of(msg("This must be a list."))
    given = [item if isinstance(item, Mapping) else {key: item} for item in items]
    if len(given) > MOST:
        raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST))
    return given


def _said(part: Field, item: Mapping[str, Any], reader: Reader) -> Any:
    try:
        value = part.parse(item.get(part.key), reader)
    except Invalid as error:
        raise error.at(part.key) from None
    return numbers.plain(value) if isinstance(value, Decimal) else value


def _stored(part: Field, item: Mapping[str, Any]) -> Any:
    value = item.get(part.key)
    if isinstance(part, Rate):
        return None if value is None else Decimal(str(value))
    return value if value is not None else part.empty() or ""


def _shown(part: Field, value: Any, reader: Reader) -> str:
    return (
        "" if is_empty(value) else part.show(Decimal(str(value)) if isinstance(part, Rate) else value, reader)
    )


@dataclass(frozen=True, kw_only=True)
class Contacts(Parts):
    """People who have a say in a deal: items {person, role, attitude, note}."""

    search: bool = True
    table: ClassVar[type[WorkspaceModel]] = DealContact

    def search_text(self, value: Any) -> str:
        return " ".join(item["person"]["title"] for item in value)


@dataclass(frozen=True, kw_only=True)
class Rivals(Parts):
    """Competitors for a deal: items {competitor, standing, note}."""

    table: ClassVar[type[WorkspaceModel]] = DealRival


@dataclass(frozen=True, kw_only=True)
class Members(Parts):
    """Colleagues on a deal: items {user, share, part}. What is not given to anybody is the owner's share."""

    table: ClassVar[type[WorkspaceModel]] = DealMember

    def changed(
        self, ctx: Context, before: Mapping[int, Collection[int]], after: Mapping[int, Collection[int]]
    ) -> None:
        open_to_team(ctx, before, after)
