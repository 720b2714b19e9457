"""Quotas: whole periods of either calendar, what was reached, the sheet, and who may set and see them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.operational.targets.scenes import deal, ids_behind, links

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.catalog.objects import PRODUCT
from peyvand.operational.numbering.public import set_first_month
from peyvand.operational.sales.public import Deal, credits, reopen_deal, split, win_deal
from peyvand.operational.targets.actions import copy_period, raised
from peyvand.operational.targets.attainment import attainments
from peyvand.operational.targets.hooks import period_of
from peyvand.operational.targets.jobs import keep_evening
from peyvand.operational.targets.models import Quota, StateDay
from peyvand.operational.targets.objects import QUOTA
from peyvand.operational.targets.working import working_days
from peyvand.platform.identity.models import Team, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

# 18 Mordad 1405, a Sunday, which is worked in Iran.
NOON = datetime(2026, 8, 9, 9, tzinfo=UTC)


@pytest.fixture
def summer():
    with clock.freeze(NOON) as moment:
        yield moment


def quota(ctx, **values):
    values = {"measure": "won_amount", "starts_on": "2026-08-09", **values}
    return create_record(ctx, QUOTA, values)


def test_a_quota_is_of_a_whole_period_of_its_calendar(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        month = quota(ctx, owner=cast.babak.id, amount=1000)
        assert (month.starts_on, month.ends_on) == (date(2026, 7, 23), date(2026, 8, 22))
        assert month.name == "Babak Naderi · مرداد ۱۴۰۵"
        assert quota(ctx, owner=cast.babak.id, amount=1000, calendar="gregorian").starts_on == date(
            2026, 8, 1
        )
        year = quota(ctx, owner=cast.babak.id, amount=1000, unit="year")
        assert (year.starts_on, year.ends_on) == (date(2026, 3, 21), date(2027, 3, 20))


def test_quarters_and_years_follow_the_fiscal_year(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        set_first_month(acting(cast.sara), month=2)
        assert period_of("year", date(2026, 4, 20), "jalali") == (date(2025, 4, 21), date(2026, 4, 21))
        assert period_of("quarter", date(2026, 8, 9), "jalali") == (date(2026, 7, 23), date(2026, 10, 23))
        assert period_of("quarter", date(2026, 8, 9), "gregorian") == (date(2026, 7, 1), date(2026, 10, 1))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"amount": None}, "amount"),
        ({"measure": "won_count"}, "number"),
        ({"amount": 5, "starts_on": ""}, "starts_on"),
    ],
)
def test_what_says_nothing_is_refused_by_its_field(cast, acting, summer, values, field):
    with workspace_scope(cast.arman.id), pytest.raises(Invalid) as refused:
        quota(acting(cast.sara), owner=cast.babak.id, **values)
    assert [problem.field for problem in refused.value.problems] == [field]


@pytest.mark.parametrize("kind", [Invalid, RuleViolation])
def test_a_quota_is_for_one_and_only_once(cast, acting, summer, kind):
    with workspace_scope(cast.arman.id):
        team = Team.objects.get(name="Sales").id
        quota(acting(cast.sara), owner=cast.babak.id, amount=5)
        with pytest.raises(kind):
            other = {"team": team} if kind is Invalid else {"starts_on": "2026-08-01"}
            quota(acting(cast.sara), owner=cast.babak.id, amount=6, **other)


def test_what_counts_is_reckoned_for_person_team_tree_product_and_number(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        sales = Team.objects.get(name="Sales")
        beneath = Team.objects.create(name="Beneath", parent=sales)
        User.objects.filter(id=cast.viewer.id).update(team=beneath)
        carpet = create_record(ctx, PRODUCT, {"name": "Carpet", "price": 300})
        win_deal(ctx, deal(ctx, "Babak's", owner=cast.babak.id, amount=100))
        win_deal(
            ctx,
            deal(
                ctx,
                "Lines",
                owner=cast.babak.id,
                lines=[{"product": carpet.id}, {"product": carpet.id, "quantity": 2}],
            ),
        )
        win_deal(ctx, deal(ctx, "Beneath", owner=cast.viewer.id, amount=20))
        win_deal(ctx, deal(ctx, "Sara's", amount=7))
        with clock.freeze(NOON - timedelta(days=60)):
            win_deal(ctx, deal(ctx, "Long ago", owner=cast.babak.id, amount=5000))
        asked = {
            "person": ({"owner": cast.babak.id, "amount": 2000}, 1000),
            "team": ({"team": sales.id, "amount": 2000}, 1020),
            "beneath": ({"team": beneath.id, "amount": 2000}, 20),
            "all": ({"owner": None, "amount": 2000}, 1027),
            "product": ({"owner": cast.babak.id, "product": carpet.id, "amount": 2000}, 900),
            "number": ({"owner": cast.babak.id, "measure": "won_count", "number": 4}, 2),
            "new": ({"team": sales.id, "measure": "new_deals", "number": 4}, 3),
        }  # fmt: skip
        made = {name: quota(ctx, **values) for name, (values, _want) in asked.items()}
        for name, (_values, want) in asked.items():
            kept = Quota.objects.get(id=made[name].id)
            assert (kept.reached_amount if kept.measure == "won_amount" else kept.reached_number) == want, (
                name
            )
        assert Quota.objects.get(id=made["person"].id).attained == 50


def test_a_deal_of_a_team_counts_for_each_by_share_to_the_last_rial(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        shares = [{"user": cast.mina.id, "share": "33.33"}, {"user": cast.viewer.id, "share": "33.33"}]
        for amount in (100, 101, 7):
            win_deal(ctx, deal(ctx, f"Ours {amount}", owner=cast.babak.id, amount=amount, team=shares))
        won = Deal.objects.filter(status="won")
        want = Counter()
        for each in won:
            want.update(split(each.amount, credits([each])[each.id]))
        assert sum(want.values()) == 208
        for user in (cast.babak, cast.mina, cast.viewer):
            made = Quota.objects.get(id=quota(ctx, owner=user.id, amount=1000).id)
            assert made.reached_amount == want[user.id]
            count = quota(ctx, owner=user.id, measure="won_count", number=9, amount=None)
            assert Quota.objects.get(id=count.id).reached_number == 3
        team = quota(ctx, team=Team.objects.get(name="Sales").id, amount=1000)
        assert Quota.objects.get(id=team.id).reached_amount == want[cast.babak.id] + want[cast.mina.id]


def test_pace_gap_and_likely_end_of_a_period(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        mine = quota(ctx, owner=cast.babak.id, amount=2600)
        win_deal(ctx, deal(ctx, "Won", owner=cast.babak.id, amount=900))
        deal(ctx, "Likely", owner=cast.babak.id, amount=1000, probability=40, expected_on=date(2026, 8, 20))
        deal(ctx, "Too late", owner=cast.babak.id, amount=1000, probability=90, expected_on=date(2026, 8, 23))
        days = working_days(cast.arman, mine.starts_on, mine.ends_on)
        gone = sum(day <= NOON.date() for day in days)
        [found] = attainments(cast.arman, [mine], NOON.date(), days)
    assert 0 < gone < len(days) < 31
    assert (found.reached, found.gap, found.forecast) == (900, 1700, 1300)
    # In whole tomans, as estimates are.
    assert found.expected % 10 == 0
    assert abs(found.expected - 2600 * gone / len(days)) <= 5
    assert found.tone == "bad"


def test_the_evening_keeps_quotas_in_step_and_writes_down_how_deals_stand(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        mine = quota(ctx, owner=cast.babak.id, amount=200)
        won = deal(ctx, "Won", owner=cast.babak.id, amount=100)
        win_deal(ctx, won)
        keep_evening(cast.arman)
        assert Quota.objects.get(id=mine.id).attained == 50
        reopen_deal(ctx, won)
        keep_evening(cast.arman)
        assert Quota.objects.get(id=mine.id).reached_amount == 0
        assert StateDay.objects.count() == 1


@given(st.integers(1, 10**12), st.decimals("-100", "1000", places=2))
def test_a_target_is_raised_to_the_nearest_unit_and_never_to_nothing(target, percent):
    factor = 1 + percent / 100
    new = raised(target, factor)
    assert new >= 1
    assert new == 1 or abs(Decimal(new) - target * factor) <= Decimal("0.5")


def test_a_period_is_copied_from_the_one_before_and_what_is_there_stays(cast, acting, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        quota(ctx, owner=cast.babak.id, amount=1000)
        quota(ctx, owner=cast.mina.id, amount=333)
        kept = quota(ctx, owner=cast.mina.id, amount=5, starts_on="2026-08-23")
        assert copy_period(ctx, unit="month", into=date(2026, 8, 30), percent=Decimal(10)) == 1
        rows = (
            Quota.objects.filter(starts_on=kept.starts_on)
            .order_by("owner_id")
            .values_list("owner_id", "amount")
        )
        assert dict(rows) == {cast.babak.id: 1100, cast.mina.id: 5}
        assert copy_period(ctx, unit="month", into=date(2026, 8, 30)) == 0
        with pytest.raises(Invalid):
            copy_period(ctx, unit="month", into=date(2026, 12, 30))


def test_a_manager_sets_quotas_of_the_own_team_and_a_member_none(cast, acting, browse, summer):
    with workspace_scope(cast.arman.id):
        assert quota(acting(cast.mina), owner=cast.babak.id, amount=5).owner_id == cast.babak.id
        with pytest.raises(Invalid):
            quota(acting(cast.mina), owner=cast.sara.id, amount=5)
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        quota(acting(cast.babak), owner=cast.babak.id, amount=1, starts_on="2026-10-01")
    with workspace_scope(cast.arman.id):
        team = Team.objects.get(name="Sales").id
        ours = quota(acting(cast.sara), team=team, amount=9)
        others = quota(acting(cast.sara), owner=cast.sara.id, amount=9)
    seen = {item["id"] for item in program_of(cast.babak, cast.arman).get("quotas").json["items"]}
    assert ours.id in seen
    assert others.id not in seen
    assert browse(cast.babak).get("/w/arman/targets").status_code == 200
    assert browse(cast.babak).get("/w/arman/targets/sheet").status_code == 403


def test_the_sheet_sets_changes_and_takes_away_and_names_what_is_wrong(cast, browse, summer):
    sara, sheet = browse(cast.sara), "/w/arman/targets/sheet"
    one, two = f"u{cast.babak.id}-2026-07-23", f"u{cast.mina.id}-2026-07-23"
    sent = {"unit": "month", "measure": "won_amount", "at": "2026-03-21"}
    saved = sara.post(sheet, {**sent, one: "۱۲٬۰۰۰", two: "۵۰"})
    assert saved.status_code == 302
    assert "۲ هدف تغییر کرد" in sara.get(saved["Location"]).content.decode()
    with workspace_scope(cast.arman.id):
        # In toman, kept in rials.
        assert dict(Quota.objects.values_list("owner_id", "amount")) == {
            cast.babak.id: 120_000,
            cast.mina.id: 500,
        }
    refused = sara.post(sheet, {**sent, one: "dear", two: "60"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert f'name="{one}" value="dear"' in page
    assert page.count('aria-invalid="true"') == 1
    assert sara.post(sheet, {**sent, one: "", two: "60"}).status_code == 302
    with workspace_scope(cast.arman.id):
        assert dict(Quota.objects.filter(deleted_at__isnull=True).values_list("owner_id", "amount")) == {
            cast.mina.id: 600
        }
    assert sara.post(sheet, {**sent, "do": "copy", "into": "2026-08-23", "percent": "۵۰"}).status_code == 302
    with workspace_scope(cast.arman.id):
        assert Quota.objects.get(starts_on=date(2026, 8, 23)).amount == 900


def test_the_page_of_targets_opens_the_rows_behind_what_was_reached(cast, acting, browse, summer):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        won = deal(ctx, "Won", owner=cast.babak.id, amount=100)
        win_deal(ctx, won)
        win_deal(ctx, deal(ctx, "Mine", amount=100))
        quota(ctx, team=Team.objects.get(name="Sales").id, amount=400)
    answer = browse(cast.sara).get("/w/arman/targets").content.decode()
    assert [ids_behind(program_of(cast.sara, cast.arman), url) for url in links(answer)] == [{won.id}]


def test_quotas_come_in_by_api_and_stay_in_their_workspace(cast, summer):
    program = program_of(cast.sara, cast.arman)
    made = program.post(
        "quotas", {"owner": cast.babak.id, "measure": "won_count", "number": 3, "starts_on": "2026-08-09"}
    )
    assert made.status == 201, made.json
    assert program.post("quotas/copy_period", {"unit": "month", "into": "2026-08-23"}).status == 200
    assert program_of(cast.cyrus, cast.rival).get("quotas").json["items"] == []
