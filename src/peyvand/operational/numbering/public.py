"""What other slices may use of numbering."""

from peyvand.operational.numbering.actions import close_year, reopen_year, set_first_month, set_pattern
from peyvand.operational.numbering.counting import next_number, next_numbers
from peyvand.operational.numbering.fiscal import (
    FiscalYear,
    calendar_here,
    demand_open,
    fiscal_year,
    fiscal_year_of,
    is_closed,
)

__all__ = [
    "FiscalYear", "calendar_here", "close_year", "demand_open", "fiscal_year", "fiscal_year_of", "is_closed", "next_number", "next_numbers",
    "reopen_year", "set_first_month", "set_pattern",
]  # fmt: skip
