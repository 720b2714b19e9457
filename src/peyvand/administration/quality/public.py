"""What other slices may use of data quality."""

from peyvand.administration.quality.actions import begin_reckoning
from peyvand.administration.quality.asking import QUALITY
from peyvand.administration.quality.measures import rules_of

__all__ = ["QUALITY", "begin_reckoning", "rules_of"]
