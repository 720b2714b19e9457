"""The board of performance: where deals wait, and how people, teams and the organisation do over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.reports.web.cards import Board, Card, asking, tile
from peyvand.analytical.warehouse.public import as_of, present_moment, reading
from peyvand.kernel import numbers
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.context import Context
from peyvand.web.objects.lists.links import list_url

_COLUMNS: Final = ("name", "stage", "amount", "owner", "stage_since", "next_activity_at")
_PEOPLE: Final = ("revenue", "deals_won", "win_rate", "cycle_days")


@dataclass(frozen=True)
class Stage:
    """How deals fare in a stage. ``is_narrow``: where most of all the time goes; ``standing`` and ``late`` with their lists."""

    name: str
    median: str
    goes_on: str
    share: str
    is_narrow: bool
    standing: tuple[str, str]
    late: tuple[str, str]


def stages(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Where deals stand, how long, and what share goes on; those that stand longer than nine of ten did."""
    # Loads the engine, which no page needs that asks nothing.
    from peyvand.analytical.measures.deals import bottlenecks

    now = present_moment(ctx.tenant)
    with reading() as tables:
        rows = tables.fetch(bottlenecks(tables, now.replace(tzinfo=None))).to_pylist()
    rows.sort(key=lambda row: (row["position"], row["stage"]))
    most = max((row["share"] or 0 for row in rows), default=0)

    def told(row: Mapping[str, Any]) -> Stage:
        open_here = [
            {"field": "status", "op": "is", "value": "open"},
            {"field": "stage.name", "op": "is", "value": row["stage"]},
        ]
        since = (now - timedelta(hours=row["slow"] or 0)).isoformat()
        late = [*open_here, {"field": "stage_since", "op": "before", "value": since}]
        return Stage(
            row["stage"], _days(row["median"], ctx), shown(row["on_rate"], "percent", ctx.reader),
            shown(row["share"], "percent", ctx.reader), bool(row["share"]) and row["share"] == most,
            (numbers.format_number(row["standing"], ctx.reader.language), _list(ctx, open_here) if row["standing"] else ""),
            (numbers.format_number(row["late"], ctx.reader.language), _list(ctx, late) if row["late"] else ""),
        )  # fmt: skip

    return {"template": "reports/_stages.html", "stages": [told(row) for row in rows], "at": as_of()}


def _days(hours: float | None, ctx: Context) -> str:
    return shown(None if hours is None else hours / 24, "days", ctx.reader)


def _list(ctx: Context, parts: list[dict[str, Any]]) -> str:
    return list_url(ctx, DEAL, *parts, sort="stage_since", columns=_COLUMNS)


def _sees_deals(ctx: Context) -> bool:
    return closed(ctx.actor, (DEAL.key,), ("deal.stage", "deal.stage_since")) is None


PERFORMANCE: Final = Board("performance", _("Performance"), "insights/performance", (
    tile("sold", _("Sales"), "revenue"),
    tile("won", _("Deals won"), "deals_won"),
    tile("won-rate", _("Win rate"), "win_rate"),
    tile("cycle", _("Days to win"), "cycle_days"),
    tile("contacts", _("Interactions"), "interactions"),
    Card("stages", _("Where deals wait"), 3, draw=stages, opens=_sees_deals,
         says=_("a stage is late where a deal stands longer than nine of ten did")),
    asking("people", _("By person"), *_PEOPLE, size=3, by=("member",), chart="table", compare="before", most=12),
    asking("teams", _("By team"), *_PEOPLE, size=3, by=("team",), chart="table", compare="before", most=12),
    asking("whole-months", _("The organisation by month"), "revenue", "won_amount", by=("month",), chart="lines"),
    asking("calls-months", _("Interactions by month"), "interactions", by=("month", "interaction_kind"), chart="columns"),
    asking("people-months", _("Sales of people by month"), "revenue", by=("month", "member"), chart="lines"),
    asking("teams-months", _("Deals won by teams"), "deals_won", by=("month", "team"), chart="columns"),
    asking("win-months", _("Win rate by month"), "win_rate", by=("month",), chart="lines", compare="before"),
    asking("cycle-months", _("Days to win, by month"), "cycle_days", by=("month",), chart="lines"),
    asking("work", _("Interactions of people"), "interactions", by=("member", "interaction_kind"), chart="bars", most=12),
    asking("work-hours", _("Hours and their results"), "hours", "deals_won", by=("member",), chart="table", most=12),
), needs=("revenue", "deals_won", "interactions"))  # fmt: skip
