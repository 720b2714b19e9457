"""What billing adds to the screens that are derived from its objects; importing this registers it."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from peyvand.api.papers import Printing, register_paper
from peyvand.operational.billing.models import Invoice
from peyvand.operational.billing.paper import SAYS, file_name, make
from peyvand.operational.billing.web import cards, issuing, today
from peyvand.operational.sales.public import sign_of_winning
from peyvand.platform.objects import areas
from peyvand.web.shell.navigation import Screen, register_screen


@sign_of_winning(_("Its invoice is paid."))
def paid() -> QuerySet[Invoice]:
    """An invoice that is paid says that its deal may be won."""
    return Invoice.objects.filter(kind="invoice", status="paid", deleted_at__isnull=True)


register_paper("invoice", Printing(make, file_name, SAYS))
AGEING = register_screen(
    Screen(
        "ageing", _("Ageing"), "clock", "ageing/", operation="instalment.view", menu=37, area=areas.FINANCE
    )
)

__all__ = ["AGEING", "cards", "issuing", "today"]
