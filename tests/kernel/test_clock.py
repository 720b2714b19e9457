from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from peyvand.kernel import clock


def test_now_is_aware_and_moves() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)


def test_frozen_time_stands_still_and_nests() -> None:
    morning = datetime(2026, 11, 21, 8, tzinfo=UTC)
    evening = morning + timedelta(hours=12)
    with clock.freeze(morning):
        with clock.freeze(evening):
            assert clock.now() == evening
        assert clock.now() == morning
    assert clock.now() != morning


def test_today_is_the_date_where_the_reader_is() -> None:
    with clock.freeze(datetime(2026, 11, 21, 21, 0, tzinfo=UTC)):
        assert clock.today("UTC") == date(2026, 11, 21)
        assert clock.today("Asia/Tehran") == date(2026, 11, 22)
        assert clock.today(timezone(timedelta(hours=-5))) == date(2026, 11, 21)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"), clock.freeze(datetime(2026, 11, 21)):
        pass


@pytest.mark.parametrize(
    ("at", "begin", "end", "over"),
    [
        ("2026-11-22 20:59", "21:00", "09:00", None),
        ("2026-11-22 21:00", "21:00", "09:00", "2026-11-23 09:00"),
        ("2026-11-23 08:59", "21:00", "09:00", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "21:00", "09:00", None),
        ("2026-11-22 13:00", "12:00", "14:00", "2026-11-22 14:00"),
        ("2026-11-22 13:00", "13:00", "13:00", None),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(at: str, begin: str, end: str, over: str | None) -> None:
    tehran = ZoneInfo("Asia/Tehran")
    moment = datetime.fromisoformat(at).replace(tzinfo=tehran)
    found = clock.quiet_end(moment, time.fromisoformat(begin), time.fromisoformat(end), tehran)
    assert found == (datetime.fromisoformat(over).replace(tzinfo=tehran) if over else None)
