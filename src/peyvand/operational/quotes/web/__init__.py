"""What quotes add to the screens that are derived from them; importing this registers it."""

from django.utils.translation import gettext_lazy as _

from peyvand.api.papers import Printing, register_paper
from peyvand.operational.quotes.agreeing import SAYS, quote_pdf
from peyvand.operational.quotes.limits import SET
from peyvand.web.shell.settings_pages import SettingsPage, register_page

LIMITS = register_page(
    SettingsPage("discounts", _("Limits of discounts"), "tag", "discounts", SET, _("Sales"), order=60)
)

register_paper(
    "quote",
    Printing(
        make=lambda ctx, quote: quote_pdf(ctx.tenant, quote),
        name=lambda quote: f"{quote.number}-{quote.edition}",
        says=SAYS,
    ),
)

from peyvand.operational.quotes.web import record  # noqa: E402 it needs the page

__all__ = ["LIMITS", "record"]
