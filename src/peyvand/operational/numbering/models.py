from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from peyvand.platform.workspaces.models import WorkspaceForeignKey, WorkspaceModel, unique_here


class Pattern(WorkspaceModel):
    """How a workspace writes the numbers of one series, where it wants them otherwise than usual."""

    series = models.CharField(max_length=40)
    pattern = models.CharField(max_length=60)
    restarts = models.BooleanField(default=True, help_text="whether counting begins anew every fiscal year")

    class Meta:
        db_table = "number_pattern"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("series", name="number_pattern_of")]


class Counter(WorkspaceModel):
    """The last number that was given in a series; ``year`` 0 where counting never begins anew."""

    series = models.CharField(max_length=40)
    year = models.IntegerField()
    last = models.BigIntegerField()

    class Meta:
        db_table = "number_counter"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("series", "year", name="number_counter_of")]


class FiscalCalendar(WorkspaceModel):
    """In which month of its calendar a workspace's fiscal year begins; without a row, in the first."""

    month = models.SmallIntegerField(default=1)

    class Meta:
        db_table = "fiscal_calendar"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here(name="fiscal_calendar_once")]


class ClosedYear(WorkspaceModel):
    """A fiscal year into which nothing may be dated any more."""

    year = models.IntegerField()
    starts_on = models.DateField()
    # The first day that is no longer of the year.
    ends_before = models.DateField()
    closed_at = models.DateTimeField()
    closed_by = WorkspaceForeignKey("identity.User", models.SET_NULL, null=True)

    class Meta:
        db_table = "closed_year"
        base_manager_name = "everywhere"
        constraints: ClassVar[list[Any]] = [unique_here("year", name="closed_year_once")]
