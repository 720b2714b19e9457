"""Deals on their way: through one stage after the other, each entered at a moment of its own, written down in a few sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any, Final

from peyvand.administration.demo.stage import Stage, Way
from peyvand.administration.demo.writing import change, write_down
from peyvand.operational.sales.public import DEAL, Deal, StageMove, line
from peyvand.operational.sales.public import Stage as DealStage
from peyvand.platform.database.bulk import update_rows

# What a sale goes through before it is won.
STAGES: Final = 5
DISCOUNTS: Final = (0, 0, 0, 5, 8, 10)


def between(stage: Stage, dice: Random, since: datetime, until: datetime, many: int) -> tuple[datetime, ...]:
    """So many moments of work in their order, the last of them ``until``."""
    step = (until - since) / max(1, many)
    before = [stage.hours.past(since + step * (n + 1 + dice.uniform(-0.4, 0.4))) for n in range(many - 1)]
    return tuple(sorted(min(at, until) for at in before)) + (until,) * bool(many)


def offer(stage: Stage, dice: Random, opened: datetime, source: str) -> dict[str, Any]:
    """What a deal is about: products for a company that was known by then."""
    company = dice.choice([company for company in stage.companies if company.created_at < opened])
    people = [p for p in stage.people if p.company_id == company.id and p.created_at < opened]
    # One of what brings most, and perhaps something small with it: months are not told apart by a single sale.
    most = [item.price * item.most for item in stage.words.products]
    large = sorted(range(len(most)), key=most.__getitem__)[len(most) // 2 :]
    items = dict.fromkeys([dice.choice(large), *dice.sample(range(len(most)), dice.randrange(3))])
    lines = tuple(
        line(
            stage.products[n].id,
            stage.products[n].price,
            max(1, stage.words.products[n].most * dice.randint(20, 75) // 100),
            dice.choice(DISCOUNTS),
        )
        for n in items
    )
    return {
        "name": dice.choice(stage.words.projects), "company": company.id, "person": dice.choice(people).id if people else None,
        "owner": company.owner_id, "lines": lines, "source": source, "engaged_on": None,
    }  # fmt: skip


def walk(stage: Stage, ways: Sequence[Way]) -> None:
    """Write the deals and their moves down, each owner theirs: all of a set at once, told at the moment of each."""
    stages = {s.position: s.id for s in DealStage.objects.filter(kind="open", pipeline__is_default=True)}
    ends = dict(DealStage.objects.exclude(kind="open").values_list("kind", "id"))
    order = [stages[position] for position in sorted(stages)]
    mine: dict[int, list[Way]] = defaultdict(list)
    for way in ways:
        mine[way.owner].append(way)
    for owner, theirs in mine.items():
        # Of what happened long ago nobody is told any more.
        ctx = replace(stage.acting[owner], silent=True)
        fresh = [way for way in theirs if way.made is None]
        rows = [{**way.values, "expected_on": way.expected_on} for way in fresh]
        for way, deal in zip(fresh, write_down(ctx, DEAL, rows, [way.opened for way in fresh]), strict=True):
            way.made = deal
        for n in range(max(len(way.moves) for way in theirs)):
            some = [way for way in theirs if len(way.moves) > n]
            rows = [_move(stage, way, n, order, ends) for way in some]
            change(ctx, DEAL, [way.deal for way in some], rows, [way.moves[n] for way in some])
    _settle(ways)


def _move(stage: Stage, way: Way, n: int, order: Sequence[int], ends: dict[str, int]) -> dict[str, Any]:
    """What the move of that number changes."""
    if way.end and n == len(way.moves) - 1:
        closed = way.moves[n].astimezone(stage.tenant.tz).date()
        return {"stage": ends[way.end], "closed_on": closed, **way.loss}
    return {"stage": order[n + 1], **({"expected_on": way.expected_on} if n == 0 else {})}


def _settle(ways: Sequence[Way]) -> None:
    """Since when each deal has been in its stages: they were written down in sets."""
    found: dict[int, list[int]] = defaultdict(list)
    ids = [way.deal.id for way in ways]
    for deal, id in StageMove.objects.filter(deal_id__in=ids).order_by("id").values_list("deal_id", "id"):
        found[deal].append(id)
    moves, since = [], []
    for way in ways:
        at = (way.opened, *way.moves)
        stays = [None, *(round((later - since) / timedelta(seconds=1)) for since, later in pairwise(at))]
        moves += list(zip(found[way.deal.id], at, stays, strict=True))
        since.append((way.deal.id, at[-1]))
        way.deal.stage_since = at[-1]
    update_rows(StageMove, ["at", "seconds"], moves)
    update_rows(Deal, ["stage_since"], since)
