"""What other slices may use of data quality."""

from peyvand.administration.quality.actions import begin_reckoning

__all__ = ["begin_reckoning"]
