"""What watches add to the screens; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.watches import asking
from peyvand.analytical.watches.web import pages, record
from peyvand.web.objects.lists.beginnings import Beginning, register_beginning

register_beginning("watch", Beginning(
    _("A watch tells you who reached a threshold, such as 50 million in purchases, or fell below it; automations can start from it."),
    _("New watch"), "watches/new",
))  # fmt: skip

__all__ = ["asking", "pages", "record"]
