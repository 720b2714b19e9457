"""What leaves by the channels: when, to whom, once, and in whose language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.activities.public import TASK
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account, User
from peyvand.platform.notifications import channels
from peyvand.platform.notifications.channels import Channel, Letter, register_channel
from peyvand.platform.notifications.kinds import kind_of
from peyvand.platform.notifications.models import Notification, Posting, Preference
from peyvand.platform.notifications.posting import (
    LEASE_MINUTES,
    MOST_ATTEMPTS,
    _pack,
    _take,
    anything_due,
    post,
)
from peyvand.platform.notifications.preferences import Wishes, keep, wishes_of
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.telling import tell_all

TEHRAN = ZoneInfo("Asia/Tehran")
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=TEHRAN)
NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=TEHRAN)
GIVEN = "activities.task_given.v1"


def give(cast: Any, acting: Any, *titles: str) -> list[Any]:
    with workspace_scope(cast.arman.id):
        made = create_records(
            acting(cast.sara), TASK, [{"title": title, "owner": cast.babak.id} for title in titles]
        )
        tell_all(cast.arman)
        return made


def reach(user: Any, phone: str) -> None:
    """Somebody chose to hear of given tasks by a phone that they confirmed."""
    keep(user.id, Wishes({GIVEN: ["text"]}, None, phone))
    Preference.objects.filter(user_id=user.id).update(phone_confirmed_at=NOON)


@pytest.fixture
def sms() -> Iterator[list[Letter]]:
    """A channel of messages for this test alone: what it was given to send."""
    sent: list[Letter] = []
    register_channel(Channel("text", "Text", lambda tenant, letter: sent.append(letter), asks="phone"))
    yield sent
    del channels._channels["text"]


def test_several_are_one_letter_in_the_readers_language(cast: Any, acting: Any, settings: Any) -> None:
    settings.PUBLIC_URL = "https://crm.example.com"
    with clock.freeze(NOON):
        give(cast, acting, "اول", "دوم")
        assert post(cast.arman) == 1
    [letter] = mail.outbox
    assert letter.to == ["babak@arman.example"]
    assert letter.subject == "پیوند: ۲ اعلان تازه"
    assert "Sara Moini کار اول را به شما سپرد" in letter.body
    assert "\u2068Sara Moini\u2069 کار اول را به شما سپرد" in letter.alternatives[0][0]
    with workspace_scope(cast.arman.id):
        ids = list(Notification.objects.order_by("id").values_list("id", flat=True))
        assert not Posting.objects.exists()
    assert all(f"https://crm.example.com/w/arman/notifications/{id}" in letter.body for id in ids)
    html = letter.alternatives[0][0]
    assert 'lang="fa" dir="rtl"' in html


def test_a_letter_of_one_says_it_in_its_subject_in_english_too(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        account = User.objects.get(id=cast.babak.id).account_id
    Account.objects.filter(id=account).update(language="en")
    access_changed(cast.arman.id)
    with clock.freeze(NOON):
        give(cast, acting, "Call\nAlborz")
        post(cast.arman)
    assert mail.outbox[0].subject == "Sara Moini gave you the task Call Alborz"
    assert 'dir="ltr"' in mail.outbox[0].alternatives[0][0]


def test_a_letter_is_readable_as_mail(cast: Any, acting: Any) -> None:
    with clock.freeze(NOON):
        give(cast, acting, "تماس")
        post(cast.arman)
    read = message_from_bytes(mail.outbox[0].message().as_bytes(), policy=policy.default)
    assert read.get_body(("plain",)).get_content().startswith("Sara Moini کار تماس را به شما سپرد")


def test_at_night_they_wait_for_the_morning(cast: Any, acting: Any) -> None:
    with clock.freeze(NIGHT):
        give(cast, acting, "Night")
        assert post(cast.arman) == 0
    with clock.freeze(datetime(2026, 11, 23, 6, 59, tzinfo=TEHRAN)), workspace_scope(cast.arman.id):
        assert not anything_due()
    with clock.freeze(datetime(2026, 11, 23, 7, 0, tzinfo=TEHRAN)):
        assert post(cast.arman) == 1


def test_what_was_read_meanwhile_does_not_leave(cast: Any, acting: Any) -> None:
    with clock.freeze(NIGHT):
        give(cast, acting, "Night")
    with workspace_scope(cast.arman.id):
        Notification.objects.update(read_at=NIGHT)
    with clock.freeze(NIGHT + timedelta(hours=9)):
        assert post(cast.arman) == 0
    with workspace_scope(cast.arman.id):
        assert not Posting.objects.exists()


def test_what_went_out_of_sight_meanwhile_does_not_leave(cast: Any, acting: Any) -> None:
    with clock.freeze(NIGHT):
        tasks = give(cast, acting, "Night")
        with workspace_scope(cast.arman.id):
            update_records(acting(cast.sara), TASK, tasks, [{"owner": cast.sara.id}])
    with clock.freeze(NIGHT + timedelta(hours=9)):
        assert post(cast.arman) == 0
    assert mail.outbox == []


def test_each_chooses_by_kind_and_channel(cast: Any, acting: Any, sms: list[Letter]) -> None:
    with workspace_scope(cast.arman.id):
        keep(cast.babak.id, Wishes({GIVEN: ["text"]}, None, "0912 438 2217"))
    with clock.freeze(NIGHT):
        give(cast, acting, "Too early")
        # Whose phone that is, nobody knows yet.
        assert post(cast.arman) == 0
        with workspace_scope(cast.arman.id):
            reach(cast.babak, "0912 438 2217")
        give(cast, acting, "Now")
        assert post(cast.arman) == 1
    assert mail.outbox == []
    assert [(letter.address, len(letter.lines)) for letter in sms] == [("+989124382217", 1)]


def test_a_channel_by_phone_wants_a_phone(cast: Any, sms: list[Letter]) -> None:
    with workspace_scope(cast.arman.id):
        with pytest.raises(Invalid) as refused:
            keep(cast.babak.id, Wishes({GIVEN: ["text"]}))
        assert refused.value.problems[0].field == "phone"
        with pytest.raises(Invalid) as refused:
            keep(cast.babak.id, Wishes(phone="no phone"))
        assert refused.value.problems[0].field == "phone"
        assert wishes_of([cast.babak.id])[cast.babak.id] == Wishes()


def test_one_that_fails_is_tried_again_later_and_keeps_nobody_else(
    cast: Any, acting: Any, sms: list[Letter]
) -> None:
    with workspace_scope(cast.arman.id):
        reach(cast.babak, "09124382217")
        keep(cast.babak.id, Wishes({GIVEN: ["text", "mail"]}, None, "09124382217"))
    fails = [True]

    def send(tenant: Any, letter: Letter) -> None:
        if fails:
            raise ConnectionRefusedError
        sms.append(letter)

    channels._channels["text"] = Channel("text", "Text", send, asks="phone")
    with clock.freeze(NOON):
        give(cast, acting, "Twice")
        assert post(cast.arman) == 1
        assert post(cast.arman) == 0
    fails.clear()
    with clock.freeze(NOON + timedelta(minutes=LEASE_MINUTES)):
        assert post(cast.arman) == 1
    assert (len(sms), len(mail.outbox)) == (1, 1)


def test_it_is_given_up_at_last(cast: Any, acting: Any, sms: list[Letter]) -> None:
    with clock.freeze(NOON):
        give(cast, acting, "Never")
    with workspace_scope(cast.arman.id):
        Posting.objects.update(attempts=MOST_ATTEMPTS)
    with clock.freeze(NOON):
        assert post(cast.arman) == 0
    with workspace_scope(cast.arman.id):
        assert not Posting.objects.exists()


def test_a_worker_that_dies_while_sending_leaves_it_to_be_sent_again(
    cast: Any, acting: Any, sms: list[Letter]
) -> None:
    class Killed(BaseException):
        pass

    def die(tenant: Any, letter: Letter) -> None:
        raise Killed

    with workspace_scope(cast.arman.id):
        reach(cast.babak, "09124382217")
    channels._channels["text"] = Channel("text", "Text", die, asks="phone")
    with clock.freeze(NOON):
        give(cast, acting, "Kept")
        with pytest.raises(Killed):
            post(cast.arman)
    channels._channels["text"] = Channel(
        "text", "Text", lambda tenant, letter: sms.append(letter), asks="phone"
    )
    with clock.freeze(NOON + timedelta(minutes=LEASE_MINUTES)):
        assert post(cast.arman) == 1
    assert len(sms) == 1


def test_what_left_before_the_worker_died_does_not_leave_again(
    cast: Any, acting: Any, sms: list[Letter]
) -> None:
    class Killed(BaseException):
        pass

    def die_at_the_second(tenant: Any, letter: Letter) -> None:
        if sms:
            raise Killed
        sms.append(letter)

    with workspace_scope(cast.arman.id):
        for user, phone in ((cast.babak, "09124382217"), (cast.mina, "09124382218")):
            reach(user, phone)
    channels._channels["text"] = Channel("text", "Text", die_at_the_second, asks="phone")
    with clock.freeze(NOON):
        give(cast, acting, "First")
        with workspace_scope(cast.arman.id):
            create_records(acting(cast.sara), TASK, [{"title": "Second", "owner": cast.mina.id}])
            tell_all(cast.arman)
        with pytest.raises(Killed):
            post(cast.arman)
    channels._channels["text"] = Channel(
        "text", "Text", lambda tenant, letter: sms.append(letter), asks="phone"
    )
    with clock.freeze(NOON + timedelta(minutes=LEASE_MINUTES)):
        assert post(cast.arman) == 1
    assert len({letter.address for letter in sms}) == len(sms) == 2


def test_letters_of_many_cost_as_many_statements_as_of_few(cast: Any, acting: Any) -> None:
    def cost(count: int) -> int:
        with workspace_scope(cast.arman.id):
            role = cast.babak.role_id
            names = [f"{count}-{n}" for n in range(count)]
            User.objects.bulk_create(
                User(name=name, email=f"{name}@arman.example", role_id=role, workspace_id=cast.arman.id)
                for name in names
            )
            users = User.objects.filter(name__in=names)
            create_records(acting(cast.sara), TASK, [{"title": "T", "owner": user.id} for user in users])
            tell_all(cast.arman)
            taken = _take(cast.arman)
            assert len(taken) == count
            with CaptureQueriesContext(connection) as queries:
                parcels = _pack(cast.arman, taken)
            assert len({parcel.letter.address for parcel in parcels}) == count
            Posting.objects.all().delete()
        return len(queries)

    with clock.freeze(NOON):
        few = cost(5)
        assert cost(60) == few


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)),
    st.times(), st.times(), st.sampled_from(["Asia/Tehran", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_nothing_leaves_in_quiet_hours_and_nothing_waits_longer_than_they_last(
    at: datetime, begin: time, end: time, zone: str
) -> None:
    tz, at = ZoneInfo(zone), at.replace(tzinfo=UTC)
    quiet = (begin.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0))
    leaves = Wishes(quiet=quiet if quiet[0] != quiet[1] else None).open_at(at, tz)
    assert at <= leaves <= at + timedelta(hours=26)
    if leaves != at:
        # At the end of quiet hours; where the clocks jump over it, right after.
        assert (
            timedelta(0)
            <= leaves.astimezone(tz).replace(tzinfo=None)
            - datetime.combine(leaves.astimezone(tz).date(), quiet[1])
            <= timedelta(hours=1)
        )


def test_quiet_hours_end_by_the_clock_on_the_wall_when_it_changes() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    night = datetime(2026, 3, 28, 23, 0, tzinfo=berlin)
    assert Wishes().open_at(night, berlin).astimezone(berlin) == datetime(2026, 3, 29, 7, 0, tzinfo=berlin)
    assert Wishes().open_at(night, berlin) - night.astimezone(UTC) == timedelta(hours=7)


def test_kinds_that_cannot_wait_say_so() -> None:
    reminder, given_task = kind_of("activities.reminder_due.v1"), kind_of(GIVEN)
    assert reminder is not None
    assert given_task is not None
    assert reminder.urgent
    assert not given_task.urgent
