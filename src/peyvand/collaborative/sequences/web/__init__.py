"""What sequences add to the screens that are derived from their objects; importing this registers it."""

from peyvand.collaborative.sequences.web import record

__all__ = ["record"]
