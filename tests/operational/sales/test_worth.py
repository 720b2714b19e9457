"""What a deal is worth: margin, what repeats, its chance and its place in the forecast."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.sales.fields import lasting, line, margin, monthly, total
from peyvand.operational.sales.public import (
    DEAL,
    Deal,
    LostReason,
    Stage,
    lose_deal,
    move_deal,
    reopen_deal,
    use_stage_probability,
    win_deal,
)  # fmt: skip
from peyvand.platform.actions.context import job_context
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.identity.roles import BUILTIN_ROLES
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

YEARS = {"": Fraction(1), "month": Fraction(12), "quarter": Fraction(4), "year": Fraction(1)}


@pytest.fixture
def ctx(cast, acting):
    with workspace_scope(cast.arman.id):
        yield acting(cast.babak)


def stages() -> list[Stage]:
    return list(Stage.objects.order_by("position"))


def product(ctx, **values):
    return create_record(job_context(ctx.tenant), PRODUCT, {"name": "Tile", "price": 500, **values})


lines = st.lists(
    st.builds(
        line,
        st.integers(1, 3), st.none() | st.integers(0, 10**12), st.decimals("0.001", 10**6, places=3),
        st.decimals(0, 100, places=2), st.just(""), st.sampled_from(list(YEARS)), st.none() | st.integers(1, 60),
    ),
    max_size=8,
)  # fmt: skip


@given(lines)
def test_what_repeats_adds_up_to_the_last_unit(items):
    priced = [item for item in items if item["amount"] is not None]
    assert total(items) == (sum(item["amount"] for item in priced) if priced else None)
    often = {"month": 1, "quarter": 3, "year": 12}
    exact = sum((Fraction(i["amount"], often[i["every"]]) for i in priced if i["every"]), Fraction(0))
    found = monthly(items)
    assert (found is None) == (not any(item["every"] for item in priced))
    if found is not None:
        assert abs(found - exact) <= Fraction(1, 2) + Fraction(1, 10**9)
    whole = sum(i["amount"] * (1 if not i["every"] else i["times"] or YEARS[i["every"]]) for i in priced)
    assert lasting(items) == (whole if priced else None)


@given(lines, st.dictionaries(st.integers(1, 3), st.integers(0, 10**9), max_size=3))
def test_margin_is_known_only_where_every_price_and_cost_is(items, costs):
    known = all(item["amount"] is not None and item["product"]["id"] in costs for item in items)
    found = margin(items, costs)
    assert (found is not None) == (bool(items) and known)
    if found is not None:
        spent = sum(Decimal(str(i["quantity"])) * costs[i["product"]["id"]] for i in items)
        gained = Decimal(sum(i["amount"] for i in items)) - spent
        assert found == int(gained.to_integral_value(ROUND_HALF_UP))


def test_a_deal_knows_its_margin_and_what_comes_again(ctx):
    tile, care = product(ctx, cost=300), product(ctx, name="Care", price=1200, cost=200)
    deal = create_record(ctx, DEAL, {"name": "Both", "lines": [
        {"product": tile.id, "quantity": 10, "discount": 10},
        {"product": care.id, "every": "quarter", "times": 8},
    ]})  # fmt: skip
    deal.refresh_from_db()
    assert (deal.amount, deal.margin, deal.recurring, deal.total_value) == (5700, 2500, 400, 4500 + 8 * 1200)
    update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"lines": []})
    update_record(ctx, DEAL, Deal.objects.get(id=deal.id), {"amount": 900})
    deal.refresh_from_db()
    assert (deal.amount, deal.margin, deal.recurring, deal.total_value) == (900, None, None, 900)


def test_margin_is_for_those_who_may_see_what_products_cost(cast, ctx):
    deal = create_record(ctx, DEAL, {"name": "Secret", "lines": [{"product": product(ctx, cost=300).id}]})
    program = program_of(cast.babak, cast.arman)
    assert program.get(f"deals/{deal.id}").json["margin"] == 200
    with workspace_scope(cast.arman.id):
        own = Role.objects.create(
            name="No costs",
            key="no_costs",
            grants=BUILTIN_ROLES["member"][1],
            fields={"product.cost": "hidden"},
        )
        type(cast.babak).objects.filter(id=cast.babak.id).update(role=own)
    access_changed(cast.arman.id)
    assert "margin" not in program_of(cast.babak, cast.arman).get(f"deals/{deal.id}").json


@pytest.mark.parametrize(
    ("item", "place"),
    [
        ({"every": "week"}, "every"),
        ({"every": "month", "times": 0}, "times"),
        ({"every": "month", "times": 601}, "times"),
    ],
)
def test_what_repeats_wrongly_is_named(ctx, item, place):
    tile = product(ctx)
    with pytest.raises(Invalid) as caught:
        create_record(ctx, DEAL, {"name": "Wrong", "lines": [{"product": tile.id, **item}]})
    assert [problem.field for problem in caught.value.problems] == [f"lines.0.{place}"]


def test_a_probability_of_its_own_is_seen_and_given_back(cast, ctx, browse):
    deal = create_record(ctx, DEAL, {"name": "Sure", "amount": 1000})
    assert not deal.has_own_probability
    update_record(ctx, DEAL, deal, {"probability": 33})
    assert Deal.objects.get(id=deal.id).has_own_probability
    page = browse(cast.babak).get(f"/w/arman/deals/{deal.id}/").content.decode()
    assert "ویژهٔ این معامله" in page
    assert "بازگشت به احتمال مرحله" in page
    use_stage_probability(ctx, Deal.objects.get(id=deal.id))
    now = Deal.objects.get(id=deal.id)
    assert (now.probability, now.has_own_probability) == (stages()[0].probability, False)
    update_record(ctx, DEAL, now, {"probability": 33})
    move_deal(ctx, Deal.objects.get(id=deal.id), stage=stages()[1].id)
    now = Deal.objects.get(id=deal.id)
    assert (now.probability, now.has_own_probability) == (stages()[1].probability, False)


def test_the_forecast_follows_the_stage_unless_somebody_says_otherwise(ctx):
    Stage.objects.filter(id=stages()[2].id).update(forecast="commit")
    deal = create_record(ctx, DEAL, {"name": "Forecast"})
    assert deal.forecast == "pipeline"
    update_record(ctx, DEAL, deal, {"forecast": "best"})
    assert Deal.objects.get(id=deal.id).forecast == "best"
    move_deal(ctx, Deal.objects.get(id=deal.id), stage=stages()[2].id)
    assert Deal.objects.get(id=deal.id).forecast == "commit"
    win_deal(ctx, Deal.objects.get(id=deal.id))
    assert Deal.objects.get(id=deal.id).forecast == "closed"
    reopen_deal(ctx, Deal.objects.get(id=deal.id))
    assert Deal.objects.get(id=deal.id).forecast == "pipeline"
    lose_deal(ctx, Deal.objects.get(id=deal.id), lost_reason=LostReason.objects.first().id)
    assert Deal.objects.get(id=deal.id).forecast == "omitted"


def test_an_open_deal_is_not_closed_in_the_forecast(ctx):
    with pytest.raises(RuleViolation):
        create_record(ctx, DEAL, {"name": "Too soon", "forecast": "closed"})


def test_the_amount_of_a_deal_with_products_does_not_open_for_editing(cast, ctx, browse):
    summed = create_record(ctx, DEAL, {"name": "Summed", "lines": [{"product": product(ctx).id}]})
    plain = create_record(ctx, DEAL, {"name": "Plain", "amount": 5})
    client = browse(cast.sara)
    for place in ("cell", "field"):
        answer = client.get(f"/w/arman/deals/{summed.id}/{place}/amount")
        assert answer.status_code == 422
        assert "toast" in answer["HX-Trigger"]
        assert client.get(f"/w/arman/deals/{plain.id}/{place}/amount").status_code == 200
