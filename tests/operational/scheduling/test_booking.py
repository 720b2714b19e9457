"""Times that strangers book: only what is free, once, by people who are known again; moved and called off by their own address."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peyvand.api import limits
from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, RuleViolation
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.scheduling import booking
from peyvand.operational.scheduling.actions import repeat_meeting
from peyvand.operational.scheduling.booking import Visitor
from peyvand.operational.scheduling.free import free_times, slots
from peyvand.operational.scheduling.models import Booking, BookingPage
from peyvand.operational.scheduling.objects import BOOKING_PAGE, renew_address
from peyvand.operational.scheduling.web import public
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.workspaces.scope import workspace_scope

# A Sunday, half past nine in Tehran; work goes from eight to seventeen.
NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")
MONDAY = date(2026, 11, 23)


@pytest.fixture
def now():
    with clock.freeze(NOW):
        yield


def at(day, hour, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=TEHRAN).astimezone(UTC)


def make_page(ctx, **raw):
    return create_record(
        ctx, BOOKING_PAGE, {"name": "مشاورهٔ خرید", "title_en": "Buying advice", "after": 0, **raw}
    )


@pytest.fixture
def page(cast, acting, now):
    with workspace_scope(cast.arman.id):
        return make_page(acting(cast.sara), minutes=60)


def free(cast, page, day=MONDAY, **words):
    with workspace_scope(cast.arman.id):
        found = free_times(cast.arman, page, day, day + timedelta(days=1), **words)
    return {moment.astimezone(TEHRAN).strftime("%H:%M"): hosts for moment, hosts in found.items()}


def test_working_time_less_meetings_buffers_and_what_will_come(cast, acting, page):
    everything = free(cast, page)
    assert (min(everything), max(everything), len(everything)) == ("08:00", "16:00", 17)
    assert free(cast, page, date(2026, 11, 27)) == {}, "Friday"
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        raw = {"title": "Round", "starts_at": "2026-11-22 10:00", "ends_at": "2026-11-22 11:00"}
        repeat_meeting(ctx, create_record(ctx, MEETING, raw), unit="day")
        create_record(acting(cast.mina), MEETING, {"title": "Hers", "starts_at": "2026-11-23 14:00"})
        create_record(ctx, MEETING, {"title": "Off", "starts_at": "2026-11-23 15:00", "status": "cancelled"})
        update_record(ctx, BOOKING_PAGE, page, {"before": 30, "after": 30})
    left = free(cast, page)
    assert [t for t in everything if t not in left] == ["09:00", "09:30", "10:00", "10:30", "11:00"]


def test_notice_horizon_and_closed_pages(cast, acting, page):
    assert min(free(cast, page, date(2026, 11, 22))) == "13:30", "four hours from now"
    assert free(cast, page, date(2026, 12, 22))
    assert free(cast, page, date(2026, 12, 23)) == {}
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.sara), BOOKING_PAGE, page, {"is_active": False})
    body = Client().get(address(page)).content.decode()
    assert "?at=" not in body


@given(
    st.lists(st.tuples(st.integers(0, 1400), st.integers(1, 300)), max_size=4),
    st.lists(st.tuples(st.integers(0, 1400), st.integers(1, 200)), max_size=5),
    st.integers(5, 120), st.integers(0, 45), st.integers(0, 45),
)  # fmt: skip
def test_slots_agree_with_a_reading_minute_by_minute(works, busy, length, before, after):
    day = datetime(2026, 11, 23, tzinfo=TEHRAN)

    def periods(spans):
        return [(day + timedelta(minutes=a), day + timedelta(minutes=min(a + n, 1440))) for a, n in spans]

    step = 15 if length <= 15 else 30
    taken = {m for a, n in busy for m in range(a, min(a + n, 1440))}
    wanted = {
        m
        for a, n in works
        for m in range(0, 1440, step)
        if a <= m
        and m + length <= min(a + n, 1440)
        and not taken & set(range(m - before, m + length + after))
    }
    minutes = (timedelta(minutes=n) for n in (length, before, after))
    found = slots(periods(works), periods(busy), *minutes, TEHRAN)
    assert {round((moment - day).total_seconds() / 60) for moment in found} == wanted


def address(page):
    return f"/b/{page.workspace_id}-{page.secret}"


def take(page, moment, **words):
    given_words = {
        "at": moment.strftime("%Y-%m-%dT%H:%MZ"),
        "name": "لیلا بهشتی",
        "phone": "09121234567",
        **words,
    }
    return Client().post(f"{address(page)}/book", given_words)


def test_a_visitor_books_moves_and_calls_off(cast, acting, page):
    with workspace_scope(cast.arman.id):
        update_record(
            acting(cast.sara),
            BOOKING_PAGE,
            page,
            {"questions": "Which product?\nHow many?", "place": "Room 4"},
        )
    client = Client(headers={"accept-language": "fa"})
    times = client.get(address(page)).content.decode()
    assert "مشاورهٔ خرید" in times
    link = re.search(r'href="([^"]*\?at=2026-11-23T06:30Z[^"]*)"', times)
    assert link
    form = client.get(link[1].replace("&amp;", "&")).content.decode()
    assert "دوشنبه ۲ آذر ۱۴۰۵، ۱۰:۰۰" in form
    assert "Which product?" in form

    made = take(page, at(23, 10), q0="Tiles", email="Leila@Example.com")
    assert made.status_code == 302
    where = made["Location"].partition("?")[0]
    body = client.get(where).content.decode()
    assert "دوشنبه ۲ آذر ۱۴۰۵، ۱۰:۰۰" in body
    assert "Room 4" in body
    with workspace_scope(cast.arman.id):
        meeting = Meeting.objects.get()
        assert (meeting.starts_at, meeting.ends_at) == (at(23, 10), at(23, 11))
        assert (meeting.owner_id, meeting.person.name) == (cast.sara.id, "لیلا بهشتی")
        assert meeting.agenda == "Which product? Tiles"
    again = take(page, at(23, 10), email="Leila@Example.com")
    assert again.status_code == 409, "a name, a phone and a mail prove nothing"
    assert where not in again.content.decode()
    assert take(page, at(23, 10, 30), name="Other", phone="09351112233").status_code == 409
    assert b"BEGIN:VEVENT" in client.get(f"{where}/meeting.ics").content

    assert "10:00" in free(cast, page, without=meeting.id)
    assert client.post(f"{where}/move", {"at": "2026-11-23T07:00Z"}).status_code == 302, "over its own time"
    assert client.post(f"{where}/move", {"at": "2026-11-27T07:00Z"}).status_code == 409
    assert client.post(f"{where}/move", {"at": "soon"}).status_code == 302
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get().starts_at == at(23, 10, 30)
    for _ in range(2):
        assert client.post(f"{where}/cancel").status_code == 302
    assert "این قرار لغو شده است" in client.get(where).content.decode()
    assert "10:30" in free(cast, page)
    assert client.post(f"{where}/move", {"at": "2026-11-23T08:00Z"}).status_code == 422


def test_a_form_sent_twice_is_one_booking_and_no_other_form_shows_it(cast, page):
    form = Client().get(f"{address(page)}?at=2026-11-23T06:30Z").content.decode()
    ticket = re.search(r'name="ticket" value="([^"]+)"', form)[1]
    first, again = (take(page, at(23, 10), ticket=ticket) for _ in range(2))
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    assert take(page, at(23, 10), ticket="forged").status_code == 409
    with workspace_scope(cast.arman.id):
        assert Booking.objects.count() == 1


def test_a_page_is_opened_for_oneself_or_for_whom_one_manages(cast, acting, now):
    with workspace_scope(cast.arman.id):
        for words in ({"owner": cast.sara.id}, {"owner": cast.mina.id}, {"team": cast.mina.team_id}):
            with pytest.raises(RuleViolation), transaction.atomic():
                make_page(acting(cast.babak), **words)
        own = make_page(acting(cast.babak))
        with pytest.raises(RuleViolation), transaction.atomic():
            update_record(acting(cast.babak), BOOKING_PAGE, own, {"owner": cast.sara.id})
        make_page(acting(cast.mina), owner=cast.babak.id)
        given = make_page(acting(cast.sara), owner=cast.babak.id, team=cast.mina.team_id)
        update_record(acting(cast.babak), BOOKING_PAGE, given, {"minutes": 45})


def test_people_are_known_again_and_not_written_over(cast, acting, page):
    with workspace_scope(cast.arman.id):
        phones = [{"value": "+989121234567"}]
        known = create_record(acting(cast.sara), PERSON, {"family_name": "Beheshti", "phones": phones})
    take(page, at(23, 8), name="Anybody at all", phone="۰۹۱۲ ۱۲۳ ۴۵۶۷")
    take(page, at(23, 9), name="Nima Yushij", phone="", email="NIMA@example.com")
    take(page, at(23, 10), name="N. Y.", phone="", email="nima@example.com")
    with workspace_scope(cast.arman.id):
        assert Meeting.objects.get(starts_at=at(23, 8)).person_id == known.id
        assert set(Person.objects.values_list("name", flat=True)) == {"Beheshti", "Nima Yushij"}


@pytest.mark.parametrize(
    "words",
    [
        {"name": ""},
        {"phone": ""},
        {"phone": "12"},
        {"email": "nobody"},
        {"name": "x" * 151},
        {"q0": "y" * 1001},
    ],
)
def test_what_cannot_be_is_said_and_kept(cast, acting, page, words):
    with workspace_scope(cast.arman.id):
        update_record(acting(cast.sara), BOOKING_PAGE, page, {"questions": "Why?"})
    answer = take(page, at(23, 10), **words)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    with workspace_scope(cast.arman.id):
        assert not Meeting.objects.exists()


def test_hostile_visitors_leave_text_or_nothing(cast, page, browse):
    assert take(page, at(23, 10), homepage="http://spam.example").status_code == 302
    for odd in ({"at": "9999-99-99"}, {"at": "2026-11-23T10:00"}, {"tz": "../../etc"}):
        assert take(page, at(26, 10), **odd).status_code == 302
    take(page, at(24, 10), name="<script>alert(1)</script>")
    with workspace_scope(cast.arman.id):
        meeting = Meeting.objects.get(starts_at=at(24, 10))
        where = Booking.objects.get(meeting=meeting)
    assert "<script>alert" not in Client().get(f"{address(page)}/{where.secret}").content.decode()
    assert "<script>alert" not in browse(cast.sara).get(f"/w/arman/meetings/{meeting.id}/").content.decode()
    token = address(page)
    for wrong in ("/b/x", f"/b/{cast.rival.id}-{page.secret}", f"{token}/nothing", f"{token[:-1]}_"):
        assert Client().get(wrong).status_code == 404
    with workspace_scope(cast.arman.id):
        page.refresh_from_db()
        renew_address(job_context(cast.arman), page)
    assert Client().get(token).status_code == 404
    assert Client().get(address(page)).status_code == 200


def test_of_a_team_whoever_is_free_and_has_fewest(cast, acting, now):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        page = make_page(ctx, minutes=60, team=cast.mina.team_id, per_day=2)
        system = job_context(cast.arman)
        owners = [
            booking.take(system, page, at(23, hour), Visitor(f"N{n}", f"+98912000000{n}")).meeting.owner_id
            for n, hour in enumerate((9, 9, 10, 11))
        ]
        assert owners == [cast.mina.id, cast.babak.id, cast.mina.id, cast.babak.id]
        with pytest.raises(Conflict):
            booking.take(system, page, at(23, 14), Visitor("Late", "+989120000009"))
        assert booking.take(system, page, at(24, 14), Visitor("Late", "+989120000009"))


def test_other_zones_and_languages(cast, page):
    body = Client(headers={"accept-language": "en"}).get(f"{address(page)}?tz=Europe/Berlin").content.decode()
    assert "Buying advice" in body
    first = re.search(r'at=2026-11-23T04:30Z[^"]*">([\d:]+)<', body)
    assert first
    assert first[1] == "05:30"


def test_eight_at_once_book_one_time_once(committed):
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        page = make_page(ctx, minutes=60, notice_hours=0)
        today = clock.today(TEHRAN)
        moment = min(free_times(committed.arman, page, today + timedelta(days=1), today + timedelta(days=9)))
    gate = Barrier(8)

    def visit(n):
        try:
            gate.wait(60)
            return take(page, moment, name=f"Visitor {n}", phone=f"0912000000{n}").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(visit, range(8)))
    assert answers == [302] + [409] * 7
    with workspace_scope(committed.arman.id):
        assert Meeting.objects.count() == Booking.objects.count() == 1
        assert Person.objects.count() == 1
        assert BookingPage.objects.get().name == "مشاورهٔ خرید"


def test_an_address_does_not_fill_a_day_at_one_go(cast, page, monkeypatch):
    monkeypatch.setattr(settings, "API_PER_MINUTE", 100)
    codes = [take(page, at(23, hour), phone=f"0912123456{hour % 10}").status_code for hour in range(8, 15)]
    assert codes == [302] * 4 + [429] * 3
    with workspace_scope(cast.arman.id):
        assert Booking.objects.count() == 4


def test_an_address_books_no_more_than_a_days_worth_by_one_page(cast, page, monkeypatch):
    monkeypatch.setattr(settings, "API_PER_MINUTE", 1000)
    # What other tests spent in this minute is not held against this one.
    monkeypatch.setattr(limits, "_shares", {})
    monkeypatch.setattr(public, "MADE_PER_MINUTE", 100)
    monkeypatch.setattr(public, "MADE_PER_DAY", 3)
    answers = [take(page, at(23, hour), phone=f"0912123456{hour % 10}") for hour in range(8, 13)]
    assert [a.status_code for a in answers] == [302] * 3 + [429] * 2
    with clock.freeze(clock.now() + timedelta(hours=1)):
        assert take(page, at(23, 14), phone="09121234560").status_code == 429
