"""What other slices may use of automations."""

from peyvand.processes.automations.models import Automation, AutomationRun, AutomationStep
from peyvand.processes.automations.objects import AUTOMATION, RUN, STEP

__all__ = ["AUTOMATION", "RUN", "STEP", "Automation", "AutomationRun", "AutomationStep"]
