"""Deals of two years that ended long ago: won ones were spoken about often and went on, lost ones stood still."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.operational.activities.public import CALL
from peyvand.operational.catalog.public import Product
from peyvand.operational.sales.public import DEAL, Competitor, Deal, LostReason, line
from peyvand.operational.sales.public import Stage as DealStage
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records, update_records

GROUPS: Final = 6
APART: Final = timedelta(days=90)
# The last of them began so long ago, that what is reckoned of these months is not of them.
BEFORE: Final = timedelta(days=215)
SOURCES: Final = {"won": ("referral", "exhibition"), "lost": ("phone", "website")}


def fill_past(stage: Stage) -> None:
    """In groups that began together; each goes through stages on days of its own."""
    dice = Random(f"{stage.tenant.slug} past")  # noqa: S311 made-up data, not a secret
    ctx = replace(stage.acting[stage.owner], silent=True)
    each = stage.size.past // GROUPS
    for n in range(GROUPS if each else 0):
        _group(stage, ctx, dice, each, stage.now - BEFORE - APART * (GROUPS - 1 - n))


def _group(stage: Stage, ctx: Context, dice: Random, many: int, begins: datetime) -> None:
    ends = [("won", "lost")[n % 2] for n in range(many)]
    with clock.freeze(begins):
        deals: list[Deal] = create_records(ctx, DEAL, [_deal(stage, dice, end) for end in ends])
    stages = list(
        DealStage.objects.filter(kind="open", pipeline_id=deals[0].pipeline_id).order_by("position")
    )
    won = [deal for deal, end in zip(deals, ends, strict=True) if end == "won"]
    lost = [deal for deal, end in zip(deals, ends, strict=True) if end == "lost"]
    for days, some, to in ((8, deals, 1), (20, won, 2), (32, won, 3)):
        with clock.freeze(begins + timedelta(days=days)):
            update_records(ctx, DEAL, some, [{"stage": stages[min(to, len(stages) - 1)].id} for _ in some])
    calls = [
        {"about": Ref("deal", deal.id, ""), "person": deal.person_id, "owner": deal.owner_id, "direction": "out", "result": "answered",
         "started_at": begins + timedelta(days=dice.randint(*between)), "duration": dice.randint(40, 700)}
        for some, often, between in ((won, 6, (1, 40)), (lost, 1, (2, 15))) for deal in some for _ in range(often)
    ]  # fmt: skip
    reasons = list(LostReason.objects.order_by("position").values_list("id", flat=True))
    competitors = [None, *Competitor.objects.order_by("id").values_list("id", flat=True)]
    with clock.freeze(begins + timedelta(days=42)):
        create_records(ctx, CALL, calls)
        _end(ctx, won, "won", [{} for _ in won])
    with clock.freeze(begins + timedelta(days=60)):
        notes = [
            {"lost_reason": dice.choice(reasons), "competitor": dice.choice(competitors), "lost_note": dice.choice(stage.words.losses)}
            for _ in lost
        ]  # fmt: skip
        _end(ctx, lost, "lost", notes)


def _end(ctx: Context, deals: list[Deal], kind: str, more: list[dict[str, Any]]) -> None:
    to = DealStage.objects.get(kind=kind, pipeline_id=deals[0].pipeline_id)
    update_records(ctx, DEAL, deals, [{"stage": to.id, **values} for values in more])


def _deal(stage: Stage, dice: Random, end: str) -> dict[str, Any]:
    company = dice.choice(stage.companies)
    person = next((p.id for p in stage.people if p.company_id == company.id), None)
    products = list(Product.objects.filter(price__isnull=False).order_by("id"))[: len(stage.words.products)]
    n = dice.randrange(len(products))
    lines = (
        line(
            products[n].id,
            products[n].price,
            max(1, stage.words.products[n].most * dice.randint(1, 6) // 10),
            dice.choice((0, 0, 5)),
        ),
    )
    return {
        "name": dice.choice(stage.words.projects), "company": company.id, "person": person, "owner": company.owner_id, "lines": lines,
        "source": dice.choice(SOURCES[end]), "expected_on": clock.today(stage.tenant.tz) + timedelta(days=50), "engaged_on": None,
    }  # fmt: skip
