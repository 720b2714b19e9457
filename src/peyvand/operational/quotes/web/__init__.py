"""What quotes add to the screens that are derived from them; importing this registers it."""

from peyvand.api.papers import Printing, register_paper
from peyvand.operational.quotes.agreeing import SAYS, quote_pdf
from peyvand.operational.quotes.web import pages, record

__all__ = ["pages", "record"]

register_paper(
    "quote",
    Printing(
        make=lambda ctx, quote: quote_pdf(ctx.tenant, quote),
        name=lambda quote: f"{quote.number}-{quote.edition}",
        says=SAYS,
    ),
)
