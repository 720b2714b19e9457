"""What targets and reports add to the screens; importing this registers it."""

from peyvand.operational.targets import asking
from peyvand.operational.targets.web import board, outlook, quotas, reports

__all__ = ["asking", "board", "outlook", "quotas", "reports"]
