"""What scheduling adds to the screens that are derived from its objects; importing this registers it."""

from peyvand.operational.scheduling.web import calendar, feed, onward, record, repeating

__all__ = ["calendar", "feed", "onward", "record", "repeating"]
