"""What reports add to the screens; importing this registers it."""

from peyvand.analytical.reports import counted
from peyvand.analytical.reports.web import board, builder, rows

__all__ = ["board", "builder", "counted", "rows"]
