"""What became of deals that ended within a span: won and lost, how much, how long it took, told apart in one way or another.

One statement for each report, whatever the number of deals. Only deals that the actor may see are counted.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Max, Min, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import Unit
from peyvand.operational.sales.public import DEAL
from peyvand.operational.targets.periods import Span, bounds, name_of
from peyvand.operational.targets.statements import reckon
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.identity.actor import Actor

MOST: Final = 600
COLUMNS: Final = ("id", "owner_id", "pipeline_id", "status", "amount", "engaged_on", "created_at", "expected_on", "closed_on",
                  "source", "lost_reason_id", "competitor_id", "company_id")  # fmt: skip


@dataclass(frozen=True)
class Way:
    """A way to tell deals apart: ``sql`` is the key of a deal ``d``, ``naming`` what the key is called, ``join`` what both
    need. ``path`` is the filter's path to the same key; ``needs`` the deal's fields and ``sees`` the object one must know."""

    key: str
    label: str | Promise
    sql: str
    path: str
    needs: str
    sees: str = ""
    join: str = ""
    naming: str = "null::text"
    unit: Unit | None = None
    # Deals are told apart by why they were lost: there is nothing won among them.
    of_losses: bool = False
    amount: str = "d.amount"
    links: bool = False


_USER = "left join app_user u on u.workspace_id = %(ws)s and u.id = d.owner_id"
# Deal by deal, by the index of lines: right after an import PostgreSQL knows of no rows yet, and would compare all with all.
_LINES = """left join lateral (select l.product_id, sum(l.amount) as amount from deal_line l
    where l.workspace_id = %(ws)s and l.deal_id = d.id group by l.product_id) l on true
    left join product p on p.workspace_id = %(ws)s and p.id = l.product_id"""
_EDGE = "width_bucket(d.closed_on, %(edges)s::date[])"
WAYS: Final = {
    way.key: way
    for way in (
        Way("owner", _("Person"), "d.owner_id", "owner", "owner", "user", _USER, "u.name"),
        Way("team", _("Team"), "u.team_id", "owner.team", "owner", "team",
            f"{_USER} left join team t on t.workspace_id = %(ws)s and t.id = u.team_id", "t.name"),
        Way("product", _("Product"), "l.product_id", "lines", "lines", "product", _LINES, "p.name",
            amount="case when l.product_id is null then d.amount else l.amount end", links=True),
        Way("month", _("Month"), _EDGE, "closed_on", "closed_on", unit="month"),
        Way("quarter", _("Quarter"), _EDGE, "closed_on", "closed_on", unit="quarter"),
        Way("year", _("Year"), _EDGE, "closed_on", "closed_on", unit="year"),
        Way("source", _("Source"), "nullif(d.source, '')", "source", "source", naming="nullif(d.source, '')"),
        Way("pipeline", _("Pipeline"), "d.pipeline_id", "pipeline", "pipeline", "pipeline",
            "left join pipeline pl on pl.workspace_id = %(ws)s and pl.id = d.pipeline_id", "pl.name"),
        Way("lost_reason", _("Reason of loss"), "d.lost_reason_id", "lost_reason", "lost_reason", "lost_reason",
            "left join lost_reason r on r.workspace_id = %(ws)s and r.id = d.lost_reason_id", "r.name", of_losses=True),
        Way("competitor", _("Lost to"), "d.competitor_id", "competitor", "competitor", "competitor",
            "left join competitor k on k.workspace_id = %(ws)s and k.id = d.competitor_id", "k.name", of_losses=True),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """Deals that ended, and those at work now (None where that makes no sense). Sums are minor units, None where the actor
    may not know them; days are from the beginning of won deals to their end."""

    key: Any
    name: str
    won: int
    lost: int
    at_work: int | None
    won_amount: int | None
    lost_amount: int | None
    mean_days: Decimal | None
    median_days: Decimal | None
    # When the part of time that it is about begins and ends.
    span: Span | None = field(default=None, compare=False)

    @property
    def ended(self) -> int:
        return self.won + self.lost

    @property
    def rate(self) -> float | None:
        """Share of deals won among those that ended, 0 to 1."""
        return self.won / self.ended if self.ended else None

    @property
    def average(self) -> int | None:
        """What a won deal came to on average."""
        return self.won_amount // self.won if self.won and self.won_amount is not None else None

    @property
    def velocity(self) -> int | None:
        """What the deals at work may be expected to bring in a day: their number × share won × average ÷ days it takes."""
        if not self.at_work or self.average is None or self.rate is None or not self.mean_days:
            return None
        return int(Decimal(self.at_work) * self.won / self.ended * self.average / self.mean_days)


def ways_of(actor: Actor) -> dict[str, Way]:
    """The ways that the actor may tell deals apart in."""
    hidden = actor.grants.hides(DEAL.key)
    return {
        key: way
        for key, way in WAYS.items()
        if way.needs not in hidden and (not way.sees or decide(actor, f"{way.sees}.view"))
    }


def may_report(actor: Actor) -> bool:
    """Whether the actor sees deals and how they ended."""
    return bool(decide(actor, "deal.view")) and not actor.grants.hides(DEAL.key) & {"status", "closed_on"}


def deals_seen(
    actor: Actor, pipeline: int | None = None, owners: Collection[int] | None = None
) -> QuerySet[Any]:
    """The deals that reports of this actor are about; with ``owners`` those of these people alone."""
    rows = visible(actor, DEAL.key, DEAL.rows.filter(deleted_at__isnull=True)).order_by()
    if owners is not None:
        rows = rows.filter(owner_id__in=sorted(owners))
    return rows.filter(pipeline_id=pipeline) if pipeline is not None else rows


def outcomes(
    actor: Actor, way: Way, span: Span, pipeline: int | None = None, owners: Collection[int] | None = None
) -> tuple[list[Figures], Figures | None]:
    """The figures of each part, those that won most first, and of all together; None where no deal ended in the span.

    Parts of time stand in their order, every one between the first and the last, also those in which nothing ended.
    """
    rows = deals_seen(actor, pipeline, owners)
    total = next(iter(_read(actor, rows, None, span)), None)
    if total is None or not total.ended:
        return [], None
    return _read(actor, rows, way, span), total


def _read(actor: Actor, rows: QuerySet[Any], way: Way | None, span: Span) -> list[Figures]:
    marks = []
    if way is not None and way.unit is not None:
        marks = _marks(rows, way.unit, span, clock.today(actor.tenant.tz))
    shows_money = "amount" not in actor.grants.hides(DEAL.key)
    key, naming, amount, join, only, order = "null::bigint", "null::text", "d.amount", "", "", ""
    if way is not None:
        key, naming, amount, join = way.sql, way.naming, way.amount, way.join
        only = "where d.is_lost" if way.of_losses else "where d.status <> 'open'" if way.unit else ""
        order = f"group by 1, 2 order by {'1' if way.unit else '6 desc, 7 desc, 3 desc, 1' if shows_money else '3 desc, 4 desc, 1'}"
    found = reckon(
        rows,
        COLUMNS,
        f"""
        select {key}, {naming}, count(*) filter (where is_won), count(*) filter (where is_lost),
            count(*) filter (where d.status = 'open'), coalesce(sum({amount}) filter (where is_won), 0),
            coalesce(sum({amount}) filter (where is_lost), 0),
            avg(d.days) filter (where is_won and d.days >= 0),
            percentile_cont(0.5) within group (order by d.days) filter (where is_won and d.days >= 0)
        from (
            select s.*, s.status = 'won' and s.is_in as is_won, s.status = 'lost' and s.is_in as is_lost,
                s.closed_on - coalesce(s.engaged_on, (s.created_at at time zone %(tz)s)::date) as days
            from (select v.*, v.status <> 'open' and (%(start)s::date is null or v.closed_on >= %(start)s::date)
                    and (%(end)s::date is null or v.closed_on < %(end)s::date) as is_in from v) s
            where s.is_in or s.status = 'open'
        ) d {join} {only} {order} limit {MOST}
    """,  # noqa: S608 names are declared above
        tz=actor.tenant.timezone,
        start=span.start,
        end=span.end,
        edges=marks,
    )
    timed = way is not None and (way.unit is not None or way.of_losses)
    if marks:
        ended = {row[0]: row for row in found}
        found = [ended.get(n, (n, None, 0, 0, 0, 0, 0, None, None)) for n in range(1, len(marks))]
    made = []
    for key_, name, won, lost, at_work, won_amount, lost_amount, mean, median in found:
        part = None
        if way is not None and way.unit is not None:
            part = Span(way.unit, span.calendar, marks[key_ - 1], marks[key_])
            name = name_of(way.unit, marks[key_ - 1], span.calendar, actor.language)
        made.append(Figures(
            key_, name or "", won, lost, None if timed else at_work, won_amount if shows_money else None,
            lost_amount if shows_money else None, mean, None if median is None else Decimal(str(median)), part,
        ))  # fmt: skip
    return made


def _marks(rows: QuerySet[Any], unit: Unit, span: Span, today: date) -> list[date]:
    """The first days of the units that hold the span: from the first deal that ever ended on, and no further than today, or
    the last that ended; where the end of the span is open, than the last that ended."""
    ends = rows.exclude(status="open").aggregate(first=Min("closed_on"), last=Max("closed_on"))
    start = max(filter(None, (span.start, ends["first"])), default=None)
    last = ends["last"]
    if last is not None and span.last is not None:
        last = min(span.last, max(last, today))
    if start is None or last is None:
        return bounds(unit, date(2000, 1, 1), date(2000, 1, 2), span.calendar)
    return bounds(unit, start, last + timedelta(days=1), span.calendar)
