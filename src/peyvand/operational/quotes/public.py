"""What other slices may use of quotes."""

from peyvand.operational.quotes.actions import (
    accept_quote,
    ask_approval,
    can_send,
    quote_deal,
    reject_quote,
    revise,
    send_quote,
)
from peyvand.operational.quotes.agreeing import SAYS, file_name, public_path, quote_pdf
from peyvand.operational.quotes.customers import demand_seen, hidden_customers, reach
from peyvand.operational.quotes.fields import QuoteLines
from peyvand.operational.quotes.hooks import lines_of_deal
from peyvand.operational.quotes.jobs import expire
from peyvand.operational.quotes.limits import limit_of, set_limits
from peyvand.operational.quotes.models import Quote, QuoteLine
from peyvand.operational.quotes.objects import QUOTE

__all__ = [
    "QUOTE", "SAYS", "Quote", "QuoteLine", "QuoteLines", "accept_quote", "ask_approval", "can_send", "demand_seen", "expire", "file_name",
    "hidden_customers", "limit_of", "lines_of_deal", "public_path", "quote_deal", "quote_pdf", "reach", "reject_quote", "revise",
    "send_quote", "set_limits",
]  # fmt: skip
