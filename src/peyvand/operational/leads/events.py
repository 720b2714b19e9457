"""Facts about leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("leads.inquiry_received.v1", label=msg("An inquiry came in"), icon="inbox")
class InquiryReceived(Event):
    """Somebody asked: for the first time, or once more. ``form`` is the name of the form they sent, if it was one."""

    source: str = ""
    campaign: str = ""
    form: str = ""
    message: str = ""
    is_again: bool = False

    def describe(self) -> Message:
        if self.form:
            return msg("received the form %(form)s from %(title)s", form=self.form, title=self.title)
        return msg("received an inquiry from %(title)s", title=self.title)


@fact("leads.lead_taken_up.v1", label=msg("A lead was taken up"), icon="play")
class LeadTakenUp(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    def describe(self) -> Message:
        return msg("took up %(title)s", title=self.title)


@fact("leads.lead_qualified.v1", label=msg("A lead was qualified"), icon="check")
class LeadQualified(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    def describe(self) -> Message:
        return msg("qualified %(title)s", title=self.title)


@fact("leads.lead_disqualified.v1", label=msg("A lead was disqualified"), icon="xc")
class LeadDisqualified(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    reason: str = ""

    def describe(self) -> Message:
        if self.reason:
            return msg("disqualified %(title)s (%(reason)s)", title=self.title, reason=self.reason)
        return msg("disqualified %(title)s", title=self.title)


@fact("leads.lead_nurtured.v1", label=msg("A lead was put off"), icon="clock")
class LeadNurtured(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)
    tells: ClassVar[Mapping[str, str]] = {"until": "nurture_until"}

    until: str = ""

    def describe(self) -> Message:
        return msg("put off %(title)s for later", title=self.title)


@fact("leads.lead_woken.v1", label=msg("A lead that was put off is due again"), icon="bell")
class LeadWoken(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    def describe(self) -> Message:
        return msg("woke %(title)s: its time has come", title=self.title)


@fact("leads.lead_recycled.v1", label=msg("A lead was taken up again"), icon="refresh")
class LeadRecycled(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    times: int = 0

    def describe(self) -> Message:
        return msg("took %(title)s up again", title=self.title)


@fact("leads.lead_converted.v1", label=msg("A lead became a deal"), icon="deals")
class LeadConverted(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    deal_id: int | None = None
    company_id: int | None = None
    has_new_company: bool = False

    def describe(self) -> Message:
        return msg("made a deal of %(title)s", title=self.title)


@fact("leads.lead_unconverted.v1", label=msg("A lead's conversion was taken back"), icon="undo")
class LeadUnconverted(Event):
    implies: ClassVar[tuple[str, ...]] = ("state",)

    deal_id: int | None = None

    def describe(self) -> Message:
        return msg("took the conversion of %(title)s back", title=self.title)


@fact("leads.lead_assigned.v1", label=msg("A lead got another owner"), icon="user")
class LeadAssigned(Event):
    assigns: ClassVar[bool] = True

    from_owner_id: int | None = None
    to_owner_id: int | None = None
    to_owner: str = ""

    def describe(self) -> Message:
        if not self.to_owner:
            return msg("left %(title)s without an owner", title=self.title)
        return msg("gave %(title)s to %(name)s", title=self.title, name=self.to_owner)
