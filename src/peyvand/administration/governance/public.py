"""What other slices may use of governance."""

from peyvand.administration.governance.actions import ERASE, erase_person

__all__ = ["ERASE", "erase_person"]
