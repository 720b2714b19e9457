"""Which list gives a price, which rate of a tax holds, and what a rule refuses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.catalog.public import PRODUCT, TAX, TAX_RATE, Product, Tax, rates_on
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.pricing.public import PRICE, PRICE_LIST, Ask, prices_for
from peyvand.platform.objects.records import create_record, create_records, delete_records, update_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

DAY = date(2026, 11, 22)


@contextmanager
def refused(kind: type[Exception], match: str | None = None) -> Iterator[pytest.ExceptionInfo[Exception]]:
    """What is refused inside leaves the transaction as it was."""
    with pytest.raises(kind, match=match) as caught, transaction.atomic():
        yield caught


@pytest.fixture
def shop(cast, acting):
    """A context, two products and two customers in an open scope."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        desk, lamp = create_records(
            ctx, PRODUCT, [{"name": "Desk", "price": 1_000}, {"name": "Lamp", "price": None}]
        )
        partner = create_record(ctx, COMPANY, {"name": "Partner", "kind": "partner", "tags": ["VIP"]})
        buyer = create_record(ctx, COMPANY, {"name": "Buyer", "kind": "customer"})
        yield type("Shop", (), {"ctx": ctx, "desk": desk, "lamp": lamp, "partner": partner, "buyer": buyer})()


def listed(shop, name, **values):
    prices = values.pop("prices", ())
    made = create_record(shop.ctx, PRICE_LIST, {"name": name, **values})
    for product, price, minimum in prices:
        create_record(
            shop.ctx,
            PRICE,
            {"price_list": made.id, "product": product.id, "price": price, "minimum": minimum},
        )
    return made


def desk_for(shop, company, day=DAY, quantity=1):
    ask = Ask(shop.desk.id, company and company.id, day, Decimal(quantity))
    return prices_for([ask], "IRR")[ask]


def test_without_lists_the_product_says_its_price_or_nobody_does(shop):
    assert desk_for(shop, None).price == 1_000
    ask = Ask(shop.lamp.id, None, DAY)
    unknown = prices_for([ask], "IRR")[ask]
    assert unknown.price is None
    assert unknown.list is None


def test_the_highest_priority_that_knows_the_product_wins_and_says_so(shop):
    listed(shop, "All", adjustment="-10")
    listed(shop, "Partners", kinds=["partner"], prices=[(shop.desk, 700, 1), (shop.desk, 600, 10)])
    assert desk_for(shop, shop.buyer).price == 900
    first = desk_for(shop, shop.partner)
    assert (first.price, first.list.name) == (700, "Partners")
    many = desk_for(shop, shop.partner, quantity=10)
    assert many.price == 600
    assert "10" in str(many.why)
    listed(shop, "Strong", priority=5, prices=[(shop.lamp, 50, 1)])
    assert desk_for(shop, shop.partner).price == 700, "a list that does not know the product is passed over"
    listed(shop, "Stronger", priority=9, adjustment="50")
    assert desk_for(shop, shop.partner).price == 1_500


def test_what_is_more_about_the_customer_goes_first(shop):
    listed(shop, "All", prices=[(shop.desk, 990, 1)])
    listed(shop, "Kind", kinds=["partner"], prices=[(shop.desk, 980, 1)])
    [tag] = [t["id"] for t in COMPANY.field("tags").load([shop.partner.id])[shop.partner.id]]
    listed(shop, "Tag", tag=tag, prices=[(shop.desk, 970, 1)])
    listed(shop, "Own", company=shop.partner.id, prices=[(shop.desk, 960, 1)])
    assert desk_for(shop, shop.partner).price == 960
    assert desk_for(shop, shop.buyer).price == 990


def test_a_list_holds_in_its_days_only_and_while_in_use(shop):
    spring = listed(
        shop, "Spring", valid_from="2026-03-21", valid_until="2026-06-21", prices=[(shop.desk, 1, 1)]
    )
    assert desk_for(shop, None, date(2026, 3, 20)).price == 1_000
    assert desk_for(shop, None, date(2026, 3, 21)).price == 1
    assert desk_for(shop, None, date(2026, 6, 21)).price == 1
    assert desk_for(shop, None, date(2026, 6, 22)).price == 1_000
    update_record(shop.ctx, PRICE_LIST, spring, {"is_active": False})
    assert desk_for(shop, None, date(2026, 4, 1)).price == 1_000


def test_a_chosen_list_is_asked_before_all_others_whoever_it_is_for(shop):
    listed(shop, "Strong", priority=9, prices=[(shop.desk, 500, 1)])
    chosen = listed(shop, "Chosen", kinds=["partner"], prices=[(shop.desk, 800, 1)])
    ask = Ask(shop.desk.id, shop.buyer.id, DAY, price_list=chosen.id)
    assert prices_for([ask], "IRR")[ask].price == 800


def test_lists_of_another_currency_are_not_asked(shop):
    listed(shop, "Rial", prices=[(shop.desk, 5, 1)])
    ask = Ask(shop.desk.id, None, DAY)
    assert prices_for([ask], "USD")[ask].price == 1_000


def test_queries_do_not_grow_with_what_is_asked(shop, django_assert_num_queries):
    listed(shop, "All", adjustment="5")
    products = create_records(shop.ctx, PRODUCT, [{"name": f"P {n}", "price": n} for n in range(40)])
    asks = [Ask(p.id, shop.partner.id, DAY, Decimal(n + 1)) for n, p in enumerate(products)]
    with django_assert_num_queries(5):
        prices_for(asks, "IRR")


def test_a_price_is_there_once_and_not_below_zero(shop):
    made = listed(shop, "All", prices=[(shop.desk, 5, 1)])
    body = {"price_list": made.id, "product": shop.desk.id, "price": 6, "minimum": 1}
    with refused(RuleViolation):
        create_record(shop.ctx, PRICE, body)


def test_bad_lists_are_refused_by_field(cast):
    program = program_of(cast.sara, cast.arman)
    backwards = program.post(
        "price-lists", {"name": "A", "valid_from": "2026-02-01", "valid_until": "2026-01-01"}
    )
    assert backwards.status == 422
    assert program.post("price-lists", {"name": "B", "adjustment": -101}).status == 422
    assert program.post("price-lists", {"name": "C", "adjustment": 2.5}).json["adjustment"] == 2.5


def test_a_persian_workspace_begins_with_the_rates_of_the_law(shop):
    tax = Tax.objects.get()
    days = {date(2024, 3, 19): 9, date(2024, 3, 20): 10, date(2014, 3, 21): 0}
    found = rates_on((tax.id, day) for day in days)
    assert {day: found[tax.id, day] for day in days} == days
    assert rates_on([(None, DAY)]) == {(None, DAY): 0}


def test_a_tax_has_one_rate_from_a_day_on_and_stays_while_products_carry_it(shop):
    tax = Tax.objects.get()
    create_record(shop.ctx, TAX_RATE, {"tax": tax.id, "from_on": "2027-03-21", "percent": "10.5"})
    with refused(RuleViolation):
        create_record(shop.ctx, TAX_RATE, {"tax": tax.id, "from_on": "2027-03-21", "percent": "11"})
    with refused(Invalid):
        create_record(shop.ctx, TAX_RATE, {"tax": tax.id, "from_on": "2028-03-21", "percent": "101"})
    twice = [{"tax": tax.id, "from_on": date(2029, 3, 21), "percent": Decimal(n)} for n in (9, 10)]
    with refused(RuleViolation):
        create_records(shop.ctx, TAX_RATE, twice)
    update_record(shop.ctx, PRODUCT, Product.objects.get(name="Desk"), {"tax": tax.id})
    with refused(RuleViolation):
        delete_records(shop.ctx, TAX, [tax])
