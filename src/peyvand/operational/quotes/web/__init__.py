"""What quotes add to the screens that are derived from them; importing this registers it."""

from peyvand.api.papers import Printing, register_paper
from peyvand.kernel.errors import NotAllowed
from peyvand.operational.quotes.agreeing import SAYS, file_name, quote_pdf
from peyvand.operational.quotes.customers import hidden_customers
from peyvand.operational.quotes.models import OPEN, Quote
from peyvand.operational.quotes.web import pages, record, today, winning
from peyvand.platform.actions.context import Context

__all__ = ["pages", "record", "today", "winning"]


def _print(ctx: Context, quote: Quote) -> bytes:
    """A draft says what its customer is called now, which is for those who see them; a sent one, what they were told."""
    if quote.status in OPEN:
        for _, words in hidden_customers(ctx.actor, quote):
            raise NotAllowed(words)
    return quote_pdf(ctx.tenant, quote)


register_paper(
    "quote",
    Printing(
        make=_print,
        name=file_name,
        says=SAYS,
    ),
)
