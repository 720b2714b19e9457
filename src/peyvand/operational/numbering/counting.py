"""Giving numbers: without a gap and without a double, however many ask at once."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.db.models import Max

from peyvand.operational.numbering.fiscal import fiscal_year
from peyvand.operational.numbering.models import Counter
from peyvand.operational.numbering.series import series_of, written
from peyvand.platform.workspaces.scope import current_workspace_id


def next_number(series: str, day: date) -> str:
    """The next number of a series for a paper of this day.

    The counter stays locked until the caller's transaction ends: who asks meanwhile waits, and where the transaction
    is rolled back the number is given again. So ask for it late, in the transaction that keeps the paper.
    """
    own, year = series_of(series), fiscal_year(day).year
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into number_counter (workspace_id, series, year, last) values (%s, %s, %s, 1) "
            "on conflict (workspace_id, series, year) do update set last = number_counter.last + 1 returning last",
            [current_workspace_id(), series, year if own.restarts else 0],
        )
        (n,) = cursor.fetchone()
    return written(own.pattern, n, year)


def carry_over(series: str, day: date, *, restarts: bool) -> None:
    """Let a series whose way of restarting changes go on behind the highest number that it ever gave, so that no number
    of this year comes twice."""
    highest = Counter.objects.filter(series=series).aggregate(most=Max("last"))["most"]
    if highest is not None:
        year = fiscal_year(day).year if restarts else 0
        counter, is_new = Counter.objects.get_or_create(series=series, year=year, defaults={"last": highest})
        if not is_new and counter.last < highest:
            Counter.objects.filter(id=counter.id).update(last=highest)
