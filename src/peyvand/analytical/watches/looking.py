"""One look of a watch: who came to its mark, or fell below it, since the last one. Kept once, and told as facts.

It compares with who stood there at the last look rather than with an earlier day, so that what is entered late counts too.
The first look finds out who stands there and tells nothing: they crossed nothing while anybody watched.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet

from peyvand.analytical.measures.catalogue import MEASURES
from peyvand.analytical.warehouse.public import NotReady, figures_context, reading
from peyvand.analytical.watches import models as m
from peyvand.analytical.watches.counted import at_mark, lately, values_of
from peyvand.analytical.watches.events import MarkCrossed
from peyvand.analytical.watches.models import Crossing, Standing, Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.database.bulk import insert_rows
from peyvand.platform.identity.actor import Actor, Tenant
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.insights.telling import kept
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

log = logging.getLogger(__name__)

# What the product itself does for a watch.
SEE: Final = "watch.see"
declare_verb(SEE, admin=True)
SET: Final = 2_000
LATELY: Final = timedelta(days=30)


# Of more than these it is not asked, in front of a page, who meets the condition.
MOST: Final = 20_000


@dataclass(frozen=True)
class Trial:
    """What a watch would see: how many are at its mark now, and who crossed it in the last thirty days with the values of
    then and now. ``is_cut``: they are more; only so many were looked through."""

    standing: int
    crossed: Mapping[int, tuple[float | None, float | None]]
    is_cut: bool


def look(tenant: Tenant, watch_id: int, as_of: date | None = None) -> int:
    """Look once, as of a day (today), and return how many crossed. Outside any scope: it opens its own. One look of a watch at a time."""
    with workspace_scope(tenant.id):
        watch = Watch.objects.filter(id=watch_id, is_on=True, deleted_at__isnull=True).first()
        if watch is None or watch.measure not in MEASURES:
            return 0
        context = figures_context(job_context(tenant).actor)
        day = as_of or context.today
        stood = set(Standing.objects.filter(watch=watch).values_list("object_id", flat=True))
    try:
        with ExitStack() as stack:
            with workspace_scope(tenant.id):
                tables = stack.enter_context(reading())
            stands = at_mark(tables, watch, day, context)
            came, left = stands.keys() - stood, stood - stands.keys()
            news = () if watch.seen_on is None else came if watch.way == m.UP else left
            # What the last look saw was hardly more than what had happened by the evening before.
            before = (watch.seen_on or day) - timedelta(days=1)
            was = values_of(tables, watch, before, news, context)
            now = stands if watch.way == m.UP else values_of(tables, watch, day, left, context)
    except (RuleViolation, Invalid) as refusal:
        with workspace_scope(tenant.id):
            Watch.objects.filter(id=watch_id).update(refusal=kept(refusal.message), looked_at=clock.now())
        return 0
    done = 0
    for some in _sets(came):
        with workspace_scope(tenant.id):
            done += _taken(job_context(tenant), watch, some, news, was, now, day, is_there=True)
    for some in _sets(left):
        with workspace_scope(tenant.id):
            done += _taken(job_context(tenant), watch, some, news, was, now, day, is_there=False)
    with workspace_scope(tenant.id):
        _same(watch).update(seen_on=day, looked_at=clock.now(), refusal=[])
    return done


def trial(actor: Actor, watch: Watch) -> Trial | None:
    """What it would see; None while the warehouse is filled for the first time. Inside a scope; nothing is kept.

    Raises:
        RuleViolation, Invalid: what it asks means nothing.
    """
    context = figures_context(actor)
    try:
        with reading() as tables:
            stands = at_mark(tables, watch, context.today, context)
            moved = lately(tables, watch, context.today - LATELY, context)
    except NotReady:
        return None
    asked = [*sorted(moved)[:MOST], *sorted(stands.keys() - moved.keys())[:MOST]]
    fitting = set(meeting(actor, watch, asked))
    return Trial(
        len(fitting & stands.keys()), {id: values for id, values in moved.items() if id in fitting},
        len(asked) < len(stands.keys() | moved.keys()),
    )  # fmt: skip


def meeting(actor: Actor, watch: Watch, ids: Collection[int]) -> list[int]:
    """Those of these records that are there and meet the watch's condition."""
    spec = object_named(watch.whose)
    condition = condition_in(watch.condition, spec)
    found: list[int] = []
    for some in _sets(ids):
        rows: Any = spec.rows.filter(id__in=some)
        if spec.has_bin:
            rows = rows.filter(deleted_at__isnull=True)
        if condition is not None:
            rows = rows.filter(compile_condition(condition, spec, actor))
        found += rows.values_list("id", flat=True)
    return found


def _same(watch: Watch) -> QuerySet[Watch]:
    """The watch as long as it is what it was when it looked: what was changed or paused meanwhile is another one, which has to find
    out first who is there."""
    return Watch.objects.filter(id=watch.id, version=watch.version, seen_on=watch.seen_on, is_on=True)


def _taken(
    ctx: Context, watch: Watch, ids: Sequence[int], news: Collection[int], was: Mapping[int, float], now: Mapping[int, float],
    day: date, *, is_there: bool,
) -> int:  # fmt: skip
    """Note one set of those who came or left, and tell of those who crossed, in one transaction; nothing if it was changed meanwhile."""
    # Whoever changes it now waits until this set is noted.
    if not _same(watch).select_for_update(no_key=True):
        return 0
    spec = object_named(watch.whose)
    rows: Any = spec.rows.filter(id__in=ids)
    if spec.has_bin:
        # Of what lies in the bin, or was merged into another, nothing is noted: once it is back it stands where it stood.
        rows = rows.filter(deleted_at__isnull=True)
    there = sorted(rows.values_list("id", flat=True))
    again = Crossing.objects.filter(watch=watch, day=day, object_id__in=there).values_list(
        "object_id", flat=True
    )
    fresh = set(news).intersection(there).difference(again)
    told = sorted(meeting(ctx.actor, watch, fresh))

    def write() -> int:
        if is_there:
            insert_rows(
                Standing, ("workspace_id", "watch_id", "object", "object_id"),
                [(ctx.tenant.id, watch.id, watch.whose, id) for id in there], "do nothing",
            )  # fmt: skip
        else:
            Standing.objects.filter(watch=watch, object_id__in=there).delete()
        Crossing.objects.bulk_create(
            Crossing(watch=watch, object=watch.whose, object_id=id, day=day, was=_before(watch, was.get(id)), now=_kept(now.get(id)))
            for id in told
        )  # fmt: skip
        ctx.record(*(
            MarkCrossed(object=watch.whose, object_id=id, watch_id=watch.id, watch=watch.name, way=watch.way) for id in told
        ))  # fmt: skip
        ctx.touch(watch.whose, *told)
        ctx.touch(WATCH.key, watch.id)
        return len(told)

    return perform(ctx, SEE, (), write)


def _before(watch: Watch, value: float | None) -> Decimal | None:
    """What was known before. What was entered late for an earlier day says by now that there was nothing to cross."""
    if value is None or (value >= watch.mark) == (watch.way == m.UP):
        return None
    return _kept(value)


def _kept(value: float | None) -> Decimal | None:
    return None if value is None else round(Decimal(value), 2)


def _sets(ids: Collection[int]) -> list[list[int]]:
    whole = sorted(ids)
    return [whole[start : start + SET] for start in range(0, len(whole), SET)]
