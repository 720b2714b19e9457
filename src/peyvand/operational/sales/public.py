"""What other slices may use of sales."""

from peyvand.operational.sales.actions import (
    assign_deal,
    assign_deals,
    lose_deal,
    lose_deals,
    move_deal,
    move_deals,
    plan_step,
    reopen_deal,
    tick_item,
    use_stage_probability,
    win_deal,
    win_deals,
)  # fmt: skip
from peyvand.operational.sales.fields import Lines, line, total
from peyvand.operational.sales.health import learn
from peyvand.operational.sales.models import (
    Competitor,
    Deal,
    DealContact,
    DealLine,
    DealMember,
    DealRival,
    LostReason,
    Pipeline,
    PlaybookItem,
    PlaybookTick,
    Stage,
    StageMove,
)
from peyvand.operational.sales.objects import (
    COMPETITOR,
    DEAL,
    FORECASTS,
    LOST_REASON,
    PIPELINE,
    PLAYBOOK_ITEM,
    STAGE,
)
from peyvand.operational.sales.queries import (
    Health,
    Numbers,
    deal_health,
    deals_gone_quiet,
    my_numbers,
)  # fmt: skip
from peyvand.operational.sales.reactions import refresh
from peyvand.operational.sales.team import credits, split
from peyvand.operational.sales.winning import sign_of_winning, sold_as

__all__ = [
    "COMPETITOR", "DEAL", "FORECASTS", "LOST_REASON", "PIPELINE", "PLAYBOOK_ITEM", "STAGE", "Competitor", "Deal", "DealContact",
    "DealLine", "DealMember", "DealRival", "Health", "Lines", "LostReason", "Numbers", "Pipeline", "PlaybookItem", "PlaybookTick", "Stage",
    "StageMove", "assign_deal", "assign_deals", "credits", "deal_health", "deals_gone_quiet", "learn", "line", "lose_deal", "lose_deals",
    "move_deal", "move_deals", "my_numbers", "plan_step", "refresh", "reopen_deal", "sign_of_winning", "sold_as", "split", "tick_item", "total",
    "use_stage_probability", "win_deal", "win_deals",
]  # fmt: skip
