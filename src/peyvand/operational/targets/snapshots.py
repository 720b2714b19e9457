"""The states of deals, evening after evening, and what changed between two of them.

The bridge from what the pipeline was worth to what it is worth adds up to the last rial: each deal stands in one kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.operational.targets.models import StateDay
from peyvand.operational.targets.outcomes import deals_seen
from peyvand.operational.targets.periods import Span
from peyvand.operational.targets.statements import reckon
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.workspaces.scope import current_workspace_id

_KEPT: Final = (
    "status",
    "stage_id",
    "pipeline_id",
    "owner_id",
    "amount",
    "probability",
    "forecast",
    "expected_on",
)
_SAME: Final = " and ".join(f"s.{name} is not distinct from d.{name}" for name in _KEPT)
_CLOSE: Final = f"""update deal_state s set until = %(day)s where s.workspace_id = %(ws)s and s.until is null and not exists (
    select 1 from deal d where d.workspace_id = %(ws)s and d.id = s.deal_id and d.deleted_at is null and {_SAME})"""  # noqa: S608
_OPEN: Final = f"""insert into deal_state (workspace_id, deal_id, since, {", ".join(_KEPT)})
    select d.workspace_id, d.id, %(day)s, {", ".join(f"d.{name}" for name in _KEPT)} from deal d
    where d.workspace_id = %(ws)s and d.deleted_at is null and not exists (
        select 1 from deal_state s where s.workspace_id = %(ws)s and s.deal_id = d.id and s.until is null)"""  # noqa: S608
# A state of the same evening taken twice replaces the first: it never held between two evenings.
_DROP: Final = "delete from deal_state where workspace_id = %(ws)s and since = %(day)s and until = %(day)s"

KINDS: Final = {
    "new": _("New"), "reopened": _("Reopened"), "pulled_in": _("Pulled in"), "up": _("Grew"), "down": _("Shrank"),
    "pushed_out": _("Pushed out"), "won": _("Won"), "lost": _("Lost"),
}  # fmt: skip
# What the deals ``n`` now, with their states ``o`` then, have become; ``was`` and ``is_in``: open, and expected in the span.
BRIDGE: Final = """
    select x.id, x.then_amount, x.now_amount, x.other_owner,
        case when x.was and x.is_in then case when x.now_amount > x.then_amount then 'up' when x.now_amount < x.then_amount then 'down' end
             when x.was and x.status in ('won', 'lost') then x.status
             when x.was then 'pushed_out'
             when x.is_in and x.then_status is null then 'new'
             when x.is_in and x.then_status <> 'open' then 'reopened'
             when x.is_in then 'pulled_in' end as kind, x.was, x.is_in
    from (
        select v.id, v.status, o.status as then_status, coalesce(o.amount, 0) as then_amount, coalesce(v.amount, 0) as now_amount,
            o.owner_id is distinct from v.owner_id as other_owner,
            coalesce(o.status = 'open' and {then_in}, false) as was, v.status = 'open' and {now_in} as is_in
        from v left join deal_state o on o.workspace_id = %(ws)s and o.deal_id = v.id
            and o.since <= %(day)s and (o.until is null or o.until > %(day)s)
    ) x where x.was or x.is_in
""".format(  # noqa: S608 declared here
    **{f"{name}_in": f"""((%(start)s::date is null or {row}.expected_on >= %(start)s::date)
        and (%(end)s::date is null or {row}.expected_on < %(end)s::date))""" for name, row in (("then", "o"), ("now", "v"))}
)  # fmt: skip
_COLUMNS: Final = ("id", "status", "amount", "owner_id", "expected_on")


@dataclass(frozen=True)
class Bridge:
    """From what deals were worth on an evening to what they are worth now: open ones, expected in the span.

    ``parts``: by kind how many deals, and what they add (below zero: take away).
    """

    day: date
    start: int
    end: int
    parts: dict[str, tuple[int, int]]
    other_owner: int


def take(tenant: Tenant) -> int:
    """Write down how deals stand this evening; only what changed since the last. Return how many states are new.

    Taken twice on one day, the later holds.
    """
    day = clock.today(tenant.tz)
    named: dict[str, Any] = {"ws": current_workspace_id(), "day": day}
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, named)
        cursor.execute(_DROP, named)
        cursor.execute(_OPEN, named)
        written = int(cursor.rowcount)
    StateDay.objects.update_or_create(day=day, defaults={"taken_at": clock.now()})
    return written


def last_taken(until: date) -> date | None:
    """The last evening up to a day on which states were taken."""
    return StateDay.objects.filter(day__lte=until).order_by("-day").values_list("day", flat=True).first()


def bridge(actor: Actor, day: date, span: Span, pipeline: int | None = None) -> Bridge:
    """What changed since the evening of ``day`` among the deals that the actor sees now."""
    rows = reckon(
        deals_seen(actor, pipeline), _COLUMNS,
        f"""select kind, count(*), coalesce(sum(case when is_in then now_amount else 0 end), 0),
            coalesce(sum(case when was then then_amount else 0 end), 0), count(*) filter (where was and is_in and other_owner)
            from ({BRIDGE}) b group by kind""",  # noqa: S608 declared above
        day=day, start=span.start, end=span.end,
    )  # fmt: skip
    parts = {kind: (count, now - then) for kind, count, now, then, _o in rows if kind}
    return Bridge(
        day, sum(row[3] for row in rows), sum(row[2] for row in rows),
        {kind: parts[kind] for kind in KINDS if kind in parts}, sum(row[4] for row in rows),
    )  # fmt: skip


def changed(actor: Actor, kind: str, day: date, span: Span, pipeline: int | None = None) -> list[Any]:
    """Ids of the deals that stand in one kind of the bridge."""
    which = "was and is_in and other_owner" if kind == "other_owner" else "kind = %(kind)s"
    rows = reckon(
        deals_seen(actor, pipeline), _COLUMNS, f"select id from ({BRIDGE}) b where {which} order by id",  # noqa: S608
        day=day, start=span.start, end=span.end, kind=kind,
    )  # fmt: skip
    return [row[0] for row in rows]
