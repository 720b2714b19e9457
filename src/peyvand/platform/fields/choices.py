"""Fields of a fixed set of values: one option, several of them (kept as a JSON list), yes or no."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, overload

from django.db.models import Q

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import tidy
from peyvand.platform.fields.field import Field, Label
from peyvand.platform.fields.links import whole_id
from peyvand.platform.fields.reader import Reader


@dataclass(frozen=True)
class Option:
    """One value of a choice. ``tone`` is a meaning of the design tokens: good, warn, bad, info, acc or empty.

    Where there are many, each stands under the heading of its ``group``, by the ``brief`` label if it has one.
    """

    key: str
    label: Label
    tone: str = ""
    icon: str = ""
    group: Label = ""
    brief: Label = ""


class LazyOptions(Sequence[Option]):
    """Options made when they are asked for, for they come from slices that are loaded after this one."""

    def __init__(self, make: Callable[[], Iterable[Option]]) -> None:
        self._make = make

    def __len__(self) -> int:
        return len(list(self._make()))

    @overload
    def __getitem__(self, at: int) -> Option: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Option]: ...
    def __getitem__(self, at: int | slice) -> Option | Sequence[Option]:
        return list(self._make())[at]

    def __iter__(self) -> Iterator[Option]:
        return iter(self._make())


@dataclass(frozen=True, kw_only=True)
class Choice(Field):
    options: Sequence[Option]
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
class Choices(Field):
    """Any number of the options, in their own order; typed or sent as a list, or as text with commas. For small tables:
    a filter by it has no index.

    ``folded``: a form shows what is chosen as one line that opens, so that even a short form has room for it.
    """

    options: Sequence[Option]
    default: Any = list
    folded: bool = False
    type: ClassVar[FieldType] = FieldType.links
    widget: ClassVar[str] = "choices"
    sortable: ClassVar[bool] = False
    filters_itself: ClassVar[bool] = True

    def empty(self) -> Any:
        return []

    def understand(self, raw: Any, reader: Reader) -> list[str]:
        texts = raw.replace("،", ",").split(",") if isinstance(raw, str) else raw
        if isinstance(texts, Mapping) or not isinstance(texts, Sequence):
            raise Invalid.of(msg("This must be a list."))
        one = Choice(key=self.key, label=self.label, options=self.options)
        chosen = {one.understand(text, reader) for text in texts if str(text).strip()}
        return [option.key for option in self.options if option.key in chosen]

    def show(self, value: Any, reader: Reader) -> str:
        return reader.comma.join(str(o.label) for o in self.options if o.key in (value or ()))

    def to_json(self, value: Any) -> Any:
        return list(value or ())

    def filter(self, op: str, value: Any) -> Q:
        """A Q for one comparison."""
        if op == "empty":
            return Q(**{self.attr: []})
        q = Q() if op == "has_all" else Q(pk__in=[])
        for key in value:
            has = Q(**{f"{self.attr}__contains": [key]})
            q = q & has if op == "has_all" else q | has
        return q

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "string", "enum": [o.key for o in self.options]}}


@dataclass(frozen=True, kw_only=True)
class Awaited(Field):
    """An input of a verb: what its record still lacks, said done in the same step. Its value is ids.

    ``open_of`` gives what is open for a record to whoever acts (a Context), as options whose keys are those ids.
    """

    open_of: Callable[[Any, Any], Sequence[Option]]
    type: ClassVar[FieldType] = FieldType.links
    widget: ClassVar[str] = "choices"
    sortable: ClassVar[bool] = False

    def empty(self) -> Any:
        return []

    def understand(self, raw: Any, reader: Reader) -> list[int]:
        given = raw.split(",") if isinstance(raw, str) else raw
        if isinstance(given, Mapping) or not isinstance(given, Sequence):
            raise Invalid.of(msg("This must be a list."))
        ids = [whole_id(str(one)) for one in given]
        if not all(ids):
            raise Invalid.of(msg("Choose one from the list."))
        return [id for id in dict.fromkeys(ids) if id]

    def boxes(self, ctx: Any, record: Any) -> Choices:
        """What a dialog about this record asks of whoever acts; without options there is nothing to ask."""
        return Choices(key=self.key, label=self.label, help=self.help, options=self.open_of(ctx, record))

    def schema(self) -> dict[str, Any]:
        return {"type": "array", "items": {"type": "integer"}}


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
