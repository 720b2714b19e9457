"""Fields that a workspace added by itself: the same types as everywhere, their values kept in their record's ``custom``.

``custom`` is one JSON column of every record; a value that is empty is not in it. Beside it, each value is kept once
more as typed ``cells`` (platform/schema/values), by which filters find it and unique values are held unique.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Expression
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.functional import lazy
from django.utils.translation import get_language

from peyvand.platform.fields.aside import Aside
from peyvand.platform.fields.field import Label

PREFIX = "c_"
FORMULA, ROLLUP = "formula", "rollup"


@dataclass(frozen=True)
class Definition:
    """A custom field as its workspace defined it. ``config`` holds what its kind needs (kinds)."""

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


@dataclass(frozen=True, kw_only=True)
class InCustom(Aside):
    """What every custom field adds to its type: where its value lies, and the typed cells it is filtered by."""

    defined: Definition

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

    def search_text(self, value: Any) -> str:
        """What of this value is findable."""
        return str(value or "")

    def raw(self, prefix: str = "") -> Expression:
        """The JSON value as text."""
        return KeyTextTransform(self.key, f"{prefix}custom")

    def expression(self, prefix: str = "") -> Any:
        """The typed value in a query; NULL where it is empty."""
        return Cast(self.raw(prefix), self.output)
