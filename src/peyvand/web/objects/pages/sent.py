"""What a person changed in the form of a record, out of all that the form sends back, and what a colleague changed too."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.http import QueryDict

from peyvand.kernel.errors import Invalid
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.queries import Row
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import read_inputs
from peyvand.web.objects.clashes import Clash
from peyvand.web.objects.editing import BOTH, THEIRS, both, clash_of


@dataclass(frozen=True)
class Sent:
    """``mine``: the raw values of the fields that this person changed. ``clashes``: those of them that a colleague
    changed as well, where nobody chose yet whose value stays."""

    mine: Mapping[str, Any]
    clashes: Mapping[str, Clash]


def standing(ctx: Context, fields: Sequence[Field], row: Row) -> str:
    """The values that a form opens with, as short marks by field: what is sent back is compared with them."""
    return json.dumps(_marks(ctx, fields, row))


def read_sent(ctx: Context, spec: ObjectSpec, fields: Sequence[Field], post: QueryDict, row: Row) -> Sent:
    """What was changed in a form against the ``was`` that it opened with; ``row`` is the record as it stands now.

    For a field named in ``asked``, ``choice-<key>`` (theirs, mine, both) says whose value stays.
    """
    was, now, asked = _was(post), _marks(ctx, fields, row), post.get("asked", "").split(",")
    raw = read_inputs(fields, post, ctx.reader)
    mine, clashes = {}, {}
    for field in (f for f in fields if f.key in raw):
        key, value = field.key, raw[field.key]
        typed, opened_with = _mark(field, value, ctx.reader), was.get(key, now[key])
        choice = post.get(f"choice-{key}", "")
        if typed == now[key] or choice == THEIRS or (typed == opened_with and key not in asked):
            continue
        mine[key] = value
        if opened_with != now[key] or (key in asked and not choice):
            clashes[key] = clash_of(ctx, spec, row.id, field, row.values.get(key))
        elif choice == BOTH:
            mine[key] = both(field, value, row.values.get(key), ctx.reader)
    return Sent(mine, clashes)


def _was(post: QueryDict) -> dict[str, str]:
    try:
        given = json.loads(post.get("was", "{}"))
    except (ValueError, RecursionError):
        return {}
    return given if isinstance(given, dict) else {}


def _marks(ctx: Context, fields: Sequence[Field], row: Row) -> dict[str, str]:
    return {f.key: _mark(f, f.to_form(row.values.get(f.key)), ctx.reader) for f in fields}


def _mark(field: Field, raw: Any, reader: Reader) -> str:
    """A value as the field understands it, however it was written. What it does not understand is itself."""
    try:
        value = field.parse(raw, reader)
    except Invalid:
        value = raw
    if isinstance(value, datetime):
        # A form shows no seconds.
        value = value.replace(second=0, microsecond=0)
    text = json.dumps(value, default=str, ensure_ascii=True, sort_keys=True)
    return blake2b(text.encode(), digest_size=8).hexdigest()
