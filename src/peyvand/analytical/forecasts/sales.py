"""What sales and won deals come to in the months ahead, in all and by product, product series and colleague.

Only whole months are learned from; the running one is the first of those ahead, and what it has so far is told beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from peyvand.analytical.analyses.contract import Beside, Card, Figure, Finding, Inputs, Unit
from peyvand.analytical.forecasts.months import (
    ahead,
    context_of,
    dimension_of,
    first_whole,
    left_of,
    months_of,
    running,
)
from peyvand.analytical.measures.asking import ask
from peyvand.analytical.measures.following import series
from peyvand.analytical.measures.spans import Span
from peyvand.analytical.methods.forecast import LEAST, Forecast, forecast, forecasts
from peyvand.analytical.methods.guards import require
from peyvand.kernel.conditions import EvalContext
from peyvand.kernel.errors import Message, RuleViolation, msg, msgid
from peyvand.platform.insights.telling import kept

MEASURES: Final = ("revenue", "orders", "won_amount", "deals_won")
PARTS: Final = ("series", "product", "member")
# Of the parts, those that brought most in the last twelve months.
MOST: Final = 8
_YEAR: Final = 12
_SHOWN: Final = 24
_TRIED: Final = 12


@dataclass(frozen=True)
class History:
    """A measure by whole month, oldest first, and what the running month has so far."""

    months: tuple[date, ...]
    values: tuple[float, ...]
    so_far: float


def run(given: Inputs) -> Finding:
    """The months ahead of each measure as ``more``; one that cannot be answered says why."""
    context, horizon = context_of(given), 1 + months_of(int(given.settings["horizon_days"]))
    told: dict[str, Any] = {}
    found: dict[str, tuple[History, Forecast]] = {}
    refusals = []
    for measure in MEASURES:
        try:
            history = _history(given, measure, context)
        except RuleViolation as refusal:
            told[measure] = {"refusal": kept(refusal.message)}
            refusals.append(refusal)
            continue
        said = forecast(history.values, horizon)
        found[measure] = history, said
        told[measure] = _told(history, said, context)
    if not found:
        raise refusals[0]
    first = next(iter(found))
    parts = _parts(given, found["revenue"][0], horizon, context) if "revenue" in found else {}
    more = {"calendar": context.calendar, "measures": told, "parts": parts}
    return Finding((), _card(*found[first], told[first], first), more)


def _history(given: Inputs, measure: str, context: EvalContext) -> History:
    """NotEnough below twelve whole months; RuleViolation where the newest fact is too old to go on from."""
    day = _days(given, measure)
    known = given.tables.fetch(day.agg(first=day.day.min(), last=day.day.max())).to_pylist()[0]
    first, last = known["first"], known["last"]
    if first is None:
        require(msgid("whole months"), LEAST, 0)
    quiet, age = (given.as_of - last).days, (given.as_of - first).days
    start, now = first_whole(first, context.calendar), running(given.as_of, context.calendar)
    month = dimension_of(context.calendar)
    rows = given.tables.fetch(series(given.tables, [measure], month, Span(start, None), context=context))
    values = {row[month]: float(row[measure]) for row in rows.to_pylist()}
    whole = [m for m in values if m < now]
    require(msgid("whole months"), LEAST, len(whole))
    if 2 * quiet > age:
        raise RuleViolation(
            msg("The newest record is %(quiet)s days old in a history of %(known)s days; newer data are needed.", quiet=quiet, known=age)
        )  # fmt: skip
    return History(tuple(whole), tuple(values[m] for m in whole), values.get(now, 0.0))


def _days(given: Inputs, measure: str) -> Any:
    """The days of what a measure counts, up to the as-of date."""
    if measure in ("revenue", "orders"):
        rows = given.tables["sale"]
    else:
        deals = given.tables["deal"]
        rows = deals.filter((deals.status == "won") & deals.closed.notnull()).select(day=deals.closed)
    return rows.filter(rows.day <= given.as_of).select("day")


def _told(history: History, said: Forecast, context: EvalContext) -> dict[str, Any]:
    tried = _tried(history)
    return {
        "months": [m.isoformat() for m in history.months[-_SHOWN:]],
        "values": list(history.values[-_SHOWN:]),
        "so_far": history.so_far,
        "ahead": _ahead(history, said, context),
        "tried": tried,
        "inside": sum(one["low"] <= one["came"] <= one["high"] for one in tried),
        "is_seasonal": said.is_seasonal,
        "beside": _beside(history, said),
    }


def _ahead(history: History, said: Forecast, context: EvalContext) -> list[dict[str, Any]]:
    """By month from the running one on, which comes to what it has and what such a month brings in the days that are left."""
    cycle = _YEAR if said.is_seasonal else 1
    again, n = history.values, len(history.values)
    close, wide = said.intervals
    months = ahead(running(context.today, context.calendar), len(said.expected) + 1, context.calendar)
    left = left_of(context.today, context.calendar)
    found = []
    for k, month in enumerate(months[:-1]):
        expected = said.expected[k]
        bounds = {"low": close.low[k], "high": close.high[k], "lower": wide.low[k], "higher": wide.high[k]}
        if k == 0:
            # Of days that go their own ways, what is unsure shrinks with the root of their number.
            rest = left * expected
            bounds = {
                name: history.so_far + max(0.0, rest + left**0.5 * (bound - expected))
                for name, bound in bounds.items()
            }
            expected = history.so_far + rest
        found.append(
            {
                "month": month.isoformat(),
                "again": again[n - cycle + k % cycle],
                "expected": expected,
                **bounds,
            }
        )
    return found


def _tried(history: History) -> list[dict[str, Any]]:
    """The newest months as they would have been said a month before, by what was known then."""
    found = []
    for n in range(max(LEAST, len(history.values) - _TRIED), len(history.values)):
        said = forecast(history.values[:n], 1)
        close = said.intervals[0]
        found.append({
            "month": history.months[n].isoformat(), "said": said.expected[0], "low": close.low[0], "high": close.high[0],
            "came": history.values[n],
        })  # fmt: skip
    return found


def _beside(history: History, said: Forecast) -> dict[str, Any] | None:
    """The mean error of earlier forecasts beside that of «as last time», in percent of a usual month."""
    compared, usual = said.rehearsed, sum(history.values) / len(history.values)
    if compared is None or not usual > 0:
        return None
    scale = 100 / usual
    return {
        "rule": compared.rule, "method": compared.method * scale, "simple": compared.simple * scale,
        "gain": compared.gain.value * scale, "low": compared.gain.low * scale, "high": compared.gain.high * scale,
    }  # fmt: skip


def _parts(
    given: Inputs, whole: History, horizon: int, context: EvalContext
) -> dict[str, list[dict[str, Any]]]:
    """By dimension the parts of the revenue that brought most and are known long enough, what one learns helping the others."""
    month = dimension_of(context.calendar)
    found = {}
    for by in PARTS:
        rows = given.tables.fetch(
            ask(given.tables, ["revenue"], (month, by), span=Span(whole.months[0], None), context=context)
        ).to_pylist()
        of: dict[Any, dict[date, float]] = {}
        for row in rows:
            if row[by] not in (None, "") and row[month] is not None:
                of.setdefault(row[by], {})[row[month]] = float(row["revenue"] or 0)
        found[by] = _known_parts(of, whole.months, horizon)
    return found


def _known_parts(
    of: Mapping[Any, Mapping[date, float]], months: Sequence[date], horizon: int
) -> list[dict[str, Any]]:
    lately = {key: sum(by.get(m, 0.0) for m in months[-_YEAR:]) for key, by in of.items()}
    best = sorted((key for key in of if lately[key] > 0), key=lambda key: (-lately[key], str(key)))[:MOST]
    values: dict[Any, list[float]] = {}
    for key in best:
        began = min(of[key])
        # It came to be within its first month.
        since = [m for m in months if m > began or m == began == months[0]]
        if len(since) >= LEAST:
            values[key] = [of[key].get(m, 0.0) for m in since]
    if not values:
        return []
    said = forecasts(list(values.values()), horizon)
    return [
        {
            "key": key, "lately": lately[key],
            "ahead": [
                {"expected": one.expected[k], "low": one.intervals[0].low[k], "high": one.intervals[0].high[k]}
                for k in range(horizon)
            ],
        }
        for key, one in zip(values, said, strict=True)
    ]  # fmt: skip


def _card(history: History, said: Forecast, told: Mapping[str, Any], measure: str) -> Card:
    unit: Unit = "money" if measure in ("revenue", "won_amount") else "number"
    beside, close = told["beside"], said.intervals[0]
    next_month = min(1, len(said.expected) - 1)
    notes: list[Message] = []
    if len(history.values) < 2 * _YEAR:
        notes.append(msg("Less than two full years of history: seasonal effects cannot be told."))
    if beside is not None and not beside["low"] > 0:
        notes.append(
            msg("It was not clearly better than the simple rule on earlier months; the pages show both.")
        )
    figures = [
        Figure(msgid("Full months of history"), len(history.values)),
        Figure(
            msgid("Expected next month"), said.expected[next_month], unit, close.low[next_month], close.high[next_month]
        ),
    ]  # fmt: skip
    if told["tried"]:
        share = 100 * told["inside"] / len(told["tried"])
        figures.append(Figure(msgid("Earlier months within their interval of 80 percent"), share, "percent"))
    return Card(
        rows=len(history.values),
        first=history.months[0],
        last=history.months[-1],
        figures=tuple(figures),
        beside=beside and Beside(
            beside["rule"], msgid("Average error, in percent of a usual month"), beside["method"], beside["simple"],
            beside["gain"], beside["low"], beside["high"],
        ),
        parameters={"widening": said.widening},
        notes=tuple(notes),
        watched=("Expected next month",),
    )  # fmt: skip
