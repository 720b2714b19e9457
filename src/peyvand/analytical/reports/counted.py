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
from peyvand.analytical.measures.dimensions import DIMENSIONS
from peyvand.analytical.reports.question import Question, of_json
from peyvand.analytical.reports.rights import closed
from peyvand.analytical.warehouse.public import reading
from peyvand.kernel.errors import PeyvandError
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field
from peyvand.platform.identity.actor import Actor, system_actor, tenant_by
from peyvand.platform.objects.filters import eval_context
from peyvand.platform.objects.questions import register_question
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

COUNTED: Final = "counted"
# A list of more records than these is shown in part.
MOST: Final = 20_000


def mark_of(question: Question, measure: str, values: tuple[Any, ...]) -> str:
    """What a mark is asked by: its question, measure and the values of the dimensions."""
    told = {"q": question.to_json(), "m": measure, "v": list(values)}
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
            date.fromisoformat(value) if value and DIMENSIONS[key].kind == "day" else value
            for key, value in zip(question.by, told["v"], strict=True)
        )
        measure = str(told["m"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError):
        return None
    return Mark(question, measure, values) if measure in MEASURES else None


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


def demand_mark(ctx: Context, mark: Mark) -> bool:
    """Whether the actor may ask for what the mark counts."""
    known = MEASURES[mark.measure]
    return closed(ctx.actor, known.objects, known.fields) is None


@dataclass(frozen=True, kw_only=True)
class Counted(Choice):
    """Records that a figure of a report counts."""

    filters_itself: ClassVar[bool] = True
    of: str

    def filter(self, op: str, value: Any) -> Q:
        ids: list[int] = []
        for text in () if op == "empty" else value if op == "in" else (value,):
            mark = read_mark(str(text))
            if mark is not None:
                ids += _ids(mark, self.of)
        return Q(id__in=ids)

    def show(self, value: Any, reader: Reader) -> str:
        mark = read_mark(str(value))
        return (
            gettext("counted in “%(measure)s”") % {"measure": gettext(MEASURES[mark.measure].label)}
            if mark
            else ""
        )


def _ids(mark: Mark, object_key: str) -> list[int]:
    tenant = tenant_by(id=current_workspace_id())
    if tenant is None:
        return []
    try:
        return records_of(system_actor(tenant), mark).get(object_key, [])
    except PeyvandError:
        return []


def _objects() -> frozenset[str]:
    return frozenset({o for m in MEASURES.values() for o in m.objects} | {"person", "company"})


def _question(spec: ObjectSpec) -> Field | None:
    if spec.key not in _objects():
        return None
    return Counted(key=COUNTED, label=_("Figure of a report"), readonly=True, options=(), of=spec.key)


def _may_ask(actor: Actor, spec: ObjectSpec) -> bool:
    # What a figure counts is told to whoever may ask for the figure: the address is made for them, and the list shows
    # only what they see.
    return closed(actor, (spec.key,)) is None


register_question(COUNTED, _question, _may_ask)
