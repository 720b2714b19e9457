"""Fields that a workspace added by itself: the same types as everywhere, their values kept in their record's ``custom``.

``custom`` is one JSON column of every record; a value that is empty is not in it. Beside it, each value is kept once
more as typed ``cells`` (platform/schema/values), by which filters find it and unique values are held unique.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import BigIntegerField, Expression, TextField, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Collate
from django.utils.functional import lazy
from django.utils.translation import get_language

from peyvand.kernel import numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import (
    Choice,
    Day,
    Email,
    Field,
    Flag,
    Instant,
    Label,
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

PREFIX = "c_"
FORMULA, ROLLUP = "formula", "rollup"


@dataclass(frozen=True)
class Definition:
    """A custom field as its workspace defined it. ``config`` holds what its kind needs; see ``KINDS``."""

    id: int
    object: str
    key: str
    kind: str
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)
    help: Mapping[str, str] = field(default_factory=dict, hash=False)
    config: Mapping[str, Any] = field(default_factory=dict, hash=False)
    is_required: bool = False
    is_unique: bool = False
    default: Any = field(default=None, hash=False)
    section: str = ""
    position: int = 0
    visible_when: Any = field(default=None, hash=False)

    @property
    def is_derived(self) -> bool:
        """Whether the value is worked out, never typed."""
        return self.kind in (FORMULA, ROLLUP)


def spoken(labels: Mapping[str, str]) -> Label:
    """The label in the active language, else in any."""

    def say() -> str:
        return labels.get((get_language() or "en")[:2]) or next(filter(None, labels.values()), "")

    said: Callable[[], Label] = lazy(say, str)
    return said()


# A Field to whoever reads the types; no base when it runs, for it comes before a type's own defaults.
if TYPE_CHECKING:
    _Mixed = Field
else:
    _Mixed = object


@dataclass(frozen=True, kw_only=True)
class InCustom(_Mixed):
    """What every custom field adds to its type: where its value lies, and the typed cells it is filtered by."""

    defined: Definition

    # Which column of the typed rows its cells are in: text, number, day or moment.
    cell: ClassVar[str] = "text"

    @property
    def column(self) -> str:
        """Not a column of the model but the name that ``expression`` goes by in a query."""
        return self.key

    @property
    def sort_column(self) -> str:
        return f"{self.key}_order"

    def columns(self) -> tuple[str, ...]:
        return ("custom",)

    def from_columns(self, values: Sequence[Any]) -> Any:
        return self.decode((values[0] or {}).get(self.key))

    def read(self, record: Any) -> Any:
        return self.decode(record.custom.get(self.key))

    def write(self, record: Any, value: Any) -> None:
        rest = {key: kept for key, kept in record.custom.items() if key != self.key}
        kept = self.encode(value)
        record.custom = rest if kept is None else {**rest, self.key: kept}

    def encode(self, value: Any) -> Any:
        """The value as JSON; None where it is empty."""
        return None if value in (None, "") else value

    def decode(self, kept: Any) -> Any:
        """The value that ``encode`` made this JSON of."""
        return self.empty() if kept is None else kept

    def cells(self, value: Any) -> list[Any]:
        """The values by which typed rows find this one; none where it is empty."""
        kept = self.encode(value)
        return [] if kept is None else [kept]

    def asked(self, value: Any) -> Any:
        """A value that a condition names, as its cells have it."""
        return value

    def search_text(self, value: Any) -> str:
        """What of this value is findable."""
        return str(value or "")

    def raw(self, prefix: str = "") -> Expression:
        """The JSON value as text."""
        return KeyTextTransform(self.key, f"{prefix}custom")

    def expression(self, prefix: str = "") -> Any:
        """The typed value in a query; NULL where it is empty."""
        return Cast(self.raw(prefix), self.output)

    def order(self, prefix: str = "") -> Any:
        """What lists sort by."""
        return self.expression(prefix)

    @property
    def output(self) -> models.Field[Any, Any]:
        """The type of ``expression``."""
        return TextField(null=True)

    @property
    def order_output(self) -> models.Field[Any, Any]:
        """The type of ``order``."""
        return self.output


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
            raise Invalid.of(msg("This must be at least %(min)s.", min=f"{self.least:f}"))
        if self.most is not None and number > self.most:
            raise Invalid.of(msg("This must be at most %(max)s.", max=f"{self.most:f}"))
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

    def from_columns(self, values: Sequence[Any]) -> Any:
        id = (values[0] or {}).get(self.key)
        return None if id is None else Ref(self.to, id, "")  # type: ignore[attr-defined]


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
    if defined.default is not None and not defined.is_derived:
        object.__setattr__(made, "default", made.decode(defined.default))
    return made


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
