"""What contacts add to the screens that are derived from objects; importing this registers it."""

from peyvand.operational.contacts.web import along

__all__ = ["along"]
