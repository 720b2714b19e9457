"""The whale curve, and buyers by the month in which they came: what the newest model cards hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count
from django.utils.translation import gettext

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.web.listed import Listed, listed
from peyvand.analytical.reports.web.members import Level, rows_of, sees, shade
from peyvand.kernel import numbers
from peyvand.kernel.persian.calendar import Calendar, calendar_of, from_parts, month_bounds
from peyvand.operational.targets.public import name_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, whole_id
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.charts import Chart, Mark, Series

# Months in which somebody came that the grid of cohorts has, and months that it follows them: a year, and the month that it began with.
COHORTS: Final = 13
_BESTS: Final = 20
# Of fewer buyers one is five percent or more, and the share says little.
FEW: Final = 20


@dataclass(frozen=True)
class Cohort:
    """Those who first bought in a month; ``cells`` are the share who came again, by months since, how dark it is drawn, and of how
    many it is."""

    name: str
    count: int
    lists: tuple[Listed, ...]
    cells: tuple[tuple[str, int, str], ...]

    @property
    def is_few(self) -> bool:
        return self.count < FEW


def sees_profit(ctx: Context) -> bool:
    return sees(ctx, "profit", "profit_level")


def sees_orders(ctx: Context) -> bool:
    return sees(ctx, "first_order", "order_count")


def whale(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Who brings the profit, and who eats it."""
    told = standing_of(ctx, "profit")
    curve: list[list[float]] = told.more.get("curve", [])
    if not curve:
        return {"template": "reports/_whale.html", "how": told}
    peak = max(curve, key=lambda point: point[1])
    best = next(point for point in curve if point[0] >= _BESTS)
    chart = Chart(
        gettext("Whale curve"),
        tuple(
            gettext("The first %(share)s of the customers") % {"share": _percent(ctx, x)} for x, _y in curve
        ),
        (Series(gettext("Profit"), tuple(Mark(y, _percent(ctx, y)) for _x, y in curve)),),
        "curve",
        places=tuple(x for x, _y in curve),
    )
    return {
        "template": "reports/_whale.html", "chart": chart, "as_of": told.as_of,
        "best": tuple(_percent(ctx, value) for value in best), "levels": _levels(ctx),
        "peak": tuple(_percent(ctx, value) for value in peak) if peak[1] > 100.5 else None,
        "eaten": _percent(ctx, peak[1] - 100),
    }  # fmt: skip


def _levels(ctx: Context) -> list[Level]:
    field = object_named("person").declared.all_fields["profit_level"]
    assert isinstance(field, Choice)
    counted = list(rows_of("profit").values("object", "text1").annotate(count=Count("id")))
    everybody = sum(row["count"] for row in counted) or 1
    found = []
    for option in reversed(field.options):
        counts = {row["object"]: row["count"] for row in counted if row["text1"] == option.key}
        condition = {"field": "profit_level", "op": "is", "value": option.key}
        lists = listed(ctx, counts, condition, ("profit_level", "profit", "bought_amount"), "-profit")
        if lists:
            found.append(Level(option.label, option.tone, sum(counts.values()) / everybody, lists))
    return found


def cohorts(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """``calendar`` of what is given: jalali or gregorian, otherwise the reader's; ``before``: as many newer cohorts are passed over."""
    own = calendar_of(ctx.reader.language)
    asked = given.get("calendar", "")
    calendar: Calendar = "jalali" if asked == "jalali" else "gregorian" if asked == "gregorian" else own
    told = standing_of(ctx, "cohorts")
    if not (kept := told.more.get(calendar)):
        return {"template": "reports/_cohorts.html", "how": told}
    begun = [both for both in zip(kept["months"], kept["customers"], strict=True) if both[1][0]]
    newer = min(whole_id(given.get("before", "")) or 0, max(0, len(begun) - 1))
    shown = begun[: len(begun) - newer][-COHORTS:]
    older = len(begun) - newer - len(shown)
    rows = [_cohort(ctx, calendar, month, customers) for month, customers in shown]
    # Of cohorts that are older than the grid is wide the running month is not in it.
    is_cut = all(sum(n is not None for n in customers) > COHORTS for _month, customers in shown)
    ages = range(max((len(row.cells) for row in rows), default=0))
    return {
        "template": "reports/_cohorts.html", "rows": rows, "is_cut": is_cut, "calendar": calendar, "as_of": told.as_of,
        "ages": [numbers.format_number(age, ctx.reader.language) for age in ages],
        "few": FEW if any(row.is_few for row in rows) else 0,
        "how": told, "earlier": newer + COHORTS if older else 0, "newer": newer, "later": max(0, newer - COHORTS),
        "calendars": (("jalali", gettext("Jalali")), ("gregorian", gettext("Gregorian"))),
    }  # fmt: skip


def _cohort(ctx: Context, calendar: Calendar, month: str, customers: list[int | None]) -> Cohort:
    year, number = map(int, month.split("-"))
    first, after = month_bounds(year, number, calendar)
    last = after - timedelta(days=1)
    counts = {
        row["object"]: row["count"]
        for row in rows_of("rfm")
        .filter(day2__range=(first, last))
        .values("object")
        .annotate(count=Count("id"))
    }
    condition = {"field": "first_order", "op": "between", "value": [first.isoformat(), last.isoformat()]}
    began = customers[0] or 0
    return Cohort(
        name_of("month", from_parts(year, number, 1, calendar), calendar, ctx.reader.language), began,
        listed(ctx, counts, condition, ("first_order", "last_order", "order_count", "bought_amount"), "-bought_amount"),
        tuple(shade(ctx, n, began) for n in customers[:COHORTS] if n is not None),
    )  # fmt: skip


def _percent(ctx: Context, value: float) -> str:
    return numbers.format_percent(round(value) / 100, ctx.reader.language, 0)
