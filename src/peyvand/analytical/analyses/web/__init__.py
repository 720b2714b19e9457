"""What insights add to the screens; importing this registers it."""

from peyvand.analytical.analyses.web import cards, model

__all__ = ["cards", "model"]
