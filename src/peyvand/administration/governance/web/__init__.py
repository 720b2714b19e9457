"""What a person's page offers for their own data; importing this registers it."""

from peyvand.administration.governance.web import card

__all__ = ["card"]
