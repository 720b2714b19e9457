"""A condition as a value of a record: the rule, plan or step that holds it applies to the records that meet it.

A slice declares ``ConditionText(key="condition", label=…, about="lead")``, or ``chosen_by="object"`` where another field of
the same form names the object. The form, the API, import and history follow; people build it as they build the filter of
a list (``web/objects/lists/condition.py`` has the control). The slice reads it with ``condition_in(text, spec)``: in its
``prepare`` hook, so that what means nothing is refused at its field, and wherever it asks; ``compile_condition`` of
``platform/objects/filters.py`` makes a query of it, ``in_words`` of ``web/objects/lists/condition.py`` says it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

import orjson

from peyvand.kernel.conditions import ME, MY_TEAM, Condition, leaves, parse
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.nesting import DEEPEST, is_shallow
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import LongText
from peyvand.platform.objects.spec import ObjectSpec

# What a condition that asks for nothing is written as, besides nothing.
_BLANK: Final[tuple[Any, ...]] = ({"and": []}, {"or": []})


@dataclass(frozen=True, kw_only=True)
class ConditionText(LongText):
    """A condition on records, kept as JSON text; empty means every record. A program sends and gets it as an object.

    Either ``about`` names the object whose records it asks about, or ``chosen_by`` the field that does: by its value, or by
    its only value where it takes several. ``is_personal`` says that there is somebody whom “me” can mean.
    """

    max_length: int = 10_000
    about: str = ""
    chosen_by: str = ""
    is_personal: bool = False
    widget: ClassVar[str] = "condition"

    def understand(self, raw: Any, reader: Reader) -> str:
        try:
            value = orjson.loads(raw) if isinstance(raw, str) else raw
        except orjson.JSONDecodeError as error:
            raise Invalid.of(
                msg(
                    "This is not JSON: see line %(line)s, column %(column)s.",
                    line=error.lineno,
                    column=error.colno,
                ),
                code="unreadable",
            ) from error
        if not isinstance(value, Mapping):
            raise Invalid.of(msg("Send a JSON object."))
        if not is_shallow(value):
            raise Invalid.of(msg("This is nested more than %(most)s deep.", most=DEEPEST), code="too_deep")
        text = orjson.dumps(value).decode()
        if "\\u0000" in text:
            raise Invalid.of(msg("This text has a character that cannot be stored."))
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return "" if value in _BLANK else text

    def to_json(self, value: Any) -> Any:
        return orjson.loads(value) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}


def condition_in(
    text: str, spec: ObjectSpec, *, at: str = "condition", is_personal: bool = False
) -> Condition | None:
    """The condition that a ConditionText holds, for records of the object; None where it asks for nothing.

    Raises:
        Invalid: at the field ``at``: it means nothing for these records, or asks about “me” though it is not personal.
    """
    if not text:
        return None
    try:
        condition = parse(orjson.loads(text), spec.condition_schema)
    except Invalid as error:
        raise error.at(at) from error
    for leaf in leaves(condition):
        asked = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
        if not is_personal and leaf.type == "user" and {ME, MY_TEAM} & set(asked):
            raise Invalid.of(msg("A rule works for everybody: it cannot ask about “me”."), at)
    return condition
