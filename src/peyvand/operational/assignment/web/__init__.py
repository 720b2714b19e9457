"""What assignment adds to the screens; importing this registers it."""

from peyvand.operational.assignment.web import card, handing, pages

__all__ = ["card", "handing", "pages"]
