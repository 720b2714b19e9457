"""What minutes add to the screens of meetings and tasks; importing this registers it."""

from peyvand.api.papers import Printing, register_paper
from peyvand.operational.minutes.paper import SAYS, file_name, make
from peyvand.operational.minutes.web import record, writing

register_paper("meeting", Printing(make, file_name, SAYS))

__all__ = ["record", "writing"]
