"""Reads of sales that are more than a filter: the health of deals, a person's own numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, IntegerField, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import calendar_of
from peyvand.kernel.ranges import Range, resolve
from peyvand.operational.sales.models import Pipeline, Stage
from peyvand.operational.sales.objects import DEAL
from peyvand.operational.sales.winning import with_signs
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery, Row, fetch_in_order, fetch_own


@dataclass(frozen=True)
class Health:
    """How long a deal has lain in its stage, and how long it may. Days are whole; ``limit`` None: it never rots."""

    days: int
    limit: int | None

    @property
    def is_rotting(self) -> bool:
        return self.limit is not None and self.days >= self.limit


@dataclass(frozen=True)
class Numbers:
    """What somebody has in hand and what they brought home in a range of days. Sums are minor units."""

    open_count: int
    open_amount: int
    open_weighted: int
    won_count: int
    won_amount: int
    lost_count: int

    @property
    def win_rate(self) -> float | None:
        """Share of deals won among those that ended, 0 to 1; None where none ended."""
        ended = self.won_count + self.lost_count
        return self.won_count / ended if ended else None


def deal_health(
    stage_since: datetime, stage: Stage, pipeline: Pipeline | None = None, now: datetime | None = None
) -> Health:
    """How a deal that entered ``stage`` at ``stage_since`` fares; an ended one never rots."""
    days = max(0, ((now or clock.now()) - stage_since).days)
    limit = (
        (stage.rots_after or (pipeline.rots_after if pipeline else None)) if stage.kind == "open" else None
    )
    return Health(days, limit)


def my_numbers(actor: Actor, range: Range | Mapping[str, Any] = "this_month") -> Numbers:
    """The actor's own deals: those open now, and those that ended within the range in the actor's calendar. One query."""
    start, end = resolve(range, clock.today(actor.tenant.tz), calendar_of(actor.language))
    mine = ListQuery(DEAL, actor, ()).rows().filter(owner_id=actor.user_id).order_by()
    ended = Q(closed_on__gte=start, closed_on__lt=end)
    is_open, won, lost = Q(status="open"), Q(status="won") & ended, Q(status="lost") & ended
    sums = mine.filter(is_open | ended).aggregate(
        open_count=Count("id", filter=is_open), open_amount=Sum("amount", filter=is_open), open_weighted=Sum("weighted", filter=is_open),
        won_count=Count("id", filter=won), won_amount=Sum("amount", filter=won), lost_count=Count("id", filter=lost),
    )  # fmt: skip
    return Numbers(**{key: int(value or 0) for key, value in sums.items()})


def deals_gone_quiet(actor: Actor, *, mine: bool = True, limit: int = 10) -> list[Row]:
    """Open deals that lie in their stage longer than they may and have no next step ahead, the longest first."""
    now = clock.now()
    columns = ("name", "company", "stage", "amount", "owner", "stage_since", "next_activity_at")
    query = ListQuery(DEAL, actor, columns)

    def first(deals: QuerySet[Any]) -> QuerySet[Any]:
        return quiet(deals, now).order_by("stage_since", "id")

    if mine:
        return fetch_own(query, first, limit)
    return fetch_in_order(query, list(first(query.rows()).values_list("id", flat=True)[:limit]))


def deals_without_step(actor: Actor, *, limit: int = 8) -> list[Row]:
    """The actor's own open deals without a next step, of pipelines that want one; the first to be closed first."""
    query = ListQuery(DEAL, actor, ("name", "company", "stage", "amount"))

    def first(own: QuerySet[Any]) -> QuerySet[Any]:
        stepless = own.filter(status="open", next_activity_at__isnull=True, pipeline__wants_step=True)
        # Not the column itself: in an index of all deals by it, one person's few are found by reading everybody's.
        return stepless.order_by(Coalesce("expected_on", Value(date.max)), "id")

    return fetch_own(query, first, limit)


def deals_seeming_won(actor: Actor, *, limit: int = 8) -> list[Row]:
    """The actor's own open deals for which there is a sign that they are won, the largest first."""
    query = ListQuery(DEAL, actor, ("name", "company"))

    def first(own: QuerySet[Any]) -> QuerySet[Any]:
        return own.filter(with_signs(), status="open").order_by(F("amount").desc(nulls_last=True), "id")

    return fetch_own(query, first, limit)


def quiet(deals: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Those of the deals that have gone quiet."""
    days = Coalesce(F("stage__rots_after"), F("pipeline__rots_after"), output_field=IntegerField())
    allowed = ExpressionWrapper(days * Value(timedelta(days=1)), output_field=DurationField())
    return deals.filter(
        Q(next_activity_at__isnull=True) | Q(next_activity_at__lt=now),
        status="open",
        stage_since__lt=Value(now) - allowed,
    )
