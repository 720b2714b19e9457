"""An automation works with the product's own rights: nobody learns or changes by it what their role withholds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.transaction import atomic
from tests.processes.automations.conftest import CREATED, WON, react

from peyvand.collaborative.sequences.public import SEQUENCE
from peyvand.kernel.errors import Invalid, RuleViolation, msg
from peyvand.operational.activities.public import Task
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import access_changed, user_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.telling import reason
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.objects.telling import told_to
from peyvand.processes.automations.actions import begin
from peyvand.processes.automations.events import AutomationTold
from peyvand.processes.automations.models import Automation, AutomationRun
from peyvand.processes.automations.objects import AUTOMATION, STEP
from peyvand.processes.automations.reactions import act
from peyvand.web.objects.pages.timeline import fetch_timeline

Make = Callable[..., Automation]
People = Callable[..., list[Any]]
Become = Callable[..., Context]
SECRET = "Head of secrets"
MAKES = {
    f"{key}.{verb}": "all"
    for key in ("automation", "automation_step")
    for verb in ("view", "create", "update", "begin")
}


@pytest.fixture
def become(cast: Any) -> Become:
    """``become(user, grants, **fields)``: the user with a role of their own, and what they do then."""

    def make(user: User, grants: dict[str, str], **fields: str) -> Context:
        role = Role.objects.create(
            key=f"own{user.id}",
            name="Own",
            grants=grants,
            fields={k.replace("__", "."): v for k, v in fields.items()},
        )
        User.objects.filter(id=user.id).update(role=role)
        access_changed(cast.arman.id)
        return Context(user_actor(cast.arman.id, user.id), "web")

    return make


def read(ctx: Context, id: int) -> str:
    """What the timeline of a person says that automations did."""
    facts = [entry.fact for entry in fetch_timeline(ctx, object_named("person"), id).entries]
    return " / ".join(str(fact.describe()) for fact in facts if fact.wire.startswith("automations."))


def test_what_is_told_to_one_is_read_by_nobody_else(
    ctx: Context, cast: Any, automation: Make, people: People, become: Become
) -> None:
    babak = become(cast.babak, {"*.view": "all"}, person__job_title="hidden")
    mina = {"whom": "user", "user": cast.mina.id}
    automation(
        {"kind": "notify", "text": "Title: {{person.job_title}}", **mina},
        {"kind": "task", "title": "Call the {{person.job_title}}", **mina},
        {"kind": "set", "field": "person.job_title", "value": f"{SECRET} too"},
    )
    [reza] = people("Reza", job_title=SECRET, owner=cast.mina.id)
    react(ctx)
    assert Task.objects.get().title == f"Call the {SECRET}"
    told = read(babak, reza.id)
    assert "made a task for Mina" in told
    assert SECRET not in told + AutomationRun.objects.get().result
    assert f"Title: {SECRET}" in read(Context(user_actor(cast.arman.id, cast.mina.id), "web"), reza.id)
    row = EventRow.objects.get(wire=AutomationTold.wire)
    who = [user_actor(cast.arman.id, user.id) for user in (cast.mina, cast.babak, cast.sara)]
    texts = [(told_to(actor, "person", row.wire, row.data) or {}).get("text") for actor in who]
    assert texts == [f"Title: {SECRET}", None, None]


def test_words_of_the_event_are_those_that_the_reader_may_hear(
    ctx: Context, cast: Any, automation: Make, become: Become
) -> None:
    become(cast.babak, {"*.view": "all"}, deal__amount="hidden")
    become(cast.viewer, {"task.view": "own"})
    for user in (cast.babak, cast.viewer, cast.mina):
        automation(
            {
                "kind": "task",
                "title": "{{event.title|a deal}} {{event.amount|hid}}",
                "whom": "user",
                "user": user.id,
            },
            name=user.name,
            event=WON,
            object="deal",
        )
    deal = create_record(
        ctx, object_named("deal"), {"name": "Tiles", "amount": 7_777_777, "owner": cast.mina.id}
    )
    action_named("deal.win").function(ctx, deal)  # type: ignore[union-attr]
    react(ctx, WON)
    titles = dict(Task.objects.values_list("owner_id", "title"))
    assert (titles[cast.babak.id], titles[cast.viewer.id]) == ("Tiles hid", "a deal hid")
    assert titles[cast.mina.id].startswith("Tiles ")
    assert "hid" not in titles[cast.mina.id]


def test_the_reason_of_a_hidden_insight_is_not_told(
    ctx: Context, cast: Any, automation: Make, people: People, become: Become
) -> None:
    babak = become(cast.babak, {"*.view": "all"}, person__churn_level="hidden")
    for user in (cast.babak, cast.mina):
        step = {
            "kind": "task",
            "title": user.name,
            "text": "{{reason|no reason}}",
            "whom": "user",
            "user": user.id,
        }
        automation(step, name=user.name, event=InsightLevelChanged.wire)
    [reza] = people("Reza", owner=cast.mina.id)
    why = [reason(msg("Their shop closed."), 0.3)]
    fact = InsightLevelChanged(
        object="person",
        object_id=reza.id,
        insight="churn_level",
        was="low",
        now="high",
        direction="up",
        reasons=why,
    )
    act(Cause(ctx.tenant, 1, 1, (1,), (None,)), [fact])
    told = dict(Task.objects.values_list("owner_id", "description"))
    assert told[cast.babak.id] == "no reason"
    assert "Their shop closed." in told[cast.mina.id]
    assert "shop" not in read(babak, reza.id) + "".join(
        AutomationRun.objects.values_list("reason", flat=True)
    )


def test_nobody_has_done_what_they_may_not_do_to_every_record(
    ctx: Context, cast: Any, automation: Make, become: Become
) -> None:
    usual = {"name": "Odd", "event": CREATED, "object": "person"}
    there = create_record(ctx, AUTOMATION, usual)
    create_record(
        ctx, STEP, {"automation": there.id, "kind": "set", "field": "person.job_title", "value": "x"}
    )
    sequence = create_record(ctx, SEQUENCE, {"name": "Greeting"})
    sees = {"user.view": "all", "sequence.view": "all"}
    own = sees | {"person.view": "all", "person.update": "own"}
    deeds = [
        {"kind": "give", "whom": "user", "user": cast.babak.id},
        {"kind": "enrol", "sequence": sequence.id},
        {"kind": "set", "field": "person.job_title", "value": "x"},
    ]
    for limited, steps in (
        (become(cast.babak, MAKES | own), deeds),
        (
            become(cast.viewer, MAKES | {"person.*": "all"} | sees, person__job_title="hidden"),
            [{"kind": "set", "field": "person.job_title", "value": "x"}],
        ),
    ):
        one = create_record(limited, AUTOMATION, usual)
        create_record(
            limited, STEP, {"automation": one.id, "kind": "notify", "text": "Look", "whom": "owner"}
        )
        for step in steps:
            with pytest.raises(Invalid) as refused, atomic():
                create_record(limited, STEP, {"automation": one.id, **step})
            assert [(each.field, each.code) for each in refused.value.problems] == [("kind", "forbidden")], (
                step
            )
        with pytest.raises(RuleViolation), atomic():
            begin(limited, there)
        begin(limited, one)


def test_nobody_asks_for_what_they_may_not_know(ctx: Context, cast: Any, become: Become) -> None:
    limited = become(
        cast.babak, MAKES | {"person.*": "all"}, person__job_title="hidden", person__churn_level="hidden"
    )
    asked = {"field": "job_title", "op": "contains", "value": "Head"}
    for values, field in (
        ({"condition": asked}, "condition"),
        ({"outcome": asked}, "outcome"),
        ({"event": "objects.record_updated.v1", "changed": "person.job_title"}, "changed"),
        ({"event": InsightLevelChanged.wire, "insight": "person.churn_level"}, "insight"),
        ({"event": InsightLevelChanged.wire}, "insight"),
    ):
        with pytest.raises(Invalid) as refused, atomic():
            create_record(
                limited, AUTOMATION, {"name": "Odd", "event": CREATED, "object": "person", **values}
            )
        assert refused.value.problems[0].field == field
    one = create_record(limited, AUTOMATION, {"name": "Odd", "event": WON, "object": "deal"})
    become(cast.mina, MAKES | {"deal.*": "all"}, deal__amount="hidden")
    mina = Context(user_actor(cast.arman.id, cast.mina.id), "web")
    with pytest.raises(Invalid), atomic():
        create_record(
            mina, STEP, {"automation": one.id, "kind": "task", "title": "{{event.amount}}", "whom": "rules"}
        )


def test_texts_are_looked_at_again_when_it_is_switched_on(ctx: Context) -> None:
    """What was written for invoices means nothing of deals."""
    one = create_record(ctx, AUTOMATION, {"name": "Odd", "event": CREATED, "object": "invoice"})
    step = {"kind": "notify", "text": "{{invoice.number}}", "whom": "user", "user": ctx.actor.user_id}
    create_record(ctx, STEP, {"automation": one.id, **step})
    update_record(ctx, AUTOMATION, one, {"object": "deal"})
    with pytest.raises(RuleViolation), atomic():
        begin(ctx, one)
