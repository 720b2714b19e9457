"""What other slices may use of watches."""

from peyvand.analytical.watches.actions import begin
from peyvand.analytical.watches.models import Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.analytical.watches.queueing import have_look

__all__ = ["WATCH", "Watch", "begin", "have_look"]
