"""Reports by mail: when they leave, that each gets what their own rights allow, and what becomes of those that do not arrive."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiosmtpd.controller import Controller
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from peyvand.analytical.reports.actions import send_now, send_regularly, stop_sending
from peyvand.analytical.reports.events import ReportNotSent
from peyvand.analytical.reports.keeping import keep_report
from peyvand.analytical.reports.models import Delivery, Receiver, Report, Sending
from peyvand.analytical.reports.question import Question
from peyvand.analytical.reports.sending.delivering import PAUSES, deliver
from peyvand.analytical.reports.sending.plans import next_time, send_due
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.kernel.persian.calendar import parts
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.orders.public import ORDER
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import react
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account, Membership, Role, User
from peyvand.platform.notifications.models import Notification
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

TEHRAN = ZoneInfo("Asia/Tehran")


class Post(Controller):
    """A mail server on a port of its own, and the letters that it took."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.door = socket.create_server(("127.0.0.1", 0))
        super().__init__(self, hostname="127.0.0.1", port=self.door.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.door)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 the server calls it so
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    server = Post()
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
    settings.PUBLIC_URL = "https://crm.example"
    yield server
    server.stop()


@pytest.fixture
def report(cast: Any, acting: Any, filled: Callable[[], Any]) -> Report:
    """What two people bought, by customer; of Sara, who reads Persian."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        for name, price in (("لیلا بهشتی", 12_000), ("Reza Kiani", 40_000)):
            person = create_record(ctx, PERSON, {"name": name})
            at = (clock.now() - timedelta(minutes=5)).isoformat()
            create_record(ctx, ORDER, {
                "person": person.id, "status": "placed", "ordered_at": at,
                "lines": [{"description": "کاشی", "quantity": 1, "price": price}],
            })  # fmt: skip
        filled()
        return keep_report(ctx, {"name": "فروش به مشتری"}, Question(("revenue",), ("customer",), span="ever"))


def run(tenant: Any) -> list[tuple[str, str]]:
    """Deliver all that waits, as the worker does, and give what became of each."""
    with workspace_scope(tenant.id):
        waiting = list(Delivery.objects.filter(state="waiting").order_by("id").values_list("id", flat=True))
    for id in waiting:
        deliver(tenant, id)
    with workspace_scope(tenant.id):
        return list(Delivery.objects.order_by("id").values_list("user__name", "state"))


def speaks(user: Any, language: str) -> None:
    account = Membership.objects.get(workspace_id=user.workspace_id, user_id=user.id).account_id
    Account.objects.filter(id=account).update(language=language)


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_each_gets_what_their_own_rights_allow(cast: Any, acting: Any, report: Report, post: Post) -> None:
    speaks(cast.mina, "en")
    with workspace_scope(cast.arman.id):
        User.objects.filter(id=cast.mina.id).update(role=Role.objects.get(key="admin"))
        access_changed(cast.arman.id)
        ctx = acting(cast.sara)
        whom = [cast.sara.id, cast.mina.id, cast.babak.id]
        send_regularly(ctx, report, every="day", members=whom, as_pdf=True, as_xlsx=True)
        send_now(ctx, report)
    outcome = [(cast.sara.name, "sent"), (cast.mina.name, "sent"), (cast.babak.name, "left_out")]
    assert run(cast.arman) == outcome, list(Delivery.everywhere.values_list("why", flat=True))
    ours, theirs, refused = post.letters
    assert [letter["To"] for letter in post.letters] == [
        user.email for user in (cast.sara, cast.mina, cast.babak)
    ]
    files = {part.get_content_type(): part.get_content() for part in ours.iter_attachments()}
    assert files["application/pdf"].startswith(b"%PDF-")
    sheet = load_workbook(BytesIO(next(v for k, v in files.items() if "sheet" in k))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)] == [
        ["Reza Kiani", 4000], ["لیلا بهشتی", 1200], ["همه", 5200],
    ]  # fmt: skip
    assert sheet.sheet_view.rightToLeft
    assert "درآمد بدون مالیات: ۵٬۲۰۰ تومان" in text_of(ours)
    assert "Revenue without tax: 5,200 toman" in text_of(theirs)
    assert "https://crm.example/w/arman/reports/received" in text_of(theirs)
    # Whoever may not know it is told so, without a figure or a file; and is not told again the next time.
    assert not list(refused.iter_attachments())
    assert "toman" not in text_of(refused)
    with workspace_scope(cast.arman.id):
        # A line feed in a name would end a letter's head.
        Report.objects.filter(id=report.pk).update(name="فروش\nBcc: x@y.example")
        report.refresh_from_db()
        send_now(acting(cast.sara), report)
    assert run(cast.arman) == outcome * 2
    assert post.letters[-1]["Bcc"] is None
    assert len(post.letters) == 5


def test_a_server_that_takes_nothing_is_tried_again_and_then_told(
    cast: Any, acting: Any, report: Report, post: Post, settings: Any
) -> None:
    with workspace_scope(cast.arman.id):
        send_regularly(acting(cast.sara), report, members=[cast.mina.id])
        send_now(acting(cast.sara), report)
    # A port at which nobody listens.
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = door.getsockname()[1]
        for _ in PAUSES:
            assert run(cast.arman) == [(cast.mina.name, "waiting")]
        assert run(cast.arman) == [(cast.mina.name, "failed")]
    with workspace_scope(cast.arman.id):
        [event] = EventRow.objects.filter(wire=ReportNotSent.wire)
        react(cast.arman, "analytical.reports.notifying.tell_not_sent", [event.id])
        assert list(Notification.objects.values_list("user_id", flat=True)) == [cast.sara.id]


def test_what_waits_goes_out_to_nobody_who_gets_it_no_more(
    cast: Any, acting: Any, report: Report, post: Post
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        send_regularly(ctx, report, members=[cast.sara.id, cast.mina.id])
        send_now(ctx, report)
        send_regularly(ctx, report, members=[cast.sara.id])
    assert run(cast.arman) == [(cast.sara.name, "sent"), (cast.mina.name, "left_out")]
    with workspace_scope(cast.arman.id):
        send_now(ctx, report)
        stop_sending(ctx, report)
        assert not Delivery.objects.filter(state="waiting").exists()
    assert len(post.letters) == 1


def test_by_the_clock_each_once_and_not_to_those_who_left(
    cast: Any, acting: Any, browse: Any, report: Report, post: Post, still: Any
) -> None:
    with workspace_scope(cast.arman.id):
        send_regularly(acting(cast.sara), report, every="day", hour=6, members=[cast.sara.id, cast.mina.id])
    left = browse(cast.mina).post("/w/arman/reports/received", {"report": report.pk, "do": "leave"})
    assert left.status_code == 302
    with clock.freeze(clock.now() + timedelta(days=5)), workspace_scope(cast.arman.id):
        # Five days were missed: it is sent once.
        assert send_due(cast.arman) == 1
        assert send_due(cast.arman) == 0
        assert Sending.objects.get().next_at > clock.now()
        # Whoever sends cannot bring back who left; whoever left can.
        send_regularly(acting(cast.sara), report, members=[cast.sara.id, cast.mina.id])
        assert Receiver.objects.filter(left_at__isnull=False).count() == 1
    assert run(cast.arman) == [(cast.sara.name, "sent")]
    with pytest.raises(Invalid), workspace_scope(cast.arman.id):
        send_regularly(acting(cast.sara), report, members=[cast.mina.id])
    browse(cast.mina).post("/w/arman/reports/received", {"report": report.pk, "do": "back"})
    with workspace_scope(cast.arman.id):
        assert Receiver.objects.filter(left_at__isnull=True).count() == 2
    # Whom the sender took off the list does not come back by having left before.
    browse(cast.mina).post("/w/arman/reports/received", {"report": report.pk, "do": "leave"})
    with workspace_scope(cast.arman.id):
        send_regularly(acting(cast.sara), report, members=[cast.sara.id])
    member = browse(cast.mina)
    member.post("/w/arman/reports/received", {"report": report.pk, "do": "back"})
    assert not member.get("/w/arman/reports/received").context["received"]
    with workspace_scope(cast.arman.id):
        assert [one.user_id for one in Receiver.objects.filter(left_at__isnull=True)] == [cast.sara.id]


def test_the_page_sets_it_up_and_says_what_was_sent(
    cast: Any, browse: Any, report: Report, post: Post
) -> None:
    client, page = browse(cast.sara), f"/w/arman/reports/{report.pk}/sending"
    with workspace_scope(cast.arman.id):
        for user, name in ((cast.mina, "نیلوفر"), (cast.babak, "پویا")):
            User.objects.filter(id=user.id).update(name=name)
    members = client.get(page).context["members"]
    # The week begins as the workspace's does.
    assert [one.key for one in client.get(page).context["weekdays"]] == list("6712345")
    with workspace_scope(cast.arman.id):
        speaks(cast.sara, "en")
        access_changed(cast.arman.id)
    there = client.get(page).context
    assert ([one.key for one in there["weekdays"]], there["plan"]["weekday"]) == (list("1234567"), "1")
    with workspace_scope(cast.arman.id):
        speaks(cast.sara, "fa")
        access_changed(cast.arman.id)
    persian = [one.name for one in members if one.id in (cast.mina.id, cast.babak.id)]
    assert persian == ["پویا", "نیلوفر"]
    assert [one.id for one in members if one.is_in] == [cast.sara.id]
    asked = {"do": "save", "every": "month", "weekday": "6", "day": "31", "hour": "9", "as_pdf": "1"}
    assert client.post(page, asked).status_code == 422
    # One to oneself needs no plan, and leaves none.
    assert client.post(page, {"do": "me"}).status_code == 422
    assert client.post(page, {"do": "me", "as_pdf": "1"}).status_code == 302
    assert run(cast.arman) == [(cast.sara.name, "sent")]
    with workspace_scope(cast.arman.id):
        assert not Sending.objects.exists()
        Delivery.objects.all().delete()
    assert client.post(page, {**asked, "members": [cast.sara.id]}).status_code == 302
    assert client.post(page, {"do": "now"}).status_code == 302
    assert run(cast.arman) == [(cast.sara.name, "sent")]
    shown = client.get(page).context
    assert [(one["user"].id, one["rows"]) for one in shown["deliveries"]] == [(cast.sara.id, 2)]
    assert {one.id: one.may_have for one in shown["members"]}[cast.babak.id] is False
    assert client.post(page, {"do": "stop"}).status_code == 302
    with workspace_scope(cast.arman.id):
        assert not Sending.objects.exists()
    # Sara's alone: nobody else sends it, nor sees to whom it goes.
    assert browse(cast.babak).get(page).status_code == 404


@given(
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    every=st.sampled_from(["day", "week", "month"]), weekday=st.integers(1, 7), day=st.integers(1, 31), hour=st.integers(0, 23),
    zone=st.sampled_from([TEHRAN, ZoneInfo("Europe/Berlin")]), calendar=st.sampled_from(["jalali", "gregorian"]),
)  # fmt: skip
def test_the_next_time_is_the_first_that_is_meant(
    after: datetime, every: str, weekday: int, day: int, hour: int, zone: ZoneInfo, calendar: Any
) -> None:
    sending = Sending(every=every, weekday=weekday, day=day, hour=hour)
    at = next_time(sending, after, zone, calendar)
    there = at.astimezone(zone)
    assert (
        after
        < at
        <= after + {"day": timedelta(days=2), "week": timedelta(days=8), "month": timedelta(days=33)}[every]
    )
    assert every != "week" or there.isoweekday() == weekday
    if every == "month":
        of_month, tomorrow = (
            parts(there.date(), calendar)[2],
            parts(there.date() + timedelta(days=1), calendar)[2],
        )
        assert of_month == day or (of_month < day and tomorrow == 1)
    # An hour that summer time leaves out comes an hour later.
    assert there.hour in (hour, hour + 1)
