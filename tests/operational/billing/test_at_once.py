"""Money and papers that several people move at the same moment: each waits for the other, and nobody gets stuck."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from peyvand.kernel.errors import PeyvandError
from peyvand.operational.billing.actions.invoices import issue_invoice
from peyvand.operational.billing.actions.making import invoice_quote
from peyvand.operational.billing.actions.payments import allocate_payment
from peyvand.operational.billing.models import Invoice, Payment
from peyvand.operational.billing.objects import INVOICE, PAYMENT
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.quotes.public import QUOTE, Quote, accept_quote, send_quote
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


def pressed(workspace_id: int, do: Callable[[], Any], times: int = 4) -> list[str]:
    """What came of it when so many do the same at once; whatever is no refusal of ours is raised."""

    def press(_: int) -> str:
        try:
            with workspace_scope(workspace_id):
                do()
            return "done"
        except PeyvandError as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(press, range(times)))


def test_payments_of_one_invoice_and_allocations_of_one_receipt(committed: Any) -> None:
    arman, sara = committed.arman.id, committed.sara

    def ctx() -> Context:
        return Context(user_actor(arman, sara.id), "web")

    with workspace_scope(arman):
        company = create_record(ctx(), COMPANY, {"name": "x"})
        receipt = create_record(ctx(), PAYMENT, {"company": company.id, "amount": 900})
        lines = [{"description": "a", "price": 100_000, "quantity": 1}]
        invoice = create_record(ctx(), INVOICE, {"company": company.id, "lines": lines})
        issue_invoice(ctx(), invoice)
    body = {"company": company.id, "invoice": invoice.id, "amount": 10}
    assert pressed(arman, lambda: create_record(ctx(), PAYMENT, body)) == ["done"] * 4
    made = pressed(
        arman,
        lambda: allocate_payment(
            ctx(), Payment.objects.get(id=receipt.id), to_invoice=invoice.id, amount=900
        ),
    )
    assert made.count("done") == 1
    with workspace_scope(arman):
        assert Invoice.objects.get(id=invoice.id).paid == 940


def test_of_one_quote_there_is_one_invoice(committed: Any) -> None:
    arman, sara = committed.arman.id, committed.sara

    def ctx() -> Context:
        return Context(user_actor(arman, sara.id), "web")

    with workspace_scope(arman):
        company = create_record(ctx(), COMPANY, {"name": "x"})
        lines = [{"description": "a", "price": 1000}]
        quote = create_record(ctx(), QUOTE, {"company": company.id, "lines": lines})
        send_quote(ctx(), quote)
        accept_quote(ctx(), quote)
    made = pressed(arman, lambda: invoice_quote(ctx(), Quote.objects.get(id=quote.id)))
    assert made.count("done") == 1
    with workspace_scope(arman):
        assert Invoice.objects.filter(quote_id=quote.id).count() == 1
