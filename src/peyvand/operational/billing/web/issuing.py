"""Above the dialog of issuing: what the paper does not say of its two sides, before a number is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from peyvand.operational.billing.customers import customer_of
from peyvand.operational.billing.identity import missing_of
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.objects.pages.access import Opened
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.objects.pages.forewords import Foreword, before_verb
from peyvand.web.shell.navigation import here


@before_verb("invoice.issue")
def identity(ctx: Context, opened: Opened, given: Mapping[str, Any]) -> Foreword | None:
    """What is missing of seller and buyer, with the ways to where it is said."""
    found = missing_of(ctx, opened.record)
    if not found:
        return None
    customer = customer_of(opened.record)
    spec, id = (
        (COMPANY, customer.company_id) if customer.company_id is not None else (PERSON, customer.person_id)
    )
    return Foreword("billing/issue_identity.html", {
        "missing": found,
        "letterhead": here(ctx, "settings/letterhead") if decide(ctx.actor, "letterhead.set") else "",
        "buyer": page_url(ctx, spec, id) if id is not None else "",
    }, is_closed=found.is_refused)  # fmt: skip
