"""What other slices may use of sales."""

from peyvand.operational.sales.actions import (
    assign_deal,
    assign_deals,
    lose_deal,
    lose_deals,
    move_deal,
    move_deals,
    reopen_deal,
    win_deal,
    win_deals,
)  # fmt: skip
from peyvand.operational.sales.fields import line, total
from peyvand.operational.sales.models import (
    Competitor,
    Deal,
    DealLine,
    LostReason,
    Pipeline,
    Stage,
    StageMove,
)
from peyvand.operational.sales.objects import COMPETITOR, DEAL, LOST_REASON, PIPELINE, STAGE
from peyvand.operational.sales.queries import (
    Health,
    Numbers,
    deal_health,
    deals_gone_quiet,
    my_numbers,
)  # fmt: skip
from peyvand.operational.sales.reactions import refresh

__all__ = [
    "COMPETITOR", "DEAL", "LOST_REASON", "PIPELINE", "STAGE", "Competitor", "Deal", "DealLine", "Health",
    "LostReason", "Numbers", "Pipeline", "Stage", "StageMove", "assign_deal", "assign_deals",
    "deal_health", "deals_gone_quiet", "line", "lose_deal", "lose_deals", "move_deal", "move_deals", "my_numbers",
    "refresh", "reopen_deal", "total", "win_deal", "win_deals",
]  # fmt: skip
