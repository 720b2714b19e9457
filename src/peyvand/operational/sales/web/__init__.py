"""What sales adds to the screens that are derived from its objects; importing this registers it."""

from peyvand.operational.sales.web import board, first_day, record, today

__all__ = ["board", "first_day", "record", "today"]
