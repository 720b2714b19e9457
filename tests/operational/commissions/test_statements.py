"""Statements: whose, when, out of what; what was submitted stays, and later changes are corrected in the next one."""

from __future__ import annotations

from datetime import date, timedelta

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from tests.operational.commissions.scenes import (
    MEHR,
    MORDAD,
    SHAHRIVAR,
    amounts,
    on,
    plan,
    reckoned,
    statement,
    won,
)

from peyvand.administration.schema.actions import add_field, archive_field
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.billing.public import cancel_invoice, invoice_deal, issue_invoice, record_payment
from peyvand.operational.catalog.objects import PRODUCT
from peyvand.operational.commissions.actions import (
    adjust,
    approve,
    dispute,
    new_version,
    pay,
    send_back,
    settle,
    submit,
)
from peyvand.operational.commissions.fields import Why
from peyvand.operational.commissions.models import (
    CommissionLine,
    CommissionMember,
    CommissionPlan,
    CommissionStatement,
)
from peyvand.operational.commissions.objects import PLAN
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.sales.public import Deal, assign_deal, reopen_deal
from peyvand.operational.targets.public import QUOTA
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Team, User
from peyvand.platform.objects.records import create_record, delete_records, update_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

MORDAD_1, SHAHRIVAR_1, MEHR_1 = date(2026, 7, 23), date(2026, 8, 23), date(2026, 9, 23)


@pytest.fixture
def arman(cast):
    with workspace_scope(cast.arman.id):
        yield cast.arman


def paid(ctx, one):
    """Submit, approve and pay a statement."""
    submit(ctx, one)
    approve(ctx, one)
    pay(ctx, one)
    return CommissionStatement.objects.get(id=one.id)


def test_a_deal_won_is_in_the_statement_of_its_month_with_its_reason(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id])
    shares = [{"user": cast.mina.id, "share": "40"}]
    won(ctx, MORDAD, 120_000_000, "Copper", owner=cast.babak.id, team=shares)
    won(ctx, SHAHRIVAR, 1000, "Later", owner=cast.babak.id)
    reckoned(arman, SHAHRIVAR)
    one = statement(cast.babak, MORDAD_1)
    assert (one.amount, one.status, one.name) == (3_600_000, "draft", "Babak Naderi · مرداد ۱۴۰۵")
    line = CommissionLine.objects.get(statement=one)
    assert (line.whole, line.share, line.base) == (120_000_000, 60, 72_000_000)
    with override("fa"):
        said = Why(key="why", label="").show(line.why, acting(cast.sara).reader)
    assert said == "۵٪ از ۱۲٬۰۰۰٬۰۰۰ تومان × سهم ۶۰٪"
    assert amounts(cast.babak, SHAHRIVAR_1) == {"Later": 50}
    assert not CommissionStatement.objects.filter(owner_id=cast.mina.id).exists()


def test_reckoning_again_writes_nothing(cast, acting, arman):
    plan(acting(cast.sara), users=[cast.babak.id])
    won(acting(cast.sara), MORDAD, 1000, owner=cast.babak.id)
    reckoned(arman, MORDAD)
    before = list(CommissionLine.objects.values()), list(CommissionStatement.objects.values())
    reckoned(arman, MORDAD + timedelta(hours=1))
    assert (list(CommissionLine.objects.values()), list(CommissionStatement.objects.values())) == before


def test_what_was_paid_stays_and_a_reopened_deal_is_taken_back_in_the_next_statement(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id])
    copper = won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id)
    won(ctx, MORDAD, 2000, "Tin", owner=cast.babak.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        assert paid(ctx, statement(cast.babak, MORDAD_1)).status == "paid"
        reopen_deal(ctx, copper)
        reckoned(arman, SHAHRIVAR)
        assert statement(cast.babak, MORDAD_1).amount == 150
        assert amounts(cast.babak, MORDAD_1) == {"Copper": 50, "Tin": 100}
        next_one = statement(cast.babak, SHAHRIVAR_1)
        assert (next_one.earned, next_one.corrections, next_one.amount) == (0, -50, -50)
        line = CommissionLine.objects.get(statement=next_one)
        assert (line.kind, line.period, line.deal_id) == ("correction", MORDAD_1, copper.id)
    with on(MEHR):
        submit(ctx, next_one)
        reckoned(arman, MEHR)
        assert not CommissionLine.objects.filter(statement__starts_on=MEHR_1).exists()


def test_a_deal_won_late_for_a_submitted_month_comes_with_the_next(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id])
    won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
        won(ctx, MORDAD, 500, "Found", owner=cast.babak.id)
        reckoned(arman, SHAHRIVAR)
    assert amounts(cast.babak, SHAHRIVAR_1) == {"Found": 25}
    assert statement(cast.babak, SHAHRIVAR_1).corrections == 25


def test_money_received_without_tax_part_by_part_and_back_after_a_cancelled_invoice(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id], basis="received", rates=[{"percent": 10}])
    company = create_record(ctx, COMPANY, {"name": "Buyer"})
    carpet = create_record(ctx, PRODUCT, {"name": "Carpet", "price": 1_000_000})
    deal = won(
        ctx, MORDAD, 0, "Copper", owner=cast.babak.id, company=company.id, lines=[{"product": carpet.id}]
    )
    with on(MORDAD):
        invoice = invoice_deal(ctx, deal)
        issue_invoice(ctx, invoice)
        invoice.refresh_from_db()
        record_payment(ctx, invoice, amount=invoice.total // 2, method="cash")
        reckoned(arman, MORDAD)
        net = invoice.net
        assert statement(cast.babak, MORDAD_1).amount == round(net // 2 / 10)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
        invoice.refresh_from_db()
        record_payment(ctx, invoice, amount=invoice.balance, method="cash")
        reckoned(arman, SHAHRIVAR)
        assert statement(cast.babak, SHAHRIVAR_1).amount == net // 20
        invoice.refresh_from_db()
        cancel_invoice(ctx, invoice, reason="Wrong")
        reckoned(arman, SHAHRIVAR)
        late = statement(cast.babak, SHAHRIVAR_1)
    assert (late.earned, late.corrections) == (0, -net // 20)


def test_invoiced_net_and_a_credit_note_after_payment(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id], basis="invoiced", rates=[{"percent": 10}])
    company = create_record(ctx, COMPANY, {"name": "Buyer"})
    carpet = create_record(ctx, PRODUCT, {"name": "Carpet", "price": 1_000_000})
    deal = won(
        ctx, MORDAD, 0, "Copper", owner=cast.babak.id, company=company.id, lines=[{"product": carpet.id}]
    )
    with on(MORDAD):
        invoice = invoice_deal(ctx, deal)
        issue_invoice(ctx, invoice)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        assert paid(ctx, statement(cast.babak, MORDAD_1)).amount == 100_000
        invoice.refresh_from_db()
        cancel_invoice(ctx, invoice, reason="Wrong")
        reckoned(arman, SHAHRIVAR)
    # The credit note is of its own month: nothing of the month before was wrong.
    after = statement(cast.babak, SHAHRIVAR_1)
    assert (after.earned, after.corrections) == (-100_000, 0)


def test_a_deal_given_away_after_it_was_submitted_stays_its_sellers(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id, cast.mina.id])
    deal = won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
        assign_deal(ctx, deal, owner=cast.mina.id)
        reckoned(arman, SHAHRIVAR)
    assert not CommissionLine.objects.filter(statement__owner_id=cast.mina.id).exists()
    assert not CommissionLine.objects.filter(kind="correction").exists()


def test_who_changes_the_team_or_leaves_keeps_what_was_sold_before(cast, acting, arman):
    ctx = acting(cast.sara)
    team = Team.objects.get(name="Sales")
    with on(MORDAD):
        plan(ctx, teams=[team.id])
        won(ctx, MORDAD, 1000, "Before", owner=cast.babak.id)
        won(ctx, MORDAD, 3000, "Mina's", owner=cast.mina.id)
    later = MORDAD + timedelta(days=3)
    User.objects.filter(id=cast.babak.id).update(team=None)
    User.objects.filter(id=cast.mina.id).update(is_active=False)
    won(ctx, later, 1000, "After", owner=cast.babak.id)
    reckoned(arman, later)
    assert amounts(cast.babak, MORDAD_1) == {"Before": 50}
    assert amounts(cast.mina, MORDAD_1) == {"Mina's": 150}
    User.objects.filter(id=cast.babak.id).update(team=team)
    won(ctx, later + timedelta(days=2), 2000, "Again", owner=cast.babak.id)
    reckoned(arman, later + timedelta(days=2))
    assert amounts(cast.babak, MORDAD_1) == {"Before": 50, "Again": 100}
    assert CommissionMember.objects.filter(user_id=cast.babak.id).count() == 2


def test_two_plans_on_one_deal_both_count_and_a_condition_narrows(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id])
    plan(ctx, name="Big", users=[cast.babak.id], rates=[{"fixed": 70}],
         condition={"field": "amount", "op": "gte", "value": 2000})  # fmt: skip
    won(ctx, MORDAD, 1000, "Small", owner=cast.babak.id)
    won(ctx, MORDAD, 2000, "Large", owner=cast.babak.id)
    reckoned(arman, MORDAD)
    rows = CommissionLine.objects.order_by("name", "amount").values_list("name", "amount")
    assert list(rows) == [("Large", 70), ("Large", 100), ("Small", 50)]


def test_a_new_version_holds_from_its_day_and_not_in_what_was_submitted(cast, acting, arman):
    ctx = acting(cast.sara)
    first = plan(ctx, users=[cast.babak.id])
    won(ctx, MORDAD, 1000, "Old", owner=cast.babak.id)
    won(ctx, MORDAD + timedelta(days=5), 1000, "New", owner=cast.babak.id)
    with on(MORDAD):
        second = new_version(ctx, first, from_on=MORDAD.date() + timedelta(days=2))
        update_records(ctx, PLAN, [second], [{"rates": ({"product": None, "series": "", "start": None, "reach": None,
                                                         "percent": 7, "fixed": None},)}])  # fmt: skip
    reckoned(arman, MORDAD + timedelta(days=5))
    assert amounts(cast.babak, MORDAD_1) == {"Old": 50, "New": 70}
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
        second.refresh_from_db()
        with pytest.raises(Invalid), clock.freeze(SHAHRIVAR):
            new_version(ctx, second, from_on=date(2026, 8, 22))


def test_terms_by_which_somebody_was_settled_stay(cast, acting, arman):
    ctx = acting(cast.sara)
    first = plan(ctx, users=[cast.babak.id])
    won(ctx, MORDAD, 1000, owner=cast.babak.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
    other = {"product": None, "series": "", "start": None, "reach": None, "percent": 6, "fixed": None}
    with pytest.raises(RuleViolation) as refused, workspace_scope(cast.arman.id):
        update_records(ctx, PLAN, [first], [{"rates": (other,)}])
    assert refused.value.field == "rates"
    with pytest.raises(RuleViolation), workspace_scope(cast.arman.id):
        delete_records(ctx, PLAN, [first])


def test_nobody_approves_pays_or_adjusts_their_own(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.sara.id])
    won(ctx, MORDAD, 1000)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        own = statement(cast.sara, MORDAD_1)
        submit(ctx, own)
        for act in (approve, lambda ctx, s: adjust(ctx, s, amount=5, reason="Nice")):
            with pytest.raises(NotAllowed), workspace_scope(cast.arman.id):
                act(ctx, own)


def test_an_open_objection_holds_the_approval_until_it_is_answered(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id])
    won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        one = statement(cast.babak, MORDAD_1)
        submit(acting(cast.babak), one)
        line = CommissionLine.objects.select_related("statement").get(statement=one)
        dispute(acting(cast.babak), line, objection="It was 2,000")
        assert statement(cast.babak, MORDAD_1).open_disputes == 1
        with pytest.raises(RuleViolation), workspace_scope(cast.arman.id):
            approve(ctx, one)
        line.refresh_from_db()
        settle(acting(cast.mina), line, verdict="accepted", answer="Right")
        adjust(acting(cast.mina), one, amount=50, reason="Copper was 2,000")
        approve(acting(cast.mina), one)
        now = statement(cast.babak, MORDAD_1)
        assert (now.status, now.amount, now.approved_by_id) == ("approved", 100, cast.mina.id)
        dispute(acting(cast.babak), line, objection="Still")
        with pytest.raises(RuleViolation), workspace_scope(cast.arman.id):
            pay(ctx, now)
        settle(acting(cast.mina), line, verdict="declined", answer="It is in")
        pay(ctx, now)
        reckoned(arman, SHAHRIVAR)
    assert not CommissionLine.objects.filter(kind="correction").exists()


def test_a_period_that_is_not_over_is_not_submitted_and_one_sent_back_is_a_draft_again(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id])
    deal = won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id)
    reckoned(arman, MORDAD)
    with on(MORDAD), pytest.raises(RuleViolation), workspace_scope(cast.arman.id):
        submit(ctx, statement(cast.babak, MORDAD_1))
    with on(SHAHRIVAR):
        one = statement(cast.babak, MORDAD_1)
        submit(ctx, one)
        send_back(ctx, one, reason="Look again")
        reopen_deal(ctx, deal)
        reckoned(arman, SHAHRIVAR)
    again = statement(cast.babak, MORDAD_1)
    assert (again.status, again.amount, again.note) == ("draft", 0, "Look again")


def test_quotas_accelerate_and_managers_get_their_share(cast, acting, arman):
    ctx = acting(cast.sara)
    with on(MORDAD):
        create_record(ctx, QUOTA, {"owner": cast.babak.id, "amount": 10_000, "starts_on": "2026-08-09"})
    plan(ctx, users=[cast.babak.id, cast.viewer.id], way="whole", by_quota=True, override=10,
         rates=[{"percent": 3}, {"reach": 80, "percent": 5}, {"reach": 100, "percent": 8}])  # fmt: skip
    won(ctx, MORDAD, 8_000, "Babak's", owner=cast.babak.id)
    won(ctx, MORDAD, 8_000, "Vida's", owner=cast.viewer.id)
    reckoned(arman, MORDAD)
    assert amounts(cast.babak, MORDAD_1) == {"Babak's": 400}
    assert amounts(cast.viewer, MORDAD_1) == {"Vida's": 240}
    assert orjson.loads(CommissionLine.objects.get(name="Vida's").why)["no_quota"] is True
    assert amounts(cast.mina, MORDAD_1) == {"Babak Naderi": 40}


def test_advances_are_taken_back_from_the_next_statements(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(ctx, users=[cast.babak.id], rates=[{"percent": 10}], least=100, is_draw=True)
    won(ctx, MORDAD, 400, owner=cast.babak.id)
    won(ctx, SHAHRIVAR, 1300, owner=cast.babak.id)
    won(ctx, MEHR, 5000, owner=cast.babak.id)
    reckoned(arman, MEHR)
    found = {s.starts_on: s.amount for s in CommissionStatement.objects.filter(owner_id=cast.babak.id)}
    assert found == {MORDAD_1: 100, SHAHRIVAR_1: 100, MEHR_1: 470}
    with on(MEHR):
        submit(ctx, statement(cast.babak, MORDAD_1))
        submit(ctx, statement(cast.babak, SHAHRIVAR_1))
        reckoned(arman, MEHR)
    assert statement(cast.babak, MEHR_1).amount == 470


def test_the_thirtieth_of_esfand_lies_in_the_leap_year(cast, acting, arman):
    ctx = acting(cast.sara)
    # 30 Esfand 1403 is March 20th 2025.
    plan(ctx, users=[cast.babak.id], starts_on="2025-02-19", unit="year")
    at = MORDAD.replace(year=2025, month=3, day=20)
    won(ctx, at, 1000, "Leap", owner=cast.babak.id)
    won(ctx, at + timedelta(days=1), 2000, "Norouz", owner=cast.babak.id)
    reckoned(arman, at + timedelta(days=2))
    found = CommissionStatement.objects.filter(owner_id=cast.babak.id).order_by("starts_on")
    assert [(s.ends_on, s.amount) for s in found] == [(date(2025, 3, 20), 50), (date(2026, 3, 20), 100)]


def test_products_have_rates_of_their_own_and_the_deal_stays_whole(cast, acting, arman):
    ctx = acting(cast.sara)
    carpet, rug = (create_record(ctx, PRODUCT, {"name": name, "price": 1000}) for name in ("Carpet", "Rug"))
    plan(ctx, users=[cast.babak.id], rates=[{"percent": 5}, {"percent": 10, "product": carpet.id}])
    lines = [{"product": carpet.id}, {"product": rug.id, "quantity": 2}]
    won(ctx, MORDAD, None, "Both", owner=cast.babak.id, lines=lines)
    reckoned(arman, MORDAD)
    rows = CommissionLine.objects.order_by("amount").values_list("whole", "amount")
    assert sorted(rows) == [(1000, 100), (2000, 100)]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"ends_on": "2026-07-01"}, "ends_on"),
        ({"most": 5, "least": 10}, "most"),
        ({"is_draw": True}, "least"),
        ({"by_quota": True, "basis": "margin"}, "by_quota"),
        ({"rates": [{"percent": 5, "start": 100}]}, "rates"),
        ({"rates": [{"percent": 5, "reach": 80}], "way": "whole"}, "rates"),
        ({"rates": [{"fixed": 80}], "basis": "received"}, "rates"),
        ({"rates": [{"percent": 101}]}, "rates.0.percent"),
        (
            {"condition": {"field": "closed_on", "op": "newer_than", "value": {"n": 1, "unit": "month"}}},
            "condition",
        ),
        ({"condition": {"field": "owner", "op": "is", "value": "me"}}, "condition"),
    ],
)
def test_a_plan_that_makes_no_sense_is_refused_by_its_field(cast, acting, arman, values, field):
    with pytest.raises(Invalid) as refused, workspace_scope(cast.arman.id):
        plan(acting(cast.sara), **values)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_ten_thousand_deals_cost_no_more_statements_than_a_few(cast, acting, arman):
    ctx = acting(cast.sara)
    plan(
        ctx, users=[cast.babak.id], way="marginal", rates=[{"percent": 2}, {"start": 5_000_000, "percent": 3}]
    )
    deal = won(ctx, MORDAD, 1000, "One", owner=cast.babak.id)

    def asked():
        with CaptureQueriesContext(connection) as seen:
            reckoned(arman, MORDAD)
        return len(seen.captured_queries)

    few = asked()
    rows = [Deal(**{f.attname: getattr(deal, f.attname) for f in Deal._meta.local_concrete_fields if not f.generated and f.attname != "id"})
            for _n in range(9_999)]  # fmt: skip
    Deal.objects.bulk_create(rows, batch_size=2000)
    many = asked()
    assert CommissionLine.objects.count() == 10_000
    assert statement(cast.babak, MORDAD_1).amount == 5_000_000 * 2 // 100 + 5_000_000 * 3 // 100
    # Rows travel by five thousand.
    assert many <= few + 2


def test_what_was_submitted_two_years_ago_to_the_day_is_not_begun_again(cast, acting, arman):
    ctx = acting(cast.sara)
    with on(MORDAD):
        plan(ctx, users=[cast.babak.id, cast.mina.id], ends_on="2026-08-22")
    won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id)
    won(ctx, MORDAD, 1000, "Tin", owner=cast.mina.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
    before = list(CommissionLine.objects.order_by("id").values_list("id", "amount"))
    # Two years back lies within that month; then far behind it, where Mina's is a draft still.
    for later in (MORDAD + timedelta(days=731), MORDAD + timedelta(days=1100)):
        reckoned(arman, later)
        assert list(CommissionLine.objects.order_by("id").values_list("id", "amount")) == before
    assert CommissionStatement.objects.count() == 2


def test_a_plan_whose_condition_names_a_deleted_field_takes_nothing_back_until_it_is_mended(
    cast, acting, arman, browse
):
    ctx = acting(cast.sara)
    field = add_field(ctx, "deal", "text", labels={"en": "Region"})
    mine = plan(ctx, users=[cast.babak.id], condition={"field": field.key, "op": "is", "value": "North"})
    won(ctx, MORDAD, 1000, "Copper", owner=cast.babak.id, **{field.key: "North"})
    won(ctx, SHAHRIVAR, 3000, "Tin", owner=cast.babak.id, **{field.key: "North"})
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
        with pytest.raises(RuleViolation, match=mine.name), workspace_scope(arman.id):
            archive_field(ctx, field)
        # As where it was archived before plans were asked.
        mine.refresh_from_db()
        CommissionPlan.objects.filter(id=mine.id).update(condition="")
        archive_field(ctx, field)
        CommissionPlan.objects.filter(id=mine.id).update(condition=mine.condition)
    with on(MEHR):
        ctx = acting(cast.sara)
        reckoned(arman, MEHR)
        assert amounts(cast.babak, MORDAD_1) == {"Copper": 50}
        assert amounts(cast.babak, SHAHRIVAR_1) == {"Tin": 150}
        assert CommissionLine.objects.count() == 2
        with pytest.raises(RuleViolation), workspace_scope(arman.id):
            submit(ctx, statement(cast.babak, SHAHRIVAR_1))
        page = browse(cast.sara).get(f"/w/arman/commission-plans/{mine.id}/").content.decode()
        assert "تا درست نشود" in page
        mine.refresh_from_db()
        update_records(ctx, PLAN, [mine], [{"condition": '{"field":"amount","op":"gte","value":2000}'}])
        reckoned(arman, MEHR)
        assert amounts(cast.babak, SHAHRIVAR_1) == {"Tin": 150, "Copper": -50}
        submit(ctx, statement(cast.babak, SHAHRIVAR_1))


def test_a_manager_decides_about_those_who_report_to_them_alone(cast, acting, arman):
    ctx = acting(cast.sara)
    User.objects.filter(id=cast.sara.id).update(team=User.objects.get(id=cast.mina.id).team)
    access_changed(arman.id)
    plan(ctx, users=[cast.sara.id, cast.babak.id])
    won(ctx, MORDAD, 1000, owner=cast.sara.id)
    won(ctx, MORDAD, 1000, owner=cast.babak.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        mina = program_of(cast.mina, arman)
        theirs, beside = (statement(user, MORDAD_1).id for user in (cast.babak, cast.sara))
        assert mina.get(f"commission-statements/{beside}").status == 404
        assert mina.post(f"commission-statements/{beside}/submit", {}).status == 404
        assert mina.post(f"commission-statements/{theirs}/submit", {}).status == 200


def test_a_submit_reckons_its_own_person_alone_and_as_everybody_together(cast, acting, arman):
    ctx = acting(cast.sara)
    User.objects.filter(id=cast.babak.id).update(manager_id=cast.mina.id)
    access_changed(arman.id)
    plan(ctx, users=[cast.babak.id, cast.mina.id, cast.sara.id], override=10)
    for owner in (cast.babak, cast.mina, cast.sara):
        won(ctx, MORDAD, 10_000, "Copper", owner=owner.id)
    with on(SHAHRIVAR):
        reckoned(arman, SHAHRIVAR)
        submit(ctx, statement(cast.babak, MORDAD_1))
        # Whoever leads him by now does not take the share of whoever led him then.
        submit(ctx, statement(cast.mina, MORDAD_1))
        User.objects.filter(id=cast.babak.id).update(manager_id=cast.sara.id)
        access_changed(arman.id)
        for owner in (cast.babak, cast.mina, cast.sara):
            won(ctx, MORDAD, 20_000, "Tin", owner=owner.id)
    with on(MEHR):
        reckoned(arman, SHAHRIVAR)
        for owner in (cast.babak, cast.mina, cast.sara):
            won(ctx, SHAHRIVAR, 30_000, "Late", owner=owner.id)
        submit(ctx, statement(cast.mina, SHAHRIVAR_1))
        theirs = list(CommissionLine.objects.filter(statement__owner_id=cast.mina.id).order_by("id").values())
        assert amounts(cast.mina, SHAHRIVAR_1)["Late"] == 1500
        # Nobody else's draft was looked at.
        assert "Late" not in amounts(cast.sara, MORDAD_1)
        assert not CommissionLine.objects.filter(
            statement__owner_id__in=[cast.sara.id, cast.babak.id], name="Late"
        ).exists()
        reckoned(arman, MEHR)
        assert (
            list(CommissionLine.objects.filter(statement__owner_id=cast.mina.id).order_by("id").values())
            == theirs
        )
        assert CommissionLine.objects.filter(statement__owner_id=cast.babak.id, name="Late").exists()
