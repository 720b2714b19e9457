"""Minutes go to the participants of their meeting, as PDF; what the sender may not know is told to nobody."""

from __future__ import annotations

import pytest
from django.db import transaction
from tests.collaborative.mail.conftest import acting_as, signed_in, work
from tests.operational.minutes.test_paper import read, without_blanks

from peyvand.collaborative.mail import meetings
from peyvand.collaborative.mail.meetings import send_minutes
from peyvand.collaborative.mail.models import MailMessage
from peyvand.kernel.errors import Invalid, NotAllowed, RuleViolation
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.minutes.public import minute_meeting
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

NEGAR = "negar@toloo.test"


@pytest.fixture
def meeting(posted, committed, monkeypatch):
    """A meeting of Sara's with Negar, who has an address, and Reza, who has none."""
    monkeypatch.setattr(meetings, "UNDO_SECONDS", 0)
    with workspace_scope(committed.arman.id):
        ctx = acting_as(committed.sara)
        negar = create_record(ctx, PERSON, {"name": "نگار صالحی", "emails": [{"value": NEGAR}]})
        reza = create_record(ctx, PERSON, {"name": "رضا کریمی"})
        return create_record(ctx, MEETING, {
            "title": "بررسی پیشنهاد", "starts_at": "2026-11-22 10:00", "participants": [negar.id, reza.id],
        })  # fmt: skip


def written(user, meeting):
    with workspace_scope(user.workspace_id):
        ctx, record = acting_as(user), Meeting.objects.get(id=meeting.id)
        minute_meeting(ctx, record, outcome="گفت‌وگو خوب بود", decisions="تخفیف پنج درصد")
        return ctx, Meeting.objects.get(id=meeting.id)


def test_from_the_page_to_the_participants_mailbox(posted, committed, meeting):
    at = f"/w/arman/meetings/{meeting.id}/do/send_minutes"
    client = signed_in(committed.sara)
    assert client.get(at).status_code == 404, "there is nothing to send yet"
    written(committed.sara, meeting)
    assert at in client.get(f"/w/arman/meetings/{meeting.id}/").content.decode()
    dialog = client.get(at, headers={"HX-Request": "true"}).content.decode()
    assert NEGAR in dialog
    assert "صورت‌جلسه: بررسی پیشنهاد" in dialog
    answer = client.post(
        at,
        {"to": f"نگار صالحی <{NEGAR}>", "subject": "صورت‌جلسه", "text": "سلام"},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    work()
    [mail] = posted.mailbox(NEGAR)
    [paper] = list(mail.iter_attachments())
    assert paper.get_content_type() == "application/pdf"
    assert without_blanks("تخفیف پنج درصد") in read(paper.get_content())
    with workspace_scope(committed.arman.id):
        kept = MailMessage.objects.get()
    assert (kept.about.object, kept.about.id) == ("meeting", meeting.id)


def test_by_program_it_goes_to_those_who_have_an_address(committed, meeting):
    ctx, record = written(committed.sara, meeting)
    with workspace_scope(committed.arman.id):
        assert send_minutes(ctx, record).to == f"نگار صالحی <{NEGAR}>"


def test_refused(committed, meeting):
    with workspace_scope(committed.arman.id), pytest.raises(RuleViolation):
        send_minutes(acting_as(committed.sara), Meeting.objects.get(id=meeting.id))
    _, record = written(committed.sara, meeting)
    with workspace_scope(committed.arman.id):
        for hidden, error in (("meeting.outcome", NotAllowed), ("person.emails", Invalid)):
            role = Role.objects.create(
                key=hidden[-6:], name=hidden, grants={"*": "all"}, fields={hidden: "hidden"}
            )
            User.objects.filter(id=committed.sara.id).update(role=role)
            access_changed(committed.arman.id)
            with pytest.raises(error), transaction.atomic():
                send_minutes(acting_as(committed.sara), record)
        assert not MailMessage.objects.exists()
