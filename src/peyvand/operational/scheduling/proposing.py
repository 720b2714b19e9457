"""Times at which several users are free at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from peyvand.kernel import clock
from peyvand.operational.availability.public import working_periods
from peyvand.operational.scheduling.free import slots, taken
from peyvand.platform.identity.actor import Tenant

# So far ahead a time is looked for.
AHEAD: Final = timedelta(days=21)
# Later than this nobody's hours are known.
FARTHEST: Final = timedelta(days=5 * 366)
NONE: Final = timedelta(0)


def propose(
    tenant: Tenant, users: Collection[int], length: timedelta, after: datetime, *, count: int = 3, without: int | None = None
) -> list[datetime]:  # fmt: skip
    """The first times from ``after`` on, each on a day of its own while there are days enough, when all of these users work
    and are free for so long. In UTC, in order; fewer than ``count`` where there are not so many within three weeks."""
    people = sorted(set(users))
    low = max(after, clock.now())
    if not people or low > clock.now() + FARTHEST:
        return []
    high = low + AHEAD
    works, busy = working_periods(people, low, high), taken(tenant, people, low, high, without)
    free: set[datetime] | None = None
    for user in people:
        own = set(slots(works[user], busy[user], length, NONE, NONE, tenant.tz))
        free = own if free is None else free & own
    found = sorted(free or ())
    days: dict[object, datetime] = {}
    for at in found:
        days.setdefault(at.astimezone(tenant.tz).date(), at)
    chosen = list(days.values())[:count]
    chosen += [at for at in found if at not in chosen][: count - len(chosen)]
    return sorted(chosen)
