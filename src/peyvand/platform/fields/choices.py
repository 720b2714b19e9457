"""Choices: several of a fixed set of options, kept as a JSON list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, overload

from django.db.models import Q

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field, Option


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
class Choices(Field):
    """Any number of the options, in their own order; typed or sent as a list, or as text with commas. For small tables:
    a filter by it has no index."""

    options: tuple[Option, ...]
    default: Any = list
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
        return ("، " if reader.is_persian else ", ").join(
            str(o.label) for o in self.options if o.key in (value or ())
        )

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
