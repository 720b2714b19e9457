"""What consents add to a person's page; importing this registers it."""

from peyvand.operational.consents.web import card

__all__ = ["card"]
