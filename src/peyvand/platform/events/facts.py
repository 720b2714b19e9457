"""Events: frozen facts in the past tense, with a versioned wire name. Pure Python; shapes only grow.

A slice declares its own beside its actions:

    @fact("sales.deal_won.v1", label=msg("A deal was won"), icon="trophy")
    class DealWon(Event):
        deal_id: int
        amount: int
        def describe(self) -> Message: return msg("won the deal")
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cache
from typing import Any, ClassVar, TypeVar, dataclass_transform

from peyvand.kernel.errors import Message, msg


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact about one record. ``subjects`` are all records on whose timelines it belongs, itself included."""

    wire: ClassVar[str] = ""
    # What such events are called where they are chosen from.
    label: ClassVar[Message | None] = None
    icon: ClassVar[str] = "bolt"
    # The record's field that a key of the fact tells of, where they are called differently (objects/telling).
    tells: ClassVar[Mapping[str, str]] = {}
    # Fields that the kind of the fact tells by itself: whoever may not know them does not hear of it at all.
    implies: ClassVar[tuple[str, ...]] = ()
    # The key of the fact under which it names the one field of the record that all of it tells of (objects/telling).
    names_field: ClassVar[str] = ""
    # Keys that only those users are told whose ids the fact keeps under the key named here: {"text": "user_ids"}.
    only_to: ClassVar[Mapping[str, str]] = {}
    # Whether such a fact also tells why its record got another owner: what says that alone is passed over on timelines.
    gives: ClassVar[bool] = False
    # Whether such a fact says no more than that its record got another owner.
    assigns: ClassVar[bool] = False

    object: str
    object_id: int
    title: str = ""
    subjects: tuple[tuple[str, int], ...] = ()
    # When it happened, where that differs from when it was recorded (imports, calls logged afterwards).
    at: datetime | None = None

    def describe(self) -> Message:
        """What happened, to stand after the actor's name."""
        raise NotImplementedError

    def told_by(self) -> str:
        """Whose doing it was, where that is nobody of ours: the writer of a mail that came. Empty: the actor's."""
        return ""

    def data(self) -> dict[str, Any]:
        """What the fact says beyond its subject, as JSON values."""
        return {name: _plain(getattr(self, name)) for name in _own_names(type(self))}  # type: ignore[arg-type]  # a class is hashable


_BASE = {"object", "object_id", "subjects", "at"}


@cache
def _own_names(cls: type[Event]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(cls) if f.name not in _BASE)


_registry: dict[str, type[Event]] = {}
E_ = TypeVar("E_", bound=Event)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
def fact(wire: str, *, label: Message | None = None, icon: str = "bolt") -> Callable[[type[E_]], type[E_]]:
    """Register an event class under its wire name; ``label`` is what people call such an event, else its wire name."""

    def register(cls: type[E_]) -> type[E_]:
        cls = dataclass(frozen=True, kw_only=True)(cls)
        cls.wire = wire
        cls.label = label
        cls.icon = icon
        if wire in _registry and _registry[wire].__qualname__ != cls.__qualname__:
            raise ValueError(f"{wire} is declared twice")
        _registry[wire] = cls
        return cls

    return register


def fact_named(wire: str) -> type[Event] | None:
    return _registry.get(wire)


def all_facts() -> dict[str, type[Event]]:
    return dict(_registry)


def rebuild(wire: str, object_key: str, object_id: int, at: datetime, data: dict[str, Any]) -> Event | None:
    """The fact as it was recorded; None where its class is gone. Unknown keys of newer shapes are passed over."""
    cls = _registry.get(wire)
    if cls is None:
        return None
    known = {f.name for f in fields(cls)} - _BASE
    return cls(object=object_key, object_id=object_id, at=at, **{k: v for k, v in data.items() if k in known})


def _plain(value: Any) -> Any:
    if value.__class__ is str:
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return value


@fact("objects.record_created.v1", label=msg("A record was created"), icon="plus")
class RecordCreated(Event):
    source: str = ""

    def describe(self) -> Message:
        return msg("created %(title)s", title=self.title)


@fact("objects.record_updated.v1", label=msg("A record was changed"), icon="pencil")
class RecordUpdated(Event):
    # field key -> [old, new], as JSON values
    changes: dict[str, Any] = field(default_factory=dict)
    # Those of its keys that the slice's own facts tell in words of their own.
    told: list[str] = field(default_factory=list)
    source: str = ""

    def describe(self) -> Message:
        return msg("changed %(title)s", title=self.title)


@fact("objects.record_deleted.v1", label=msg("A record went to the bin"), icon="trash")
class RecordDeleted(Event):
    def describe(self) -> Message:
        return msg("moved %(title)s to the bin", title=self.title)


@fact("objects.record_restored.v1", label=msg("A record was restored"), icon="undo")
class RecordRestored(Event):
    def describe(self) -> Message:
        return msg("restored %(title)s", title=self.title)


@fact("objects.record_purged.v1", label=msg("A record was removed for good"), icon="trash")
class RecordPurged(Event):
    """The record is gone for good; the log of what happened to it stays."""

    def describe(self) -> Message:
        return msg("removed %(title)s for good", title=self.title)
