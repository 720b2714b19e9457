"""What other slices may use of governance."""

from peyvand.administration.governance.actions import ERASE, erase_person
from peyvand.administration.governance.belongings import belongings_of

__all__ = ["ERASE", "belongings_of", "erase_person"]
