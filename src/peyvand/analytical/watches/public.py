"""What other slices may use of watches."""

from peyvand.analytical.watches.actions import begin
from peyvand.analytical.watches.jobs import have_look
from peyvand.analytical.watches.models import Watch
from peyvand.analytical.watches.objects import WATCH

__all__ = ["WATCH", "Watch", "begin", "have_look"]
