"""Who is told of what happens to quotes."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Message, msg
from peyvand.operational.quotes.events import (
    ApprovalAsked,
    ApprovalRefused,
    Approved,
    QuoteAccepted,
    QuoteRejected,
    QuoteWantedAgain,
)
from peyvand.operational.quotes.models import Quote
from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause
from peyvand.platform.fields.reader import Reader
from peyvand.platform.notifications.deciders import deciders
from peyvand.platform.notifications.telling import Told, tells

GROUP = _("Quotes")


def _owners(facts: Sequence[Event]) -> Told:
    owners = dict(Quote.objects.filter(id__in={f.object_id for f in facts}).values_list("id", "owner_id"))
    return [[owners.get(fact.object_id)] for fact in facts]


def _accepted(fact: QuoteAccepted, who: str, reader: Reader) -> Message:
    if fact.signer:
        return msg("%(name)s accepted the quote %(title)s", name=fact.signer, title=fact.title)
    return msg("The quote %(title)s was accepted", title=fact.title)


@tells(ApprovalAsked, label=_("Approval of a discount is wanted of me"), group=GROUP)
def approval_asked(cause: Cause, facts: Sequence[ApprovalAsked]) -> Told:
    quotes = {quote.id: quote for quote in Quote.objects.filter(id__in={f.object_id for f in facts})}
    by_quote = dict(zip(quotes, deciders("quote.approve", list(quotes.values())), strict=True))
    return [by_quote.get(fact.object_id, ()) for fact in facts]


@tells(Approved, label=_("A discount of mine is approved"), group=GROUP)
def approved(cause: Cause, facts: Sequence[Approved]) -> Told:
    return _owners(facts)


@tells(ApprovalRefused, label=_("A discount of mine is refused"), group=GROUP)
def refused(cause: Cause, facts: Sequence[ApprovalRefused]) -> Told:
    return _owners(facts)


@tells(QuoteAccepted, label=_("A quote of mine is accepted"), group=GROUP, says=_accepted)
def accepted(cause: Cause, facts: Sequence[QuoteAccepted]) -> Told:
    return _owners(facts)


@tells(
    QuoteRejected,
    label=_("A quote of mine is rejected"),
    group=GROUP,
    says=lambda fact, who, reader: msg("The quote %(title)s was rejected", title=fact.title),
)
def rejected(cause: Cause, facts: Sequence[QuoteRejected]) -> Told:
    return _owners(facts)


@tells(
    QuoteWantedAgain,
    label=_("The customer of a quote of mine asks for a new edition"),
    group=GROUP,
    says=lambda fact, who, reader: msg("A new edition of the quote %(title)s is asked for", title=fact.title),
)
def wanted_again(cause: Cause, facts: Sequence[QuoteWantedAgain]) -> Told:
    return _owners(facts)
