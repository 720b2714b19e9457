"""One value edited in its place, in a list or on a page: saved, refused, or, where two people changed it, decided."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Problem, RuleViolation
from peyvand.kernel.persian.calendar import format_time, relative_day
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.kinds import CustomFile
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Compound, Field, Option
from peyvand.platform.files.queries import files_of
from peyvand.platform.objects.history import fetch_history
from peyvand.platform.objects.records import as_field_value, update_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs, render_input
from peyvand.web.components.tags import say
from peyvand.web.objects.clashes import Clash
from peyvand.web.objects.pages.drawn import with_titles
from peyvand.web.objects.resolve import address

# What the person chose after a clash; anything else puts theirs in its place.
THEIRS: Final = "theirs"
BOTH: Final = "both"


@dataclass(frozen=True)
class Attempt:
    """A value that was typed and what became of it; ``before`` stood there, ``typed`` is what an editor shows again."""

    before: Any
    typed: Any
    problems: Sequence[Problem] = ()
    clash: Clash | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the editor has nothing left to ask."""
        return not self.problems and self.clash is None


def begin(ctx: Context, spec: ObjectSpec, field: Field, record: Any) -> Attempt:
    """The editor as it opens: nothing is typed yet.

    Raises:
        RuleViolation: the value follows from others of the record, and typing another would only be refused.
    """
    if why := spec.settled(record).get(field.key):
        raise RuleViolation(why, field.key)
    now = as_field_value(field, record, ctx.actor)
    return Attempt(now, now)


def attempt(ctx: Context, spec: ObjectSpec, field: Field, record: Any, post: QueryDict) -> Attempt:
    """Save what an editor sent, unless the value is no longer the one the editor opened with and nobody chose yet.

    ``was`` holds that value, ``choice`` (theirs, mine, both) what the person wants after a clash.
    """
    now, raw = as_field_value(field, record, ctx.actor), read_inputs([field], post, ctx.reader)
    choice, value = post.get("choice", ""), raw.get(field.key, "")
    if choice == THEIRS:
        return Attempt(now, now)
    typed = with_titles(ctx, [field], {field.key: value})[field.key]
    # Another field may have changed meanwhile without harm; where this one did, the person decides.
    if post.get("was", mark(field, now)) != mark(field, now):
        return Attempt(now, typed, clash=clash_of(ctx, spec, record.id, field, now))
    if choice == BOTH:
        value = both(field, value, now, ctx.reader)
    try:
        # A refusal undoes no more than the action, so that the editor can be drawn again.
        with transaction.atomic():
            update_record(ctx, spec, record, {field.key: value})
    except Invalid as error:
        return Attempt(now, typed, [replace(p, field=p.field or field.key) for p in error.problems])
    except RuleViolation as error:
        return Attempt(now, typed, [Problem(field.key, error.message, error.code)])
    return Attempt(now, typed)


def editor(ctx: Context, spec: ObjectSpec, field: Field, id: int, tried: Attempt) -> dict[str, Any]:
    """What the templates of editors draw."""
    if isinstance(field, CustomFile):
        field = replace(field, files=tuple(Option(str(f.id), f.name) for f in files_of(spec.key, id)))
    own = [p for p in tried.problems if (p.field or "").split(".")[0] == field.key]
    return {
        "control": render_input(
            field, tried.typed, name=field.key, problems=own, reader=ctx.reader, autofocus=True
        ),
        "field": field,
        "was": mark(field, tried.before),
        "clash": tried.clash,
        # What a rule says of other fields (a company is missing) has no control here to stand beneath.
        "others": [
            f"{spec.field(p.field).label if p.field in spec.all_fields else ''}: {say(p.message)}"
            for p in tried.problems
            if p not in own
        ],
    }


def undo_toast(
    ctx: Context, spec: ObjectSpec, field: Field, record: Any, before: Any, words: str = ""
) -> dict[str, str]:
    """What is said of a saved value, with the way back to the one before; empty if it is still the same."""
    was = mark(field, before)
    if was == mark(field, as_field_value(field, record, ctx.actor)):
        return {}
    query = urlencode({"undo": was, "version": record.version})
    return {
        "text": words or gettext("Saved"),
        "undo": f"{address(ctx, spec, record.id, 'cell', field.key)}?{query}",
    }


def mark(field: Field, value: Any) -> str:
    """A value as text, to be compared and put back."""
    return json.dumps(field.to_json(value), ensure_ascii=False, sort_keys=True, default=str)


def clash_of(ctx: Context, spec: ObjectSpec, id: int, field: Field, theirs: Any) -> Clash:
    """What stands in the field now, and who put it there."""
    who, when = _last_change(ctx, spec, id, field)
    shown = field.show(theirs, ctx.reader) or gettext("empty")
    return Clash(shown, who or gettext("A colleague"), when, _can_merge(field))


def both(field: Field, mine: Any, theirs: Sequence[Any] | None, reader: Reader) -> Any:
    """What was typed and what stands there, joined where the field is a list. What is not understood stays as it was
    typed: saving says why."""
    if not _can_merge(field):
        return mine
    try:
        return _merged(field.parse(mine, reader), theirs or ())
    except Invalid:
        return mine


def _can_merge(field: Field) -> bool:
    return isinstance(field, Compound) and field.widget in ("tags", "points")


def _merged(mine: Sequence[Any], theirs: Sequence[Any]) -> list[Any]:
    """What both want to have there: theirs, then those of mine that are not among them."""
    known = {_same(item) for item in theirs}
    return [*theirs, *(item for item in mine if _same(item) not in known)]


def _same(item: Any) -> str:
    return str(item.get("name") or item.get("value") if isinstance(item, dict) else item)


def _last_change(ctx: Context, spec: ObjectSpec, id: int, field: Field) -> tuple[str, str]:
    """Who changed the field last, and when, in words; empty where no event tells."""
    found, reader = fetch_history(ctx, spec, id, field.key, limit=1).revisions, ctx.reader
    if not found:
        return "", ""
    day = relative_day(found[0].at.astimezone(reader.tz).date(), clock.today(reader.tz), reader.language)
    return found[0].who, f"{day} {format_time(found[0].at, reader.tz, reader.language)}"
