"""What other slices may use of targets."""

from peyvand.operational.targets.attainment import Attainment, attainments
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.objects import QUOTA
from peyvand.operational.targets.snapshots import take

__all__ = ["QUOTA", "Attainment", "Quota", "attainments", "take"]
