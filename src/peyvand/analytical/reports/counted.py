"""The rows behind a figure, as what a list may be asked: every mark of a chart opens them.

A mark's address leads to the list of the records that it counts; where these are of several objects, to a choice of lists.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Final

import orjson
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.reports.naming import period_name, span_name
from peyvand.analytical.reports.question import Question, of_json
from peyvand.analytical.reports.rights import demand_question
from peyvand.analytical.warehouse.public import figures_context, reading
from peyvand.kernel.errors import PeyvandError
from peyvand.kernel.ranges import within_reach
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.questions import register_question
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.tags import money_unit

COUNTED: Final = "counted"
# A list of more records than these is shown in part.
MOST: Final = 5_000
_LONGEST: Final = 200


def mark_of(
    question: Question,
    measure: str,
    values: tuple[Any, ...],
    names: tuple[str, ...] = (),
    figure: float | None = None,
    *,
    at: datetime | None,
) -> str:
    """What a mark is asked by: its question, measure and the values of the dimensions; what these were called, and its figure.

    What it counts is of the warehouse as it was ``at`` that moment: another one is another address.
    """
    told = {
        "q": question.to_json(),
        "m": measure,
        "v": list(values),
        "at": at,
        "n": list(names),
        "f": figure,
    }
    return orjson.dumps(told).decode()


@dataclass(frozen=True)
class Mark:
    """``names`` and ``figure`` are told by whoever made the address, so that it says what it is of; nothing is counted by them."""

    question: Question
    measure: str
    values: tuple[Any, ...]
    names: tuple[str, ...] = ()
    figure: float | None = None


def read_mark(text: str) -> Mark | None:
    """The mark that an address names; None where it means nothing."""
    try:
        told = orjson.loads(text)
        question = of_json(told["q"])
        values = tuple(
            _meant(DIMENSIONS[key], value) for key, value in zip(question.by, told["v"], strict=True)
        )
        measure = str(told["m"])
        names = tuple(str(name)[:_LONGEST] for name in told.get("n") or ())
        figure = told.get("f")
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, PeyvandError):
        return None
    if measure not in MEASURES or len(names) not in (0, len(values)):
        return None
    return Mark(question, measure, values, names, _known(figure))


def _known(figure: Any) -> float | None:
    is_one = isinstance(figure, int | float) and abs(figure) < 2**63
    return float(figure) if is_one else None


def said(mark: Mark, reader: Reader) -> str:
    """«درآمد ۱۲٫۳ میلیون تومان · کاشی هشت‌پر · ۱۲ ماه گذشته»."""
    measure, question = MEASURES[mark.measure], mark.question
    dimensions = [DIMENSIONS[key] for key in question.by]
    named = [
        period_name(dimension, value, reader.language) if isinstance(value, date) else name
        for dimension, value, name in zip(
            dimensions, mark.values, mark.names or [""] * len(dimensions), strict=True
        )
    ]
    parts = [gettext(measure.label), *filter(None, named)]
    if mark.figure is not None:
        unit = money_unit() if measure.unit == "money" else ""
        parts[0] = f"{parts[0]} {shown(mark.figure, measure.unit, reader)} {unit}".strip()
    if not any(dimension.kind == "day" for dimension in dimensions):
        parts.append(span_name(question, reader.language))
    return " · ".join(parts)


def origin_of(mark: Mark) -> str:
    """The address within the workspace of the report that a mark belongs to."""
    return f"reports/build?{mark.question.to_address()}"


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
            return within_reach(date.fromisoformat(value))
        case (("choice" | "text"), str()) if "\x00" not in value:
            return value
    raise ValueError(dimension.key)


def records_of(actor: Actor, mark: Mark) -> dict[str, list[int]]:
    """The ids of the records that a mark counts, by object, at most MOST."""
    # Loads the engine, which no page needs that asks nothing.
    from peyvand.analytical.measures.asking import rows_of

    context = figures_context(actor)
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
        return said(mark, reader) if mark else ""

    def origin(self, value: Any) -> str:
        mark = read_mark(str(value))
        return origin_of(mark) if mark else ""


# Letters and messages belong to those who exchanged them: nobody sees all, so no figure counts them for a list.
_PRIVATE: Final = frozenset({"mail_message", "sms_message"})


def is_listed(object_key: str) -> bool:
    """Whether a list of the object can show the records that a figure counts."""
    return object_key in _objects()


def _objects() -> frozenset[str]:
    return frozenset({o for m in MEASURES.values() for o in m.objects} | {"person", "company"}) - _PRIVATE


def _question(spec: ObjectSpec) -> Field | None:
    if not is_listed(spec.key):
        return None
    return Counted(key=COUNTED, label=_("Figure of a report"), readonly=True, options=(), of=spec.key)


def _may_ask(actor: Actor, spec: ObjectSpec) -> bool:
    # What a figure counts is told to whoever may ask for the figure: the address is made for them, and the list shows
    # only what they see.
    return closed(actor, (spec.key,)) is None


register_question(COUNTED, _question, _may_ask)
