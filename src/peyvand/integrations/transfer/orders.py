"""What only orders need: files with one row for each line. The rows of one number are one order, wherever they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Max

from peyvand.integrations.transfer.drafts import LINES, Draft, whole
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.links import SEVERAL, Links, invalid_word
from peyvand.integrations.transfer.mapping import SOURCE, Shape
from peyvand.integrations.transfer.reading import Cell, Row, Table
from peyvand.integrations.transfer.writing import Tally
from peyvand.kernel import clock, money, numbers
from peyvand.kernel.errors import Invalid, PeyvandError, msg
from peyvand.operational.catalog.public import PRODUCT, Product
from peyvand.operational.orders.public import ORDER, Line, OrderLine, line
from peyvand.platform.access.decisions import visible
from peyvand.platform.objects.records import create_records, update_records

# What tells one order from another, the surest first.
_KEYS: Final = ("external_id", "number")
# Where these differ within an order, the file is wrong.
_SINGLE: Final = ("company", "person", "currency", "rate", "status", "original", "invoice", "deal")
_REMEMBERED: Final = 50_000
_TOGETHER: Final = "together"


@dataclass(slots=True)
class _Known:
    """A product that lines name: its id, what it is called, and its code."""

    id: int
    title: str


@dataclass(slots=True)
class _Named:
    """What the file calls a product, and since when."""

    name: str = ""
    at: datetime | None = None


class Orders:
    """The orders of one table."""

    def begin(self, table: Table, shape: Shape, links: Links) -> Shape:
        """Look at the whole table: how many rows each order has, and what each product is called last."""
        self.shape, self.links = shape, links
        self.ctx = links.ctx
        self.headers = {c.target: c.header for c in reversed(shape.columns)}
        self._of: dict[int, list[Draft]] = {}
        self._products: dict[str, _Known] = {}
        self._numbers: dict[str, Decimal] = {}
        self._amounts: dict[tuple[str, str], tuple[int, Decimal | None]] = {}
        at = {c.target: c.index for c in shape.columns}
        self._key_at = next((at[key] for key in _KEYS if key in at), None)
        self._rows: Counter[str] = Counter()
        self._names: dict[str, _Named] = {}
        self._look(table, at)
        return shape if shape.key or shape.has("number") else replace(shape, key="external_id")

    @property
    def is_parallel(self) -> bool:
        """Whether its sets may be written side by side: they make nothing but orders."""
        return "product" not in self.shape.create

    def sets(self, table: Table, size: int) -> Iterator[list[Row]]:
        """The rows in sets of about this many, those of an order in one set."""
        some: list[Row] = []
        waiting: dict[str, list[Row]] = {}
        for row in table.rows():
            key = self._key_of(row)
            if not key or self._rows[key] == 1:
                some.append(row)
            else:
                mine = waiting.setdefault(key, [])
                mine.append(row)
                if len(mine) == self._rows[key]:
                    some += waiting.pop(key)
            if len(some) >= size:
                yield some
                some = []
        if some:
            yield some

    def gather(self, drafts: Sequence[Draft]) -> list[Draft]:
        """One draft for each order, made of those of its rows; a row that cannot be taken refuses the order."""
        found: dict[str, Draft] = {}
        for draft in drafts:
            values = draft.values
            for key in _KEYS:
                if key in values:
                    values[key] = whole(str(values[key]))
            if raw := values.get(LINES):
                values[LINES] = [
                    {**item, "row": draft} for item in (raw if isinstance(raw, list) else [{"product": raw}])
                ]
            key = self._key_of(draft.row) or str(values.get("external_id") or self._unnumbered(values))
            first = found.get(key) if key else None
            if first is None:
                found[key or f" {draft.row.line}"] = draft
                self._of[id(draft)] = [draft]
            else:
                self._of[id(first)].append(draft)
                self._join(first, draft)
        return list(found.values())

    def scatter(self, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts of all rows again: what refuses an order refuses each of its rows."""
        rows = []
        for draft in drafts:
            for member in self._of.pop(id(draft), [draft]):
                if draft.refusal is not None and member.refusal is None:
                    _refuse_with(member, draft)
                rows.append(member)
        return rows

    def complete(self, drafts: Sequence[Draft]) -> None:
        """Moments, states and lines."""
        self._find_products(drafts)
        now = clock.now()
        for draft in drafts:
            if draft.refusal is not None:
                continue
            values = draft.values
            if draft.record is None:
                if "ordered_at" not in values:
                    draft.refuse(
                        msg("“%(field)s” is required.", field=ORDER.field("ordered_at").label),
                        code="required",
                    )
                    continue
                # What a file tells of the past did happen.
                values.setdefault("status", "fulfilled" if values["ordered_at"] <= now else "placed")
                if "number" not in values and not self.shape.has("number") and self.shape.has("external_id"):
                    values["number"] = values["external_id"][:60]
            if LINES in values:
                self._understand(draft)

    def write(self, drafts: Sequence[Draft], tally: Tally, journal: Journal) -> None:
        """As usual."""

    def _look(self, table: Table, at: Mapping[str, int]) -> None:
        code_at, name_at = at.get("lines.code"), at.get("lines.product", at.get("lines.description"))
        when_at, price_at = at.get("ordered_at"), at.get("lines.price")
        names = "product" in self.shape.create and code_at is not None and name_at is not None
        if self._key_at is None and not names:
            return
        moments: dict[Cell, datetime | None] = {}
        for row in table.rows():
            if row.problem is not None:
                continue
            if self._key_at is not None:
                self._rows[self._key_of(row)] += 1
            if not names or not (name := str(row.cells[name_at or 0]).strip()):
                continue
            # What nobody paid for is often no sale but a remark: "damaged", "check".
            if price_at is not None and str(row.cells[price_at]).strip(" 0.,۰٫-") == "":
                continue
            at_ = self._moment(row.cells[when_at], moments) if when_at is not None else None
            known = self._names.setdefault(whole(str(row.cells[code_at or 0]).strip()), _Named())
            if known.at is None or (at_ is not None and at_ >= known.at):
                known.name, known.at = name, at_

    def _moment(self, cell: Cell, known: dict[Cell, datetime | None]) -> datetime | None:
        if cell not in known:
            if len(known) > _REMEMBERED:
                known.clear()
            try:
                known[cell] = ORDER.field("ordered_at").parse(cell, self.ctx.reader)
            except PeyvandError:
                # Its row will be refused with the reason.
                known[cell] = None
        return known[cell]

    def _key_of(self, row: Row) -> str:
        if self._key_at is None or row.problem is not None or self._key_at >= len(row.cells):
            return ""
        return whole(str(row.cells[self._key_at]).strip())

    def _unnumbered(self, values: dict[str, Any]) -> str:
        """Without a number, what a customer bought at one moment is one order, and is known by that."""
        who, at = values.get("company") or values.get("person"), values.get("ordered_at")
        if self._key_at is not None or not who or at is None:
            return ""
        values["external_id"] = f"{who} {at.isoformat()}"[:200]
        return str(values["external_id"])

    def _join(self, first: Draft, draft: Draft) -> None:
        if draft.refusal is not None and first.refusal is None:
            _refuse_with(first, draft)
        mine, more = first.values, draft.values
        for key, value in more.items():
            if key == LINES:
                mine[LINES] = [*mine.get(LINES, ()), *value]
            elif key == "ordered_at" and key in mine:
                # Some tills write the moment of each line.
                mine[key] = min(mine[key], value)
            elif key in _SINGLE and mine.setdefault(key, value) != value:
                draft.refuse(
                    msg("The rows of one order say different things here."),
                    self.headers.get(key, ""),
                    "mixed",
                )
                _refuse_with(first, draft)
            else:
                mine.setdefault(key, value)

    def _find_products(self, drafts: Sequence[Draft]) -> None:
        """Learn the products that lines name, by code, else by name; those that are not there are made where wanted."""
        wanted: dict[str, str] = {}
        for draft in drafts:
            for item in draft.values.get(LINES, ()) if draft.refusal is None else ():
                item["code"] = whole(item.get("code", ""))
                word = item["code"] or item.get("product", "")
                if word and word not in self._products:
                    wanted.setdefault(word, item.get("product") or item.get("description") or "")
        if not wanted:
            return
        by_code = {word for word in wanted if "lines.code" in self.headers}
        there = visible(self.ctx.actor, "product", PRODUCT.rows.filter(deleted_at__isnull=True))
        rows = (
            there.filter(code__in=by_code).order_by("-id").values_list("code", "id", "name")
            if by_code
            else ()
        )
        for code, id, name in rows:
            self._products[code] = _Known(id, name)
        self._rename(by_code & self._products.keys())
        left = [word for word in wanted if word not in self._products]
        if by_name := [word for word in left if word not in by_code]:
            for word, id in self.links.find("product", by_name).items():
                self._products[word] = _Known(id, word)
        left = [word for word in left if word not in self._products]
        if left and "product" in self.shape.create:
            self._make(left, wanted, by_code)

    def _make(self, words: Sequence[str], said: Mapping[str, str], by_code: set[str]) -> None:
        rows = []
        for word in words:
            named = self._names.get(word)
            name = (named.name if named else "") or said[word] or word
            more = {"code": word[:60]} if word in by_code else {}
            rows.append({"name": name[:300], "kind": "goods", "is_active": True, **more})
        for word, made in zip(words, create_records(self.ctx, PRODUCT, rows, source=SOURCE), strict=True):
            self._products[word] = _Known(made.id, made.name)
            self.links.learn("product", made.name, made.id)

    def _rename(self, codes: set[str]) -> None:
        """A product that newer lines call otherwise is called so from now on: its code says that it is the same one."""
        other = {
            self._products[code].id: code
            for code in codes
            if (named := self._names.get(code))
            and named.name
            and named.name[:300] != self._products[code].title
        }
        if not other or "product" not in self.shape.create:
            return
        sold = OrderLine.objects.filter(product_id__in=other).order_by().values_list("product_id")
        last = dict(sold.annotate(last=Max("order__ordered_at")))
        newer = []
        for id, code in other.items():
            at, before = self._names[code].at, last.get(id)
            if at is not None and (before is None or at > before):
                newer.append(id)
        records = list(visible(self.ctx.actor, "product", Product.objects.filter(id__in=newer), "update"))
        names = [{"name": self._names[other[record.id]].name[:300]} for record in records]
        if records:
            update_records(self.ctx, PRODUCT, records, names, source=SOURCE)
            for record in records:
                self._products[other[record.id]].title = record.name

    def _understand(self, draft: Draft) -> None:
        currency = str(draft.values.get("currency") or self.ctx.tenant.currency).strip().upper()
        lines = []
        for item in draft.values[LINES]:
            row: Draft = item["row"]
            try:
                lines.append(self._line(item, currency))
            except PeyvandError as error:
                problem = error.problems[0] if isinstance(error, Invalid) else None
                header = self.headers.get(f"{LINES}.{problem.field}", "") if problem and problem.field else ""
                row.refuse(problem.message if problem else error.message, header, error.code)
                if draft.refusal is None:
                    _refuse_with(draft, row)
        if draft.refusal is None:
            draft.values[LINES] = tuple(lines)

    def _line(self, item: Mapping[str, Any], currency: str) -> Line:
        word, words = (
            item["code"] or item.get("product", ""),
            item.get("description") or item.get("product") or "",
        )
        known = self._products.get(word) if word else None
        if word and (known is None or known.id == SEVERAL):
            raise invalid_word("code" if item["code"] else "product", word, known.id if known else None)
        quantity = self._number(item.get("quantity") or "1", "quantity")
        if quantity == 0:
            raise Invalid.of(msg("This must not be zero."), "quantity")
        price, exact = self._amount(item.get("price", ""), currency, "price")
        gross: int | None = None
        if exact is not None:
            # Less than the currency's smallest coin for one: what all of them come to is rounded, not the price.
            gross = _rounded(exact * quantity)
        elif price is None and item.get("amount"):
            gross, _ = self._amount(item["amount"], currency, "amount")
            price = _rounded(Decimal(gross or 0) / quantity)
        cost, _ = self._amount(item.get("cost", ""), self.ctx.tenant.currency, "cost")
        discount = self._number(item.get("discount") or "0", "discount", percent=True)
        tax = self._number(item.get("tax") or "0", "tax", percent=True)
        return line(
            {"id": known.id, "title": known.title} if known else None, numbers.plain(quantity), price,
            description=(words or (known.title if known else ""))[:500], unit=item.get("unit", "")[:30],
            discount=numbers.plain(discount), tax=numbers.plain(tax), gross=gross,
            currency="" if currency == self.ctx.tenant.currency else currency, cost=cost,
        )  # fmt: skip

    def _number(self, text: str, key: str, *, percent: bool = False) -> Decimal:
        known = self._numbers.get(text)
        if known is None:
            try:
                known = numbers.parse_number(text.strip().rstrip("%٪"))
            except Invalid as error:
                raise error.at(key) from None
            if len(self._numbers) > _REMEMBERED:
                self._numbers.clear()
            self._numbers[text] = known
        if percent and not 0 <= known <= 100:
            raise Invalid.of(msg("This must be between 0 and %(max)s.", max=100), key)
        if abs(known) > 10**9:
            raise Invalid.of(msg("This must be between 0 and %(max)s.", max=10**9), key)
        if known != numbers.rounded(known, 2 if percent else 3):
            raise Invalid.of(msg("This has too many decimals."), key)
        return known

    def _amount(self, text: str, code: str, key: str) -> tuple[int | None, Decimal | None]:
        """An amount in minor units; and exactly, where it has a fraction of one."""
        if not text.strip():
            return None, None
        known = self._amounts.get((text, code))
        if known is None:
            try:
                known = _minor(text, money.currency(code), self.ctx.reader.money_unit)
            except Invalid as error:
                raise error.at(key) from None
            if len(self._amounts) > _REMEMBERED:
                self._amounts.clear()
            self._amounts[text, code] = known
        return known


def _refuse_with(draft: Draft, other: Draft) -> None:
    """Refuse a row because another one of its order is refused: an order is taken whole."""
    assert other.refusal is not None
    refusal = other.refusal
    if refusal.code == _TOGETHER:
        draft.refuse(refusal.message, code=_TOGETHER)
    else:
        draft.refuse(msg("Line %(line)s of the same order is refused.", line=refusal.line), code=_TOGETHER)


def _minor(text: str, currency: money.Currency, unit: money.Unit) -> tuple[int, Decimal | None]:
    try:
        number = numbers.parse_number(text)
    except Invalid:
        return money.parse_amount(text, currency, unit), None
    exact = number.scaleb(1 if currency == money.IRR and unit == "toman" else currency.exponent)
    minor = _rounded(exact)
    if abs(minor) > money.MOST:
        raise Invalid.of(msg("This amount is too large."))
    return minor, None if exact == minor else exact


def _rounded(exact: Decimal) -> int:
    return int(exact.to_integral_value(ROUND_HALF_UP))
