"""Products, deals on their way through months, and the work done about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock, money
from peyvand.operational.activities.public import CALL, MEETING, NOTE, TASK
from peyvand.operational.catalog.public import PRODUCT, Product
from peyvand.operational.sales.public import COMPETITOR, DEAL, STAGE, Deal, LostReason, line, refresh
from peyvand.operational.sales.public import Stage as DealStage
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import ObjectSpec

Rows = list[dict[str, Any]]
DISCOUNTS = (0, 0, 0, 5, 8, 10)
RESULTS = ("answered",) * 5 + ("no_answer", "busy")
STRIDES = (1, 1, 1, 2, 3)
PRIORITIES = ("normal", "normal", "normal", "high", "low")


@dataclass
class Ground:
    """What deals are made of."""

    products: list[Product]
    stages: list[DealStage]
    reasons: list[int]
    competitors: list[int]


def fill_sales(stage: Stage) -> None:
    ground = _ground(stage)
    starts = [int(stage.size.steps * stage.dice.random() ** 0.8) for _ in range(stage.size.deals)]
    deals: list[Deal] = []
    for step in range(stage.size.steps):
        with stage.at(step):
            rows = [_deal(stage, ground) for start in starts if start == step]
            _advance(stage, ground, deals, step)
            deals += _by_owner(stage, rows, partial(_create, DEAL))
            _work(stage, [d for d in deals if d.status == "open"], step)
    _plan_ahead(stage, [d for d in deals if d.status == "open"])
    refresh(stage.acting[stage.owner], {d.id for d in deals})


def _ground(stage: Stage) -> Ground:
    ctx = stage.acting[stage.owner]
    currency = money.currency(stage.tenant.currency)
    unit = 10 if currency == money.IRR else 10**currency.exponent
    with stage.at(0):
        products = create_records(ctx, PRODUCT, [
            {"name": item.name, "code": f"P-{n + 101}", "series": item.series, "unit": item.unit, "kind": item.kind,
             "price": item.price * unit, "cost": item.price * unit * 62 // 100}
            for n, item in enumerate(stage.words.products)
        ])  # fmt: skip
        competitors = create_records(ctx, COMPETITOR, [{"name": name} for name in stage.words.competitors])
        stages = list(DealStage.objects.order_by("position"))
        update_records(
            ctx,
            STAGE,
            stages[2:5],
            [{"required": ["amount"]}, {"required": ["amount", "expected_on"]}, {"required": ["company"]}],
        )
    reasons = list(LostReason.objects.order_by("position").values_list("id", flat=True))
    return Ground(products, stages, reasons, [c.id for c in competitors])


def _deal(stage: Stage, ground: Ground) -> dict[str, Any]:
    dice = stage.dice
    company = dice.choice(stage.companies)
    people = [p for p in stage.people if p.company_id == company.id]
    chosen = dice.sample(range(len(ground.products)), dice.choice((1, 1, 2, 3)))
    lines = tuple(
        line(
            ground.products[n].id,
            ground.products[n].price,
            dice.randint(1, stage.words.products[n].most),
            dice.choice(DISCOUNTS),
        )
        for n in chosen
    )
    return {
        "name": dice.choice(stage.words.projects), "company": company.id, "person": dice.choice(people).id if people else None,
        "owner": company.owner_id, "lines": lines, "expected_on": stage.ahead(dice.randint(-4, 75)).date(), "tags": stage.tags(1),
        "source": dice.choice(("website", "referral", "exhibition", "phone")), "engaged_on": None,
    }  # fmt: skip


def _advance(stage: Stage, ground: Ground, deals: Sequence[Deal], step: int) -> None:
    """Let each open deal go on, stay, or be lost."""
    dice, places = stage.dice, {s.id: n for n, s in enumerate(ground.stages)}
    won_id, lost_id = (next(s.id for s in ground.stages if s.kind == kind) for kind in ("won", "lost"))
    going: dict[int | None, list[tuple[Deal, dict[str, Any]]]] = defaultdict(list)
    for deal in deals:
        luck = dice.random()
        if deal.status != "open" or luck > 0.72:
            continue
        # Who was recommended, or came to the stand, is lost less often.
        if luck < (0.02 if deal.source in ("referral", "exhibition") else 0.19):
            change: dict[str, Any] = {
                "stage": lost_id, "lost_reason": dice.choice(ground.reasons), "lost_note": dice.choice(stage.words.losses),
                "competitor": dice.choice([None, *ground.competitors]),
            }  # fmt: skip
        else:
            after = ground.stages[min(places[deal.stage_id] + dice.choice(STRIDES), len(ground.stages) - 1)]
            change = {"stage": after.id if after.kind == "open" else won_id}
        going[deal.owner_id].append((deal, change))
    for owner, pairs in going.items():
        # Each on days of their own: a board on which all cards moved together would not look lived in.
        for some in filter(None, (pairs[::3], pairs[1::3], pairs[2::3])):
            with stage.at(step):
                update_records(
                    stage.acting[owner or stage.owner],
                    DEAL,
                    [d for d, _ in some],
                    [change for _, change in some],
                )


def _work(stage: Stage, deals: Sequence[Deal], step: int) -> None:
    """What was done about open deals in a step: calls, notes, tasks and meetings now over."""
    dice, words = stage.dice, stage.words
    calls, notes, tasks, meetings = [], [], [], []
    for deal in dice.sample(list(deals), len(deals) * 3 // 5):
        whom = {"about": Ref("deal", deal.id, ""), "owner": deal.owner_id}
        if deal.person_id is not None and dice.random() < 0.8:
            started = clock.now() - timedelta(hours=dice.randint(1, 60))
            calls.append({**whom, "person": deal.person_id, "direction": dice.choice(("out", "out", "in")), "started_at": started,
                          "duration": dice.randint(20, 900), "result": dice.choice(RESULTS), "notes": dice.choice(words.calls)})  # fmt: skip
        if dice.random() < 0.7:
            notes.append({**whom, "text": dice.choice(words.notes)})
        title, kind = dice.choice(words.tasks)
        if dice.random() < 0.8:
            tasks.append(
                {**whom, "title": title, "kind": kind, "status": "done", "priority": dice.choice(PRIORITIES)}
            )
        if dice.random() < 0.3:
            begun = clock.now() - timedelta(hours=dice.randint(2, 40))
            meetings.append({**whom, "title": dice.choice(words.meetings), "starts_at": begun, "ends_at": begun + timedelta(hours=1),
                             "place": dice.choice(words.places), "status": "held", "outcome": dice.choice(words.outcomes),
                             "participants": _with(deal)})  # fmt: skip
    # Half of the kinds in a step: each owner's rows of a kind are a transaction of their own, and those are what takes time.
    for spec, rows in ((CALL, calls), (TASK, tasks)) if step % 2 else ((NOTE, notes), (MEETING, meetings)):
        _by_owner(stage, rows, partial(_create, spec))


def _plan_ahead(stage: Stage, deals: Sequence[Deal]) -> None:
    """What is still to be done: most open deals have a next step, some are late, a few have gone quiet."""
    dice, words = stage.dice, stage.words
    tasks, meetings = [], []
    for deal in deals:
        whom = {"about": Ref("deal", deal.id, ""), "owner": deal.owner_id}
        if dice.random() < 0.72:
            title, kind = dice.choice(words.tasks)
            tasks.append({**whom, "title": title, "kind": kind, "priority": dice.choice(PRIORITIES),
                          "due_at": stage.ahead(dice.choice((-5, -3, -1, 0, 0, 0, 1, 1, 2, 4, 7, 12)), dice.randint(8, 17))})  # fmt: skip
        if dice.random() < 0.22:
            begins = stage.ahead(dice.choice((0, 0, 1, 2, 3, 6)), dice.randint(9, 16))
            meetings.append({**whom, "title": dice.choice(words.meetings), "starts_at": begins, "ends_at": begins + timedelta(hours=1),
                             "place": dice.choice(words.places), "participants": _with(deal)})  # fmt: skip
    # The one whose login the demonstration names finds something to do as well.
    for days in (-1, 0, 0, 1):
        title, kind = dice.choice(words.tasks)
        company = dice.choice(stage.companies)
        tasks.append({"about": Ref("company", company.id, ""), "owner": stage.owner, "title": title, "kind": kind,
                      "due_at": stage.ahead(days, dice.randint(8, 17))})  # fmt: skip
    begins = stage.ahead(0, 16)
    meetings.append({"about": Ref("company", company.id, ""), "owner": stage.owner, "title": dice.choice(words.meetings),
                     "starts_at": begins, "ends_at": begins + timedelta(hours=1), "place": dice.choice(words.places)})  # fmt: skip
    _by_owner(stage, tasks, partial(_create, TASK))
    _by_owner(stage, meetings, partial(_create, MEETING))


def _with(deal: Deal) -> tuple[dict[str, Any], ...]:
    return ({"id": deal.person_id, "name": ""},) if deal.person_id is not None else ()


def _create(spec: ObjectSpec, ctx: Context, rows: Rows) -> list[Any]:
    return create_records(ctx, spec, rows)


def _by_owner(stage: Stage, rows: Rows, write: Callable[[Context, Rows], list[Any]]) -> list[Any]:
    """Have each owner write their own rows."""
    mine: dict[int, Rows] = defaultdict(list)
    for row in rows:
        mine[row["owner"]].append(row)
    return [record for owner, theirs in mine.items() for record in write(stage.acting[owner], theirs)]
