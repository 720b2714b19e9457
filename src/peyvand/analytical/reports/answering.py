"""The answer to a question: rows with names and figures, totals asked anew, and which figures stand beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from peyvand.analytical.measures.catalogue import MEASURES, Measure
from peyvand.analytical.measures.dimensions import DIMENSIONS, Dimension
from peyvand.analytical.reports.naming import namer
from peyvand.analytical.reports.question import Question
from peyvand.analytical.reports.rights import demand_question
from peyvand.analytical.warehouse.public import Tables, as_of, reading
from peyvand.kernel.conditions import EvalContext
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.filters import eval_context

# What the columns of an earlier span's figures end in (measures/asking).
EARLIER: Final = "__before"


@dataclass(frozen=True)
class Row:
    """One line: the values of the dimensions and what they are called; figures by measure, and the earlier ones."""

    values: tuple[Any, ...]
    names: tuple[str, ...]
    figures: dict[str, float | None]
    before: dict[str, float | None]


@dataclass(frozen=True)
class Answer:
    """``is_cut``: there are more rows than are shown. ``at`` is the moment of the facts."""

    question: Question
    measures: tuple[Measure, ...]
    dimensions: tuple[Dimension, ...]
    rows: tuple[Row, ...]
    total: Row
    is_cut: bool
    at: datetime | None


def answer(ctx: Context, question: Question) -> Answer:
    """Ask the open workspace's warehouse.

    Raises:
        NotAllowed: the actor may not see all that it counts. RuleViolation, Invalid: it means nothing, with the reason.
        NotReady: the warehouse was never filled.
    """
    demand_question(ctx.actor, question)
    context = eval_context(ctx.actor)
    with reading() as tables:
        found = _asked(tables, question, question.by, context)
        total = _asked(tables, question, (), context)[0] if question.by else found[0]
        rows = _sorted(question, found)
        shown = rows[: question.most]
        names = [namer(ctx, tables, key, {row[key] for row in shown}) for key in question.by]
        lines = tuple(
            Row(tuple(row[key] for key in question.by),
                tuple(name(row[key]) for name, key in zip(names, question.by, strict=True)), *_figures(question, row))
            for row in shown
        )  # fmt: skip
    return Answer(
        question, tuple(MEASURES[key] for key in question.measures), tuple(DIMENSIONS[key] for key in question.by),
        lines, Row((), (), *_figures(question, total)), len(rows) > len(shown), as_of(),
    )  # fmt: skip


def _asked(
    tables: Tables, question: Question, by: tuple[str, ...], context: EvalContext
) -> list[dict[str, Any]]:
    # Loads the engine, which no page needs that asks nothing.
    from peyvand.analytical.measures.asking import ask

    span = question.days(context.today, context.calendar)
    expression = ask(
        tables, question.measures, by, question.condition, span, question.compare, context=context
    )
    found: list[dict[str, Any]] = tables.fetch(expression).to_pylist()
    return found


def _figures(
    question: Question, row: dict[str, Any]
) -> tuple[dict[str, float | None], dict[str, float | None]]:
    before = (
        {key: _number(row.get(f"{key}{EARLIER}")) for key in question.measures} if question.compare else {}
    )
    return {key: _number(row[key]) for key in question.measures}, before


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _sorted(question: Question, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By the chosen measure, largest first; periods in their order, all else by the first measure."""
    if not question.by:
        return rows
    key = question.sort if question.sort in question.measures else ""
    first = DIMENSIONS[question.by[0]]
    if not key and (first.kind == "day" or first.key == "weekday"):
        return sorted(rows, key=lambda row: (row[first.key] is None, str(row[first.key])))
    by = key or question.measures[0]
    return sorted(rows, key=lambda row: (row[by] is None, -(row[by] or 0)))
