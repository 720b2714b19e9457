"""Commission on screens and for programs: my page, the plan's form and example, statements with their reasons, what is hidden."""

from __future__ import annotations

import re

import pytest
from tests.operational.commissions.scenes import MORDAD, SHAHRIVAR, on, plan, reckoned, statement, won

from peyvand.kernel import clock
from peyvand.operational.catalog.objects import PRODUCT
from peyvand.operational.commissions.actions import submit
from peyvand.operational.commissions.models import CommissionLine, CommissionPlan, CommissionStatement
from peyvand.operational.commissions.paper import paper_of
from peyvand.operational.sales.public import DEAL
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

MORDAD_1 = "2026-07-23"


@pytest.fixture
def earned(cast, acting):
    """Babak's month, in which he won a deal with Mina, by steps; seen in the same month."""
    with clock.freeze(MORDAD), workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        plan(ctx, name="Base", users=[cast.babak.id], way="marginal",
             rates=[{"percent": 5}, {"percent": 8, "start": 100_000_000}])  # fmt: skip
        won(
            ctx,
            MORDAD,
            120_000_000,
            "Copper",
            owner=cast.babak.id,
            team=[{"user": cast.mina.id, "share": "40"}],
        )
        reckoned(cast.arman, MORDAD)
        one = statement(cast.babak, MORDAD_1)
    with clock.freeze(MORDAD):
        yield one


def shown(response):
    """What a person reads of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", response.content.decode()))


def test_my_page_says_what_i_earned_what_may_come_and_what_is_missing(cast, acting, browse, earned):
    with workspace_scope(cast.arman.id):
        create_record(acting(cast.sara), DEAL, {
            "name": "Ahead", "amount": 10_000_000, "probability": 50, "expected_on": "2026-08-20", "owner": cast.babak.id,
        })  # fmt: skip
    page = shown(browse(cast.babak).get("/w/arman/reports/commissions"))
    assert "۳۶۰٬۰۰۰ تومان" in page
    assert "≈ ۲۵٬۰۰۰ تومان" in page
    assert "۲٬۸۰۰٬۰۰۰ تومان" in page
    assert "برآورد" in page
    assert "Babak Naderi" in shown(browse(cast.mina).get("/w/arman/reports/commissions"))
    assert browse(cast.viewer).get("/w/arman/reports/commissions").status_code == 403


def test_a_statement_says_of_each_line_how_it_came_and_is_printed(cast, browse, earned):
    babak = browse(cast.babak)
    page = shown(babak.get(f"/w/arman/commission-statements/{earned.id}/"))
    assert "۵٪ از ۱۲٬۰۰۰٬۰۰۰ تومان × سهم ۶۰٪" in page
    assert babak.get(f"/w/arman/commission-statements/{earned.id}/pdf").content.startswith(b"%PDF")
    [line] = program_of(cast.babak, cast.arman).get("commission-lines").json["items"]
    assert (line["amount"], line["deal"]["title"], line["why"]["share"]) == (3_600_000, "Copper", "60")


def test_lines_that_a_role_does_not_see_stand_together_on_page_and_paper(cast, acting, browse, earned):
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(key="paid", name="Paid", grants={"commission_statement.view": "own"})
        User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    page = shown(browse(cast.babak).get(f"/w/arman/commission-statements/{earned.id}/"))
    assert "Copper" not in page
    assert "۳۶۰٬۰۰۰ تومان" in page
    with workspace_scope(cast.arman.id):
        [line] = paper_of(acting(cast.babak), earned).lines
    assert (line.description, line.total) == ("ردیف‌های دیگر", 3_600_000)


def test_others_statements_are_not_there_for_colleagues_and_other_workspaces(cast, browse, earned):
    for user, tenant in ((cast.viewer, cast.arman), (cast.cyrus, cast.rival)):
        assert program_of(user, tenant).get(f"commission-statements/{earned.id}").status in (403, 404)
    with workspace_scope(cast.arman.id):
        User.objects.filter(id=cast.mina.id).update(role=Role.objects.get(key="member"))
    assert program_of(cast.mina, cast.arman).get("commission-statements").json["items"] == []
    assert program_of(cast.mina, cast.arman).get("commission-plans").json["items"] == []
    assert len(program_of(cast.babak, cast.arman).get("commission-plans").json["items"]) == 1


def test_whoever_may_not_know_the_margin_does_not_see_what_is_reckoned_from_it(cast, acting, browse):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        carpet = create_record(ctx, PRODUCT, {"name": "Carpet", "price": 1000, "cost": 400})
        plan(ctx, users=[cast.babak.id], basis="margin", rates=[{"percent": 10}])
        won(ctx, MORDAD, None, "Margin", owner=cast.babak.id, lines=[{"product": carpet.id}])
        reckoned(cast.arman, MORDAD)
        assert statement(cast.babak, MORDAD_1).amount == 60
        role = Role.objects.create(key="seller", name="Seller", grants={"*": "own", "commission_statement.view": "own",
                                   "commission_line.view": "own"}, fields={"deal.margin": "hidden"})  # fmt: skip
        assert len(program_of(cast.babak, cast.arman).get("commission-statements").json["items"]) == 1
        User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    for plural in ("commission-statements", "commission-lines"):
        assert program_of(cast.babak, cast.arman).get(plural).json["items"] == []
    with clock.freeze(MORDAD):
        page = browse(cast.babak).get("/w/arman/reports/commissions").content.decode()
    assert "kpis" not in page


def test_a_plan_is_written_in_one_form_and_tried_out(cast, browse):
    sara = browse(cast.sara)
    form = sara.get("/w/arman/commission-plans/new").content.decode()
    assert 'name="rates-__n__-percent"' in form
    sent = {
        "name": "پلکانی", "starts_on": "1405/05/01", "unit": "month", "basis": "won", "way": "marginal", "users": str(cast.babak.id),
        "rates-count": "2", "rates-0-percent": "۳", "rates-1-percent": "۵", "rates-1-start": "۱۰۰٬۰۰۰",
    }  # fmt: skip
    made = sara.post("/w/arman/commission-plans/new", sent)
    assert made.status_code == 302, made.content.decode()
    with workspace_scope(cast.arman.id):
        kept = CommissionPlan.objects.get()
    page = sara.get(made["Location"]).content.decode()
    assert "نمونهٔ محاسبه" in page
    tried = shown(sara.get(f"/w/arman/commission-plans/{kept.id}/example?amount=200000"))
    assert "۸٬۰۰۰ تومان" in tried
    refused = sara.post("/w/arman/commission-plans/new", {**sent, "way": "flat"})
    assert "پله" in refused.content.decode()
    again = sara.get(f"/w/arman/commission-plans/{kept.id}/edit").content.decode()
    assert 'value="۱۰۰٬۰۰۰"' in again


def test_programs_object_and_answer_and_a_button_pressed_twice_is_refused(cast, acting, earned):
    with workspace_scope(cast.arman.id), on(SHAHRIVAR):
        reckoned(cast.arman, SHAHRIVAR)
        submit(acting(cast.babak), earned)
        line = CommissionLine.objects.get(statement_id=earned.id)
    babak, mina = program_of(cast.babak, cast.arman), program_of(cast.mina, cast.arman)
    assert babak.post(f"commission-lines/{line.id}/dispute", {"objection": "70%"}).status == 200
    assert babak.post(f"commission-lines/{line.id}/dispute", {"objection": "70%"}).status == 422
    assert mina.post(f"commission-statements/{earned.id}/approve", {}).status == 422
    assert (
        babak.post(f"commission-lines/{line.id}/settle", {"verdict": "accepted", "answer": "Yes"}).status
        == 403
    )
    assert (
        mina.post(f"commission-lines/{line.id}/settle", {"verdict": "declined", "answer": "60%"}).status
        == 200
    )
    assert mina.post(f"commission-statements/{earned.id}/approve", {}).status == 200
    assert mina.post(f"commission-statements/{earned.id}/approve", {}).status == 422
    assert mina.post(f"commission-statements/{earned.id}/pay", {}).status == 403


def test_pay_is_told_to_the_last_rial_and_the_rows_are_its_sum(cast, acting, browse):
    with clock.freeze(MORDAD), workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        plan(ctx, name="Base", users=[cast.babak.id, cast.mina.id])
        for user, amount in ((cast.babak, 123_456_780), (cast.mina, 7_654_340)):
            won(ctx, MORDAD, amount, "Copper", owner=user.id)
        reckoned(cast.arman, MORDAD)
        paid = dict(CommissionStatement.objects.filter(starts_on=MORDAD_1).values_list("owner_id", "amount"))
        one = statement(cast.babak, MORDAD_1)
    assert paid == {cast.babak.id: 6_172_839, cast.mina.id: 382_717}
    with clock.freeze(MORDAD):
        page = shown(browse(cast.sara).get("/w/arman/reports/commissions"))
        card = shown(browse(cast.sara).get(f"/w/arman/commission-statements/{one.id}/"))
    rows, total = page.split("همه")[-2:]
    assert "۶۱۷٬۲۸۳٫۹" in rows
    assert "۳۸٬۲۷۱٫۷" in rows
    assert "۶۵۵٬۵۵۵٫۶" in total
    assert "۶۱۷٬۲۸۳٫۹ تومان" in card
