"""Who sells and who buys, as an invoice in rial has to say it: what is missing, and whether it is issued all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import get_language, gettext

from peyvand.kernel.errors import RuleViolation, msg
from peyvand.kernel.persian.text import comma
from peyvand.operational.billing.buyers import CONSUMER, LEGAL, printed_buyer
from peyvand.operational.billing.customers import customer_of
from peyvand.operational.billing.models import Invoice
from peyvand.operational.documents.public import LETTERHEAD_FIELDS, STOP, letterhead
from peyvand.platform.actions.context import Context

# The law asks this of invoices in the money of Iran alone; a pro-forma asks for nothing.
_CURRENCY: Final = "IRR"
_HIDDEN_WITH: Final = frozenset(
    {"buyer_national_id", "buyer_economic_code", "buyer_postal_code", "buyer_address"}
)


@dataclass(frozen=True)
class Missing:
    """What an invoice does not say of its two sides, in words. ``is_refused``: the workspace does not let it be issued."""

    seller: tuple[str, ...] = ()
    buyer: tuple[str, ...] = ()
    is_refused: bool = False

    def __bool__(self) -> bool:
        return bool(self.seller or self.buyer)


def missing_of(ctx: Context, invoice: Invoice, printed: Mapping[str, str] | None = None) -> Missing:
    """What is missing of seller and buyer; nothing of papers that need not say it. ``printed``: the buyer, where known already.

    From whom the buyer's numbers are hidden is not told what is missing of the buyer, only that something is where that stops
    the invoice.
    """
    if ctx.tenant.currency != _CURRENCY or invoice.kind != "invoice" or not customer_of(invoice).is_known:
        return Missing()
    own = letterhead()
    seller = _lacking(
        {key: getattr(own, key) for key in ("national_id", "economic_code", "postal_code", "address")}
    )
    buyer, is_refused = _of_buyer(printed or printed_buyer(invoice)), own.incomplete == STOP
    if buyer and not _HIDDEN_WITH.isdisjoint(ctx.actor.grants.hides("invoice")):
        buyer = (gettext("details that you may not see"),) if is_refused else ()
    return Missing(seller, buyer, is_refused)


def demand_identity(ctx: Context, invoice: Invoice, printed: Mapping[str, str]) -> None:
    """Refuse an invoice that does not say who sells and who buys, where the workspace wants that.

    Raises:
        RuleViolation: it says too little.
    """
    found = missing_of(ctx, invoice, printed)
    if found.is_refused and found.seller:
        raise RuleViolation(
            msg("The letterhead lacks: %(what)s.", what=_listed(found.seller)), code="identity"
        )
    if found.is_refused and found.buyer:
        raise RuleViolation(msg("The buyer lacks: %(what)s.", what=_listed(found.buyer)), code="identity")


def _of_buyer(buyer: Mapping[str, str]) -> tuple[str, ...]:
    if buyer["buyer_kind"] == CONSUMER:
        return ()
    said = {key.removeprefix("buyer_"): value for key, value in buyer.items()}
    if buyer["buyer_kind"] != LEGAL:
        return () if said["national_id"] else (gettext("National ID"),)
    return _lacking(said)


def _lacking(said: Mapping[str, Any]) -> tuple[str, ...]:
    labels = {field.key: str(field.label) for field in LETTERHEAD_FIELDS}
    lacking = [labels[key] for key in ("postal_code", "address") if not said[key]]
    if not (said["national_id"] or said["economic_code"]):
        lacking.insert(0, gettext("National company ID or economic code"))
    return tuple(lacking)


def _listed(words: tuple[str, ...]) -> str:
    return comma(get_language() or "en").join(words)
