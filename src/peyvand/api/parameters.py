"""What the address of a request says: the object, filter, order, limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeGuard

import orjson

from peyvand.api.endpoint import Call
from peyvand.kernel.conditions import Condition, parse
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.kernel.nesting import DEEPEST, is_shallow
from peyvand.platform.fields.types import whole_id
from peyvand.platform.objects.filters import is_secret
from peyvand.platform.objects.queries import Sort, parse_sort
from peyvand.platform.objects.spec import ObjectSpec, object_at

PAGE: Final = 50
MOST: Final = 200


def spec_at(plural: str) -> ObjectSpec:
    """The object of an address.

    Raises:
        NotFound: no object has this plural.
    """
    spec = object_at(plural)
    if spec is None:
        raise NotFound
    return spec


def is_id(value: Any) -> TypeGuard[int]:
    """Whether a value of a body can be the id of a record: a number, for nothing else is taken for one."""
    return type(value) is int and whole_id(value) > 0


def condition(call: Call, spec: ObjectSpec) -> Condition | None:
    """The filter; fields that the caller's role hides cannot be asked about, for the answer would tell them."""
    text = call.text("filter")
    if not text:
        return None
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid.of(
            msg(
                "This is not JSON: see line %(line)s, column %(column)s.",
                line=error.lineno,
                column=error.colno,
            ),
            "filter",
            "unreadable",
        ) from error
    if not is_shallow(raw):
        raise Invalid.of(msg("This is nested more than %(most)s deep.", most=DEEPEST), "filter", "too_deep")
    actor = call.ctx.actor
    schema = {path: kind for path, kind in spec.condition_schema.items() if not is_secret(path, spec, actor)}
    try:
        return parse(raw, schema)
    except Invalid as error:
        raise error.at("filter") from error


def sort(call: Call, spec: ObjectSpec) -> tuple[Sort, ...]:
    """The order; never by a hidden field, whose values it would tell."""
    keys = parse_sort(call.text("sort"), spec)
    hidden = call.ctx.actor.grants.hides(spec.key)
    if name := next((key.field.key for key in keys if key.field.key in hidden), None):
        raise Invalid.of(msg("There is nothing to sort by under the name “%(name)s”.", name=name), "sort")
    return keys


def limit(call: Call) -> int:
    """How many are asked for."""
    text = call.text("limit")
    if not text:
        return PAGE
    if not 1 <= (limit := whole_id(text)) <= MOST:
        raise Invalid.of(msg("Ask for 1 to %(most)s records.", most=MOST), "limit")
    return limit


def asked_fields(call: Call) -> str:
    """The fields that are asked for, with the links to be expanded among them; empty for all."""
    fields, links = call.text("fields"), call.text("expand")
    return f"{fields},{links}" if fields and links else fields


def choice(call: Call, name: str, allowed: Sequence[str]) -> str:
    """One of several words of the address; the first where it is not given."""
    text = call.text(name)
    if text and text not in allowed:
        raise Invalid.of(
            msg("“%(name)s” takes one of these: %(known)s.", name=name, known=", ".join(allowed)), name
        )
    return text or allowed[0]


def flag(call: Call, name: str) -> bool:
    """A yes or no of the address; no where it is not given."""
    text = call.text(name)
    if text not in ("", "true", "false"):
        raise Invalid.of(msg("Write true or false."), name)
    return text == "true"
