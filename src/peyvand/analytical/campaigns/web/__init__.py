"""What campaigns add to the screens; importing this registers it."""

from peyvand.analytical.campaigns.web import channels, effects

__all__ = ["channels", "effects"]
