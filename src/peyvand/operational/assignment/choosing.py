"""The choice: to whom one record goes, why to them, and why not to the others. Nothing here reads or writes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from peyvand.operational.assignment.pools import Pool, Presence
from peyvand.operational.assignment.reasons import reason
from peyvand.operational.assignment.signs import Signs

Kept = dict[str, Any]
# So many who were passed over are told of by name.
MOST_TOLD: Final = 30


@dataclass
class Choice:
    """To whom a record goes (None: nobody could take it), why, and who was passed over for what reason.

    ``shares`` are the weights of those whose turn it could have been.
    """

    user: int | None
    why: Kept
    passed: dict[int, Kept] = field(default_factory=dict)
    shares: dict[int, int] = field(default_factory=dict)

    def told(self, names: dict[int, str]) -> list[Kept]:
        """Those passed over, as an entry keeps them."""
        some = list(self.passed.items())[:MOST_TOLD]
        return [{"user": user, "name": names.get(user, ""), **why} for user, why in some]


def choose(pool: Pool, there: Presence, signs: Signs, record: int, without: int | None = None) -> Choice:
    """Choose for one record and note that the chosen one has it; ``without``: not this user, who gives it away."""
    rule, passed = pool.rule, {}
    candidates: list[int] = []
    for user in pool.seats:
        if user != without and user in there.names:
            if why := _unfit(pool, signs, record, user):
                passed[user] = why
            else:
                candidates.append(user)
    previous = signs.previous.get(record)
    if previous is not None and previous != without and _can_have_it_back(pool, there, previous, candidates):
        passed |= {user: reason("previous") for user in candidates if user != previous}
        return _given(pool, previous, reason("previous"), passed)
    absent = {user: why for user in candidates if (why := _absent(rule.at_work, there, user))}
    present = [user for user in candidates if user not in absent]
    passed |= absent
    if present:
        return _in_turn(pool, present, passed)
    if rule.fallback_id is not None and rule.fallback_id in there.names and rule.fallback_id != without:
        passed.pop(rule.fallback_id, None)
        return _given(pool, rule.fallback_id, reason("fallback"), passed)
    waiting = [user for user in candidates if user in there.soonest and user not in there.working]
    if waiting:
        # Of those who begin at the same moment, whose turn it is.
        first = min(there.soonest[user] for user in waiting)
        chosen = pool.turns.order(pool.weights, [user for user in waiting if there.soonest[user] == first])[0]
        passed.pop(chosen, None)
        return _given(pool, chosen, reason("soonest"), passed)
    return Choice(None, reason("nobody"), passed)


def _unfit(pool: Pool, signs: Signs, record: int, user: int) -> Kept | None:
    """Why a user could not take the record, whenever it came."""
    lacks = next(
        (
            name
            for folded, name in signs.skills.get(record, {}).items()
            if folded not in pool.skills.get(user, ())
        ),
        None,
    )
    if lacks is not None:
        return reason("skill", skill=lacks)
    grounds = [ground for ground in signs.grounds.get(record, ()) if not ground.isdisjoint(pool.seats)]
    if grounds and user not in grounds[0]:
        return reason("territory")
    most = pool.seats[user].most_open
    if most is not None and pool.load.get(user, 0) >= most:
        return reason("full", count=pool.load.get(user, 0), most=most)
    return None


def _absent(at_work: str, there: Presence, user: int) -> Kept | None:
    if at_work == "any":
        return None
    if user in there.away:
        return reason("away")
    return reason("off") if at_work == "now" and user not in there.working else None


def _can_have_it_back(pool: Pool, there: Presence, user: int, candidates: Collection[int]) -> bool:
    """Whether the customer's former owner can take the record, of the pool or not."""
    is_fit = user in candidates or user not in pool.seats
    return is_fit and user in there.names and _absent(pool.rule.at_work, there, user) is None


def _in_turn(pool: Pool, present: list[int], passed: dict[int, Kept]) -> Choice:
    """Of those who are there, the one whose turn it is, or who has the least open for their weight."""
    order = pool.turns.order(pool.weights, present)
    if pool.rule.way == "load":
        order.sort(key=lambda user: pool.load.get(user, 0) / pool.seats[user].weight)
    chosen = order[0]
    if len(order) == 1:
        why = reason("only")
    elif pool.rule.way == "load":
        why = reason("load", count=pool.load.get(chosen, 0))
        passed |= {user: reason("load", count=pool.load.get(user, 0)) for user in order[1:]}
    else:
        why = reason("turn")
        passed |= {user: reason("turn") for user in order[1:]}
    return _given(pool, chosen, why, passed, {user: pool.seats[user].weight for user in present})


def _given(
    pool: Pool, user: int, why: Kept, passed: dict[int, Kept], shares: dict[int, int] | None = None
) -> Choice:
    if user in pool.seats:
        pool.turns.take(user, pool.seats[user].weight)
        pool.load[user] = pool.load.get(user, 0) + 1
    return Choice(user, why, passed, shares or {})
