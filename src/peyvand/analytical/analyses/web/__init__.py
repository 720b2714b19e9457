"""What insights add to the screens; importing this registers it."""

from peyvand.analytical.analyses.web import cards, model, pages
from peyvand.web.objects.resolve import live_at

# A card is read like a page of a report, not kept like a record.
live_at("model_card", "insights/models")

__all__ = ["cards", "model", "pages"]
