"""Fields of rules that no other object has, and the choices that rules know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Link, LongText, Option, Text
from peyvand.platform.objects.spec import find_object

# The objects whose records are given to somebody, where they are there.
KINDS: Final = ("lead", "deal", "task")
# Which of their records are open, and so count as load.
OPEN: Final[Mapping[str, Any]] = {
    "lead": {"field": "state", "op": "in", "value": ["new", "working", "qualified"]},
    "deal": {"field": "status", "op": "is", "value": "open"},
    "task": {"field": "status", "op": "is", "value": "open"},
}
WAYS: Final = (
    Option("turns", _("In turn (round robin)"), "acc"),
    Option("load", _("To whoever has the least open"), "info"),
)
AT_WORK: Final = (
    Option("now", _("Who is at work now")),
    Option("today", _("Who is not away today")),
    Option("any", _("Everybody of the pool")),
)
WHEN_AWAY: Final = (
    Option("keep", _("Stays with them")),
    Option("deputy", _("Goes to the deputy, else to the pool")),
    Option("pool", _("Goes to the pool")),
)


def _kinds() -> Iterator[Option]:
    for key in KINDS:
        if spec := find_object(key):
            yield Option(key, spec.label_plural, icon=spec.icon)


def _skill_fields() -> Iterator[Option]:
    """Fields whose value can name a skill: links, choices, tags and short texts."""
    for key in KINDS:
        if spec := find_object(key):
            for one in spec.fields:
                if one.widget == "tags" or (type(one) in (Link, Choice, Text) and not one.search):
                    yield Option(f"{key}.{one.key}", f"{spec.label}: {one.label}")


OBJECTS: Final = LazyOptions(_kinds)
SKILL_FIELDS: Final = LazyOptions(_skill_fields)


@dataclass(frozen=True, kw_only=True)
class RuleCondition(LongText):
    """A condition about records of the rule's object, as JSON; a program may send it as an object, and gets it as one."""

    max_length: int = 10_000
    widget: ClassVar[str] = "assignment_condition"

    def understand(self, raw: Any, reader: Reader) -> str:
        try:
            value = orjson.loads(raw) if isinstance(raw, str) else raw
        except orjson.JSONDecodeError as error:
            raise Invalid.of(
                msg("This is not JSON: %(reason)s.", reason=error.msg), code="unreadable"
            ) from error
        if not isinstance(value, Mapping):
            raise Invalid.of(msg("Send a JSON object."))
        text = orjson.dumps(value).decode()
        if "\\u0000" in text:
            raise Invalid.of(msg("This text has a character that cannot be stored."))
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return "" if value in ({"and": []}, {"or": []}) else text

    def to_json(self, value: Any) -> Any:
        return orjson.loads(value) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}
