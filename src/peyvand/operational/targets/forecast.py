"""What a span of time may bring: won already, and open deals expected in it by how sure they are."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Final

from django.db.models import Sum

from peyvand.operational.sales.public import DEAL
from peyvand.operational.targets.models import Quota
from peyvand.operational.targets.outcomes import WAYS, Way, deals_seen
from peyvand.operational.targets.periods import Span, bounds, name_of
from peyvand.operational.targets.statements import reckon
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.identity.actor import Actor

# The forecast categories of open deals, the surest first.
CATEGORIES: Final = ("commit", "best", "pipeline", "omitted")
BY: Final = ("owner", "team", "month", "pipeline")
MOST: Final = 600
_COLUMNS: Final = (
    "id",
    "owner_id",
    "pipeline_id",
    "status",
    "amount",
    "weighted",
    "forecast",
    "closed_on",
    "expected_on",
)
_DAY: Final = "case when d.status = 'open' then d.expected_on else d.closed_on end"


@dataclass(frozen=True)
class Outlook:
    """One line of the forecast. Each of won, commit, best, pipeline and omitted is how many deals, and their sum in minor units."""

    key: Any
    name: str
    parts: dict[str, tuple[int, int]]
    weighted: int
    target: int | None = None
    span: Span | None = None

    @property
    def committed(self) -> int:
        """Won already, and what is as good as won."""
        return self.parts["won"][1] + self.parts["commit"][1]

    @property
    def expected(self) -> int:
        """Won already, and each open deal by its probability."""
        return self.parts["won"][1] + self.weighted

    @property
    def at_best(self) -> int:
        return self.committed + self.parts["best"][1]

    @property
    def share(self) -> float | None:
        return self.expected / self.target if self.target else None


def may_forecast(actor: Actor) -> bool:
    """Whether the actor knows all that a forecast is made of."""
    needs = {"amount", "weighted", "probability", "forecast", "status", "closed_on", "expected_on"}
    return bool(decide(actor, "deal.view")) and not actor.grants.hides(DEAL.key) & needs


def forecast(
    actor: Actor, by: str, span: Span, pipeline: int | None = None, owners: Collection[int] | None = None
) -> tuple[list[Outlook], Outlook]:
    """The outlook of each part, the greatest first, and of all together: each of its figures is the sum of the parts'.

    Months stand in their order, every one between the first and the last. Who has a target and no deal stands at the end;
    targets of teams are not added up, for a team's holds those beneath it.
    """
    rows = deals_seen(actor, pipeline, owners)
    [total] = _read(actor, rows, None, span) or [_nothing(None, "")]
    parts = _read(actor, rows, WAYS[by], span)
    targets = _targets(actor, WAYS[by], span, owners)
    known = {part.key for part in parts}
    parts = [replace(part, target=targets[part.key][1]) if part.key in targets else part for part in parts]
    parts += [_nothing(key, name, amount) for key, (name, amount) in targets.items() if key not in known]
    if by == "owner" and targets:
        total = replace(total, target=sum(amount for _name, amount in targets.values()))
    return parts, total


def _nothing(key: Any, name: str, target: int | None = None) -> Outlook:
    return Outlook(key, name, dict.fromkeys(("won", *CATEGORIES), (0, 0)), 0, target)


def _read(actor: Actor, rows: Any, way: Way | None, span: Span) -> list[Outlook]:
    marks = []
    if way is not None and way.unit is not None:
        if span.start is None or span.end is None:
            return []
        marks = bounds(way.unit, span.start, span.end, span.calendar)
    key, naming, join, order = "null::bigint", "null::text", "", ""
    if way is not None:
        key, naming, join = way.sql, way.naming, way.join
        order = (
            f"group by 1, 2 order by {'1' if way.unit else 'sum(d.amount) desc nulls last, 1'} limit {MOST}"
        )
        if way.unit:
            key = f"width_bucket({_DAY}, %(edges)s::date[])"
    which = ["d.status = 'won'"]
    which += [f"d.status = 'open' and d.forecast = '{category}'" for category in CATEGORIES]
    sums = ", ".join(
        f"count(*) filter (where {w}), coalesce(sum(d.amount) filter (where {w}), 0)" for w in which
    )
    found = reckon(rows, _COLUMNS, f"""
        select {key}, {naming}, coalesce(sum(d.weighted) filter (where d.status = 'open'), 0), {sums}
        from (select * from v where status in ('won', 'open')) d {join}
        where (%(start)s::date is null or {_DAY} >= %(start)s::date) and (%(end)s::date is null or {_DAY} < %(end)s::date) {order}
    """, start=span.start, end=span.end, edges=marks)  # fmt: skip # noqa: S608 names are declared above
    if marks and found:
        there = {row[0]: row for row in found}
        empty = [0] * (1 + 2 * len(which))
        found = [there.get(n, (n, None, *empty)) for n in range(min(there), max(there) + 1)]
    made = []
    for key_, name, weighted, *figures in found:
        parts = {part: (figures[2 * n], figures[2 * n + 1]) for n, part in enumerate(("won", *CATEGORIES))}
        within = None
        if marks and way is not None and way.unit is not None:
            within = Span(
                way.unit,
                span.calendar,
                max(marks[key_ - 1], span.start or marks[0]),
                min(marks[key_], span.end or marks[-1]),
            )
            name = name_of(way.unit, marks[key_ - 1], span.calendar, actor.language)
        made.append(Outlook(key_, name or "", parts, weighted, None, within))
    return made


def _targets(
    actor: Actor, way: Way, span: Span, owners: Collection[int] | None
) -> dict[Any, tuple[str, int]]:
    """The quotas of amounts for exactly this span, by person or team: whose, and how much."""
    column = {"owner": "owner", "team": "team"}.get(way.key)
    if column is None or span.start is None or not decide(actor, "quota.view"):
        return {}
    rows = Quota.objects.filter(
        deleted_at__isnull=True, measure="won_amount", starts_on=span.start, ends_on=span.last, product__isnull=True,
        pipeline__isnull=True, **{f"{column}__isnull": False},
    )  # fmt: skip
    if owners is not None:
        rows = rows.filter(owner_id__in=owners)
    sums = (
        visible(actor, "quota", rows)
        .order_by(f"{column}__name")
        .values_list(f"{column}_id", f"{column}__name")
    )
    return {id: (name, int(amount)) for id, name, amount in sums.annotate(Sum("amount"))}


def undated(actor: Actor, pipeline: int | None = None) -> int:
    """How many open deals say nothing about when they will be won: no forecast knows of them."""
    return deals_seen(actor, pipeline).filter(status="open", expected_on__isnull=True).count()
