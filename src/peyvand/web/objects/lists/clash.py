"""Two people changed the same value: what stands there now, whose it is and since when, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import format_time, relative_day
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import RecordUpdated
from peyvand.platform.events.models import EventRow
from peyvand.platform.fields.types import Compound, Field
from peyvand.platform.identity.models import User
from peyvand.platform.objects.spec import ObjectSpec

# Changes of other fields that are passed over while looking for who changed this one.
_MOST_PASSED: Final = 50
THEIRS, MINE, BOTH = "theirs", "mine", "both"


@dataclass(frozen=True)
class Clash:
    """What the editor says. ``can_merge``: the value is a list, so that both may stay."""

    theirs: str
    who: str
    when: str
    can_merge: bool


def clash_of(ctx: Context, spec: ObjectSpec, id: int, field: Field, theirs: Any) -> Clash:
    """What a colleague made of this value meanwhile."""
    who, when = _last_change(ctx, spec, id, field)
    shown = field.show(theirs, ctx.reader) or gettext("empty")
    return Clash(shown, who or gettext("A colleague"), when, can_merge(field))


def can_merge(field: Field) -> bool:
    """Whether two values of this field can stand together."""
    return isinstance(field, Compound) and field.widget in ("tags", "points")


def merged(field: Field, mine: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """What both want to have there: theirs, then those of mine that are not among them."""
    known = {_same(item) for item in theirs}
    return [*theirs, *(item for item in mine if _same(item) not in known)]


def _same(item: Any) -> str:
    return str(item.get("name") or item.get("value") if isinstance(item, dict) else item)


def _last_change(ctx: Context, spec: ObjectSpec, id: int, field: Field) -> tuple[str, str]:
    """Who changed the field last, and when, in words; empty where no event tells."""
    rows = EventRow.objects.filter(object=spec.key, object_id=id, wire=RecordUpdated.wire).order_by("-id")
    for actor_id, at, data in rows.values_list("actor_id", "at", "data")[:_MOST_PASSED]:
        if field.key in data.get("changes", {}):
            name = User.objects.filter(id=actor_id).values_list("name", flat=True).first() if actor_id else ""
            reader = ctx.reader
            day = relative_day(at.astimezone(reader.tz).date(), clock.today(reader.tz), reader.language)
            return name or "", f"{day} {format_time(at, reader.tz, reader.language)}"
    return "", ""
