"""What the mood and the topic of texts add to the screens; importing this registers it."""

from peyvand.analytical.texts.web import card, page

__all__ = ["card", "page"]
