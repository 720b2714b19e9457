"""What commissions add to the screens that are derived from them; importing this registers it."""

from peyvand.api.papers import Printing, register_paper
from peyvand.operational.commissions.paper import SAYS, file_name, make
from peyvand.operational.commissions.web import cards, mine

register_paper("commission_statement", Printing(make, file_name, SAYS))

__all__ = ["cards", "mine"]
