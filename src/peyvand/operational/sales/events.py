"""Facts about deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from peyvand.kernel.errors import Message, msg
from peyvand.platform.events.facts import Event, fact


@fact("sales.deal_moved.v1", label=msg("A deal moved to another stage"), icon="arrow")
class DealMoved(Event):
    from_stage_id: int = 0
    from_stage: str = ""
    to_stage_id: int = 0
    to_stage: str = ""

    def describe(self) -> Message:
        return msg(
            "moved %(title)s from %(old)s to %(new)s",
            title=self.title,
            old=self.from_stage,
            new=self.to_stage,
        )


@fact("sales.deal_won.v1", label=msg("A deal was won"), icon="trophy")
class DealWon(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    amount: int | None = None
    owner_id: int | None = None
    closed_on: str = ""

    def describe(self) -> Message:
        return msg("won %(title)s", title=self.title)


@fact("sales.deal_lost.v1", label=msg("A deal was lost"), icon="xc")
class DealLost(Event):
    tells: ClassVar[Mapping[str, str]] = {"reason": "lost_reason"}
    implies: ClassVar[tuple[str, ...]] = ("status",)

    amount: int | None = None
    owner_id: int | None = None
    closed_on: str = ""
    reason: str = ""

    def describe(self) -> Message:
        if self.reason:
            return msg("lost %(title)s (%(reason)s)", title=self.title, reason=self.reason)
        return msg("lost %(title)s", title=self.title)


@fact("sales.deal_reopened.v1", label=msg("A deal was reopened"), icon="undo")
class DealReopened(Event):
    implies: ClassVar[tuple[str, ...]] = ("status",)

    to_stage_id: int = 0
    to_stage: str = ""

    def describe(self) -> Message:
        return msg("reopened %(title)s in %(stage)s", title=self.title, stage=self.to_stage)


@fact("sales.deal_assigned.v1", label=msg("A deal got another owner"), icon="user")
class DealAssigned(Event):
    assigns: ClassVar[bool] = True

    from_owner_id: int | None = None
    to_owner_id: int | None = None
    to_owner: str = ""

    def describe(self) -> Message:
        if not self.to_owner:
            return msg("left %(title)s without an owner", title=self.title)
        return msg("gave %(title)s to %(name)s", title=self.title, name=self.to_owner)


@fact("sales.big_deal.v1", label=msg("A deal became a big one"), icon="tup")
class BigDeal(Event):
    tells: ClassVar[Mapping[str, str]] = {"amount": "amount"}
    implies: ClassVar[tuple[str, ...]] = ("amount",)

    amount: int | None = None
    owner_id: int | None = None

    def describe(self) -> Message:
        return msg("made %(title)s a big deal", title=self.title)


@fact("sales.playbook_ticked.v1", label=msg("An item of the playbook was ticked"), icon="check")
class PlaybookTicked(Event):
    item_id: int = 0
    item: str = ""
    is_done: bool = True

    def describe(self) -> Message:
        if self.is_done:
            return msg("did “%(item)s” for %(title)s", item=self.item, title=self.title)
        return msg("took “%(item)s” for %(title)s back", item=self.item, title=self.title)
