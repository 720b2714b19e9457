"""The playbook: what each stage wants done before a deal goes on, and what of it is done."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from peyvand.operational.sales.models import Deal, PlaybookItem, PlaybookTick
from peyvand.platform.database.compiled import Slot
from peyvand.platform.fields.types import Option
from peyvand.platform.workspaces.lookups import lookup


@dataclass(frozen=True)
class Guide:
    """An item of a stage's playbook as it stands for one deal; ``at`` None: still open."""

    id: int
    name: str
    link: str
    is_required: bool
    at: datetime | None
    by: str


def guide_of(deal: Deal) -> list[Guide]:
    """The playbook of the stage that a deal is in, in its order. Two queries."""
    ticks = {item: (at, by or "") for item, at, by in _ticks_of(deal.id)}
    return [
        Guide(id, name, link, is_required, *ticks.get(id, (None, "")))
        for id, name, link, is_required in _items_of(deal.stage_id)
    ]


@lookup("bigint")
def _ticks_of(deal: Slot) -> QuerySet[Any]:
    return PlaybookTick.objects.filter(deal_id=deal).values_list("item_id", "at", "by__name")


@lookup("bigint")
def _items_of(stage: Slot) -> QuerySet[Any]:
    items = PlaybookItem.objects.filter(stage_id=stage, deleted_at__isnull=True).order_by("position", "id")
    return items.values_list("id", "name", "link", "is_required")


def open_items(leaving: Mapping[int, int]) -> dict[int, list[str]]:
    """Of deals that leave the stages ``leaving`` names by deal, what those stages still require; two queries at most."""
    asked = PlaybookItem.objects.filter(
        stage_id__in=set(leaving.values()), is_required=True, deleted_at__isnull=True
    )
    items: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for stage, id, name in asked.order_by("position", "id").values_list("stage_id", "id", "name"):
        items[stage].append((id, name))
    if not items:
        return {}
    ticked = set(_ticked(leaving))
    found = {
        deal: [name for id, name in items.get(stage, ()) if (deal, id) not in ticked]
        for deal, stage in leaving.items()
    }
    return {deal: names for deal, names in found.items() if names}


def still_asked(deal: Deal) -> list[Option]:
    """What the stage that an open deal is in, as the database has it, requires and does not have yet."""
    stage = Deal.objects.filter(id=deal.id, status="open").values("stage_id")
    asked = PlaybookItem.objects.filter(stage_id__in=stage, is_required=True, deleted_at__isnull=True)
    done = PlaybookTick.objects.filter(deal_id=deal.id).values("item_id")
    rows = asked.exclude(id__in=done).order_by("position", "id").values_list("id", "name")
    return [Option(str(id), name) for id, name in rows]


def _ticked(deals: Iterable[int]) -> Iterable[tuple[int, int]]:
    rows: Iterable[tuple[int, int]] = PlaybookTick.objects.filter(deal_id__in=list(deals)).values_list(
        "deal_id", "item_id"
    )
    return rows
