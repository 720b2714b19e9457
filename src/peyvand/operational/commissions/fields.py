"""Fields that plans and statements have and no other object: whom a plan is for, its table, how a line came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import orjson
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.operational.commissions.models import CommissionRate, CommissionSeat
from peyvand.operational.commissions.words import words
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import (
    Compound,
    Field,
    Link,
    LongText,
    Money,
    Rate,
    Text,
    held_in,
    is_empty,
    whole_id,
)
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.models import WorkspaceModel

_LOST = msg("This record does not exist or you may not see it.")
MOST_ROWS = 50


@dataclass(frozen=True, kw_only=True)
class Seats(Compound):
    """Users, teams or roles that a plan is for: items {id, name}, given by id. All three lie in one table."""

    to: str
    widget: ClassVar[str] = "people"
    table: ClassVar[type[WorkspaceModel]] = CommissionSeat

    def understand(self, raw: Any, reader: Reader) -> Any:
        items = (
            raw.replace("،", ",").split(",")
            if isinstance(raw, str)
            else [raw]
            if isinstance(raw, int)
            else raw
        )
        if not isinstance(items, Iterable) or isinstance(items, Mapping):
            raise Invalid.of(msg("This must be a list."))
        ids = [to_ascii_digits(str(i.get("id") if isinstance(i, Mapping) else i)).strip() for i in items]
        if not all(map(whole_id, ids)):
            raise Invalid.of(msg("Choose one from the list."))
        return tuple({"id": id, "name": ""} for id in dict.fromkeys(map(whole_id, ids)))

    def holds(self, row: Mapping[str, Any]) -> bool:
        return row.get(f"{self.to}_id") is not None

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        rows = CommissionSeat.objects.filter(plan_id__in=list(ids), **{f"{self.to}__isnull": False})
        for plan, id, name in rows.order_by("id").values_list("plan_id", f"{self.to}_id", f"{self.to}__name"):
            found[plan].append({"id": id, "name": name})
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        asked = {item["id"] for items in values.values() for item in items}
        rows = object_named(self.to).rows.filter(id__in=asked, deleted_at__isnull=True)
        if asked - set(rows.values_list("id", flat=True)):
            raise Invalid.of(_LOST, self.key, "missing")
        CommissionSeat.objects.filter(plan_id__in=list(values), **{f"{self.to}__isnull": False}).delete()
        CommissionSeat.objects.bulk_create(
            CommissionSeat(plan_id=plan, **{f"{self.to}_id": item["id"]})
            for plan, items in values.items()
            for item in items
        )

    def filter(self, op: str, value: Any) -> Q:
        rows = CommissionSeat.objects.filter(**{f"{self.to}__isnull": False})
        return held_in(
            rows, "plan_id", f"{self.to}_id", op, () if op == "empty" else tuple(map(whole_id, value))
        )

    def show(self, value: Any, reader: Reader) -> str:
        return reader.comma.join(item["name"] for item in value or ())

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        one = {
            "type": "object",
            "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
            "required": ["id"],
        }
        return {"type": "array", "items": {"anyOf": [{"type": "integer"}, one]}}


_PARTS: tuple[Field, ...] = (
    Link(key="product", label=_("Product"), to="product"),
    Text(key="series", label=_("Series of products"), max_length=100),
    Money(key="start", label=_("From the amount")),
    Rate(key="reach", label=_("From % of quota"), max=10_000),
    Rate(key="percent", label=_("Percent")),
    Money(key="fixed", label=_("Amount for a deal")),
)


@dataclass(frozen=True, kw_only=True)
class Rates(Compound):
    """The table of a plan: items {product: {id, title}, series, start, reach, percent, fixed}; amounts in minor units."""

    parts: tuple[Field, ...] = _PARTS
    widget: ClassVar[str] = "table"
    table: ClassVar[type[WorkspaceModel]] = CommissionRate

    @property
    def item_fields(self) -> tuple[Field, ...]:
        return self.parts

    def understand(self, raw: Any, reader: Reader) -> Any:
        if isinstance(raw, str | Mapping) or not isinstance(raw, Iterable):
            raise Invalid.of(msg("This must be a list."))
        items: list[dict[str, Any]] = []
        problems: list[Problem] = []
        for n, item in enumerate(raw):
            if not isinstance(item, Mapping):
                raise Invalid.of(msg("This must be a list."))
            if all(is_empty(item.get(part.key)) for part in self.parts):
                continue
            said: dict[str, Any] = {}
            for part in self.parts:
                try:
                    said[part.key] = part.parse(item.get(part.key), reader)
                except Invalid as error:
                    problems += error.at(part.key).at(str(n)).problems
            items.append(_plain(said))
            if (said.get("start") or 0) < 0 or (said.get("fixed") or 0) < 0:
                problems.append(Problem(f"{n}.start", msg("This must not be below zero.")))
            if said.get("product") and said.get("series"):
                problems.append(Problem(f"{n}.series", msg("Name a product or a series, not both.")))
        if len(items) > MOST_ROWS:
            raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST_ROWS))
        if problems:
            raise Invalid(problems)
        return tuple(items)

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        found: dict[int, list[dict[str, Any]]] = defaultdict(list)
        rows = CommissionRate.objects.filter(plan_id__in=list(ids)).order_by("plan_id", "position", "id")
        for row in rows.select_related("product"):
            product = {"id": row.product_id, "title": row.product.name} if row.product_id else None
            found[row.plan_id].append(_plain({
                "product": product, "series": row.series, "start": row.start or None, "reach": row.reach or None,
                "percent": row.percent, "fixed": row.fixed or None,
            }))  # fmt: skip
        return {id: tuple(items) for id, items in found.items()}

    def store(self, ctx: Context, values: Mapping[int, Any]) -> None:
        asked = {_id(item["product"]) for items in values.values() for item in items if item["product"]}
        rows = object_named("product").rows.filter(id__in=asked, deleted_at__isnull=True)
        if asked - set(rows.values_list("id", flat=True)):
            raise Invalid.of(_LOST, self.key, "missing")
        CommissionRate.objects.filter(plan_id__in=list(values)).delete()
        CommissionRate.objects.bulk_create(
            CommissionRate(
                plan_id=plan, position=n, product_id=_id(item["product"]), series=item["series"] or "", start=item["start"] or 0,
                reach=Decimal(str(item["reach"] or 0)), percent=Decimal(str(item["percent"] or 0)), fixed=item["fixed"] or 0,
            )
            for plan, items in values.items()
            for n, item in enumerate(items)
        )  # fmt: skip

    def filter(self, op: str, value: Any) -> Q:
        rows = CommissionRate.objects.all()
        return held_in(
            rows, "plan_id", "product_id", op, () if op == "empty" else tuple(map(whole_id, value))
        )

    def show(self, value: Any, reader: Reader) -> str:
        return ("؛ " if reader.is_persian else "; ").join(self.says(item, reader) for item in value or ())

    def says(self, item: Mapping[str, Any], reader: Reader) -> str:
        """A row in words: "from 80%: 5%"."""
        what = item["product"]["title"] if isinstance(item["product"], Mapping) else item["series"] or ""
        if item["reach"]:
            step = gettext("from %(reach)s of the quota") % {"reach": _percent(item["reach"], reader)}
        elif item["start"]:
            step = gettext("from %(amount)s") % {"amount": _MONEY.show(item["start"], reader)}
        else:
            step = ""
        much = " + ".join(filter(None, (
            _percent(item["percent"], reader) if item["percent"] or not item["fixed"] else "",
            gettext("%(amount)s a deal") % {"amount": _MONEY.show(item["fixed"], reader)} if item["fixed"] else "",
        )))  # fmt: skip
        head = reader.comma.join(filter(None, (what, step)))
        return f"{head}: {much}" if head else much

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def schema(self) -> dict[str, Any]:
        return {
            "type": "array",
            "items": {"type": "object", "properties": {p.key: p.schema() for p in self.parts}},
        }


_MONEY = Money(key="amount", label="")


def _percent(value: Any, reader: Reader) -> str:
    return numbers.format_percent(Decimal(str(value or 0)) / 100, reader.language, 2)


def _plain(item: Mapping[str, Any]) -> dict[str, Any]:
    return {key: numbers.plain(value) if isinstance(value, Decimal) else value for key, value in item.items()}


def _id(product: Any) -> int | None:
    return int(product["id"]) if isinstance(product, Mapping) else product


@dataclass(frozen=True, kw_only=True)
class Why(LongText):
    """How a line came: kept as data, said in the reader's language; programs get both the words and the data."""

    widget: ClassVar[str] = "commission_why"

    def show(self, value: Any, reader: Reader) -> str:
        return words(orjson.loads(value), reader) if value else ""

    def to_json(self, value: Any) -> Any:
        return orjson.loads(value) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}
