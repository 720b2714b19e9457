"""Fields of rules that no other object has, and the choices that rules know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.types import Choice, Link, Option, Text
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
