"""What other slices may use of targets."""

from peyvand.operational.targets.attainment import Attainment, attainments
from peyvand.operational.targets.hooks import period_of
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.objects import QUOTA, UNITS
from peyvand.operational.targets.periods import name_of
from peyvand.operational.targets.snapshots import take
from peyvand.operational.targets.web.tabs import pages

__all__ = ["QUOTA", "UNITS", "Attainment", "Quota", "attainments", "name_of", "pages", "period_of", "take"]
