"""Fields that are counted with: numbers, percentages and money."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, cast

from peyvand.kernel import money, numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.field import Field
from peyvand.platform.fields.reader import Reader


@dataclass(frozen=True, kw_only=True)
class Number(Field):
    min: int | None = None
    max: int | None = None
    grouped: bool = True
    type: ClassVar[FieldType] = FieldType.number
    widget: ClassVar[str] = "number"

    def understand(self, raw: Any, reader: Reader) -> int:
        if isinstance(raw, bool):
            raise Invalid.of(msg("This must be a number."))
        number = raw if isinstance(raw, int) else numbers.parse_number(str(raw))
        if number != int(number):
            raise Invalid.of(msg("This must be a whole number."))
        value = int(number)
        if self.min is not None and value < self.min:
            raise Invalid.of(msg("This must be at least %(min)s.", min=self.min))
        if value > (self.max if self.max is not None else 2**31 - 1):
            raise Invalid.of(
                msg("This must be at most %(max)s.", max=self.max if self.max is not None else 2**31 - 1)
            )
        return value

    def show(self, value: Any, reader: Reader) -> str:
        if value is None:
            return ""
        return (
            numbers.format_number(value, reader.language)
            if self.grouped
            else numbers.localize(str(value), reader.language)
        )

    def schema(self) -> dict[str, Any]:
        bounds = {k: v for k, v in (("minimum", self.min), ("maximum", self.max)) if v is not None}
        return {"type": ["integer", "null"], **bounds}


@dataclass(frozen=True, kw_only=True)
class Percent(Number):
    min: int | None = 0
    max: int | None = 100
    widget: ClassVar[str] = "percent"

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else numbers.format_percent(value / 100, reader.language)


@dataclass(frozen=True, kw_only=True)
class Rate(Number):
    """A percentage with at most two decimals, as a Decimal: a discount, a tax."""

    min: int | None = 0
    max: int | None = 100
    widget: ClassVar[str] = "percent"

    def understand(self, raw: Any, reader: Reader) -> Any:
        if isinstance(raw, bool):
            raise Invalid.of(msg("This must be a number."))
        number = numbers.parse_number(str(raw).strip().removesuffix("%").removesuffix("٪"))
        if self.min is not None and number < self.min:
            raise Invalid.of(msg("This must be at least %(min)s.", min=self.min))
        if self.max is not None and number > self.max:
            raise Invalid.of(msg("This must be at most %(max)s.", max=self.max))
        if number != numbers.rounded(number, 2):
            raise Invalid.of(msg("This has too many decimals."))
        return numbers.rounded(number, 2)

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else numbers.format_percent(Decimal(value) / 100, reader.language, 2)

    def to_json(self, value: Any) -> Any:
        return value if value is None else numbers.plain(Decimal(value))

    def schema(self) -> dict[str, Any]:
        bounds = {k: v for k, v in (("minimum", self.min), ("maximum", self.max)) if v is not None}
        return {"type": ["number", "null"], **bounds}


@dataclass(frozen=True, kw_only=True)
class Money(Field):
    """An amount in the workspace's currency, stored as minor units in a bigint. Programs send and read minor units.

    ``min`` in minor units; zero is all that is asked for: that an amount is not negative.
    """

    min: int | None = None
    type: ClassVar[FieldType] = FieldType.money
    widget: ClassVar[str] = "money"

    def understand(self, raw: Any, reader: Reader) -> int:
        if isinstance(raw, bool):
            raise Invalid.of(msg("This must be an amount."))
        # What people type is read in the unit that they see; a number is a program's, and would mean another amount there.
        if isinstance(raw, float) and not raw.is_integer():
            raise Invalid.of(msg("Numbers are whole minor units of the currency; this one has a fraction."))
        minor = (
            int(raw)
            if isinstance(raw, int | float)
            else money.parse_amount(str(raw), money.currency(reader.currency), reader.money_unit)
        )
        if abs(minor) > money.MOST:
            raise Invalid.of(msg("This amount is too large."))
        if self.min is not None and minor < self.min:
            raise Invalid.of(msg("An amount cannot be negative."))
        return int(minor)

    def show(self, value: Any, reader: Reader, style: str = "full") -> str:
        return (
            ""
            if value is None
            else money.format_amount(
                value,
                money.currency(reader.currency),
                reader.money_unit,
                reader.language,
                cast(money.Style, style),
            )
        )

    def schema(self) -> dict[str, Any]:
        least = {} if self.min is None else {"minimum": self.min}
        return {
            "type": ["integer", "null"],
            "description": "minor units of the workspace's currency",
            **least,
        }
