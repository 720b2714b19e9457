"""Who is told of which facts. A slice says it in its ``notifying.py``:

    @tells(DealAssigned, label=_("A deal is given to me"), group=_("Sales"), many=_("%(count)s deals were given to you"))
    def new_owner(cause: Cause, facts: Sequence[DealAssigned]) -> Told:
        return [[fact.to_owner_id] for fact in facts]

The function works in sets and answers for each fact, in order, the ids of users. Nobody is told of what they did themselves,
nor of what they may not see. An import's facts tell nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.functional import Promise

from peyvand.platform.events.facts import Event
from peyvand.platform.events.reactions import Cause, reaction
from peyvand.platform.notifications.kinds import Kind, Says, Snooze, declare
from peyvand.platform.notifications.making import make

# For each fact the users who are told of it; None among them is nobody.
Told = Sequence[Iterable[int | None]]
Whom = Callable[[Cause, Sequence[Any]], Told]


def tells(
    fact: type[Event], *, label: str | Promise, group: str | Promise, says: Says | None = None,
    many: str | Promise = "", urgent: bool = False, channels: Sequence[str] = ("mail",), snooze: Snooze | None = None,
    objects: Sequence[str] = (),
) -> Callable[[Whom], Whom]:  # fmt: skip
    """Register ``whom(cause, facts)``: see the module's first lines.

    Args:
        label: what people call it where they choose, ``group`` the heading it stands under.
        says: (fact, who did it, reader) -> the sentence, where the name and then the fact's own words do not do.
        many: the sentence for several at once, with ``%(count)s``.
        urgent: it passes through quiet hours.
        channels: those it goes by unless its reader chooses otherwise; in the product it always stands.
        snooze: puts what it is about off.
        objects: only facts about such records.
    """

    def register(whom: Whom) -> Whom:
        slice_key = whom.__module__.removeprefix("peyvand.").split(".")[1]
        declare(Kind(fact.wire, label, slice_key, group, says, many, urgent, tuple(channels), snooze))

        def tell(cause: Cause, facts: Sequence[Event]) -> None:
            make(cause, facts, whom(cause, facts))

        # A reaction is known by its module and name.
        tell.__module__, tell.__name__ = whom.__module__, f"tell_{fact.wire.split('.')[1]}"
        reaction(fact, objects=objects)(tell)
        return whom

    return register
