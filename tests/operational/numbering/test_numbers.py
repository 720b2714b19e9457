"""Numbers have no gap and no double: in turn, among many at once, and when transactions die."""

from __future__ import annotations

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection, connections, transaction

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.numbering.actions import close_year, reopen_year, set_first_month, set_pattern
from peyvand.operational.numbering.fiscal import demand_open, fiscal_year
from peyvand.operational.numbering.public import next_number, next_numbers
from peyvand.operational.numbering.series import checked, written
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.workspaces.scope import workspace_scope

TODAY = date(2026, 11, 22)


class Dies(Exception):
    """A transaction that comes to nothing."""


def test_numbers_follow_each_other_and_begin_anew_with_the_jalali_year(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        assert [next_number("invoice", TODAY) for _ in range(3)] == [
            "INV-1405-00001", "INV-1405-00002", "INV-1405-00003",
        ]  # fmt: skip
        assert next_number("invoice", date(2027, 3, 21)) == "INV-1406-00001"
        assert next_number("invoice", date(2027, 3, 20)) == "INV-1405-00004"
        assert next_number("quote", TODAY) == "Q-1405-0001"


def test_workspaces_count_by_themselves(cast: Any) -> None:
    for tenant in (cast.arman, cast.rival):
        with workspace_scope(tenant.id):
            assert next_number("invoice", TODAY) == "INV-1405-00001"


def test_what_is_rolled_back_gives_its_number_back(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        next_number("invoice", TODAY)
        with pytest.raises(Dies), transaction.atomic():
            next_number("invoice", TODAY)
            raise Dies
        assert next_number("invoice", TODAY) == "INV-1405-00002"


def test_a_block_is_taken_at_once_and_goes_by_the_papers_order(
    cast: Any, django_assert_num_queries: Any
) -> None:
    last_year = date(2026, 3, 20)
    with workspace_scope(cast.arman.id):
        next_number("invoice", TODAY)
        days = [TODAY, last_year, TODAY, last_year, TODAY]
        assert next_numbers("invoice", days) == [
            "INV-1405-00002", "INV-1404-00001", "INV-1405-00003", "INV-1404-00002", "INV-1405-00004",
        ]  # fmt: skip
        # The pattern, the fiscal calendar, and a counter for each of the two years.
        with django_assert_num_queries(4):
            assert len(set(next_numbers("invoice", days * 200))) == 1000
        assert next_numbers("invoice", []) == []
        assert next_number("invoice", TODAY) == "INV-1405-00605"
        set_pattern(
            Context(user_actor(cast.arman.id, cast.sara.id), "web"),
            series="quote",
            pattern="{n}-{yy}",
            restarts=False,
        )
        assert next_numbers("quote", days[:3]) == ["1-05", "2-04", "3-05"]


def test_eight_connections_at_once_and_dying_transactions_leave_no_gap_and_no_double(committed: Any) -> None:
    workspace = committed.arman.id

    def work(seat: int) -> list[str]:
        kept = []
        try:
            for turn in range(30):
                try:
                    with workspace_scope(workspace):
                        block = next_numbers("invoice", [TODAY] * (1 + turn % 3))
                        if (seat + turn) % 5 == 0:
                            raise Dies
                        if (seat + turn) % 7 == 0:
                            # The server ends this connection in the middle of its transaction.
                            with connection.cursor() as cursor:
                                cursor.execute("select pg_terminate_backend(pg_backend_pid())")
                    kept += block
                except Dies:
                    continue
                except (OperationalError, InterfaceError):
                    connections["default"].close()
            return kept
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        given = [number for numbers in pool.map(work, range(8)) for number in numbers]
    assert len(given) > 100
    assert max(Tally(given).values()) == 1
    assert sorted(given) == [f"INV-1405-{n:05}" for n in range(1, len(given) + 1)]


def test_a_pattern_of_ones_own(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id), clock.freeze(clock.now()):
        ctx = acting(cast.sara)
        next_number("invoice", clock.today("Asia/Tehran"))
        set_pattern(ctx, series="invoice", pattern="ف/{yy}/{n:03}", restarts=True)
        number = next_number("invoice", clock.today("Asia/Tehran"))
    assert number.startswith("ف/")
    assert number.endswith("/002")


def test_a_series_that_stops_restarting_goes_on_behind_its_highest_number(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        day = clock.today("Asia/Tehran")
        first = [next_number("invoice", day) for _ in range(4)]
        set_pattern(ctx, series="invoice", pattern="INV-{year}-{n:05}", restarts=False)
        second = [next_number("invoice", day) for _ in range(2)]
        set_pattern(ctx, series="invoice", pattern="INV-{year}-{n:05}", restarts=True)
        third = [next_number("invoice", day)]
    assert len(set(first + second + third)) == 7


@pytest.mark.parametrize(
    ("pattern", "restarts"),
    [
        ("INV-{year}", True), ("{n}-{n}", False), ("INV-{n}", True), ("{year}{n}", True), ("{m}-{n}", False), ("1{n}", False),
        ("{n:99}", False), ("x" * 50 + "{n}", False), ("{{n}}", False),
    ],
)  # fmt: skip
def test_patterns_that_would_mix_papers_up_are_refused(pattern: str, restarts: bool) -> None:
    with pytest.raises(Invalid):
        checked(pattern, restarts=restarts)


def test_a_pattern_is_written_as_it_says() -> None:
    assert written("A-{yy}-{n:04}", 12, 1405) == "A-05-0012"
    assert written("{year}/{n}", 123456, 1399) == "1399/123456"


def test_the_fiscal_year_begins_where_the_workspace_says(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        assert (fiscal_year(TODAY).year, fiscal_year(TODAY).start) == (1405, date(2026, 3, 21))
        set_first_month(acting(cast.sara), month=10)
        this = fiscal_year(TODAY)
        assert (this.year, this.start, this.end) == (1404, date(2025, 12, 22), date(2026, 12, 22))


def test_a_closed_year_takes_nothing_until_it_is_reopened(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        now = fiscal_year(clock.today(cast.arman.tz))
        with pytest.raises(RuleViolation), transaction.atomic():
            close_year(ctx, year=now.year)
        close_year(ctx, year=now.year - 1)
        before = fiscal_year(now.start.replace(year=now.start.year - 1, month=6)).start
        with pytest.raises(RuleViolation), transaction.atomic():
            demand_open(before)
        # Nor do the years before it, of which nobody said anything.
        with pytest.raises(RuleViolation), transaction.atomic():
            demand_open(before.replace(year=before.year - 15))
        demand_open(now.start)
        close_year(ctx, year=now.year - 2)
        with pytest.raises(RuleViolation), transaction.atomic():
            reopen_year(ctx, year=now.year - 2)
        with pytest.raises(RuleViolation), transaction.atomic():
            set_first_month(ctx, month=4)
        reopen_year(ctx, year=now.year - 1)
        reopen_year(ctx, year=now.year - 2)
        demand_open(before)


def test_only_those_who_run_the_workspace_change_it(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id), pytest.raises(NotAllowed):
        set_pattern(acting(cast.mina), series="invoice", pattern="X-{year}-{n}")
    assert browse(cast.mina).get("/w/arman/settings/numbers").status_code == 403


def test_the_settings_page_shows_the_next_number_and_keeps_what_is_typed(cast: Any, browse: Any) -> None:
    sara = browse(cast.sara)
    page = sara.get("/w/arman/settings/numbers").content.decode()
    assert "00001" in page
    wrong = sara.post(
        "/w/arman/settings/numbers", {"do": "pattern", "series": "invoice", "pattern": "ABC-{year}"}
    )
    assert wrong.status_code == 422
    assert "ABC-{year}" in wrong.content.decode()
    right = sara.post(
        "/w/arman/settings/numbers",
        {"do": "pattern", "series": "invoice", "pattern": "ABC-{year}-{n:04}", "restarts": "on"},
    )
    assert right.status_code == 302
    assert "-0001" in sara.get("/w/arman/settings/numbers").content.decode()
