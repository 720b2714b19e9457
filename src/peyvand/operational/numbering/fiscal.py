"""Fiscal years: when they begin, which day is of which, and into which nothing may be dated any more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.kernel.persian.calendar import Calendar, calendar_of, from_parts, month_bounds, parts
from peyvand.operational.numbering.models import ClosedYear, FiscalCalendar
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.workspaces.scope import current_workspace_id, found_once


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """A fiscal year, called by the calendar year that it begins in; ``end`` is the first day after it."""

    year: int
    start: date
    end: date


def calendar_here() -> Calendar:
    """The calendar of the open workspace: Jalali where it speaks Persian."""

    def find() -> Calendar:
        tenant = tenant_by(id=current_workspace_id())
        return calendar_of(tenant.language) if tenant else "gregorian"

    return found_once("numbering.calendar", find)


def first_month() -> int:
    """The month of the workspace's calendar in which its fiscal year begins."""
    found = FiscalCalendar.objects.values_list("month", flat=True).first()
    return int(found or 1)


def fiscal_year(day: date) -> FiscalYear:
    """The fiscal year that holds a day."""
    return fiscal_years([day])[day]


def fiscal_years(days: Iterable[date]) -> dict[date, FiscalYear]:
    """For each day the fiscal year that holds it."""
    calendar, month = calendar_here(), first_month()
    found = {}
    for day in set(days):
        year, now, _ = parts(day, calendar)
        found[day] = _beginning(year if now >= month else year - 1, month, calendar)
    return found


def fiscal_year_of(year: int) -> FiscalYear:
    """The fiscal year that begins in a year of the workspace's calendar.

    Raises:
        Invalid: the calendar has no such year.
    """
    return _beginning(year, first_month(), calendar_here())


def _beginning(year: int, month: int, calendar: Calendar) -> FiscalYear:
    return FiscalYear(year, from_parts(year, month, 1, calendar), month_bounds(year + 1, month, calendar)[0])


def is_closed(day: date) -> bool:
    """Whether the day lies in a fiscal year that was closed, or before one."""
    return ClosedYear.objects.filter(ends_before__gt=day).exists()


def demand_open(day: date, field: str | None = None) -> None:
    """Refuse a day of a closed fiscal year, and any before: whoever closes a year is done with what lies behind it.

    Raises:
        RuleViolation: its year, or one after it, is closed.
    """
    behind = ClosedYear.objects.filter(ends_before__gt=day).order_by("starts_on")
    closed = behind.values_list("year", flat=True).first()
    if closed is not None:
        raise RuleViolation(
            msg("The fiscal year %(year)s is closed; nothing can be dated into it.", year=str(closed)), field
        )
