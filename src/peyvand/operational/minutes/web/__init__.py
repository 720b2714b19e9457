"""What minutes add to the screens of meetings and tasks; importing this registers it."""

from peyvand.operational.minutes.web import record, writing

__all__ = ["record", "writing"]
