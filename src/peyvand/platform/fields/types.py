"""The vocabulary of fields: each type knows how a value is understood, shown, sent to programs and compared.

A field is declared once on an object; lists, forms, filters, import, the API and search all read that declaration.
``parse`` takes what a person typed or a program sent and returns the stored value, or raises Invalid with the reason.
``show`` is text for a person; ``to_json`` is for programs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

import orjson
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise

from peyvand.kernel import money, numbers
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.email import email as parse_email
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import Style as DateStyle
from peyvand.kernel.persian.calendar import format_date, parse_date
from peyvand.kernel.persian.text import tidy, to_ascii_digits
from peyvand.kernel.phone import phone as parse_phone
from peyvand.kernel.phone import show_phone
from peyvand.kernel.ranges import within_reach
from peyvand.platform.database.prepared import fetch
from peyvand.platform.fields.reader import Reader
from peyvand.platform.workspaces.models import WorkspaceModel
from peyvand.platform.workspaces.scope import current_workspace_id

Label = str | Promise


@dataclass(frozen=True, kw_only=True)
class Field:
    """One property of an object. ``key`` is its name everywhere; ``attr`` the model attribute that stores it."""

    key: str
    label: Label
    attr: str = ""
    required: bool = False
    readonly: bool = False
    search: bool = False
    default: Any = None
    help: Label = ""
    # Names under which spreadsheets of other products carry this field (folded when compared).
    headers: tuple[str, ...] = ()
    # Keys of the object's fields that this one is worked out from: whoever may not know them may not know it.
    reads: tuple[str, ...] = ()
    # In a form only when asked for ("more fields"), and not among a list's first columns.
    secondary: bool = False

    type: ClassVar[FieldType] = FieldType.text
    widget: ClassVar[str] = "text"
    sortable: ClassVar[bool] = True
    # Stored in rows of another table, read and written through load() and store().
    is_compound: ClassVar[bool] = False
    # A row has its Ref without the title; whoever shows it adds the titles, in sets.
    untitled: ClassVar[bool] = False
    # Has a filter() of its own, because its value is no single column that a condition could be compared with.
    filters_itself: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.attr:
            object.__setattr__(self, "attr", self.key)

    @property
    def column(self) -> str:
        """The ORM path of the stored value."""
        return self.attr

    @property
    def sort_column(self) -> str:
        """The ORM path to order by; it must be indexable under row security."""
        return self.column

    def columns(self) -> tuple[str, ...]:
        """The ORM paths that a list row needs to show this field."""
        return (self.column,)

    def from_columns(self, values: Sequence[Any]) -> Any:
        """The value from what ``columns`` fetched."""
        return values[0]

    def read(self, record: Any) -> Any:
        """The stored value of a loaded record."""
        return getattr(record, self.column)

    def write(self, record: Any, value: Any) -> None:
        """Put a stored value on a loaded record."""
        setattr(record, self.column, value)

    def parse(self, raw: Any, reader: Reader) -> Any:
        """The stored value of what was typed or sent; None for empty.

        Raises:
            Invalid: the reason, in one Message.
        """
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return self.empty()
        return self.understand(raw, reader)

    def empty(self) -> Any:
        return None

    def understand(self, raw: Any, reader: Reader) -> Any:
        raise NotImplementedError

    def show(self, value: Any, reader: Reader) -> str:
        return "" if value is None else str(value)

    def to_json(self, value: Any) -> Any:
        return value

    def comparable(self, value: Any) -> Any:
        """The value of a loaded record as kernel.conditions.matches compares it."""
        return value

    def filter(self, op: str, value: Any) -> Any:
        """A Q for one comparison, where the field filters itself."""
        raise NotImplementedError

    def schema(self) -> dict[str, Any]:
        """The field's JSON schema in the API."""
        return {"type": ["string", "null"]}


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    max_length: int = 200
    # A generated column that holds peyvand_sort(...) of this text, where lists sort by it.
    sorted_by: str = ""

    @property
    def sort_column(self) -> str:
        return self.sorted_by or self.column

    def empty(self) -> Any:
        return ""

    def understand(self, raw: Any, reader: Reader) -> str:
        if not isinstance(raw, str | int | float) or isinstance(raw, bool):
            raise Invalid.of(msg("This must be text."))
        text = tidy(str(raw))
        if "\x00" in text:
            raise Invalid.of(msg("This text has a character that cannot be stored."))
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length}


@dataclass(frozen=True, kw_only=True)
class LongText(Text):
    max_length: int = 50_000
    widget: ClassVar[str] = "textarea"
    sortable: ClassVar[bool] = False

    def understand(self, raw: Any, reader: Reader) -> str:
        if not isinstance(raw, str):
            raise Invalid.of(msg("This must be text."))
        text = raw.replace("\r\n", "\n").replace("\x00", "").strip()
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return text


@dataclass(frozen=True, kw_only=True)
class Url(Text):
    widget: ClassVar[str] = "url"

    def understand(self, raw: Any, reader: Reader) -> str:
        text = super().understand(raw, reader)
        if "://" not in text:
            text = super().understand(f"https://{text}", reader)
        if not text.startswith(("http://", "https://")) or " " in text or "." not in text:
            raise Invalid.of(msg("This is not a web address."))
        return text


@dataclass(frozen=True, kw_only=True)
class Email(Text):
    widget: ClassVar[str] = "email"

    def understand(self, raw: Any, reader: Reader) -> str:
        return parse_email(str(raw))


@dataclass(frozen=True, kw_only=True)
class Phone(Text):
    widget: ClassVar[str] = "phone"

    def understand(self, raw: Any, reader: Reader) -> str:
        return parse_phone(str(raw))

    def show(self, value: Any, reader: Reader) -> str:
        return show_phone(value, reader.language) if value else ""


@dataclass(frozen=True, kw_only=True)
class Identifier(Text):
    """An official number whose checksum is verified; ``check`` returns the canonical form or raises Invalid."""

    check: Callable[[str], str]
    widget: ClassVar[str] = "code"

    def understand(self, raw: Any, reader: Reader) -> str:
        return self.check(str(raw))

    def show(self, value: Any, reader: Reader) -> str:
        return numbers.localize(value, reader.language) if value else ""


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
class Money(Field):
    """An amount in the workspace's currency, stored as minor units in a bigint. Programs send and read minor units."""

    type: ClassVar[FieldType] = FieldType.money
    widget: ClassVar[str] = "money"

    def understand(self, raw: Any, reader: Reader) -> int:
        if isinstance(raw, bool):
            raise Invalid.of(msg("This must be an amount."))
        minor = (
            int(raw)
            if isinstance(raw, int) or (isinstance(raw, float) and raw.is_integer())
            else money.parse_amount(str(raw), money.currency(reader.currency), reader.money_unit)
        )
        if abs(minor) >= 2**62:
            raise Invalid.of(msg("This amount is too large."))
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
        return {"type": ["integer", "null"], "description": "minor units of the workspace's currency"}


@dataclass(frozen=True)
class Option:
    """One value of a choice. ``tone`` is a meaning of the design tokens: good, warn, bad, info, acc or empty."""

    key: str
    label: Label
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    options: tuple[Option, ...]
    type: ClassVar[FieldType] = FieldType.choice
    widget: ClassVar[str] = "select"

    def empty(self) -> Any:
        return ""

    def option(self, value: Any) -> Option | None:
        return next((o for o in self.options if o.key == value), None)

    def understand(self, raw: Any, reader: Reader) -> str:
        text = str(raw).strip()
        if self.option(text):
            return text
        folded = tidy(text).casefold()
        for option in self.options:
            if folded in (option.key.casefold(), str(option.label).casefold()):
                return option.key
        raise Invalid.of(
            msg(
                "“%(value)s” is not one of the choices: %(choices)s.",
                value=text,
                choices=", ".join(o.key for o in self.options),
            )
        )

    def show(self, value: Any, reader: Reader) -> str:
        option = self.option(value)
        return str(option.label) if option else ""

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [*(o.key for o in self.options), ""]}


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    type: ClassVar[FieldType] = FieldType.date
    widget: ClassVar[str] = "date"

    def understand(self, raw: Any, reader: Reader) -> date:
        if isinstance(raw, datetime):
            return within_reach(raw.date())
        return within_reach(raw if isinstance(raw, date) else parse_date(str(raw), reader.language))

    def show(self, value: Any, reader: Reader, style: str = "short") -> str:
        return "" if value is None else format_date(value, reader.language, cast(DateStyle, style))

    def to_json(self, value: Any) -> Any:
        return value.isoformat() if value is not None else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Instant(Field):
    type: ClassVar[FieldType] = FieldType.instant
    widget: ClassVar[str] = "instant"

    def understand(self, raw: Any, reader: Reader) -> datetime:
        return within_reach(self._moment(raw, reader))

    def _moment(self, raw: Any, reader: Reader) -> datetime:
        if isinstance(raw, datetime):
            return raw if raw.tzinfo else raw.replace(tzinfo=reader.tz)
        text = to_ascii_digits(str(raw).strip()).replace("T", " ")
        day, _, clock = text.partition(" ")
        try:
            # Programs send ISO instants; people a date and a time of their own clock.
            moment = datetime.fromisoformat(str(raw).strip())
            if moment.year > 1700:
                return moment if moment.tzinfo else moment.replace(tzinfo=reader.tz)
        except ValueError:
            pass
        on = parse_date(day, reader.language)
        try:
            at = datetime.strptime(clock.strip() or "00:00", "%H:%M").time()
        except ValueError:
            raise Invalid.of(msg("The time must look like 14:30.")) from None
        return datetime.combine(on, at, reader.tz)

    def show(self, value: Any, reader: Reader, style: str = "short") -> str:
        if value is None:
            return ""
        local = value.astimezone(reader.tz)
        clock = numbers.localize(f"{local.hour}:{local.minute:02}", reader.language)
        return f"{format_date(local.date(), reader.language, cast(DateStyle, style))} {clock}"

    def to_json(self, value: Any) -> Any:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value is not None else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}


@dataclass(frozen=True, kw_only=True)
class Flag(Field):
    default: Any = False
    type: ClassVar[FieldType] = FieldType.flag
    widget: ClassVar[str] = "checkbox"

    def empty(self) -> Any:
        return False

    def understand(self, raw: Any, reader: Reader) -> bool:
        if isinstance(raw, bool):
            return raw
        text = tidy(str(raw)).casefold()
        if text in ("1", "true", "yes", "on", "بله", "۱"):
            return True
        if text in ("0", "false", "no", "off", "خیر", "نه", "۰"):
            return False
        raise Invalid.of(msg("This must be yes or no."))

    def show(self, value: Any, reader: Reader) -> str:
        return "✓" if value else ""

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Mark:
    """How records of a kind are told apart at a glance, by a small coloured sign beside their title.

    ``says`` makes it from the values of ``columns``: a tone of the design tokens (good, warn, bad, info, acc), or a
    share of the accent in percent ("v-25").
    """

    columns: tuple[str, ...]
    says: Callable[..., str]


@dataclass(frozen=True)
class Ref:
    """A record named from another's field: enough to show and to link it. ``mark`` is what its object's Mark says.

    ``is_unseen``: whoever reads this may not see the record, and so has no title of it (objects/sight).
    """

    object: str
    id: int
    title: str
    mark: str = field(default="", compare=False)
    is_unseen: bool = field(default=False, compare=False)


def whole_id(text: Any) -> int:
    """The id that a condition names; 0, which no record has, for what can be none."""
    digits = str(text)
    possible = digits.isascii() and digits.isdecimal() and len(digits) < 19 and not digits.startswith("0")
    return int(digits) if possible else 0


@dataclass(frozen=True, kw_only=True)
class Link(Field):
    """A reference to one record of another object. Stored as its id, shown by its title."""

    to: str
    # ORM path, from the linked model, of what names it.
    title: str = "name"
    # Whether facts about this record also belong on the linked record's timeline.
    timeline: bool = False
    # The linked object's mark, to be shown wherever this field is.
    mark: Mark | None = None
    # Key of another link of the same form, which what can be chosen here belongs to: a stage to its pipeline.
    within: str = ""
    type: ClassVar[FieldType] = FieldType.link
    widget: ClassVar[str] = "picker"

    @property
    def column(self) -> str:
        return f"{self.attr}_id"

    @property
    def sort_column(self) -> str:
        return f"{self.attr}__{self.title}"

    def columns(self) -> tuple[str, ...]:
        marks = self.mark.columns if self.mark else ()
        return (self.column, f"{self.attr}__{self.title}", *(f"{self.attr}__{name}" for name in marks))

    def from_columns(self, values: Sequence[Any]) -> Any:
        if values[0] is None:
            return None
        mark = self.mark.says(*values[2:]) if self.mark else ""
        return Ref(self.to, values[0], values[1] or "", mark, is_unseen=values[1] is None)

    def understand(self, raw: Any, reader: Reader) -> int:
        if isinstance(raw, Mapping):
            raw = raw.get("id")
        if isinstance(raw, Ref):
            return raw.id
        try:
            value = int(to_ascii_digits(str(raw)))
        except ValueError:
            value = 0
        if not 0 < value < 2**63:
            raise Invalid.of(msg("Choose one from the list."))
        return value

    def show(self, value: Any, reader: Reader) -> str:
        return value.title if isinstance(value, Ref) else ""

    def to_json(self, value: Any) -> Any:
        return {"id": value.id, "title": value.title} if isinstance(value, Ref) else value

    def schema(self) -> dict[str, Any]:
        return {
            "description": f"id of a {self.to} when writing; an object with id and title when reading",
            "anyOf": [
                {"type": "integer"},
                {
                    "type": "object",
                    "properties": {"id": {"type": "integer"}, "title": {"type": "string"}},
                    "required": ["id"],
                },
                {"type": "null"},
            ],
        }


@dataclass(frozen=True, kw_only=True)
class UserLink(Link):
    to: str = "user"
    type: ClassVar[FieldType] = FieldType.user
    widget: ClassVar[str] = "user"


_AS_TEXT = "array_to_json(array({}))::text"
_RECORDS = "(select %s::bigint as workspace_id, unnest(%s::bigint[]) as id) r"


@dataclass(frozen=True, kw_only=True)
class Compound(Field):
    """A field whose values lie in rows of another table: tags, phones, lines.

    ``load`` and ``store`` work in sets. A value is a tuple of JSON-like items, described by the subclass.
    """

    # Its items are tags: each names one by its id.
    holds_tags: ClassVar[bool] = False
    # The table of those rows: what a merge joins and an unmerge puts back.
    table: ClassVar[type[WorkspaceModel] | None] = None
    is_compound: ClassVar[bool] = True
    sortable: ClassVar[bool] = False
    filters_itself: ClassVar[bool] = True
    type: ClassVar[FieldType] = FieldType.links

    def items_sql(self, record: str) -> str:
        """A query for the items of one record, in order, each as JSON; ``record`` names its row in the SQL around.

        A field that tells it is read by the very statement that reads the record; for another, load() is asked besides.
        """
        return ""

    def columns(self) -> tuple[str, ...]:
        return (f"{self.key}_items",) if self.items_sql("r") else ()

    def as_column(self, table: str) -> RawSQL:
        """What its column holds in a query of this table: the items as JSON text."""
        return RawSQL(_AS_TEXT.format(self.items_sql(f'"{table}"')), [])  # noqa: S611 declared SQL

    def from_columns(self, values: Sequence[Any]) -> Any:
        return tuple(orjson.loads(values[0])) if values else ()

    def empty(self) -> Any:
        return ()

    def load(self, ids: Sequence[int]) -> Mapping[int, Any]:
        """The value of each record in ``ids``, in one query; records without any may be left out."""
        items = _AS_TEXT.format(self.items_sql("r"))
        rows = fetch(f"select r.id, {items} from {_RECORDS}", [current_workspace_id(), list(ids)])  # noqa: S608 declared SQL
        return {id: self.from_columns(found) for id, *found in rows}

    def store(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """Replace the value of each record, in a few statements however many records there are."""
        raise NotImplementedError

    def add(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """As store, for records just made: there is nothing to take away."""
        self.store(ctx, values)

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the table, column by column, is of this field: two fields may share one table."""
        return True

    def search_text(self, value: Any) -> str:
        """What of this value is findable."""
        return ""

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "object"}}
