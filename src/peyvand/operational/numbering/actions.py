"""Setting how papers are numbered, when the fiscal year begins, and closing a year."""

from __future__ import annotations

from typing import Final

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.numbering.counting import carry_over
from peyvand.operational.numbering.fiscal import first_month, fiscal_year, fiscal_year_of
from peyvand.operational.numbering.models import ClosedYear, FiscalCalendar, Pattern
from peyvand.operational.numbering.series import LONGEST, SERIES, checked, series_of
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Flag, Number, Option, Text

SET_PATTERN: Final = "numbering.set_pattern"
CLOSE_YEAR: Final = "numbering.close_year"
_YEAR: Final = Number(key="year", label=_("Fiscal year"), min=1200, max=2500, grouped=False, required=True)


@action(
    SET_PATTERN,
    label=_("Change the pattern"),
    on="none",
    admin=True,
    inputs=(
        Choice(key="series", label=_("Series"), options=tuple(Option(s.key, s.label) for s in SERIES.values()), required=True),
        Text(key="pattern", label=_("Pattern"), required=True, max_length=LONGEST),
        Flag(key="restarts", label=_("Begins anew every fiscal year"), default=True),
    ),
)  # fmt: skip
def set_pattern(ctx: Context, *, series: str, pattern: str, restarts: bool = True) -> None:
    """Say how the numbers of a series are written, from the next paper on.

    Raises:
        Invalid: the pattern would not tell one paper from another.
    """
    if series not in SERIES:
        raise Invalid.of(msg("Choose one from the list."), "series", "choice")
    kept, before = checked(pattern, restarts=restarts), series_of(series)
    Pattern.objects.update_or_create(series=series, defaults={"pattern": kept, "restarts": restarts})
    if before.restarts != restarts:
        carry_over(series, clock.today(ctx.tenant.tz), restarts=restarts)


@action(
    "numbering.set_first_month",
    label=_("Change the fiscal year"),
    on="none",
    admin=True,
    inputs=(Number(key="month", label=_("First month"), min=1, max=12, required=True),),
)
def set_first_month(ctx: Context, *, month: int) -> None:
    """Say in which month of the workspace's calendar its fiscal year begins.

    Raises:
        RuleViolation: a year was closed already; its end would move.
    """
    if month != first_month() and ClosedYear.objects.exists():
        raise RuleViolation(msg("A fiscal year was closed already; its first month stays."), "month")
    FiscalCalendar.objects.update_or_create(defaults={"month": month})


@action(CLOSE_YEAR, label=_("Close the fiscal year"), on="none", admin=True, inputs=(_YEAR,))
def close_year(ctx: Context, *, year: int) -> None:
    """Close a fiscal year that is over: nothing may be dated into it any more.

    Raises:
        RuleViolation: it is not over yet, or closed already.
    """
    asked = fiscal_year_of(year)
    if asked.end > clock.today(ctx.tenant.tz):
        raise RuleViolation(msg("This fiscal year is not over yet."), "year")
    closing = {
        "starts_on": asked.start, "ends_before": asked.end, "closed_at": clock.now(), "closed_by_id": ctx.actor.user_id,
    }  # fmt: skip
    _row, is_new = ClosedYear.objects.get_or_create(year=year, defaults=closing)
    if not is_new:
        raise RuleViolation(msg("This fiscal year is closed already."), "year")


@action("numbering.reopen_year", label=_("Reopen the fiscal year"), on="none", admin=True, inputs=(_YEAR,))
def reopen_year(ctx: Context, *, year: int) -> None:
    """Open a closed fiscal year again, the last one first.

    Raises:
        RuleViolation: it is not closed, or a later one still is.
    """
    if ClosedYear.objects.filter(year__gt=year).exists():
        raise RuleViolation(msg("A later fiscal year is closed; reopen that one first."), "year")
    gone, _rows = ClosedYear.objects.filter(year=year).delete()
    if not gone:
        raise RuleViolation(msg("This fiscal year is not closed."), "year")


def closable_years(ctx: Context) -> list[int]:
    """The last years that are over and not closed, the newest first."""
    this = fiscal_year(clock.today(ctx.tenant.tz)).year
    last = ClosedYear.objects.aggregate(last=Max("year"))["last"] or 0
    return [year for year in range(this - 1, this - 4, -1) if year > last]
