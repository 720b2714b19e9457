"""Facts about statements of commission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("commissions.statement_submitted.v1", label=msg("A commission statement was submitted"), icon="arrow")
class StatementSubmitted(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount"}
    implies: ClassVar[tuple[str, ...]] = ("status",)

    amount: int = 0

    def describe(self) -> Message:
        return msg("submitted the commission statement %(title)s", title=self.title)


@fact("commissions.statement_returned.v1", label=msg("A commission statement was sent back"), icon="undo")
class StatementReturned(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    reason: str = ""

    def describe(self) -> Message:
        return msg("sent %(title)s back (%(reason)s)", title=self.title, reason=self.reason)


@fact("commissions.statement_approved.v1", label=msg("A commission statement was approved"), icon="check")
class StatementApproved(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount"}
    implies: ClassVar[tuple[str, ...]] = ("status",)

    amount: int = 0
    owner_id: int | None = None

    def describe(self) -> Message:
        return msg("approved the commission statement %(title)s", title=self.title)


@fact("commissions.statement_paid.v1", label=msg("A commission was paid"), icon="money")
class StatementPaid(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount"}
    implies: ClassVar[tuple[str, ...]] = ("status",)

    amount: int = 0
    owner_id: int | None = None
    paid_on: str = ""

    def describe(self) -> Message:
        return msg("paid the commission of %(title)s", title=self.title)


@fact(
    "commissions.statement_adjusted.v1",
    label=msg("A commission statement was adjusted by hand"),
    icon="pencil",
)
class StatementAdjusted(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount", "reason": "note"}

    amount: int = 0
    reason: str = ""

    def describe(self) -> Message:
        return msg("adjusted %(title)s by hand (%(reason)s)", title=self.title, reason=self.reason)


@fact(
    "commissions.line_disputed.v1",
    label=msg("A line of a commission statement was objected to"),
    icon="alert",
)
class LineDisputed(Event):
    line_id: int = 0
    line: str = ""
    objection: str = ""

    def describe(self) -> Message:
        return msg("objected to “%(line)s” in %(title)s", line=self.line, title=self.title)


@fact("commissions.dispute_settled.v1", label=msg("An objection to a commission was answered"), icon="check")
class DisputeSettled(Event):
    line_id: int = 0
    line: str = ""
    is_accepted: bool = False
    answer: str = ""

    def describe(self) -> Message:
        if self.is_accepted:
            return msg("accepted the objection to “%(line)s” in %(title)s", line=self.line, title=self.title)
        return msg("declined the objection to “%(line)s” in %(title)s", line=self.line, title=self.title)
