"""Watches: who came to a mark is told once, whatever is entered late, merged, taken apart or erased; and to nobody who may
not know what is counted."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from peyvand.administration.governance.actions import erase_person
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.public import reading
from peyvand.analytical.watches import counted, looking
from peyvand.analytical.watches.actions import begin
from peyvand.analytical.watches.asking import CROSSED
from peyvand.analytical.watches.counted import at_mark
from peyvand.analytical.watches.events import MarkCrossed
from peyvand.analytical.watches.looking import look, trial
from peyvand.analytical.watches.models import Crossing, Standing, Watch
from peyvand.analytical.watches.objects import WATCH
from peyvand.analytical.watches.queueing import LOOK
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.events.reactions import react
from peyvand.platform.merging.merging import merge_records
from peyvand.platform.merging.models import Merge
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.filters import eval_context
from peyvand.platform.objects.records import create_record, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.processes.automations.actions import begin as begin_automation
from peyvand.processes.automations.models import AutomationRun
from peyvand.processes.automations.objects import AUTOMATION, STEP
from peyvand.testing.programs import program_of


class World:
    """People who buy, a watch of what they bought, and a look of it."""

    def __init__(self, cast: Any, ctx: Any) -> None:
        self.tenant, self.ctx = cast.arman, ctx

    def person(self, name: str) -> Any:
        return create_record(self.ctx, PERSON, {"name": name})

    def buys(self, person: Any, amount: int, days_ago: int = 0) -> Any:
        at = clock.now() - timedelta(days=days_ago, minutes=1)
        return create_record(self.ctx, ORDER, {
            "person": person.id, "status": "placed", "ordered_at": at.isoformat(),
            "lines": [{"description": "کاشی", "quantity": 1, "price": amount}],
        })  # fmt: skip

    def watch(self, **values: Any) -> Watch:
        usual = {"name": "خریدار بزرگ", "measure": "revenue", "whose": "person", "amount": 5_000}
        made: Watch = create_record(self.ctx, WATCH, usual | values)
        begin(self.ctx, made)
        self.look(made)
        return made

    def look(self, watch: Watch) -> list[tuple[int, int, int]]:
        """Have it look, and give all that it ever saw: whom, before, then."""
        refresh(self.tenant)
        look(self.tenant, watch.id)
        rows = Crossing.objects.filter(watch=watch).order_by("id").values_list("object_id", "was", "now")
        return [(id, int(was or 0), int(now or 0)) for id, was, now in rows]


@pytest.fixture
def world(cast: Any, acting: Any, still: Any) -> Any:
    with workspace_scope(cast.arman.id):
        yield World(cast, acting(cast.sara))


def test_who_comes_to_a_mark_is_told_once(world: World, cast: Any, browse: Any) -> None:
    leila, reza, sina = map(world.person, ("لیلا بهشتی", "رضا کیانی", "سینا مرادی"))
    world.buys(leila, 6_000)
    world.buys(reza, 1_000, days_ago=2)
    watch = world.watch()
    # Who stood there before anybody watched crossed nothing.
    assert world.look(watch) == []
    assert EventRow.objects.filter(wire=MarkCrossed.wire).count() == 0
    world.buys(reza, 4_500)
    # Entered late, for a day long gone: an earlier day's sum would say that he always stood there.
    world.buys(sina, 7_000, days_ago=400)
    assert sorted(world.look(watch)) == sorted([(reza.id, 1_000, 5_500), (sina.id, 0, 7_000)])
    assert len(world.look(watch)) == 2
    told = EventRow.objects.filter(wire=MarkCrossed.wire)
    assert {row.object_id for row in told} == {reza.id, sina.id}
    assert TimelineEntry.objects.filter(
        object="person", object_id=reza.id, event_id__in=[t.id for t in told]
    ).exists()
    page = browse(cast.sara).get(f"/w/arman/insights/watches/{watch.id}")
    assert [row.title for row in page.context["rows"]] == ["سینا مرادی", "رضا کیانی"]
    listed = browse(cast.sara).get(page.context["all"]).content.decode()
    assert "رضا کیانی" in listed
    assert "لیلا بهشتی" not in listed


def test_a_new_watch_looks_at_once_unless_its_form_says_otherwise(
    world: World, cast: Any, browse: Any
) -> None:
    client = browse(cast.sara)
    form = client.get("/w/arman/watches/new").content.decode()
    assert re.search(r'name="is_on"[^>]* checked', form)
    jobs = ProcrastinateJob.objects.filter(task_name=LOOK)
    usual = {"measure": "revenue", "whose": "person", "amount": 5_000}
    resting = create_record(world.ctx, WATCH, {"name": "خاموش", "is_on": False, **usual})
    assert (resting.is_on, jobs.count()) == (False, 0)
    made = create_record(world.ctx, WATCH, {"name": "روشن", **usual})
    assert (made.is_on, [job.args["watch_id"] for job in jobs.all()]) == (True, [made.id])
    update_record(world.ctx, WATCH, resting, {"is_on": True})
    assert {job.args["watch_id"] for job in jobs.all()} == {made.id, resting.id}
    look(cast.arman, made.id)
    update_record(world.ctx, WATCH, Watch.objects.get(id=made.id), {"is_on": False})
    assert Watch.objects.get(id=made.id).seen_on is None


def test_falling_below_in_days_that_move_on(world: World) -> None:
    leila, reza, sina = map(world.person, ("لیلا بهشتی", "رضا کیانی", "سینا مرادی"))
    world.buys(sina, 8_000, days_ago=29)
    world.buys(leila, 6_000, days_ago=5)
    world.buys(reza, 9_000, days_ago=1)
    watch = world.watch(way="down", within="last", days=7)
    now = clock.now()
    with clock.freeze(now + timedelta(days=3)):
        assert world.look(watch) == [(leila.id, 6_000, 0)]
        found = trial(world.ctx.actor, watch)
    assert found is not None
    assert (found.standing, found.crossed.keys()) == (1, {sina.id})


def test_another_mark_begins_anew_and_a_condition_leaves_others_out(world: World) -> None:
    leila, reza = map(world.person, ("لیلا بهشتی", "رضا کیانی"))
    world.buys(leila, 6_000)
    watch = world.watch(amount=9_000, condition={"field": "name", "op": "is_not", "value": "رضا کیانی"})
    update_record(world.ctx, WATCH, Watch.objects.get(id=watch.id), {"amount": 5_000})
    assert world.look(watch) == []
    world.buys(reza, 20_000)
    assert world.look(watch) == []
    assert {s.object_id for s in Standing.objects.filter(watch=watch)} == {leila.id, reza.id}


def test_of_a_watch_that_is_changed_while_it_looks_nothing_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = world.watch()
    world.buys(world.person("لیلا بهشتی"), 6_000)

    def found(*asked: Any) -> dict[int, float]:
        stands = at_mark(*asked)
        update_record(world.ctx, WATCH, Watch.objects.get(id=watch.id), {"amount": 50_000})
        return stands

    monkeypatch.setattr(looking, "at_mark", found)
    assert world.look(watch) == []
    assert not Standing.objects.filter(watch=watch).exists()
    assert Watch.objects.get(id=watch.id).seen_on is None


def test_many_are_read_at_once_as_a_few_are_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    leila, reza = map(world.person, ("لیلا بهشتی", "رضا کیانی"))
    watch = world.watch()
    for person in (leila, reza):
        world.buys(person, 6_000)
    refresh(world.tenant)
    context = eval_context(world.ctx.actor)
    for most in (counted.NAMED, 0):
        monkeypatch.setattr(counted, "NAMED", most)
        with reading() as tables:
            assert counted.values_of(tables, watch, context.today, {leila.id}, context) == {leila.id: 6_000}


def test_merged_taken_apart_and_erased(world: World) -> None:
    one, two, other = map(world.person, ("لیلا بهشتی", "لیلا بهشتی‌فر", "رضا کیانی"))
    watch = world.watch()
    world.buys(one, 6_000)
    world.buys(two, 7_000)
    world.buys(other, 1_000)
    assert [row[0] for row in world.look(watch)] == [one.id, two.id]
    merge_records(world.ctx, PERSON, one.id, [two.id])
    assert {row[0] for row in world.look(watch)} == {one.id, two.id}
    assert len(world.look(watch)) == 2
    unmerge(world.ctx, Merge.objects.get().id)
    # Both stood there before; that they are two again is no crossing.
    assert len(world.look(watch)) == 2
    assert EventRow.objects.filter(wire=MarkCrossed.wire).count() == 2
    delete_records(world.ctx, PERSON, [one])
    assert len(world.look(watch)) == 2
    erase_person(world.ctx, one)
    assert not Crossing.objects.filter(object_id=one.id).exists()
    assert not Standing.objects.filter(object_id=one.id).exists()


def test_whoever_may_not_know_the_sum_is_told_nothing_of_it(
    world: World, cast: Any, acting: Any, browse: Any
) -> None:
    reza = create_record(world.ctx, PERSON, {"name": "رضا کیانی", "owner": cast.babak.id})
    watch = world.watch()
    world.buys(reza, 6_000)
    assert len(world.look(watch)) == 1
    with pytest.raises((Invalid, NotAllowed)), transaction.atomic():
        create_record(
            acting(cast.babak), WATCH, {"name": "x", "measure": "revenue", "whose": "person", "amount": 1}
        )
    member = browse(cast.babak)
    for path in ("insights/watches", f"insights/watches/{watch.id}", f"insights/watches/{watch.id}/trial"):
        assert member.get(f"/w/arman/{path}").status_code in (403, 404), path
    asked = {"filter": json.dumps({"field": CROSSED, "op": "is", "value": str(watch.id)})}
    found = program_of(cast.babak, cast.arman).get("people", **asked)
    assert found.status == 422 or found.json["items"] == []
    assert [row["id"] for row in program_of(cast.sara, cast.arman).get("people", **asked).json["items"]] == [
        reza.id
    ]


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"amount": None, "number": 5}, "amount"), ({"measure": "orders", "amount": 5}, "number"), ({"within": "last"}, "days"),
        ({"within": "from", "days": 3}, "since"), ({"measure": "win_rate", "whose": "product", "number": 5}, "measure"),
        ({"condition": {"field": "nothing", "op": "is", "value": "x"}}, "condition"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_at_its_field(world: World, values: dict[str, Any], key: str) -> None:
    usual = {"name": "x", "measure": "revenue", "whose": "person", "amount": 5_000}
    with pytest.raises(Invalid) as refused:
        create_record(world.ctx, WATCH, usual | values)
    assert [(p.field or "").partition(".")[0] for p in refused.value.problems] == [key]


def test_an_automation_begins_with_it(world: World, cast: Any) -> None:
    reza, leila = map(world.person, ("رضا کیانی", "لیلا بهشتی"))
    watch, other = world.watch(), world.watch(name="دیگر", measure="orders", amount=None, number=1)
    made = create_record(world.ctx, AUTOMATION, {
        "name": "هدیه", "event": MarkCrossed.wire, "object": "person", "quiet_days": 0,
        "condition": {"field": CROSSED, "op": "is", "value": str(watch.id)},
    })  # fmt: skip
    create_record(
        world.ctx,
        STEP,
        {"automation": made.id, "kind": "task", "title": "هدیه", "whom": "user", "user": cast.sara.id},
    )
    begin_automation(world.ctx, made)
    world.buys(reza, 6_000)
    world.buys(leila, 100)
    world.look(watch)
    assert len(world.look(other)) == 2
    ids = list(EventRow.objects.filter(wire=MarkCrossed.wire).order_by("id").values_list("id", flat=True))
    react(cast.arman, "processes.automations.reactions.act", ids)
    assert set(AutomationRun.objects.values_list("about_id", flat=True)) == {reza.id}


def test_a_watch_of_colleagues_products_and_days(
    world: World, acting: Any, cast: Any, filled: Callable[[], Any]
) -> None:
    reza = world.person("رضا کیانی")
    world.buys(reza, 6_000)
    refresh(world.tenant)
    for values in (
        {"whose": "user", "measure": "deals_won", "amount": None, "number": 1}, {"whose": "product", "measure": "revenue"},
        {"within": "from", "since": date(2020, 1, 1).isoformat()}, {"measure": "win_rate", "amount": None, "number": 50},
    ):  # fmt: skip
        watch = create_record(
            world.ctx, WATCH, {"name": "x", "measure": "revenue", "whose": "person", "amount": 5_000} | values
        )
        found = trial(world.ctx.actor, watch)
        assert found is not None
        assert found.standing == (1 if "since" in values else 0)


def test_a_watch_of_all_is_not_a_members_to_pause_or_bin(world: World, cast: Any) -> None:
    watch = world.watch()
    member = program_of(cast.babak, cast.arman)
    for verb in ("pause", "look"):
        assert member.post(f"watches/{watch.id}/{verb}", {}).status in (403, 404), verb
    assert member.delete(f"watches/{watch.id}").status in (403, 404)
    assert Watch.objects.get(id=watch.id).is_on
    assert Watch.objects.get(id=watch.id).seen_on is not None
