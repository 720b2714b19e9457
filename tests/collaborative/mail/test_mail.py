"""Mails go out and come in over a real server: written from records, answered by customers, kept once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob
from tests.collaborative.mail.conftest import (
    OURS,
    PASSWORD,
    MailServer,
    acting_as,
    make_account,
    signed_in,
    work,
)

from peyvand.administration.governance.actions import erase_person
from peyvand.collaborative.mail import jobs, sending
from peyvand.collaborative.mail.actions import (
    call_back,
    forward,
    reply,
    try_again,
    write_about_deal,
    write_to_person,
)
from peyvand.collaborative.mail.connecting import Door, LoginRefused, imap, smtp
from peyvand.collaborative.mail.folders import fetch_mail
from peyvand.collaborative.mail.keeping import keep_letters
from peyvand.collaborative.mail.models import MailAccount, MailFolder, MailMessage, PassedMail
from peyvand.collaborative.mail.objects import MAIL_ACCOUNT
from peyvand.collaborative.mail.parsing import read_letter
from peyvand.collaborative.mail.receiving import fetch_account
from peyvand.collaborative.mail.sending import check_account, send_waiting
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.leads.public import Lead
from peyvand.operational.sales.public import DEAL
from peyvand.platform.actions.context import job_context
from peyvand.platform.events.models import EventRow, TimelineEntry
from peyvand.platform.files.models import File
from peyvand.platform.files.storage import path_of
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record, update_record
from peyvand.platform.outgoing.judging import NotReached
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

NEGAR = "negar@toloo.test"


@pytest.fixture
def negar(committed: Any) -> Person:
    with workspace_scope(committed.arman.id):
        person: Person = create_record(
            acting_as(committed.sara),
            PERSON,
            {"given_name": "نگار", "family_name": "کریمی", "emails": [{"value": NEGAR}]},
        )
        return person


def fetch(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        ids = list(MailAccount.objects.values_list("id", flat=True))
    for id in ids:
        fetch_account(cast.arman, id)


def wires(cast: Any, wire: str) -> list[EventRow]:
    with workspace_scope(cast.arman.id):
        return list(EventRow.objects.filter(wire=wire).order_by("id"))


def test_a_mail_about_a_deal_goes_and_its_answer_comes_to_the_deal(
    committed: Any, posted: MailServer, negar: Person
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        deal = create_record(ctx, DEAL, {"name": "خط تولید", "person": negar.id})
        written = write_about_deal(
            ctx,
            deal,
            subject="پیش‌فاکتور",
            text="سلام\n\nببینید: https://arman.test/q",
            files=[("فاکتور.txt", [b"x1"])],
        )
    work()
    [got] = posted.mailbox(NEGAR)
    assert got["Subject"] == "پیش‌فاکتور"
    assert "سلام" in got.get_body(("plain",)).get_content()
    html = got.get_body(("html",)).get_content()
    assert 'href="https://arman.test/q"' in html
    assert 'dir="rtl"' in html
    assert [part.get_filename() for part in got.iter_attachments()] == ["فاکتور.txt"]
    assert [m["Message-ID"] for m in posted.mailbox(OURS, "Sent")] == [got["Message-ID"]]
    [sent] = wires(committed, "mail.message_sent.v1")
    assert (sent.object_id, sent.data["person_id"], sent.actor_id) == (
        written.id,
        negar.id,
        committed.sara.id,
    )

    posted.write("Re: پیش‌فاکتور", "موافقم", In_Reply_To=got["Message-ID"], References=got["Message-ID"])
    fetch(committed)
    fetch(committed)
    with workspace_scope(committed.arman.id):
        answer = MailMessage.objects.get(direction="in")
        assert (answer.about, answer.person_id, answer.answers_id) == (written.about, negar.id, written.id)
        assert answer.thread_id == written.thread_id == written.id
        on = set(
            TimelineEntry.objects.filter(
                event_id=wires(committed, "mail.message_received.v1")[0].id
            ).values_list("object", "object_id")
        )
        assert {("deal", deal.id), ("person", negar.id), ("mail_message", answer.id)} <= on
        # Its own copy among what was sent is not a second mail.
        assert MailMessage.objects.count() == 2
    [came] = wires(committed, "mail.message_received.v1")
    assert (came.data["answers"], came.data["is_automatic"]) == (written.id, False)

    with workspace_scope(committed.arman.id):
        back = reply(acting_as(committed.sara), answer, text="عالی")
        on = forward(acting_as(committed.sara), written, to="boss@arman.test", text="FYI")
        assert (on.person_id, File.objects.filter(object="mail_message", object_id=on.id).count()) == (
            None,
            1,
        )
    work()
    second = posted.mailbox(NEGAR)[1]
    assert second["In-Reply-To"] == f"<{answer.message_id}>"
    assert got["Message-ID"] in second["References"]
    assert back.thread_id == written.id
    assert len(posted.mailbox("boss@arman.test")) == 1


def test_strangers_are_left_alone_unless_the_account_makes_leads(committed: Any, posted: MailServer) -> None:
    posted.write("Hello", "Who are you?", sender="Reza Amini <reza@elsewhere.test>")
    posted.write("Gone", "out of office", sender="robot@elsewhere.test", Auto_Submitted="auto-replied")
    posted.write("Lunch?", "at noon", sender="Mina <mina@arman.example>")
    fetch(committed)
    with workspace_scope(committed.arman.id):
        assert not MailMessage.objects.exists()
        assert not Person.objects.filter(email__contains="elsewhere").exists()
        update_record(
            acting_as(committed.sara),
            MAIL_ACCOUNT,
            MailAccount.objects.get(),
            {"makes_leads": True, "lead_source": "website"},
        )
        MailFolder.objects.all().delete()
    fetch(committed)
    fetch(committed)
    with workspace_scope(committed.arman.id):
        lead = Lead.objects.get()
        assert (lead.name, lead.email, lead.source, lead.owner_id) == (
            "Reza Amini",
            "reza@elsewhere.test",
            "website",
            committed.sara.id,
        )
        assert "Who are you?" in lead.message
        assert MailMessage.objects.get().person_id == lead.person_id


def test_what_was_read_is_read_once_also_where_the_server_numbers_anew(
    committed: Any, posted: MailServer, negar: Person
) -> None:
    for n in range(25):
        posted.write(f"Letter {n}", "text")
    fetch(committed)
    with workspace_scope(committed.arman.id):
        assert MailMessage.objects.count() == 25
        folder = MailFolder.objects.get(kind="inbox")
        assert folder.last_uid > 0
        MailFolder.objects.update(validity=1)
    posted.write("Letter 25", "text")
    fetch(committed)
    with workspace_scope(committed.arman.id):
        assert MailMessage.objects.count() == 26
    assert len(wires(committed, "mail.message_received.v1")) == 26


def test_a_broken_mail_holds_up_nobody(
    committed: Any, posted: MailServer, negar: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from peyvand.collaborative.mail import keeping, receiving

    real_read, real_message = receiving.read_letter, keeping._message

    def read(raw: bytes) -> Any:
        if b"unreadable" in raw:
            raise ValueError("no sense in it")
        return real_read(raw)

    def message(account: Any, folder: str, taken: Any) -> Any:
        if taken.letter.subject == "unkeepable":
            raise ValueError("nowhere to put it")
        return real_message(account, folder, taken)

    monkeypatch.setattr(receiving, "read_letter", read)
    monkeypatch.setattr(keeping, "_message", message)
    for subject in ("one", "unreadable", "two", "unkeepable", "three"):
        posted.write(subject, "text")
    fetch(committed)
    with workspace_scope(committed.arman.id):
        assert sorted(MailMessage.objects.values_list("subject", flat=True)) == ["one", "three", "two"]
        reasons = list(PassedMail.objects.order_by("uid").values_list("reason", flat=True))
        assert ["no sense" in reasons[0], "nowhere" in reasons[1], len(reasons)] == [True, True, 2]


def test_a_bounce_marks_the_mail_that_came_back(committed: Any, posted: MailServer, negar: Person) -> None:
    with workspace_scope(committed.arman.id):
        written = write_to_person(acting_as(committed.sara), negar, subject="Hello", text="there")
    work()
    report = (
        "From: MAILER-DAEMON@toloo.test\r\nTo: sara@arman.test\r\nSubject: Undelivered\r\nMessage-ID: <dsn@toloo.test>\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; toloo.test\r\n\r\n"
        "Final-Recipient: rfc822; negar@toloo.test\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{written.message_id}>\r\nSubject: Hello\r\n\r\n--b--\r\n"
    )
    posted.deliver(report.encode())
    fetch(committed)
    with workspace_scope(committed.arman.id):
        MailFolder.objects.all().delete()
    fetch(committed)
    with workspace_scope(committed.arman.id):
        message = MailMessage.objects.get()
        assert (message.state, "no such user" in message.problem) == ("bounced", True)
    [bounced] = wires(committed, "mail.message_bounced.v1")
    assert (bounced.data["person_id"], bounced.data["message_id"]) == (negar.id, written.id)


def test_a_mail_can_be_called_back_before_it_goes(committed: Any, posted: MailServer, negar: Person) -> None:
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        later = write_to_person(
            ctx, negar, subject="Later", text="x", send_at=clock.now() + timedelta(hours=2)
        )
    work()
    assert not posted.mailbox(NEGAR)
    with workspace_scope(committed.arman.id):
        later.refresh_from_db()
        assert later.state == "queued"
        call_back(ctx, later)
    with workspace_scope(committed.arman.id), pytest.raises(RuleViolation):
        call_back(ctx, later)
    with clock.freeze(clock.now() + timedelta(hours=3)):
        send_waiting(committed.arman, later.id)
    assert not posted.mailbox(NEGAR)


def test_a_server_that_is_away_is_tried_again_and_given_up_with_the_reason(
    committed: Any, posted: MailServer, negar: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(committed.arman.id):
        port = MailAccount.objects.get().smtp_port
        MailAccount.objects.update(smtp_port=1)
        written = write_to_person(acting_as(committed.sara), negar, subject="Hello", text="there")
    monkeypatch.setattr(sending, "PAUSES", (3600, 3600))
    moment = clock.now()
    for attempt in range(3):
        with clock.freeze(moment + timedelta(hours=2 * attempt)):
            sending.send_waiting(committed.arman, written.id)
    with workspace_scope(committed.arman.id):
        written.refresh_from_db()
        assert (written.state, written.attempts) == ("failed", 3)
        assert "127.0.0.1" in written.problem
        assert len(wires(committed, "mail.message_failed.v1")) == 1
        MailAccount.objects.update(smtp_port=port)
        try_again(acting_as(committed.sara), written)
    work()
    assert [m["Subject"] for m in posted.mailbox(NEGAR)] == ["Hello"]


def test_trouble_that_nobody_thought_of_is_tried_again_and_told(
    committed: Any, posted: MailServer, negar: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(committed.arman.id):
        written = write_to_person(
            acting_as(committed.sara), negar, subject="Hello", text="there", files=[("a.txt", [b"lost file"])]
        )
        file = File.objects.get(object="mail_message", object_id=written.id)
    path_of(committed.arman.id, file.sha256).unlink()
    monkeypatch.setattr(sending, "PAUSES", (3600,))
    for hours in (0, 2):
        with clock.freeze(clock.now() + timedelta(hours=hours)):
            send_waiting(committed.arman, written.id)
    with workspace_scope(committed.arman.id):
        written.refresh_from_db()
    assert (written.state, written.attempts) == ("failed", 2)
    assert "FileNotFoundError" in written.problem


def test_a_login_refused_for_now_is_no_end(near: None) -> None:
    """A server that has no time for logins (454) is asked again; one that knows the password is wrong (535), not."""
    with _answering(b"454 4.7.0 later") as port, pytest.raises(NotReached) as later, smtp(_door(port)):
        pass
    assert not isinstance(later.value, LoginRefused)
    with _answering(b"535 5.7.8 wrong") as port, pytest.raises(LoginRefused), smtp(_door(port)):
        pass


def _door(port: int) -> Door:
    return Door("127.0.0.1", port, "none", "sara", "secret")


@contextmanager
def _answering(to_login: bytes) -> Iterator[int]:
    """A server that takes nobody's login."""

    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"220 here\r\n")
            for line in self.rfile:
                word = line.split()[0].upper()
                self.wfile.write(
                    b"250-here\r\n250 AUTH PLAIN\r\n"
                    if word == b"EHLO"
                    else to_login + b"\r\n"
                    if word == b"AUTH"
                    else b"221 bye\r\n"
                )

    with _serving(Talk) as port:
        yield port


@contextmanager
def _serving(talk: type[StreamRequestHandler]) -> Iterator[int]:
    with ThreadingTCPServer(("127.0.0.1", 0), talk) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()


def test_a_person_who_is_forgotten_takes_their_mails_along(
    committed: Any, posted: MailServer, negar: Person
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        deal = create_record(ctx, DEAL, {"name": "خط تولید", "person": negar.id})
        other = create_record(ctx, PERSON, {"given_name": "آرش", "emails": [{"value": "arash@toloo.test"}]})
        mine = write_about_deal(
            ctx, deal, subject="Offer", text="zarafshan", files=[("z.txt", [b"zarafshan"])]
        )
        kept = write_to_person(ctx, other, subject="Others", text="stays")
    work()
    [got] = posted.mailbox(NEGAR)
    posted.write("Re: Offer", "zarafshan again", In_Reply_To=got["Message-ID"])
    fetch(committed)
    with workspace_scope(committed.arman.id):
        assert MailMessage.objects.get(direction="in").about == mine.about
        result = erase_person(acting_as(committed.sara), Person.objects.get(id=negar.id))
        assert list(MailMessage.objects.values_list("id", flat=True)) == [kept.id]
        assert not File.objects.filter(object="mail_message").exists()
        assert (result["left"], result["removed"]["mail_message"]) == ({}, 2)


def test_the_test_says_which_side_failed_and_why(committed: Any, posted: MailServer) -> None:
    with workspace_scope(committed.arman.id):
        account = MailAccount.objects.get()
    check_account(committed.arman, account.id)
    with workspace_scope(committed.arman.id):
        account.refresh_from_db()
        assert (account.sending_problem, account.receiving_problem) == ("", "")
        update_record(
            acting_as(committed.sara),
            MAIL_ACCOUNT,
            account,
            {"password": "wrong", "smtp_security": "starttls"},
        )
    check_account(committed.arman, account.id)
    with workspace_scope(committed.arman.id):
        account.refresh_from_db()
    assert "no encryption" in account.sending_problem
    assert "did not accept" in account.receiving_problem


def test_no_server_in_closed_networks_is_reached(
    committed: Any, server_of_mail: MailServer, settings: Any
) -> None:
    settings.OUTGOING_NETWORKS = []
    with workspace_scope(committed.arman.id):
        account = make_account(acting_as(committed.sara), server_of_mail)
    check_account(committed.arman, account.id)
    with workspace_scope(committed.arman.id):
        account.refresh_from_db()
    assert "where nothing may be sent" in account.sending_problem
    assert "where nothing may be sent" in account.receiving_problem


def test_a_password_is_never_told(committed: Any, posted: MailServer) -> None:
    program = program_of(committed.sara, committed.arman)
    with workspace_scope(committed.arman.id):
        account = MailAccount.objects.get()
        kept = account.password
    assert "horse" not in kept
    got = program.get(f"mail_accounts/{account.id}").json
    assert got["password"] is None
    assert program.patch(f"mail_accounts/{account.id}", {"name": "Other", "password": ""}).status == 200
    # A new server does not get the old password.
    moved = program.patch(f"mail_accounts/{account.id}", {"imap_host": "imap.evil.test"})
    assert (moved.status, moved.json["errors"][0]["field"]) == (422, "password")
    with workspace_scope(committed.arman.id):
        assert MailAccount.objects.get().password == kept
        said = str(list(EventRow.objects.filter(object="mail_account").values_list("data", flat=True)))
    assert kept not in said
    page = signed_in(committed.sara).get(f"/w/arman/mail_accounts/{account.id}/edit").content.decode()
    assert kept not in page


def test_who_sees_a_mail(committed: Any, posted: MailServer, negar: Person) -> None:
    with workspace_scope(committed.arman.id):
        mine = write_to_person(acting_as(committed.sara), negar, subject="Hello", text="x")
        secret = write_to_person(acting_as(committed.sara), negar, subject="Quiet", text="x", is_private=True)
    seen = {}
    for user in (committed.sara, committed.mina, committed.babak):
        items = program_of(user, committed.arman).get("mail_messages").json["items"]
        seen[user.id] = {item["id"] for item in items}
    assert seen == {
        committed.sara.id: {mine.id, secret.id},
        committed.mina.id: {mine.id},
        committed.babak.id: set(),
    }
    with workspace_scope(committed.arman.id):
        account = MailAccount.objects.get()
        with pytest.raises(NotAllowed):
            make_account(acting_as(committed.babak), posted, address="babak@arman.test", is_shared=True)
    with workspace_scope(committed.arman.id):
        update_record(acting_as(committed.sara), MAIL_ACCOUNT, account, {"is_shared": True})
        secret.refresh_from_db()
        assert secret.is_private
    items = program_of(committed.babak, committed.arman).get("mail_messages").json["items"]
    assert {item["id"] for item in items} == {mine.id}


def test_a_mailbox_taken_over_opens_neither_its_private_mails_nor_its_door(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        account = make_account(acting(cast.babak), MailServer(1, 1))
        person = create_record(acting(cast.babak), PERSON, {"name": "Negar", "emails": [{"value": NEGAR}]})
        secret = write_to_person(acting(cast.babak), person, subject="Secret", is_private=True)
        plain = write_to_person(acting(cast.babak), person, subject="Plain")
    mina = program_of(cast.mina, cast.arman)
    refused = mina.patch(f"mail_accounts/{account.id}", {"owner": cast.mina.id})
    assert (refused.status, "password" in str(refused.json)) == (422, True)
    taken = mina.patch(f"mail_accounts/{account.id}", {"owner": cast.mina.id, "password": PASSWORD})
    assert taken.status == 200
    with workspace_scope(cast.arman.id):
        owners = dict(MailMessage.objects.values_list("id", "owner_id"))
    assert owners == {secret.id: cast.babak.id, plain.id: cast.mina.id}
    assert "Secret" not in str(mina.get("mail_messages").json)


def test_an_address_that_a_role_hides_is_not_told_by_a_mail(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        person = create_record(
            acting(cast.sara), PERSON, {"name": "Negar", "owner": cast.babak.id, "emails": [{"value": NEGAR}]}
        )
        role = Role.objects.create(
            key="blind", name="Blind", grants={"*": "all"}, fields={"person.emails": "hidden"}
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
        make_account(acting(cast.babak), MailServer(1, 1))
    babak = program_of(cast.babak, cast.arman)
    assert babak.post(f"people/{person.id}/write_mail", {"subject": "x", "text": "y"}).status == 422
    assert NEGAR not in str(babak.get("mail_messages").json)
    typed = {"to": "other@toloo.test", "subject": "x", "text": "y"}
    assert babak.post(f"people/{person.id}/write_mail", typed).status == 200


@pytest.mark.parametrize(
    ("mailbox", "to", "state"),
    [("sara", NEGAR, "bounced"), ("sara", "who@else.test", "sent"), ("mina", NEGAR, "sent")],
)
def test_only_the_mailbox_that_sent_it_hears_that_a_mail_came_back(
    cast: Any, acting: Any, mailbox: str, to: str, state: str
) -> None:
    with workspace_scope(cast.arman.id):
        boxes = {
            name: make_account(acting(getattr(cast, name)), MailServer(1, 1), address=f"{name}@arman.test")
            for name in ("sara", "mina")
        }
        person = create_record(acting(cast.sara), PERSON, {"name": "Negar", "emails": [{"value": NEGAR}]})
        written = write_to_person(acting(cast.sara), person, account=boxes["sara"].id, subject="x", text="y")
        MailMessage.objects.update(state="sent")
        report = (
            'From: d@x.test\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
            f"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; {to}\n"
            f"Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{written.message_id}>\n\n--b--\n"
        )
        keep_letters(job_context(cast.arman), boxes[mailbox], "inbox", [read_letter(report.encode())])
        written.refresh_from_db()
        assert written.state == state


def test_what_a_role_hides_of_mails_is_on_no_page(cast: Any, acting: Any, browse: Any) -> None:
    letter = b"From: Negar <negar@toloo.test>\r\nMessage-ID: <m1@x>\r\nContent-Type: text/html\r\n\r\n<b>BODYSECRET</b>"
    with workspace_scope(cast.arman.id):
        account = make_account(acting(cast.babak), MailServer(1, 1))
        create_record(acting(cast.babak), PERSON, {"name": "Karimi", "emails": [{"value": NEGAR}]})
        keep_letters(job_context(cast.arman), account, "inbox", [read_letter(letter)])
        mail = MailMessage.objects.get()
    client = browse(cast.babak)
    paths = [f"mail/{mail.id}", f"mail_messages/{mail.id}/do/reply", f"mail_messages/{mail.id}/do/forward"]
    listed = client.get("/w/arman/mail_messages/").content.decode()
    assert '<bdi title="Negar &lt;negar@toloo.test&gt;">Negar</bdi>' in listed
    assert all("BODYSECRET" in client.get(f"/w/arman/{path}").content.decode() for path in paths)
    with workspace_scope(cast.arman.id):
        hidden = dict.fromkeys(("mail_message.text", "mail_message.sender"), "hidden")
        role = Role.objects.create(key="blind", name="Blind", grants={"*": "all"}, fields=hidden)
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    for path in paths:
        answer = client.get(f"/w/arman/{path}")
        assert answer.status_code == 200
        assert not any(word in answer.content.decode() for word in ("BODYSECRET", NEGAR)), path
    assert client.get(f"/w/arman/mail/{mail.id}/html").status_code == 404
    answered = program_of(cast.babak, cast.arman).post(f"mail_messages/{mail.id}/reply", {"text": "y"})
    assert answered.status == 422


def test_the_dialog_says_that_somebody_has_no_address(cast: Any, acting: Any, browse: Any) -> None:
    with workspace_scope(cast.arman.id):
        make_account(acting(cast.sara), MailServer(1, 1))
        person = create_record(acting(cast.sara), PERSON, {"name": "Negar"})
    page = browse(cast.sara).get(f"/w/arman/people/{person.id}/do/write_mail").content.decode()
    assert "Negar نشانی رایانامه ندارد" in page


def test_what_could_not_be_read_is_told_for_a_while(cast: Any, acting: Any) -> None:
    with workspace_scope(cast.arman.id):
        account = make_account(acting(cast.sara), MailServer(1, 1))
        for days in (jobs.KEPT.days + 1, 1):
            at = clock.now() - timedelta(days=days)
            PassedMail.objects.create(account=account, folder="inbox", uid=days, reason="broken", at=at)
        jobs.forget(cast.arman)
        assert list(PassedMail.objects.values_list("uid", flat=True)) == [1]


def test_nobody_sends_by_a_mailbox_of_somebody_else(
    committed: Any, posted: MailServer, negar: Person
) -> None:
    with workspace_scope(committed.arman.id):
        account, mina = MailAccount.objects.get(), acting_as(committed.mina)
        hers = create_record(mina, PERSON, {"family_name": "Rad", "emails": [{"value": "rad@toloo.test"}]})
        with pytest.raises(Invalid) as refused:
            write_to_person(mina, hers, subject="x", text="x", account=account.id)
    assert refused.value.problems[0].field == "account"


def test_pictures_and_files_of_a_mail_are_kept(committed: Any, posted: MailServer, negar: Person) -> None:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = NEGAR, OURS, "عکس", "<p1@toloo.test>"
    mail.set_content("متن ساده")
    mail.add_alternative(
        '<p>سلام<img src="cid:p@x"><img src="https://spy.test/a.gif"></p><script>alert(1)</script>',
        subtype="html",
    )
    pixel = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
        "0000000a49444154789c63000100000500010d0a2db40000000049454e44ae426082"
    )
    mail.get_payload()[1].add_related(pixel, "image", "png", cid="<p@x>")
    mail.add_attachment(b"%PDF-1.4 x", maintype="application", subtype="pdf", filename="قرارداد.pdf")
    posted.deliver(mail.as_bytes())
    fetch(committed)
    with workspace_scope(committed.arman.id):
        message = MailMessage.objects.get()
        names = sorted(
            File.objects.filter(object="mail_message", object_id=message.id).values_list("name", flat=True)
        )
    assert "قرارداد.pdf" in names
    assert "script" not in message.html
    client = signed_in(committed.sara)
    page = client.get(f"/w/arman/mail/{message.id}").content.decode()
    assert "قرارداد.pdf" in page
    assert "pictures=1" in page
    frame = client.get(f"/w/arman/mail/{message.id}/html")
    assert "data:image/png;base64," in frame.content.decode()
    assert "sandbox" in frame["Content-Security-Policy"]
    assert "https:" not in frame["Content-Security-Policy"]
    assert "https:" in client.get(f"/w/arman/mail/{message.id}/html?pictures=1")["Content-Security-Policy"]
    assert signed_in(committed.babak).get(f"/w/arman/mail/{message.id}/html").status_code == 404


@pytest.mark.parametrize(
    "whither", [{"imap_host": "evil.test"}, {"smtp_host": "evil.test"}, {"imap_port": 4000}, {"smtp_security": "starttls"}]
)  # fmt: skip
def test_a_password_goes_nowhere_else(cast: Any, acting: Any, whither: dict[str, Any]) -> None:
    with workspace_scope(cast.arman.id):
        account = make_account(acting(cast.babak), MailServer(1, 1))
    refused = program_of(cast.mina, cast.arman).patch(f"mail_accounts/{account.id}", whither)
    assert (refused.status, refused.json["errors"][0]["field"]) == (422, "password")


def test_strangers_make_no_more_leads_than_a_day_has_room_for(
    cast: Any, acting: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("peyvand.collaborative.mail.keeping.MOST_LEADS", 2)
    with workspace_scope(cast.arman.id):
        account = make_account(acting(cast.sara), MailServer(1, 1), makes_leads=True)
        letters = [read_letter(f"From: u{n}@x.test\nMessage-ID: <{n}@x>\n\nhi".encode()) for n in range(4)]
        keep_letters(job_context(cast.arman), account, "inbox", letters)
        assert Lead.objects.filter(email__endswith="@x.test").count() == 2


def test_a_mail_whose_job_was_lost_is_sent_all_the_same(
    committed: Any, posted: MailServer, negar: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        lost, hopeless = (
            write_to_person(ctx, negar, subject=subject, text="x") for subject in ("Lost", "Hopeless")
        )
        ProcrastinateJob.objects.filter(task_name="mail.send").delete()
        MailMessage.objects.update(send_at=clock.now() - timedelta(hours=2))
        MailMessage.objects.filter(id=hopeless.id).update(attempts=len(sending.PAUSES) + 1)
        sending.send_forgotten(committed.arman)
    work()
    with workspace_scope(committed.arman.id):
        states = dict(MailMessage.objects.values_list("id", "state"))
    assert states == {lost.id: "sent", hopeless.id: "failed"}
    assert [mail["Subject"] for mail in posted.mailbox(NEGAR)] == ["Lost"]


def test_a_server_sends_no_more_at_once_than_fits(near: None) -> None:
    class Talk(StreamRequestHandler):
        def handle(self) -> None:
            self.wfile.write(b"* OK here\r\n")
            for line in self.rfile:
                tag, word = line.split()[:2]
                if word.upper() == b"UID":
                    self.wfile.write(b"* 1 FETCH (BODY[] {99999999999}\r\nx")
                else:
                    self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n")

    with (
        _serving(Talk) as port,
        pytest.raises(NotReached, match="more at once"),
        imap(_door(port)) as session,
    ):
        session.select("INBOX")
        fetch_mail(session, 1, 10)
