"""What orders add to their page; importing this registers it."""

from peyvand.operational.orders.web import margin

__all__ = ["margin"]
