"""Working time agrees with a clock read minute by minute, on days of changed clocks too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid, RuleViolation
from peyvand.operational.availability.fields import COUNTRIES, Spans, joined, spans_of, written
from peyvand.operational.availability.models import Absence
from peyvand.operational.availability.objects import ABSENCE, HOLIDAY, WORKING_HOURS
from peyvand.operational.availability.public import (
    add_working_time,
    away,
    is_working,
    next_working,
    working_periods,
)
from peyvand.operational.availability.reading import Times, Week, national
from peyvand.platform.actions.context import job_context
from peyvand.platform.fields.reader import Reader
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope

MINUTE = timedelta(minutes=1)
# Tehran changed its clocks at midnight until 2022; Berlin does at two, Lord Howe by half an hour.
ZONES = ("Asia/Tehran", "Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC")
# Days around changes of clocks in these zones, and an ordinary one.
DAYS = (
    date(2022, 3, 21), date(2022, 9, 21), date(2026, 3, 28), date(2026, 10, 24), date(2026, 4, 4), date(2018, 11, 3),
    date(2018, 2, 17), date(2026, 11, 20),
)  # fmt: skip
spans = st.lists(
    st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda s: s[0] < s[1]), max_size=3
).map(joined)
TEHRAN = ZoneInfo("Asia/Tehran")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=TEHRAN)


@given(
    zone=st.sampled_from(ZONES),
    first=st.sampled_from(DAYS),
    week=st.lists(spans, min_size=7, max_size=7),
    gone=spans,
    is_whole=st.booleans(),
    free=st.booleans(),
    length=st.integers(1, 72 * 60),
    shift=st.integers(0, 24 * 60),
)
@settings(max_examples=60)
def test_periods_are_the_minutes_at_which_the_clock_on_the_wall_shows_working_time(
    zone: str,
    first: date,
    week: Sequence[Any],
    gone: Any,
    is_whole: bool,
    free: bool,
    length: int,
    shift: int,
) -> None:
    tz, second = ZoneInfo(zone), first + timedelta(days=1)
    absence = Absence(owner_id=1, starts_on=second, ends_on=second, hours="" if is_whole else written(gone))
    is_absent = is_whole or bool(gone)
    times = Times(
        tz, Week(tuple(week)), {}, {first: False} if free else {}, {1: [absence]} if is_absent else {}
    )
    start = datetime(first.year, first.month, first.day, tzinfo=UTC) + shift * MINUTE
    end = start + length * MINUTE

    def works(moment: datetime) -> bool:
        local = moment.astimezone(tz)
        minute, day = local.hour * 60 + local.minute, local.date()
        inside = any(a <= minute < b for a, b in week[day.weekday()])
        taken = is_absent and day == second and (is_whole or any(a <= minute < b for a, b in gone))
        return inside and not taken and not (free and day == first)

    wanted = [start + n * MINUTE for n in range(length) if works(start + n * MINUTE)]
    found = list(times.periods(1, start, end))
    read = [begin + n * MINUTE for begin, stop in found for n in range(int((stop - begin) / MINUTE))]
    assert read == wanted
    assert all(one[1] < other[0] for one, other in pairwise(found))


@given(spans)
def test_hours_are_kept_as_they_were_written(hours: Any) -> None:
    assert spans_of(written(hours)) == hours


def test_hours_are_read_as_people_write_them(cast: Any) -> None:
    t = cast.arman
    reader = Reader("fa", t.timezone, t.currency, t.money_unit, t.slug)
    field = Spans(key="monday", label="Monday")
    assert field.parse("۸ تا ۱۲، ۱۳:۰۰–۱۷:۳۰", reader) == "08:00-12:00, 13:00-17:30"
    assert field.parse("8-12, 11:30-13", reader) == "08:00-13:00"
    assert field.parse("22-24", reader) == "22:00-24:00"
    assert field.parse("", reader) == ""
    assert field.show("08:00-12:00, 13:00-17:30", reader) == "۸:۰۰ تا ۱۲:۰۰، ۱۳:۰۰ تا ۱۷:۳۰"
    for wrong in ("8", "12-8", "8-25", "morning", "8-8", "8-12-13"):
        with pytest.raises(Invalid):
            field.parse(wrong, reader)


def test_a_new_workspace_works_as_its_language_does(cast: Any) -> None:
    monday, thursday, friday = date(2026, 11, 16), date(2026, 11, 19), date(2026, 11, 20)
    with workspace_scope(cast.arman.id):
        found = working_periods([cast.babak.id], at(monday, 0), at(monday, 23))[cast.babak.id]
        assert found == [(at(monday, 8), at(monday, 17))]
        assert found[0][0].utcoffset() == timedelta(0)
        assert is_working([cast.babak.id], at(thursday, 12, 59)) == {cast.babak.id}
        assert is_working([cast.babak.id], at(thursday, 13)) == set()
        assert is_working([cast.babak.id], at(friday, 10)) == set()
        assert next_working([cast.babak.id], at(thursday, 13)) == {cast.babak.id: at(date(2026, 11, 21), 8)}


def test_holidays_are_free_but_for_what_the_workspace_says(cast: Any) -> None:
    nowruz, ordinary = date(2026, 3, 23), date(2026, 11, 16)
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        assert is_working([cast.mina.id], at(nowruz, 10)) == set()
        create_records(ctx, HOLIDAY, [
            {"name": "Stocktaking", "day": nowruz, "is_working": True}, {"name": "Our day", "day": ordinary},
        ])  # fmt: skip
        assert is_working([cast.mina.id], at(nowruz, 10)) == {cast.mina.id}
        assert is_working([cast.mina.id], at(ordinary, 10)) == set()


def test_own_hours_and_those_that_began_last_go_first(cast: Any) -> None:
    day = date(2026, 2, 23)
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        create_records(ctx, WORKING_HOURS, [
            {"name": "Ramadan", "starts_on": date(2026, 2, 18), "ends_on": date(2026, 3, 19), "monday": "09:00-14:00"},
            {"name": "Evenings", "user": cast.babak.id, "monday": "14:00-22:00"},
        ])  # fmt: skip
        everybody = [cast.mina.id, cast.babak.id]
        found = working_periods(everybody, at(day, 0), at(day, 23))
        assert found == {
            cast.mina.id: [(at(day, 9), at(day, 14))],
            cast.babak.id: [(at(day, 14), at(day, 22))],
        }
        later = date(2026, 4, 6)
        assert is_working(everybody, at(later, 8)) == {cast.mina.id}


def test_who_is_away_does_not_work(cast: Any) -> None:
    day = date(2026, 11, 16)
    both = [cast.mina.id, cast.babak.id]
    with workspace_scope(cast.arman.id):
        ctx = job_context(cast.arman)
        create_records(ctx, ABSENCE, [
            {"owner": cast.babak.id, "starts_on": day, "ends_on": day + timedelta(days=1)},
            {"owner": cast.mina.id, "starts_on": day, "hours": "10:00-12:00", "deputy": cast.babak.id},
        ])  # fmt: skip
        assert set(away(both, day)) == set(both)
        assert set(away(both, at(day, 9))) == {cast.babak.id}
        assert away(both, at(day, 11))[cast.mina.id].deputy_id == cast.babak.id
        assert is_working(both, at(day, 11)) == set()
        assert is_working(both, at(day, 12)) == {cast.mina.id}
        assert away(both, day + timedelta(days=2)) == {}


def test_what_waits_waits_in_working_time(cast: Any) -> None:
    thursday, saturday = date(2026, 11, 19), date(2026, 11, 21)
    with workspace_scope(cast.arman.id):
        assert add_working_time(None, at(thursday, 12), timedelta(hours=2)) == at(saturday, 9)
        assert add_working_time(None, at(thursday, 12), timedelta(hours=1)) == at(thursday, 13)
        assert add_working_time(None, at(thursday, 14), timedelta(0)) == at(saturday, 8)
        # Fifty hours a week.
        assert add_working_time(cast.babak.id, at(saturday, 7), timedelta(hours=49)) == at(
            date(2026, 11, 26), 12
        )
        assert add_working_time(cast.babak.id, at(saturday, 7), timedelta(hours=51)) == at(
            date(2026, 11, 28), 9
        )
        create_records(job_context(cast.arman), WORKING_HOURS, [{"name": "Never", "user": cast.babak.id}])
        with pytest.raises(RuleViolation):
            add_working_time(cast.babak.id, at(thursday, 12), timedelta(hours=1))


def test_questions_do_not_grow_with_users_and_days(cast: Any, django_assert_num_queries: Any) -> None:
    day = date(2026, 11, 16)
    with workspace_scope(cast.arman.id):
        with django_assert_num_queries(4):
            working_periods([cast.mina.id], at(day, 8), at(day, 9))
        with django_assert_num_queries(3):
            working_periods(range(1, 400), at(day, 8), at(day + timedelta(days=31), 9))


@pytest.mark.parametrize("country", [option.key for option in COUNTRIES])
def test_the_holidays_of_every_country_that_can_be_chosen_are_known(country: str) -> None:
    assert len(national(country, 2026)) >= 4
