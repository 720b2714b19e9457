"""What the demonstration's automation changed: people whose risk rose four months ago, half of whom it left alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Max

from peyvand.administration.demo.hours import Hours
from peyvand.administration.demo.writing import write_down
from peyvand.analytical.analyses.contract import analysis_named
from peyvand.kernel import clock
from peyvand.kernel.errors import msg
from peyvand.operational.activities.public import TASK, Task
from peyvand.operational.orders.public import ORDER, Order
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.events.facts import rebuild
from peyvand.platform.events.models import EventRow
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.keeping import Scores, keep
from peyvand.platform.insights.telling import reason
from peyvand.platform.objects.records import update_records
from peyvand.processes.automations.actions import begin
from peyvand.processes.automations.groups import drawn
from peyvand.processes.automations.models import Automation
from peyvand.processes.automations.objects import AUTOMATION
from peyvand.processes.automations.outcomes import look
from peyvand.processes.automations.running import Meant, apply
from peyvand.processes.automations.texts import told_by

AGO: Final = timedelta(days=112)
# So many in each group, and so many of a hundred of these that bought again.
EACH: Final = 70
AGAIN: Final = {"treated": 51, "held_out": 24}
# So many of a hundred are left alone.
ALONE: Final = 50
# Differences that this many can show, in points of a hundred.
LEAST: Final = 25


def try_automation(ctx: Context) -> None:
    """Switch the ready automation for people whose risk rose on, and let it have come to those who had stopped buying by then;
    some of both groups bought again since. Inside the workspace's scope."""

    now, hours = clock.now(), Hours.read(clock.now())
    one = Automation.objects.get(object="person", insight="person.churn_level")
    update_records(ctx, AUTOMATION, [one], [{"held_out": ALONE, "least_effect": LEAST}])
    began = hours.past(now - AGO)
    with clock.freeze(began):
        chosen = _chosen(one.id, began)
        ids = [id for some in chosen.values() for id in some]
        events = _told(ctx, ids)
        apply(
            ctx,
            one,
            {id: Meant(id, events[id][0], told_by(ctx, events[id][1])) for id in ids if id in events},
        )
    with clock.freeze(hours.past(began + timedelta(days=3))):
        tasks = list(
            Task.objects.filter(about_object="person", about_id__in=ids, status="open").order_by("id")
        )
        update_records(ctx, TASK, tasks, [{"status": "done"} for _ in tasks])
    _buy_again(ctx, chosen, hours)
    look(ctx.tenant, one.id, 0, now)
    begin(ctx, one)


def _chosen(automation_id: int, by: datetime) -> dict[str, list[int]]:
    """Of the people who bought for themselves and not since, as many for each group as it drew them."""
    rows = Order.objects.filter(kind="sale", company=None, person__isnull=False).values("person_id")
    gone = rows.annotate(last=Max("ordered_at")).filter(last__lt=by - timedelta(days=3)).order_by("person_id")
    chosen: dict[str, list[int]] = {"treated": [], "held_out": []}
    for id in gone.values_list("person_id", flat=True):
        group = chosen["held_out" if drawn(automation_id, "person", id) < ALONE else "treated"]
        if len(group) < EACH:
            group.append(id)
    return chosen


def _told(ctx: Context, ids: list[int]) -> dict[int, tuple[int, Any]]:
    """Conclude their risk as it rose then; the event that tells of it, by person."""
    churn, then = analysis_named("churn"), clock.now()
    assert churn is not None  # the ready automation waits for it
    told = reason(msg("Bought on one day so far: %(day)s", day={"day": (then - AGO).date().isoformat()}), 20)
    why: dict[str, Any] = {"reasons": [told]}
    for days, risk, level in ((21, 48, "medium"), (0, 78, "high")):
        with clock.freeze(then - timedelta(days=days)):
            values: dict[str, list[Any]] = {
                "churn_risk": [risk] * len(ids),
                "churn_level": [level] * len(ids),
            }
            scores = Scores("person", ids, values, {"churn_level": [why] * len(ids)})
            keep(job_context(ctx.tenant), churn.fields_of("person"), scores)
    rows = EventRow.objects.filter(wire=InsightLevelChanged.wire, object="person", object_id__in=ids)
    found = {}
    # Of those who were told of twice the later one counts: the rise to high.
    for id, of, at, data in rows.order_by("id").values_list("id", "object_id", "at", "data"):
        fact = rebuild(InsightLevelChanged.wire, "person", of, at, data)
        found[of] = (id, fact)
    return found


def _buy_again(ctx: Context, chosen: dict[str, list[int]], hours: Hours) -> None:
    """The same once more as they had bought last, some weeks later."""
    ids = [id for group, some in chosen.items() for id in some[: len(some) * AGAIN[group] // 100]]
    last = {
        o.person_id: o
        for o in Order.objects.filter(person_id__in=ids, company=None, kind="sale").order_by("ordered_at")
    }
    lines = ORDER.field("lines").load([order.id for order in last.values()])  # type: ignore[attr-defined]  # it is a compound
    rows = [
        {"person": order.person_id, "owner": order.owner_id, "status": "fulfilled",
         "ordered_at": hours.past(hours.made - AGO + timedelta(days=7 + n % 45)),
         "channel": order.channel, "lines": tuple(dict(item) for item in lines[order.id])}
        for n, order in enumerate(last.values())
    ]  # fmt: skip
    write_down(ctx, ORDER, rows, [row["ordered_at"] for row in rows])
