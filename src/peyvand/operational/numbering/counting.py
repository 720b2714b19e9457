"""Giving numbers: without a gap and without a double, however many ask at once."""

from __future__ import annotations

from collections import Counter as Tally
from collections.abc import Sequence
from datetime import date

from django.db import connection
from django.db.models import Max

from peyvand.operational.numbering.fiscal import fiscal_year, fiscal_years
from peyvand.operational.numbering.models import Counter
from peyvand.operational.numbering.series import series_of, written
from peyvand.platform.workspaces.scope import current_workspace_id


def next_number(series: str, day: date) -> str:
    """The next number of a series for a paper of this day: next_numbers for one."""
    return next_numbers(series, [day])[0]


def next_numbers(series: str, days: Sequence[date]) -> list[str]:
    """The next numbers of a series for papers of these days, in their order; those of one year are taken in one block.

    A counter stays locked until the caller's transaction ends: who asks meanwhile waits, and where the transaction
    is rolled back the numbers are given again. So ask for them late, in the transaction that keeps the papers.
    """
    own, years = series_of(series), fiscal_years(days)
    counters = [years[day].year if own.restarts else 0 for day in days]
    places = {}
    # Whoever takes blocks of several years locks them in the same order as anybody else.
    for counter, count in sorted(Tally(counters).items()):
        last = _take(series, counter, count)
        places[counter] = iter(range(last - count + 1, last + 1))
    return [
        written(own.pattern, next(places[counter]), years[day].year)
        for day, counter in zip(days, counters, strict=True)
    ]


def _take(series: str, year: int, count: int) -> int:
    """Take the next ``count`` numbers of a counter; the last of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into number_counter (workspace_id, series, year, last) values (%(here)s, %(series)s, %(year)s, %(count)s) "
            "on conflict (workspace_id, series, year) do update set last = number_counter.last + %(count)s returning last",
            {"here": current_workspace_id(), "series": series, "year": year, "count": count},
        )
        return int(cursor.fetchone()[0])


def carry_over(series: str, day: date, *, restarts: bool) -> None:
    """Let a series whose way of restarting changes go on behind the highest number that it ever gave, so that no number
    of this year comes twice."""
    highest = Counter.objects.filter(series=series).aggregate(most=Max("last"))["most"]
    if highest is not None:
        year = fiscal_year(day).year if restarts else 0
        counter, is_new = Counter.objects.get_or_create(series=series, year=year, defaults={"last": highest})
        if not is_new and counter.last < highest:
            Counter.objects.filter(id=counter.id).update(last=highest)
