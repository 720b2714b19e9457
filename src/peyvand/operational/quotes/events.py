"""Facts about quotes."""

from __future__ import annotations

from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("quotes.quote_sent.v1", label=msg("A quote was sent"), icon="arrow")
class QuoteSent(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    number: str = ""
    edition: int = 1
    total: int = 0

    def describe(self) -> Message:
        return msg("sent the quote %(title)s", title=self.title)


@fact("quotes.quote_viewed.v1", label=msg("A customer opened a quote"), icon="eye")
class QuoteViewed(Event):
    def describe(self) -> Message:
        return msg("noticed that the customer opened the quote %(title)s", title=self.title)


@fact("quotes.quote_accepted.v1", label=msg("A quote was accepted"), icon="check")
class QuoteAccepted(Event):
    """``signer`` is the name that was signed with; empty where a colleague wrote it down without one."""

    implies: ClassVar[tuple[str, ...]] = ("status",)

    number: str = ""
    edition: int = 1
    total: int = 0
    signer: str = ""
    deal_id: int | None = None
    company_id: int | None = None

    def describe(self) -> Message:
        if self.signer:
            return msg(
                "recorded that %(name)s accepted the quote %(title)s", name=self.signer, title=self.title
            )
        return msg("recorded that the quote %(title)s was accepted", title=self.title)


@fact("quotes.quote_rejected.v1", label=msg("A quote was rejected"), icon="xc")
class QuoteRejected(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    number: str = ""
    edition: int = 1
    signer: str = ""
    reason: str = ""

    def describe(self) -> Message:
        if self.reason:
            return msg(
                "recorded that the quote %(title)s was rejected (%(reason)s)",
                title=self.title,
                reason=self.reason,
            )
        return msg("recorded that the quote %(title)s was rejected", title=self.title)


@fact("quotes.quote_expired.v1", label=msg("A quote expired"), icon="clock")
class QuoteExpired(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    def describe(self) -> Message:
        return msg("noticed that the quote %(title)s expired without an answer", title=self.title)


@fact("quotes.quote_wanted_again.v1", label=msg("A customer asked for a new edition of a quote"), icon="help")
class QuoteWantedAgain(Event):
    """By the page of a quote that can no longer be accepted; ``note`` is what the customer wrote with it."""

    note: str = ""

    def describe(self) -> Message:
        if self.note:
            return msg(
                "recorded that the customer asks for a new edition of the quote %(title)s (%(note)s)",
                title=self.title,
                note=self.note,
            )
        return msg(
            "recorded that the customer asks for a new edition of the quote %(title)s", title=self.title
        )


@fact("quotes.approval_asked.v1", label=msg("Approval of a discount was asked for"), icon="help")
class ApprovalAsked(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    reduction: str = ""
    note: str = ""

    def describe(self) -> Message:
        if self.note:
            return msg(
                "asked to approve the discount on %(title)s: %(note)s", title=self.title, note=self.note
            )
        return msg("asked to approve the discount on %(title)s", title=self.title)


@fact("quotes.approved.v1", label=msg("A discount was approved"), icon="check")
class Approved(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    reduction: str = ""

    def describe(self) -> Message:
        return msg("approved the discount on %(title)s", title=self.title)


@fact("quotes.approval_refused.v1", label=msg("A discount was refused"), icon="xc")
class ApprovalRefused(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    reason: str = ""

    def describe(self) -> Message:
        if self.reason:
            return msg("refused the discount on %(title)s (%(reason)s)", title=self.title, reason=self.reason)
        return msg("refused the discount on %(title)s", title=self.title)


@fact("quotes.quote_revised.v1", label=msg("A quote got a new edition"), icon="copy")
class QuoteRevised(Event):
    edition: int = 1

    def describe(self) -> Message:
        return msg("made edition %(edition)s of the quote %(title)s", edition=self.edition, title=self.title)
