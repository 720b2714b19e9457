"""Some are left alone, by lot and for good; outcomes are awaited for both alike; what is said of the effect is no more than is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.processes.automations.conftest import NOW, WON, react

from peyvand.kernel import clock
from peyvand.operational.activities.public import Task
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.processes.automations.effects import effect_of
from peyvand.processes.automations.events import AutomationApplied
from peyvand.processes.automations.groups import drawn, groups_of
from peyvand.processes.automations.jobs import check, look_on
from peyvand.processes.automations.models import HELD_OUT, TREATED, Automation, AutomationRun
from peyvand.processes.automations.objects import AUTOMATION
from peyvand.processes.automations.wording import verdict
from peyvand.testing.programs import program_of

Make = Callable[..., Automation]
People = Callable[..., list[Any]]
PERSON, DEAL = (object_named(key) for key in ("person", "deal"))
DAY = timedelta(days=1)


@settings(max_examples=20)
@given(st.integers(1, 10**9), st.integers(0, 50))
def test_the_lot_is_fair_stays_and_is_another_for_every_automation(id: int, share: int) -> None:
    one, other = (
        Automation(id=id, object="person", held_out=share),
        Automation(id=id + 1, object="person", held_out=share),
    )
    ids = list(range(1, 1001))
    groups = groups_of(one, ids, {})
    assert groups == groups_of(one, ids[::-1], {})
    left = {id for id in ids if groups[id] == HELD_OUT}
    # Five standard deviations of the binomial and more; the examples are the same in every run.
    assert abs(len(left) - 10 * share) <= 85
    if share > 10:
        assert left != {id for id, group in groups_of(other, ids, {}).items() if group == HELD_OUT}
    one.held_out = 0
    assert set(groups_of(one, ids, groups).values()) == set(groups.values())
    assert 0 <= drawn(id, "person", share) < 100


def test_those_left_alone_are_noted_and_nothing_is_done_for_them(
    ctx: Context, automation: Make, people: People
) -> None:
    one = automation(held_out=50, outcome_event=WON)
    made = people(*(f"P{n}" for n in range(30)))
    react(ctx)
    runs = {run.about_id: run for run in AutomationRun.objects.all()}
    assert len(runs) == 30
    left = {id for id, run in runs.items() if run.group == HELD_OUT}
    assert left == {p.id for p in made if drawn(one.id, "person", p.id) < 50}
    assert set(Task.objects.values_list("about_id", flat=True)) == set(runs) - left
    assert {runs[id].state for id in left} == {"left"}
    told = EventRow.objects.filter(wire=AutomationApplied.wire).values_list("object_id", flat=True)
    assert not left & set(told)


def test_an_outcome_by_event_counts_in_its_time_for_both_groups(
    ctx: Context, cast: Any, automation: Make, people: People
) -> None:
    one = automation(held_out=50, outcome_event=WON, outcome_days=10)
    made = people(*(f"P{n}" for n in range(12)))
    react(ctx)
    bought, late = made[:5], made[5]

    def win(person: Any) -> None:
        deal = create_record(ctx, DEAL, {"name": "Tiles", "person": person.id, "owner": cast.babak.id})
        action_named("deal.win").function(ctx, deal)  # type: ignore[union-attr]

    with clock.freeze(NOW + 3 * DAY):
        for person in bought:
            win(person)
        look_on(ctx.tenant, one.id, 0)
    assert {run.about_id for run in AutomationRun.objects.filter(came=True)} == {p.id for p in bought}
    # Nothing is counted before its time is over: those who came early would stand alone.
    assert effect_of([one.id]) == {}
    with clock.freeze(NOW + 11 * DAY):
        win(late)
        look_on(ctx.tenant, one.id, 0)
        found = effect_of([one.id])[one.id]
    groups = Counter(run.group for run in AutomationRun.objects.all())
    came = Counter(run.group for run in AutomationRun.objects.filter(came=True))
    assert AutomationRun.objects.filter(came=False).count() == 7
    assert (found.treated.of, found.control.of) == (groups[TREATED], groups[HELD_OUT])
    assert (found.treated.count, found.control.count) == (came[TREATED], came[HELD_OUT])
    assert found.verdict == "few"


def test_an_outcome_by_condition_and_each_record_once(ctx: Context, automation: Make, people: People) -> None:
    asked = {"field": "job_title", "op": "is", "value": "Back"}
    named = {"field": "name", "op": "contains", "value": "P"}
    one = automation(
        held_out=50, outcome=asked, outcome_days=2, event="hourly", condition=named, quiet_days=1
    )
    made = people(*(f"P{n}" for n in range(8)))
    check(ctx.tenant, one.id, 0)
    update_record(ctx, PERSON, made[0], {"job_title": "Back"})
    with clock.freeze(NOW + DAY):
        look_on(ctx.tenant, one.id, 0)
    with clock.freeze(NOW + 2 * DAY):
        check(ctx.tenant, one.id, 0)
    assert AutomationRun.objects.count() == 16
    # A record stays in its group, whatever is chosen meanwhile.
    groups = AutomationRun.objects.values_list("about_id", "group").distinct().count()
    assert groups == 8
    with clock.freeze(NOW + 9 * DAY):
        look_on(ctx.tenant, one.id, 0)
        found = effect_of([one.id])[one.id]
    assert found.treated.of + found.control.of == 8
    assert found.treated.count + found.control.count == 1


def test_pages_and_programs_say_what_is_known(
    ctx: Context, cast: Any, automation: Make, people: People, browse: Any
) -> None:
    one = automation(held_out=50, outcome_event=WON, outcome_days=1, least_effect=50)
    people(*(f"P{n}" for n in range(300)))
    react(ctx)
    treated = AutomationRun.objects.filter(group=TREATED)
    with clock.freeze(NOW + 2 * DAY):
        look_on(ctx.tenant, one.id, 0)
        treated.update(came=True)
        effect = effect_of([one.id])[one.id]
        assert effect.verdict == "better"
        # Too few, beside an interval that leaves out zero: it says why nothing is said yet.
        few = replace(effect, verdict="few", missing=(20, 30))
        assert "20 more treated" in str(verdict(few, str))
        assert "the interval can still move, even where it leaves out zero" in str(verdict(few, str))
        # All of these and none of those: points, for no share grew by a percentage.
        assert "more often, by 100.0 percentage points" in str(verdict(effect, str))
        found = program_of(cast.sara, cast.arman).get(f"automations/{one.id}").json["effect"]
        assert (found["verdict"], found["treated"]["share"], found["control"]["share"]) == (
            "better",
            1.0,
            0.0,
        )
        pages = {
            tab: browse(cast.sara).get(f"/w/arman/automations/{one.id}/plan?tab={tab}")
            for tab in ("does", "records", "effect")
        }
        assert {page.status_code for page in pages.values()} == {200}
        body = pages["effect"].content.decode()
        treated.update(came=False)
        again = browse(cast.sara).get(f"/w/arman/automations/{one.id}/plan?tab=effect").content.decode()
    # Points everywhere, but for the shares themselves.
    assert "۱۰۰ واحد درصد" in body
    assert body.split("با اطمینان ۹۵ درصد")[1].split("</p>")[0].count("٪") == 0
    assert "It helps" in body or "کمک می‌کند" in body
    assert "هنوز نمی‌توان گفت" in again
    assert '<th class="c-v num" scope="col">سهم</th>' in body, "a portion, not the verb of sharing a record"
    assert browse(cast.babak).get(f"/w/arman/automations/{one.id}/plan").status_code == 404


def test_a_ready_one_becomes_a_draft_that_opens(ctx: Context, cast: Any, browse: Any) -> None:
    client = browse(cast.sara)
    page = client.get("/w/arman/automations/ready")
    assert page.status_code == 200
    for key in ("stalled", "owed"):
        answer = client.post("/w/arman/automations/ready", {"ready": key})
        assert answer.status_code == 302
        assert client.get(answer["Location"]).status_code == 200
    made = Automation.objects.get(event="hourly")
    assert (made.state, made.object) == ("draft", "deal")
    switched = client.post(f"/w/arman/automations/{made.id}/switch")
    assert switched.status_code == 302
    made.refresh_from_db()
    assert made.state == "active"
    assert client.post("/w/arman/automations/ready", {"ready": "nothing"}).status_code == 404
    assert AUTOMATION.rows.count() == 2
