"""How deals and inquiries went, as it was then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from peyvand.kernel import clock
from peyvand.operational.leads.actions import disqualify_lead
from peyvand.operational.leads.models import LeadReason
from peyvand.operational.sales.models import Stage
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

NOON = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def test_a_move_tells_what_the_deal_was_worth_then(
    cast: Any, acting: Callable[..., Context], filled: Callable[[], Any]
) -> None:
    with workspace_scope(cast.arman.id):
        ctx, spec = acting(cast.sara), object_named("deal")
        first, second, third = Stage.objects.filter(kind="open").order_by("position")[:3]
        with clock.freeze(NOON):
            deal = create_record(ctx, spec, {"name": "D", "amount": 100, "stage": first.id})
            still = create_record(ctx, spec, {"name": "S", "amount": 7, "stage": first.id})
        steps: list[dict[str, Any]] = [
            {"amount": 200},
            {"stage": second.id},
            {"amount": None},
            {"stage": third.id},
            {"amount": 300},
        ]
        for hour, values in enumerate(steps, 1):
            with clock.freeze(NOON + timedelta(hours=hour)):
                update_record(ctx, spec, deal, values)
        moves = [(row[1], row[5], row[-1]) for row in filled()["stage_change"]]
    assert sorted(moves, key=lambda move: (move[0], str(move[2]))) == [
        (deal.id, first.name, 100), (deal.id, second.name, 200), (deal.id, third.name, None), (still.id, first.name, 7),
    ]  # fmt: skip


def test_a_lead_tells_whose_it_is_and_since_when_nothing_comes_of_it(
    cast: Any, acting: Callable[..., Context], filled: Callable[[], Any]
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        with clock.freeze(NOON):
            lead = create_record(ctx, object_named("lead"), {"family_name": "کریمی", "phone": "09121112233"})
            other = create_record(ctx, object_named("lead"), {"family_name": "رضایی", "phone": "09121112244"})
            reason = LeadReason.objects.first() or create_record(
                ctx, object_named("lead_reason"), {"name": "دور"}
            )
        with clock.freeze(NOON + timedelta(days=3)):
            disqualify_lead(ctx, lead, reason=reason.id)
        rows = {row[0]: row for row in filled()["lead"]}
    assert (rows[lead.id][1], str(rows[lead.id][-1])) == (2 * lead.person_id, "2026-11-25")
    assert rows[other.id][-1] is None
