"""What activities add to the shell; importing this registers it."""

from peyvand.operational.activities.web import today

__all__ = ["today"]
