"""Deals on their way: gates, moves, history, facts, and that no path of writing goes round them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.sales.public import (
    DEAL,
    PIPELINE,
    STAGE,
    Deal,
    DealLine,
    LostReason,
    Stage,
    StageMove,
    assign_deals,
    lose_deal,
    lose_deals,
    move_deal,
    move_deals,
    reopen_deal,
    win_deal,
    win_deals,
)  # fmt: skip
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.objects.queries import fetch_row
from peyvand.platform.objects.records import create_record, create_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def stages() -> list[Stage]:
    return list(Stage.objects.order_by("position"))


def deal(ctx, **values) -> Deal:
    return create_record(ctx, DEAL, {"name": "A deal", **values})


def wires(object_key: str = "deal") -> list[str]:
    """What the log tells in words: a plain change of which other facts tell all there is stands only in the history."""
    rows = EventRow.objects.filter(object=object_key).order_by("id").values_list("wire", "data")
    return [
        wire.split(".")[1]
        for wire, data in rows
        if data.get("changes", {"": 0}).keys() - data.get("told", [])
    ]


def test_an_emptied_probability_is_the_stages(ctx):
    deal = create_record(ctx, DEAL, {"name": "فرش سالن", "amount": 1000, "probability": ""})
    assert deal.probability == deal.stage.probability > 0
    deal.refresh_from_db()
    assert deal.weighted == 1000 * deal.probability // 100


def test_a_new_deal_begins_in_the_first_stage_of_the_default_pipeline(ctx):
    made = Deal.objects.get(id=deal(ctx, amount=1_000_000).id)
    first = stages()[0]
    assert (made.stage_id, made.pipeline_id, made.status) == (first.id, first.pipeline_id, "open")
    assert (made.probability, made.weighted, made.owner_id) == (first.probability, 100_000, ctx.actor.user_id)
    move = StageMove.objects.get()
    assert (move.deal_id, move.from_stage_id, move.to_stage_id, move.seconds) == (
        made.id,
        None,
        first.id,
        None,
    )


def test_a_stage_asks_for_what_is_missing_and_takes_it_in_the_same_call(ctx):
    target = stages()[2]
    Stage.objects.filter(id=target.id).update(required=["amount", "expected_on", "lines"])
    made = deal(ctx)
    with pytest.raises(Invalid) as caught:
        move_deal(ctx, made, stage=target.id)
    assert {p.field for p in caught.value.problems} == {"amount", "expected_on", "lines"}


def test_a_gate_opens_for_values_given_with_the_move(ctx):
    product = create_record(ctx_of(ctx), PRODUCT, {"name": "Tile", "price": 500})
    target = stages()[2]
    Stage.objects.filter(id=target.id).update(required=["amount", "expected_on", "lines"])
    made = deal(ctx, lines=[{"product": product.id, "quantity": 3}])
    move_deal(ctx, made, stage=target.id, expected_on=date(2027, 3, 1))
    there = Deal.objects.get(id=made.id)
    assert (there.stage_id, there.amount, there.expected_on, there.probability) == (
        target.id,
        1500,
        date(2027, 3, 1),
        target.probability,
    )


def ctx_of(ctx):
    """A context that may write the catalogue."""
    from peyvand.platform.actions.context import job_context

    return job_context(ctx.tenant)


@pytest.mark.parametrize("path", ["update", "create"])
def test_no_path_of_writing_goes_round_the_gate(ctx, path):
    target = stages()[1]
    Stage.objects.filter(id=target.id).update(required=["amount"])
    made = deal(ctx)
    write = {
        "update": lambda: update_record(ctx, DEAL, made, {"stage": target.id}),
        "create": lambda: deal(ctx, stage=target.id),
    }
    with pytest.raises(Invalid) as caught:
        write[path]()
    assert [p.field for p in caught.value.problems] == ["amount"]


def test_moving_writes_history_with_the_time_spent(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx, start = acting(cast.babak), datetime(2026, 3, 1, 9, tzinfo=UTC)
        with clock.freeze(start):
            made = deal(ctx, amount=100)
        with clock.freeze(start + timedelta(days=3)):
            update_record(ctx, DEAL, made, {"stage": stages()[1].id})
        with clock.freeze(start + timedelta(days=5)):
            win_deal(ctx, Deal.objects.get(id=made.id))
        moves = StageMove.objects.order_by("at").values_list("to_stage__kind", "seconds")
        assert list(moves) == [("open", None), ("open", 3 * 86400), ("won", 2 * 86400)]
        assert wires() == ["record_created", "deal_moved", "deal_won"]
        won = Deal.objects.get(id=made.id)
        assert (won.status, won.closed_on, won.probability, won.weighted) == (
            "won",
            date(2026, 3, 6),
            100,
            100,
        )


def test_losing_needs_a_reason_and_reopening_forgets_it(ctx):
    reason, made = LostReason.objects.first(), deal(ctx)
    lost = next(s for s in stages() if s.kind == "lost")
    lose_deal(
        ctx, made, lost_reason=reason.id, lost_note="They chose another", closed_on=clock.today("Asia/Tehran")
    )
    there = Deal.objects.get(id=made.id)
    assert (there.status, there.stage_id, there.lost_reason_id, there.probability) == (
        "lost",
        lost.id,
        reason.id,
        0,
    )
    assert EventRow.objects.get(wire="sales.deal_lost.v1").data["reason"] == reason.name
    reopen_deal(ctx, there)
    again = Deal.objects.get(id=made.id)
    assert (again.status, again.lost_reason_id, again.closed_on, again.lost_note) == ("open", None, None, "")
    assert wires()[-1] == "deal_reopened"
    with pytest.raises(Invalid) as caught:
        update_record(ctx, DEAL, again, {"stage": lost.id})
    assert [p.field for p in caught.value.problems] == ["lost_reason"]


def test_an_open_deal_is_not_reopened_nor_reopened_into_an_end(ctx):
    made = deal(ctx)
    with pytest.raises(RuleViolation):
        reopen_deal(ctx, made)


def test_history_is_entered_as_it_was(ctx):
    """What an import does: deals that ended long ago, in one set."""
    won, lost = (next(s for s in stages() if s.kind == kind) for kind in ("won", "lost"))
    rows = [
        {
            "name": "Won",
            "stage": won.id,
            "amount": 105_400,
            "engaged_on": date(2016, 10, 20),
            "closed_on": date(2017, 3, 1),
        },
        {
            "name": "Lost",
            "stage": lost.id,
            "amount": 0,
            "engaged_on": date(2016, 11, 1),
            "closed_on": date(2017, 2, 1),
        },
        {"name": "Open", "stage": stages()[1].id, "engaged_on": date(2017, 1, 5)},
    ]
    made = create_records(ctx, DEAL, rows, source="import")
    read = {d.name: d for d in Deal.objects.filter(id__in=[d.id for d in made])}
    assert {name: (d.status, d.closed_on) for name, d in read.items()} == {
        "Won": ("won", date(2017, 3, 1)), "Lost": ("lost", date(2017, 2, 1)), "Open": ("open", None),
    }  # fmt: skip
    assert {m.deal_id: m.at.date() for m in StageMove.objects.all()} == {
        read["Won"].id: date(2017, 3, 1), read["Lost"].id: date(2017, 2, 1), read["Open"].id: date(2017, 1, 5),
    }  # fmt: skip
    event = EventRow.objects.get(wire="sales.deal_won.v1")
    assert (event.at.date(), event.data["amount"], event.data["closed_on"]) == (
        date(2017, 3, 1),
        105_400,
        "2017-03-01",
    )


def test_a_deal_cannot_close_before_it_began(ctx):
    won = next(s for s in stages() if s.kind == "won")
    with pytest.raises(RuleViolation):
        deal(ctx, stage=won.id, engaged_on="2026-05-02", closed_on="2026-05-01")


def test_a_new_owner_is_told_of_once(cast, ctx):
    made = deal(ctx)
    update_record(ctx, DEAL, made, {"owner": cast.mina.id})
    event = EventRow.objects.get(wire="sales.deal_assigned.v1")
    assert (event.data["from_owner_id"], event.data["to_owner_id"], event.data["to_owner"]) == (
        cast.babak.id,
        cast.mina.id,
        "Mina Sadeghi",
    )
    assert "record_updated" not in wires()


def test_facts_stand_on_the_timelines_of_the_person_and_the_company(ctx):
    company = create_record(ctx, COMPANY, {"name": "Avand"})
    person = create_record(ctx, PERSON, {"name": "Neda", "company": company.id})
    made = deal(ctx, company=company.id, person=person.id)
    win_deal(ctx, made)
    event = EventRow.objects.get(wire="sales.deal_won.v1")
    found = set(TimelineEntry.objects.filter(event_id=event.id).values_list("object", "object_id"))
    assert found == {("deal", made.id), ("company", company.id), ("person", person.id)}


def test_the_amount_of_a_deal_with_products_is_their_sum(ctx):
    tile = create_record(ctx_of(ctx), PRODUCT, {"name": "کاشی آبی", "price": 333})
    wanted = [
        {"product": "كاشي آبي", "quantity": "2.5", "discount": 10},
        {"product": tile.id, "price": 100},
    ]
    with pytest.raises(RuleViolation), transaction.atomic():
        deal(ctx, amount=5, lines=wanted)
    made = deal(ctx, lines=wanted)
    lines = fetch_row(DEAL, ctx.actor, made.id).values["lines"]
    assert [(item["quantity"], item["price"], item["discount"], item["amount"]) for item in lines] == [
        (2.5, 333, 10, 749),
        (1, 100, 0, 100),
    ]
    assert (
        Deal.objects.get(id=made.id).amount == 849 == sum(DealLine.objects.values_list("amount", flat=True))
    )
    with pytest.raises(RuleViolation):
        update_record(ctx, DEAL, Deal.objects.get(id=made.id), {"amount": 1})


def test_neither_an_amount_nor_a_price_is_negative(cast, ctx, browse):
    product = create_record(ctx_of(ctx), PRODUCT, {"name": "Pump", "price": 1})
    for values, field in (
        ({"amount": "-5"}, "amount"),
        ({"lines": [{"product": product.id, "price": -5}]}, "lines.0.price"),
    ):
        with pytest.raises(Invalid) as caught:
            create_record(ctx, DEAL, {"name": "Below zero", **values})
        assert [p.field for p in caught.value.problems] == [field]
    typed = browse(cast.sara).post("/w/arman/deals/new", {"name": "Below zero", "amount": "-۵"})
    assert typed.status_code == 422
    assert "مبلغ نمی‌تواند منفی باشد" in typed.content.decode()


def test_bad_lines_are_refused_by_place(ctx):
    tile = create_record(ctx_of(ctx), PRODUCT, {"name": "Tile", "price": 1})
    with pytest.raises(Invalid) as caught:
        deal(
            ctx,
            lines=[
                {"product": 999_999_999},
                {"product": tile.id, "quantity": -1},
                {"product": tile.id, "discount": 101},
            ],
        )
    assert {p.field for p in caught.value.problems} == {
        "lines.0.product",
        "lines.1.quantity",
        "lines.2.discount",
    }


def test_a_stage_of_another_pipeline_is_refused(ctx):
    system = ctx_of(ctx)
    other = create_record(system, PIPELINE, {"name": "Service"})
    elsewhere = create_record(system, STAGE, {"name": "New", "pipeline": other.id, "probability": 5})
    with pytest.raises(RuleViolation):
        deal(ctx, pipeline=stages()[0].pipeline_id, stage=elsewhere.id)


def test_a_deal_goes_to_another_pipelines_first_stage(ctx):
    system = ctx_of(ctx)
    other = create_record(system, PIPELINE, {"name": "Service"})
    elsewhere = create_record(system, STAGE, {"name": "New", "pipeline": other.id, "probability": 5})
    made = deal(ctx)
    update_record(ctx, DEAL, made, {"pipeline": other.id})
    assert Deal.objects.values_list("stage_id", "probability").get(id=made.id) == (elsewhere.id, 5)


def test_there_is_one_default_pipeline(ctx):
    made = create_record(ctx_of(ctx), PIPELINE, {"name": "Service", "is_default": True})
    assert list(made.__class__.objects.filter(is_default=True).values_list("id", flat=True)) == [made.id]


def test_many_deals_move_in_sets(ctx):
    """The number of statements does not depend on the number of deals."""

    def cost(count: int, verb, **values) -> int:
        made = create_records(ctx, DEAL, [{"name": f"Deal {n}"} for n in range(count)])
        with CaptureQueriesContext(connection) as captured:
            verb(ctx, Deal.objects.filter(id__in=[d.id for d in made]).order_by("id"), **values)
        return len(captured)

    target, reason = stages()[2].id, LostReason.objects.first().id
    for verb, values in (
        (move_deals, {"stage": target}),
        (win_deals, {}),
        (lose_deals, {"lost_reason": reason}),
    ):
        assert cost(3, verb, **values) == cost(40, verb, **values), verb
    created = []
    for count in (3, 40):
        with CaptureQueriesContext(connection) as captured:
            create_records(ctx, DEAL, [{"name": f"Deal {n}", "amount": n} for n in range(count)])
        created.append(len(captured))
    assert created[0] == created[1]
    assert Deal.objects.filter(status="won").count() == 43


def test_whoever_may_not_leaves_no_trace(cast, acting):
    with workspace_scope(cast.arman.id):
        others = create_record(acting(cast.sara), DEAL, {"name": "Sara's"})
        before = (EventRow.objects.count(), AuditEntry.objects.count(), StageMove.objects.count())
    for user, error in ((cast.viewer, NotAllowed), (cast.babak, NotFound)):
        with pytest.raises(error), workspace_scope(cast.arman.id):
            win_deal(acting(user), Deal.objects.get(id=others.id))
        with pytest.raises(error), workspace_scope(cast.arman.id):
            assign_deals(acting(user), [Deal.objects.get(id=others.id)], owner=cast.babak.id)
    with workspace_scope(cast.arman.id):
        assert (EventRow.objects.count(), AuditEntry.objects.count(), StageMove.objects.count()) == before
        assert Deal.objects.get(id=others.id).status == "open"
