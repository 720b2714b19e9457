"""The choices that automations know, and what came of one as a field of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from operator import eq, ge, gt, le, lt
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.methods.effect import Effect
from peyvand.kernel.conditions import FieldType
from peyvand.kernel.numbers import format_number
from peyvand.platform.events.facts import RecordUpdated, all_facts
from peyvand.platform.fields.about import About
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.reader import Reader, said
from peyvand.platform.fields.types import Compound, Link, Option
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.fields import InInsight, InsightLevel
from peyvand.platform.objects.spec import ObjectSpec, all_objects
from peyvand.platform.workspaces.modules import module_named
from peyvand.processes.automations import models as m
from peyvand.processes.automations.effects import effect_of
from peyvand.processes.automations.wording import verdict

STATES: Final = (
    Option(m.DRAFT, _("Draft")),
    Option(m.ACTIVE, _("Active"), "good"),
    Option(m.PAUSED, _("Paused"), "warn"),
)
KINDS: Final = (
    Option(m.TASK, _("Create a task"), "acc", icon="task"),
    Option(m.NOTIFY, _("Tell somebody"), "info", icon="bell"),
    Option(m.GIVE, _("Give it to somebody"), "info", icon="users"),
    Option(m.SET, _("Set a field"), "info", icon="pencil"),
    Option(m.ENROL, _("Begin a sequence"), "acc", icon="flow"),
)
WHOM: Final = (
    Option(m.OWNER, _("The record's owner")),
    Option(m.MANAGER, _("The owner's manager")),
    Option(m.USER, _("A certain user")),
    Option(m.RULES, _("Whom the rules of assignment say")),
)
DIRECTIONS: Final = (Option("up", _("It rose")), Option("down", _("It fell")))
GROUPS: Final = (Option(m.TREATED, _("Treated"), "acc"), Option(m.HELD_OUT, _("Control group")))
RUN_STATES: Final = (
    Option(m.DONE, _("Done"), "good"),
    Option(m.PARTLY, _("Partly done"), "warn"),
    Option(m.REFUSED, _("Refused"), "bad"),
    Option(m.LEFT, _("Control group, no action")),
)
# The slices whose events people look for by what they are about; the names of modules stand for themselves.
_ABOUT: Final = {"objects": _("Every record"), "files": _("Every record"), "sales": _("Deals"), "insights": _("Insights")}  # fmt: skip
# Facts that say nothing of records people work with: who may do what here, and what automations do themselves.
_ASIDE: Final = frozenset({"schema", "settings", "members", "applications", "webhooks", "automations"})


def event_name(wire: str) -> str:
    """What such events are called, in the active language; unknown ones by their wire name."""
    kind = all_facts().get(wire)
    return said(kind.label) if kind and kind.label else wire


_named_later = lazy(event_name, str)


def _facts() -> list[Option]:
    found = []
    for wire in sorted(all_facts(), key=lambda wire: (wire.partition(".")[0] not in _ABOUT, wire)):
        slice = wire.partition(".")[0]
        module = module_named(slice)
        group = _ABOUT.get(slice) or (module.label if module else "")
        if slice not in _ASIDE and group:
            found.append(Option(wire, _named_later(wire), group=group))
    return found


def _moments() -> list[Option]:
    return [
        Option(m.HOURLY, _("Every hour, whatever meets the condition"), group=_("By the clock")),
        *_facts(),
    ]


def is_told_of(spec: ObjectSpec) -> bool:
    """Whether automations may be about such records: what people work with, not what runs the workspace."""
    return not spec.admin and spec.changeable and spec.has_bin


def _objects() -> Iterator[Option]:
    for spec in all_objects():
        if is_told_of(spec):
            yield Option(spec.key, spec.label_plural, icon=spec.icon)


def _changeable() -> Iterator[Option]:
    for spec in filter(is_told_of, all_objects()):
        for one in spec.own_fields:
            if not one.readonly and not isinstance(one, InInsight):
                yield Option(f"{spec.key}.{one.key}", one.label, group=spec.label)


def _settable() -> Iterator[Option]:
    """Fields that a step can set: those whose value can be written down, and that lead nowhere. Letters and reports are
    written in ways of their own."""
    for spec in filter(is_told_of, all_objects()):
        if not spec.creatable:
            continue
        for one in spec.own_fields:
            if not (one.readonly or one.is_compound or isinstance(one, Link | About | InInsight)):
                yield Option(f"{spec.key}.{one.key}", one.label, group=spec.label)


def _insights() -> Iterator[Option]:
    for spec in filter(is_told_of, all_objects()):
        for one in spec.fields:
            if isinstance(one, InsightLevel) and one.is_told:
                yield Option(f"{spec.key}.{one.key}", one.label, group=spec.label)


EVENTS: Any = LazyOptions(_moments)
OUTCOMES: Any = LazyOptions(_facts)
OBJECTS: Any = LazyOptions(_objects)
CHANGEABLE: Any = LazyOptions(_changeable)
SETTABLE: Any = LazyOptions(_settable)
INSIGHTS: Any = LazyOptions(_insights)
ON_CHANGE: Final = (RecordUpdated.wire,)
ON_INSIGHT: Final = (InsightLevelChanged.wire,)
_COMPARED: Final = {"is": eq, "lt": lt, "lte": le, "gt": gt, "gte": ge}


@dataclass(frozen=True, kw_only=True)
class Measured(Compound):
    """What an automation changed, beside those left alone; compared by its points of a hundred. Read, never written."""

    type: ClassVar[FieldType] = FieldType.number
    widget: ClassVar[str] = "number"

    def load(self, ids: Sequence[int]) -> Mapping[int, Effect]:
        return effect_of(ids)

    def empty(self) -> Any:
        return None

    def store(self, ctx: Any, values: Mapping[int, Any]) -> None:
        """Nothing is kept of it: it is counted."""

    def filter(self, op: str, value: Any) -> Q:
        found = {id: 100 * one.difference.value for id, one in effect_of().items() if one.verdict != "few"}
        if op == "empty":
            return ~Q(id__in=found)
        if op == "between":
            return Q(id__in=[id for id, points in found.items() if value[0] <= points <= value[1]])
        return Q(id__in=[id for id, points in found.items() if _COMPARED[op](points, value)])

    def show(self, value: Any, reader: Reader) -> str:
        if not isinstance(value, Effect):
            return ""
        return said(verdict(value, lambda n: format_number(n, reader.language)))

    def to_json(self, value: Any) -> Any:
        if not isinstance(value, Effect):
            return None
        shares = {"treated": value.treated.share, "control": value.control.share}
        told = asdict(value)
        return told | {key: {**told[key], "share": share} for key, share in shares.items()}

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}
