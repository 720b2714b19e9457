"""What sequences add to the screens that are derived from their objects; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.collaborative.sequences.web import outlook, record
from peyvand.web.objects.lists.beginnings import Beginning, register_beginning

register_beginning("sequence", Beginning(
    _("A sequence writes to people, and has them called, step by step in working time until they answer. Make one, add its steps, begin."),
))  # fmt: skip
register_beginning("enrolment", Beginning(
    _("Nobody is in a sequence yet. People are put in from their page, from a lead or deal, or many at once from a list."),
    _("Sequences"), "sequences/",
))  # fmt: skip

__all__ = ["outlook", "record"]
