"""The forecast, the evenings on which it was written down, and the bridge between them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from tests.operational.targets.scenes import deal, ids_behind, links

from peyvand.kernel import clock
from peyvand.operational.sales.models import Deal, LostReason
from peyvand.operational.sales.objects import DEAL
from peyvand.operational.sales.public import lose_deal, reopen_deal, win_deal
from peyvand.operational.targets.forecast import forecast
from peyvand.operational.targets.models import DealState, StateDay
from peyvand.operational.targets.periods import Span
from peyvand.operational.targets.snapshots import bridge, last_taken, take
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import update_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

BEGIN = datetime(2026, 6, 1, 9, tzinfo=UTC)
SPAN = Span("own", "gregorian", date(2026, 6, 1), date(2026, 7, 1))


def copy() -> dict[int, tuple[str, int, date | None, int | None]]:
    """How each deal stands, read by no query of ours."""
    return {
        d.id: (d.status, d.amount or 0, d.expected_on, d.owner_id)
        for d in Deal.objects.filter(deleted_at__isnull=True)
    }


def is_in(state) -> bool:
    return state[0] == "open" and state[2] is not None and SPAN.start <= state[2] < SPAN.end


def compare(then, now) -> tuple[int, int, dict[str, tuple[int, int]], int]:
    """The bridge as a person would reckon it on paper, deal by deal."""
    count, worth, start, end, others = Counter(), Counter(), 0, 0, 0
    for id, state in now.items():
        old = then.get(id)
        was, stands = old is not None and is_in(old), is_in(state)
        start += old[1] if was else 0
        end += state[1] if stands else 0
        kind = None
        if was and stands:
            kind = "up" if state[1] > old[1] else "down" if state[1] < old[1] else None
            others += old[3] != state[3]
        elif was:
            kind = state[0] if state[0] != "open" else "pushed_out"
        elif stands:
            kind = "new" if old is None else "reopened" if old[0] != "open" else "pulled_in"
        if kind:
            count[kind] += 1
            worth[kind] += (state[1] if stands else 0) - (old[1] if was else 0)
    return start, end, {kind: (count[kind], worth[kind]) for kind in count}, others


def live_a_day(ctx, owners, dice: Random, day: int) -> None:
    for n in range(3):
        deal(
            ctx,
            f"Deal {day}.{n}",
            amount=dice.randrange(1, 500),
            owner=dice.choice(owners),
            expected_on=date(2026, 6, 1) + timedelta(days=dice.randrange(60)),
        )
    for each in Deal.objects.filter(deleted_at__isnull=True).order_by("id"):
        luck = dice.randrange(24)
        if each.status != "open":
            if luck == 0:
                reopen_deal(ctx, each)
        elif luck == 1:
            win_deal(ctx, each)
        elif luck == 2:
            lose_deal(ctx, each, lost_reason=LostReason.objects.first().id)
        elif luck in (3, 4):
            update_records(ctx, DEAL, [each], [{"amount": dice.randrange(1, 500)}])
        elif luck in (5, 6):
            update_records(
                ctx, DEAL, [each], [{"expected_on": date(2026, 6, 1) + timedelta(days=dice.randrange(60))}]
            )
        elif luck == 7:
            update_records(ctx, DEAL, [each], [{"owner": dice.choice(owners)}])


@pytest.mark.parametrize("seed", [1, 2])
def test_what_changed_since_any_evening_equals_reckoning_it_from_history(cast, acting, seed):
    dice, evenings = Random(seed), {}
    owners = [cast.sara.id, cast.babak.id, cast.mina.id]
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for n in range(14):
            with clock.freeze(BEGIN + timedelta(days=n)):
                live_a_day(ctx, owners, dice, n)
                if n not in (4, 5):
                    take(cast.arman)
                    evenings[clock.today(cast.arman.tz)] = copy()
        now, seen = copy(), Counter()
        for day, then in evenings.items():
            found = bridge(ctx.actor, day, SPAN)
            start, end, parts, others = compare(then, now)
            assert (found.start, found.end, found.parts, found.other_owner) == (start, end, parts, others)
            assert found.start + sum(amount for _n, amount in found.parts.values()) == found.end
            seen.update(found.parts.keys())
        # In a fortnight nearly everything happens.
        assert set(seen) >= {"new", "reopened", "pulled_in", "down", "pushed_out", "won", "lost"}
        # An evening on which nobody wrote anything down is answered by the one before.
        assert last_taken(date(2026, 6, 6)) == date(2026, 6, 4)
        assert StateDay.objects.count() == 12


def test_only_changes_are_written_down_and_the_later_of_two_of_one_day_holds(cast, acting):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        with clock.freeze(BEGIN):
            one, two = deal(ctx, "One", amount=10), deal(ctx, "Two", amount=20)
            assert take(cast.arman) == 2
            assert take(cast.arman) == 0
            update_records(ctx, DEAL, [one], [{"amount": 11}])
            assert take(cast.arman) == 1
        with clock.freeze(BEGIN + timedelta(days=1)):
            assert take(cast.arman) == 0
        rows = list(DealState.objects.order_by("deal_id").values_list("deal_id", "amount", "since", "until"))
        assert rows == [(one.id, 11, BEGIN.date(), None), (two.id, 20, BEGIN.date(), None)]


def test_the_forecast_adds_up_by_how_sure_deals_are(cast, acting):
    given = (
        (1000, 100, "commit"),
        (300, 75, "commit"),
        (200, 74, "best"),
        (70, 49, "pipeline"),
        (9, 90, "omitted"),
    )
    with workspace_scope(cast.arman.id), clock.freeze(BEGIN):
        ctx = acting(cast.sara)
        for amount, probability, category in given:
            deal(
                ctx,
                category,
                amount=amount,
                probability=probability,
                forecast=category,
                expected_on=date(2026, 6, 20),
            )
        deal(ctx, "Later", amount=5000, forecast="commit", expected_on=date(2026, 7, 1))
        win_deal(ctx, deal(ctx, "Won", amount=11))
        [line], total = forecast(ctx.actor, "owner", SPAN)
        months, _total = forecast(
            ctx.actor, "month", Span("own", "gregorian", date(2026, 6, 1), date(2026, 8, 1))
        )
    assert (
        total.parts
        == line.parts
        == {"won": (1, 11), "commit": (2, 1300), "best": (1, 200), "pipeline": (1, 70), "omitted": (1, 9)}
    )
    assert (total.committed, total.at_best) == (1311, 1511)
    # Each deal's share is cut to whole units: 1000 + 225 + 148 + 34 + 8.
    assert total.expected == 11 + 1415
    assert [(m.name, m.parts["commit"][1]) for m in months] == [("ژوئن ۲۰۲۶", 1300), ("ژوئیه ۲۰۲۶", 5000)]


def test_every_figure_of_the_forecast_opens_its_rows(cast, acting, browse):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        with clock.freeze(BEGIN):
            sure = deal(ctx, "Sure", amount=10, forecast="commit", expected_on=date(2026, 6, 20))
            gone = deal(ctx, "Gone", amount=20, probability=50, expected_on=date(2026, 6, 20))
            pushed = deal(ctx, "Pushed", amount=30, probability=50, expected_on=date(2026, 6, 25))
            take(cast.arman)
        with clock.freeze(BEGIN + timedelta(days=8)):
            win_deal(ctx, gone)
            update_records(ctx, DEAL, [pushed], [{"expected_on": date(2026, 9, 1)}])
            update_records(ctx, DEAL, [sure], [{"owner": cast.babak.id, "amount": 15}])
            undated = deal(ctx, "Undated", amount=1)
    with clock.freeze(BEGIN + timedelta(days=8)):
        answer = (
            browse(cast.sara)
            .get("/w/arman/reports/forecast?by=owner&span=this_quarter&calendar=gregorian")
            .content.decode()
        )
        program = program_of(cast.sara, cast.arman)
        found = [ids_behind(program, url) for url in links(answer)]
    for wanted in ({sure.id}, {gone.id}, {pushed.id}, {undated.id}):
        assert wanted in found, wanted
    # The one that grew, and the one that got another owner, are the same; nothing of the bridge leads nowhere.
    assert found.count({sure.id}) >= 3
    assert set() not in found


def test_whoever_may_not_know_amounts_has_no_forecast(cast, browse):
    with workspace_scope(cast.arman.id):
        role = Role.objects.create(
            key="clerk", name="Clerk", grants={"deal.view": "all"}, fields={"deal.amount": "hidden"}
        )
        User.objects.filter(id=cast.viewer.id).update(role=role)
        access_changed(cast.arman.id)
    assert browse(cast.viewer).get("/w/arman/reports/forecast").status_code == 403
    assert browse(cast.viewer).get("/w/arman/reports/sales").status_code == 200
