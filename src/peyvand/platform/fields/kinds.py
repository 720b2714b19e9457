"""The kinds of custom fields: every type of the vocabulary, with its value in ``custom``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import BigIntegerField, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Collate

from peyvand.kernel import numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.custom import Definition, InCustom, spoken
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Email,
    Field,
    Flag,
    Instant,
    Link,
    LongText,
    Money,
    Number,
    Option,
    Percent,
    Phone,
    Ref,
    Text,
    Url,
    UserLink,
    whole_id,
)


class _InText(InCustom):
    def expression(self, prefix: str = "") -> Any:
        return self.raw(prefix)

    def order(self, prefix: str = "") -> Any:
        ordered = models.Func(self.raw(prefix), function="peyvand_sort", output_field=TextField())
        return Collate(ordered, "C")


class _InNumber(InCustom):
    cell: ClassVar[str] = "number"

    @property
    def output(self) -> models.Field[Any, Any]:
        return BigIntegerField(null=True)


@dataclass(frozen=True, kw_only=True)
class CustomText(_InText, Text):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomLongText(_InText, LongText):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomUrl(_InText, Url):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomEmail(_InText, Email):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomPhone(_InText, Phone):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomNumber(_InNumber, Number):
    """A number with up to six decimals: an int, or a Decimal where it has any. Kept as a whole number of its last decimal."""

    decimals: int = 0
    least: Decimal | None = None
    most: Decimal | None = None

    def understand(self, raw: Any, reader: Reader) -> Any:
        if isinstance(raw, bool):
            raise Invalid.of(msg("This must be a number."))
        number = Decimal(raw) if isinstance(raw, int) else numbers.parse_number(_plainly(raw))
        scaled = number.scaleb(self.decimals)
        if scaled != int(scaled):
            if not self.decimals:
                raise Invalid.of(msg("This must be a whole number."))
            raise Invalid.of(msg("This has more than %(n)s decimals.", n=self.decimals))
        if self.least is not None and number < self.least:
            raise Invalid.of(msg("This must be at least %(min)s.", min=self.least))
        if self.most is not None and number > self.most:
            raise Invalid.of(msg("This must be at most %(max)s.", max=self.most))
        if abs(scaled) >= 2**62:
            raise Invalid.of(msg("This number is too large."))
        return self.decode(int(scaled))

    def encode(self, value: Any) -> Any:
        return None if value is None else int(Decimal(value).scaleb(self.decimals))

    def decode(self, kept: Any) -> Any:
        if kept is None or not self.decimals:
            return kept
        return Decimal(kept).scaleb(-self.decimals)

    def asked(self, value: Any) -> Any:
        return Decimal(value).scaleb(self.decimals)

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else numbers.format_number(value, reader.language, self.decimals or None)

    def to_json(self, value: Any) -> Any:
        return float(value) if isinstance(value, Decimal) else value

    def schema(self) -> dict[str, Any]:
        bounds = {k: float(v) for k, v in (("minimum", self.least), ("maximum", self.most)) if v is not None}
        return {"type": ["number" if self.decimals else "integer", "null"], **bounds}


@dataclass(frozen=True, kw_only=True)
class CustomPercent(_InNumber, Percent):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomMoney(_InNumber, Money):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomDay(InCustom, Day):
    cell: ClassVar[str] = "day"

    def encode(self, value: Any) -> Any:
        return None if value is None else value.isoformat()

    def decode(self, kept: Any) -> Any:
        return None if kept is None else date.fromisoformat(kept)

    @property
    def output(self) -> models.Field[Any, Any]:
        return models.DateField(null=True)


@dataclass(frozen=True, kw_only=True)
class CustomInstant(InCustom, Instant):
    cell: ClassVar[str] = "moment"

    def encode(self, value: Any) -> Any:
        return None if value is None else value.astimezone(UTC).isoformat()

    def decode(self, kept: Any) -> Any:
        return None if kept is None else datetime.fromisoformat(kept)

    @property
    def output(self) -> models.Field[Any, Any]:
        return models.DateTimeField(null=True)


@dataclass(frozen=True, kw_only=True)
class CustomChoice(InCustom, Choice):
    """One of the options. Sorted by their order, not their words."""

    def expression(self, prefix: str = "") -> Any:
        return self.raw(prefix)

    def order(self, prefix: str = "") -> Any:
        places = models.Func(
            Value([o.key for o in self.options]), self.raw(prefix), function="array_position",
            template="%(function)s(%(expressions)s)", output_field=BigIntegerField(),
        )  # fmt: skip
        return Cast(places, BigIntegerField(null=True))

    @property
    def order_output(self) -> models.Field[Any, Any]:
        return BigIntegerField(null=True)


@dataclass(frozen=True, kw_only=True)
class CustomChoices(InCustom, Choices):
    default: Any = None
    filters_itself: ClassVar[bool] = False

    def encode(self, value: Any) -> Any:
        return list(value) if value else None

    def cells(self, value: Any) -> list[Any]:
        return list(value or ())


@dataclass(frozen=True, kw_only=True)
class CustomFlag(_InNumber, Flag):
    """Yes or no; no is the same as nothing."""

    def encode(self, value: Any) -> Any:
        return True if value else None

    def cells(self, value: Any) -> list[Any]:
        return [1] if value else []

    def expression(self, prefix: str = "") -> Any:
        return Coalesce(Cast(self.raw(prefix), self.output), Value(False))

    @property
    def output(self) -> models.Field[Any, Any]:
        return models.BooleanField(null=True)


class _InLink(_InNumber):
    """A link's value is an id on a record, and a Ref without its title in a row."""

    untitled: ClassVar[bool] = True
    to: str

    def from_columns(self, values: Sequence[Any]) -> Any:
        id = (values[0] or {}).get(self.key)
        return None if id is None else Ref(self.to, id, "")


@dataclass(frozen=True, kw_only=True)
class CustomLink(_InLink, Link):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomUserLink(_InLink, UserLink):
    pass


@dataclass(frozen=True, kw_only=True)
class CustomFile(_InNumber, Field):
    """One of the files that hang on the record itself: attached first, chosen here. A value is its id with its name, and
    the record it hangs on."""

    # Those to choose from, where a control of one record is drawn.
    files: tuple[Option, ...] = ()
    type: ClassVar[FieldType] = FieldType.link
    widget: ClassVar[str] = "file"
    sortable: ClassVar[bool] = False

    def understand(self, raw: Any, reader: Reader) -> Any:
        text = str(raw.get("id") if isinstance(raw, Mapping) else raw)
        if id := whole_id(text):
            return {"id": id}
        raise Invalid.of(msg("Choose one of the record's files."))

    def cells(self, value: Any) -> list[Any]:
        return [value["id"]] if value else []

    def comparable(self, value: Any) -> Any:
        return value["id"] if value else None

    def expression(self, prefix: str = "") -> Any:
        return Cast(KeyTextTransform("id", KeyTransform(self.key, f"{prefix}custom")), self.output)

    def show(self, value: Any, reader: Reader) -> str:
        return str(value.get("name", "")) if value else ""

    def to_json(self, value: Any) -> Any:
        return {"id": value["id"], "name": value.get("name", "")} if value else None

    def schema(self) -> dict[str, Any]:
        properties = {"id": {"type": "integer"}, "name": {"type": "string"}}
        return {"anyOf": [{"type": "integer"}, {"type": "object", "properties": properties, "required": ["id"]}, {"type": "null"}],
                "description": "one of the record's own files"}  # fmt: skip


def custom_field(defined: Definition) -> InCustom:
    """The field that a definition describes."""
    config, kind = defined.config, defined.kind
    if defined.is_derived:
        kind = str(config.get("result", "number"))
    make = KINDS[kind]
    common = {
        "key": defined.key,
        "label": spoken(defined.labels),
        "help": spoken(defined.help) if defined.help else "",
        "required": defined.is_required,
        "readonly": defined.is_derived,
        "search": bool(config.get("search")) and kind in SEARCHABLE,
        "defined": defined,
    }
    made = make(common, config)
    if defined.default is None or defined.is_derived:
        return made
    # Kept as JSON, which only the field itself can read.
    return replace(made, default=made.decode(defined.default))


Make = Callable[[dict[str, Any], Mapping[str, Any]], InCustom]


def _number(common: dict[str, Any], config: Mapping[str, Any]) -> CustomNumber:
    return CustomNumber(
        **common, decimals=int(config.get("decimals", 0)), least=_bound(config.get("min")), most=_bound(config.get("max"))
    )  # fmt: skip


def _percent(common: dict[str, Any], config: Mapping[str, Any]) -> CustomPercent:
    return CustomPercent(**common, min=int(config.get("min", 0)), max=int(config.get("max", 100)))


def options_of(config: Mapping[str, Any]) -> tuple[Option, ...]:
    """The options of a choice that are still offered or still shown."""
    return tuple(Option(o["key"], spoken(o["labels"]), o.get("tone", "")) for o in config.get("options", ()))


KINDS: dict[str, Make] = {
    "text": lambda common, config: CustomText(**common, max_length=int(config.get("max_length", 200))),
    "long_text": lambda common, config: CustomLongText(**common),
    "number": _number,
    "percent": _percent,
    "money": lambda common, config: CustomMoney(**common),
    "date": lambda common, config: CustomDay(**common),
    "instant": lambda common, config: CustomInstant(**common),
    "choice": lambda common, config: CustomChoice(**common, options=options_of(config)),
    "choices": lambda common, config: CustomChoices(**common, options=options_of(config)),
    "flag": lambda common, config: CustomFlag(**common),
    "link": lambda common, config: CustomLink(**common, to=str(config["to"]), timeline=bool(config.get("timeline"))),
    "user": lambda common, config: CustomUserLink(**common),
    "phone": lambda common, config: CustomPhone(**common),
    "email": lambda common, config: CustomEmail(**common),
    "url": lambda common, config: CustomUrl(**common, max_length=300),
    "file": lambda common, config: CustomFile(**common, secondary=True),
}  # fmt: skip
"""How the field of each kind is made from its definition's ``config``."""

SEARCHABLE = frozenset({"text", "phone", "email", "url"})
UNIQUE = frozenset({"text", "number", "money", "date", "phone", "email", "url", "link"})


def _bound(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


def _plainly(raw: Any) -> str:
    return format(Decimal(str(raw)), "f") if isinstance(raw, float | Decimal) else str(raw)
