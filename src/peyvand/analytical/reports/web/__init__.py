"""What reports add to the screens; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.reports import counted
from peyvand.analytical.reports.web import board, builder, rows, sending
from peyvand.web.objects.lists.beginnings import Beginning, register_beginning

register_beginning("report", Beginning(
    _("A question about your figures that is worth asking again: ask it in the report builder, then save it."),
    _("Report builder"), "reports/build",
))  # fmt: skip

__all__ = ["board", "builder", "counted", "rows", "sending"]
