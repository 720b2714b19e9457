"""What forecasts add to the screens; importing this registers it."""

from peyvand.analytical.forecasts.web import forecast, what_if

__all__ = ["forecast", "what_if"]
