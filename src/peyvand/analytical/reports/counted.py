"""The rows behind a figure, as what a list may be asked: every mark of a chart opens them.

A mark's address leads to the list of the records that it counts; where these are of several objects, to a choice of lists.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

import orjson
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.reports.question import Question, of_json
from peyvand.analytical.reports.rights import closed, demand_question
from peyvand.analytical.warehouse.public import as_of, reading
from peyvand.kernel.errors import PeyvandError
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.filters import eval_context
from peyvand.platform.objects.questions import register_question
from peyvand.platform.objects.spec import ObjectSpec

COUNTED: Final = "counted"
# A list of more records than these is shown in part.
MOST: Final = 5_000


def mark_of(question: Question, measure: str, values: tuple[Any, ...]) -> str:
    """What a mark is asked by: its question, measure and the values of the dimensions."""
    # What it counts is of this state of the warehouse: another one is another address.
    told = {"q": question.to_json(), "m": measure, "v": list(values), "at": as_of()}
    return orjson.dumps(told).decode()


@dataclass(frozen=True)
class Mark:
    question: Question
    measure: str
    values: tuple[Any, ...]


def read_mark(text: str) -> Mark | None:
    """The mark that an address names; None where it means nothing."""
    try:
        told = orjson.loads(text)
        question = of_json(told["q"])
        values = tuple(
            _meant(DIMENSIONS[key], value) for key, value in zip(question.by, told["v"], strict=True)
        )
        measure = str(told["m"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return Mark(question, measure, values) if measure in MEASURES else None


def _meant(dimension: Dimension, value: Any) -> Any:
    """A value as the dimension has it. Raises ValueError, TypeError: it cannot have such a one."""
    match dimension.kind, value:
        case _, None:
            return None
        case "flag", bool():
            return value
        case (("member" | "customer" | "product"), int()) if abs(value) < 2**63 and not isinstance(
            value, bool
        ):
            return value
        case "day", str():
            return date.fromisoformat(value)
        case (("choice" | "text"), str()) if "\x00" not in value:
            return value
    raise ValueError(dimension.key)


def records_of(actor: Actor, mark: Mark) -> dict[str, list[int]]:
    """The ids of the records that a mark counts, by object, at most MOST."""
    # Loads the engine, which no page needs that asks nothing.
    from peyvand.analytical.measures.asking import rows_of

    context = eval_context(actor)
    span = mark.question.days(context.today, context.calendar)
    at = dict(zip(mark.question.by, mark.values, strict=True))
    found: dict[str, list[int]] = defaultdict(list)
    with reading() as tables:
        rows = tables.fetch(
            rows_of(tables, mark.measure, at, mark.question.condition, span, context=context).limit(MOST)
        )
    for object_key, id in zip(rows["object"].to_pylist(), rows["id"].to_pylist(), strict=True):
        found[object_key].append(id)
    return found


def may_ask(actor: Actor, mark: Mark) -> bool:
    """Whether the actor may have the figure that a mark belongs to."""
    known = MEASURES[mark.measure]
    try:
        demand_question(actor, mark.question)
    except PeyvandError:
        return False
    return closed(actor, known.objects, known.fields) is None


@dataclass(frozen=True, kw_only=True)
class Counted(Choice):
    """Records that a figure of a report counts."""

    filters_itself: ClassVar[bool] = True
    of: str

    def filter_for(self, op: str, value: Any, actor: Actor) -> Q:
        """What nobody made a figure of, or the actor may not have figures of, counts nothing."""
        ids: list[int] = []
        for text in () if op == "empty" else value if op == "in" else (value,):
            mark = read_mark(str(text))
            if mark is not None and may_ask(actor, mark):
                ids += records_of(actor, mark).get(self.of, [])
        return Q(id__in=ids)

    def show(self, value: Any, reader: Reader) -> str:
        mark = read_mark(str(value))
        return (
            gettext("counted in “%(measure)s”") % {"measure": gettext(MEASURES[mark.measure].label)}
            if mark
            else ""
        )


# Letters and messages belong to those who exchanged them: nobody sees all, so no figure counts them for a list.
_PRIVATE: Final = frozenset({"mail_message", "sms_message"})


def _objects() -> frozenset[str]:
    return frozenset({o for m in MEASURES.values() for o in m.objects} | {"person", "company"}) - _PRIVATE


def _question(spec: ObjectSpec) -> Field | None:
    if spec.key not in _objects():
        return None
    return Counted(key=COUNTED, label=_("Figure of a report"), readonly=True, options=(), of=spec.key)


def _may_ask(actor: Actor, spec: ObjectSpec) -> bool:
    # What a figure counts is told to whoever may ask for the figure: the address is made for them, and the list shows
    # only what they see.
    return closed(actor, (spec.key,)) is None


register_question(COUNTED, _question, _may_ask)
