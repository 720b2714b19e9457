"""What makes deals more than amounts: who has a say in them, who works on them, who else wants them, and the playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import money
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.sales.public import (
    DEAL,
    PIPELINE,
    PLAYBOOK_ITEM,
    Competitor,
    Deal,
    Lines,
    Pipeline,
    learn,
    line,
    refresh,
    tick_item,
)
from peyvand.operational.sales.public import Stage as DealStage
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_records, update_records

BIG = 1_000_000_000
ROLES = ("decides", "buys", "influences", "champion", "uses", "checks", "blocks")
ATTITUDES = ("for", "for", "neutral", "against", "")
STANDINGS = ("behind", "even", "ahead", "out")
# For the first stages, in their order: Persian, English, whether the stage is left only with it.
PLAYBOOK: tuple[tuple[tuple[str, str, bool], ...], ...] = (
    (("نیاز مشتری در یک جمله نوشته شود", "Write the need down in one sentence", True),
     ("تصمیم‌گیرنده شناخته شود", "Find out who decides", False)),
    (("بودجه و زمان پرسیده شود", "Ask for budget and timing", True),
     ("نمونه فرستاده شود", "Send samples", False)),
    (("پیش‌فاکتور بازبینی شود", "Have the quote checked", True),
     ("نقطهٔ ضعف رقیب نوشته شود", "Note where the competitor is weak", False)),
    (("شرایط پرداخت روشن شود", "Settle the terms of payment", True),),
)  # fmt: skip


def fill_pipeline(stage: Stage) -> None:
    """Give open deals their people, teams and competitors, and their stages a playbook that is partly done.

    Comes after all that moves deals: from then on playbooks hold them back.
    """
    ctx, dice = stage.acting[stage.owner], Random(f"{stage.tenant.slug} pipeline")  # noqa: S311 made-up data, not a secret
    deals = list(Deal.objects.filter(status="open", deleted_at__isnull=True).order_by("id"))
    competitors = dict(Competitor.objects.order_by("id").values_list("id", "name"))
    stages = list(DealStage.objects.filter(kind="open").order_by("position"))
    items = create_records(ctx, PLAYBOOK_ITEM, [
        {"name": fa if stage.is_persian else en, "stage": one.id, "is_required": needed, "position": n}
        for one, guide in zip(stages, PLAYBOOK, strict=False) for n, (fa, en, needed) in enumerate(guide)
    ])  # fmt: skip
    unit = 10 if stage.is_persian else 10 ** money.currency(stage.tenant.currency).exponent
    pipelines = list(Pipeline.objects.all())
    big = BIG * unit if stage.is_persian else 100_000 * unit
    update_records(ctx, PIPELINE, pipelines, [{"wants_step": True, "big_deal": big}] * len(pipelines))
    names = dict(User.objects.values_list("id", "name"))
    chosen = [deal for deal in deals if dice.random() < 0.6]
    update_records(ctx, DEAL, chosen, [_rich(stage, deal, competitors, names, dice) for deal in chosen])
    # Some are sure, some would be good luck: the forecast has something to say in each of its columns.
    for key, some in (("commit", chosen[::5]), ("best", chosen[2::5])):
        update_records(ctx, DEAL, some, [{"forecast": key}] * len(some))
    _care(stage, chosen[6:16], unit)
    # A few are put off again and again.
    for _ in range(2):
        late = [deal for deal in chosen[:6] if deal.expected_on]
        later = [{"expected_on": deal.expected_on + timedelta(days=20)} for deal in late if deal.expected_on]
        update_records(ctx, DEAL, late, later)
    for deal in chosen[:20]:
        for item in items:
            if item.stage_id == deal.stage_id and dice.random() < 0.6:
                tick_item(stage.acting[deal.owner_id or stage.owner], deal, item=item.id)
    learn()
    refresh(ctx, {deal.id for deal in deals})


def _care(stage: Stage, deals: Sequence[Deal], unit: int) -> None:
    """Care that is paid every month comes on top of some."""
    name, price = ("نگهداری و بازدید ماهانه", 4_500_000) if stage.is_persian else ("Monthly care", 120)
    ctx = stage.acting[stage.owner]
    values = {
        "name": name,
        "code": "P-900",
        "kind": "service",
        "price": price * unit,
        "cost": price * unit * 4 // 10,
    }
    [care] = create_records(ctx, PRODUCT, [values])
    field = DEAL.field("lines", Lines)
    known, more = (
        field.load([deal.id for deal in deals]),
        line(care.id, care.price, name=name, every="month", times=12),
    )
    update_records(ctx, DEAL, deals, [{"lines": (*known.get(deal.id, ()), more)} for deal in deals])


def _rich(
    stage: Stage, deal: Deal, competitors: Mapping[int, str], names: Mapping[int, str], dice: Random
) -> dict[str, Any]:
    people = [p for p in stage.people if p.company_id == deal.company_id]
    values: dict[str, Any] = {"contacts": tuple(
        {"person": {"id": person.id, "title": person.name}, "role": role, "attitude": dice.choice(ATTITUDES), "note": ""}
        for person, role in zip(dice.sample(people, min(len(people), 3)), dice.sample(ROLES, 3), strict=False)
    )}  # fmt: skip
    if competitors and dice.random() < 0.4:
        values["rivals"] = tuple(
            {
                "competitor": {"id": id, "title": competitors[id]},
                "standing": dice.choice(STANDINGS),
                "note": "",
            }
            for id in dice.sample(list(competitors), min(len(competitors), dice.choice((1, 1, 2))))
        )
    others = [id for id in stage.agents if id != deal.owner_id]
    if others and dice.random() < 0.25:
        other = dice.choice(others)
        values["team"] = (
            {
                "user": {"id": other, "title": names[other]},
                "share": dice.choice((20, 30, 50)),
                "part": "",
            },
        )
    return values
