"""The bell, the page of all notifications and one's own choices, as a signed-in person meets them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from peyvand.collaborative.mail.events import MessageReceived
from peyvand.collaborative.mail.public import MailAccount, MailMessage
from peyvand.collaborative.sms.models import SmsMessage
from peyvand.operational.activities.models import Reminder
from peyvand.operational.activities.public import TASK
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import job_context
from peyvand.platform.notifications.models import Notification, Preference
from peyvand.platform.notifications.preferences import Wishes, keep, wishes_of
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.models import Workspace
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.telling import tell_all

BASE = "/w/arman/notifications"


@pytest.fixture
def told(cast: Any, acting: Any) -> list[int]:
    """Babak was given two tasks by Sara; the ids of his notifications."""
    with workspace_scope(cast.arman.id):
        create_records(
            acting(cast.sara), TASK, [{"title": t, "owner": cast.babak.id} for t in ("قرارداد", "تماس")]
        )
        tell_all(cast.arman)
        return list(Notification.objects.order_by("id").values_list("id", flat=True))


def rows(cast: Any, **asked: Any) -> Any:
    with workspace_scope(cast.arman.id):
        return list(Notification.objects.filter(**asked).order_by("id").values_list("id", flat=True))


def test_every_page_has_the_bell_with_what_is_new(cast: Any, browse: Any, told: list[int]) -> None:
    page = browse(cast.babak).get("/w/arman/").content.decode()
    assert f'data-live="bell:{cast.babak.id}"' in page
    assert "۲ اعلان تازه" in page
    assert "اعلان تازه" not in browse(cast.mina).get("/w/arman/").content.decode()


def test_opening_the_bell_shows_them_and_lets_the_count_begin_anew(
    cast: Any, browse: Any, told: list[int]
) -> None:
    client = browse(cast.babak)
    assert "\u2068Sara Moini\u2069 کار تماس را به شما سپرد" in client.get(f"{BASE}/panel").content.decode()
    assert client.post(f"{BASE}/seen").status_code == 204
    assert "اعلان تازه" not in client.get(f"{BASE}/count").content.decode()
    assert rows(cast, read_at__isnull=True) == told


def test_whoever_opens_one_comes_to_its_record_and_has_read_it(
    cast: Any, browse: Any, told: list[int]
) -> None:
    client = browse(cast.babak)
    answer = client.get(f"{BASE}/{told[0]}")
    assert answer["Location"].startswith("/w/arman/tasks/")
    assert rows(cast, read_at__isnull=False) == told[:1]
    assert browse(cast.mina).get(f"{BASE}/{told[1]}").status_code == 404
    assert rows(cast, read_at__isnull=False) == told[:1]


def test_some_or_all_are_marked_as_read(cast: Any, browse: Any, told: list[int]) -> None:
    client = browse(cast.babak)
    assert browse(cast.mina).post(f"{BASE}/read", {"ids": str(told[0])}).status_code == 204
    assert rows(cast, read_at__isnull=False) == []
    client.post(f"{BASE}/read", {"ids": f"{told[0]},x,,9999999999999999999999"})
    assert rows(cast, read_at__isnull=False) == told[:1]
    answer = client.post(f"{BASE}/read", {"all": "1"})
    assert json.loads(answer["HX-Trigger"])["toast"]["kind"] == "good"
    assert rows(cast, read_at__isnull=False) == told


def test_the_page_goes_on_by_its_place(cast: Any, browse: Any, told: list[int], monkeypatch: Any) -> None:
    monkeypatch.setattr("peyvand.web.notifications.views.PAGE", 1)
    client = browse(cast.babak)
    page = client.get(f"{BASE}/").content.decode()
    assert ("کار تماس" in page, "کار قرارداد" in page, f"after={told[1]}" in page) == (True, False, True)
    more = client.get(f"{BASE}/?after={told[1]}").content.decode()
    assert ("کار تماس" in more, "کار قرارداد" in more, "<html" in more) == (False, True, False)
    assert client.get(f"{BASE}/?after=elsewhere").status_code == 200


def test_an_empty_list_says_what_it_is_for(cast: Any, browse: Any) -> None:
    client = browse(cast.mina)
    assert "هنوز چیزی اینجا نیست" in client.get(f"{BASE}/").content.decode()
    assert "همه خوانده شده‌اند" in client.get(f"{BASE}/?show=unread").content.decode()
    assert "خبر تازه‌ای نیست" in client.get(f"{BASE}/panel").content.decode()


def test_only_what_can_be_put_off_is(cast: Any, browse: Any, told: list[int]) -> None:
    client = browse(cast.babak)
    assert client.post(f"{BASE}/{told[0]}/snooze", {"for": "10m"}).status_code == 404
    with workspace_scope(cast.arman.id):
        row = Notification.objects.get(id=told[0])
        Notification.objects.filter(id=row.id).update(wire="activities.reminder_due.v1")
    assert client.post(f"{BASE}/{told[0]}/snooze", {"for": "never"}).status_code == 404
    assert client.post(f"{BASE}/{told[0]}/snooze", {"for": "10m"}).status_code == 204
    with workspace_scope(cast.arman.id):
        assert Reminder.objects.filter(object_id=row.object_id, kind=Reminder.OWN).count() == 1
    assert rows(cast, read_at__isnull=False) == told[:1]


def test_everybody_has_the_page_of_their_own_choices(cast: Any, browse: Any) -> None:
    client = browse(cast.viewer)
    page = client.get("/w/arman/settings/notifications").content.decode()
    assert "ساعت‌های سکوت" in page
    answer = client.post("/w/arman/settings/notifications", {
        "activities.mention_made.v1": "mail", "is_quiet": "1", "quiet_from": "۲۱:۳۰", "quiet_until": "8", "reminders": ["5", "60", "7"],
    })  # fmt: skip
    assert answer["Location"].endswith("?said=saved")
    with workspace_scope(cast.arman.id):
        wishes = wishes_of([cast.viewer.id])[cast.viewer.id]
        assert wishes.quiet is not None
        assert [f"{t:%H:%M}" for t in wishes.quiet] == ["21:30", "08:00"]
        assert wishes.reminders == (5, 60)
        # A kind that is as it comes is not kept: what it is later holds for it too.
        assert "activities.mention_made.v1" not in wishes.choices
        assert wishes.choices["activities.task_given.v1"] == []


def test_what_was_chosen_for_a_module_that_is_off_stays(cast: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        keep(cast.babak.id, Wishes({"sales.deal_assigned.v1": []}))
        known = dict(wishes_of([cast.babak.id])[cast.babak.id].choices)
    assert known == {"sales.deal_assigned.v1": []}
    Workspace.objects.filter(id=cast.arman.id).update(modules_off=["sales"])
    answer = browse(cast.babak).post("/w/arman/settings/notifications", {})
    assert answer["Location"].endswith("?said=saved")
    with workspace_scope(cast.arman.id):
        assert wishes_of([cast.babak.id])[cast.babak.id].choices["sales.deal_assigned.v1"] == []


def test_a_wrong_time_is_named_and_nothing_is_kept(cast: Any, browse: Any) -> None:
    answer = browse(cast.babak).post(
        "/w/arman/settings/notifications", {"is_quiet": "1", "quiet_from": "25:00", "quiet_until": "7:00"}
    )
    assert answer.status_code == 422
    assert 'value="25:00" maxlength="5" inputmode="numeric" aria-invalid="true"' in answer.content.decode()
    with workspace_scope(cast.arman.id):
        assert not Preference.objects.exists()


def test_what_is_somebodys_alone_is_not_seen_through_their_eyes(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        box = MailAccount.objects.create(address="babak@arman.example", owner_id=cast.babak.id)
        letter = MailMessage.objects.create(
            account=box,
            owner_id=cast.babak.id,
            is_private=True,
            subject="Secretword",
            message_id="1@x",
            message_key="1",
        )
        notice = SmsMessage.objects.create(
            owner_id=cast.babak.id, is_notice=True, title="Noticeword", text="x", phone="+989121112233"
        )
        keep(cast.babak.id, Wishes(phone="09124382217"))
        create_records(acting(cast.sara), TASK, [{"title": "Taskword", "owner": cast.babak.id}])
        told = MessageReceived(object="mail_message", object_id=letter.id, title=letter.subject, by="Reza")
        ctx = job_context(cast.arman)
        perform(ctx, "mail_message.create", (), lambda: ctx.record(told))
        tell_all(cast.arman)
    babak, sara = browse(cast.babak), browse(cast.sara)
    assert sara.post(f"/w/arman/settings/access/{cast.babak.id}/look").status_code == 302
    shown = {
        "notifications/": ("Secretword", "Taskword"), "notifications/panel": ("Secretword", "Taskword"),
        f"mail_messages/{letter.id}/": ("Secretword",), "mail_messages/": ("Secretword",),
        f"sms_messages/{notice.id}/": ("Noticeword",), "sms_messages/": ("Noticeword",), "settings/notifications": ("۰۹۱۲",),
    }  # fmt: skip
    for path, words in shown.items():
        own, others = (c.get(f"/w/arman/{path}", follow=True).content.decode() for c in (babak, sara))
        assert all(word in own for word in words), path
        assert not any(word in others for word in words), path
    assert "Taskword" in sara.get("/w/arman/tasks/").content.decode()
