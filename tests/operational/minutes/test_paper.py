"""Minutes on paper, in both languages; nobody reads a name there that the screens keep from them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pypdfium2
import pytest

from peyvand.kernel import clock
from peyvand.kernel.persian.text import fold
from peyvand.operational.activities.public import MEETING, Meeting
from peyvand.operational.contacts.public import PERSON
from peyvand.operational.minutes.public import Item, in_language, make, minute_meeting
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture(autouse=True)
def now():
    with clock.freeze(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)):
        yield


@pytest.fixture
def meeting(cast, acting):
    """A meeting of Babak's with two people whom only Sara sees, and its minutes."""
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        people = [create_record(ctx, PERSON, {"name": name}) for name in ("مریم بهشتی", "رضا کریمی")]
        record = create_record(ctx, MEETING, {
            "title": "بررسی پیشنهاد", "starts_at": "2026-11-22 10:00", "ends_at": "2026-11-22 11:30", "owner": cast.babak.id,
            "participants": [p.id for p in people], "agenda": "قیمت پمپ", "place": "دفتر مرکزی",
        })  # fmt: skip
        minute_meeting(
            ctx, record, present=({"id": people[0].id, "name": ""},), outcome="گفت‌وگو خوب بود", decisions="تخفیف #strong[پنج] درصد\nتحویل دی",
            items=(Item("ارسال پیش‌فاکتور", owner=cast.babak.id, due_on=date(2026, 12, 1)), Item("بازدید")),
        )  # fmt: skip
        yield Meeting.objects.get(id=record.id)


def read(content: bytes) -> str:
    """The text of all pages without blanks: where lines break is the sheet's own matter."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content)]
    return without_blanks("".join(pages))


def without_blanks(words: str) -> str:
    return "".join(fold(words).split())


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fa", ("صورت‌جلسه", "یکشنبه ۱ آذر ۱۴۰۵", "۱۰:۰۰–۱۱:۳۰", "۱۴۰۵/۰۹/۱۰", "از ما", "حاضران", "غایبان", "تصمیم‌ها")),
        ("en", ("Minutes", "Sunday 22 November 2026", "10:00–11:30", "2026-12-01", "For us", "Present", "Absent", "Decisions")),
    ],
)  # fmt: skip
def test_it_says_what_was_written_in_the_readers_language(meeting, cast, acting, language, words):
    said = read(make(in_language(acting(cast.sara), language), meeting))
    everything = ("بررسی پیشنهاد", "مریم بهشتی", "رضا کریمی", "قیمت پمپ", "دفتر مرکزی", "گفت‌وگو خوب بود", "strong",
                  "تحویل دی", "ارسال پیش‌فاکتور", "Naderi", "بازدید")  # fmt: skip
    for text in (*words, *everything):
        assert without_blanks(text) in said, text


def test_who_may_have_it(meeting, cast, acting, browse):
    at = f"/w/arman/meetings/{meeting.id}/pdf"
    page = browse(cast.sara).get(f"/w/arman/meetings/{meeting.id}/").content.decode()
    assert f'href="{at}"' in page
    answer = browse(cast.sara).get(at)
    assert answer["Content-Type"] == "application/pdf"
    assert without_blanks("مریم بهشتی") in read(answer.content)
    # Babak may have the paper, but not the names that are out of his sight.
    told = read(browse(cast.babak).get(at).content)
    assert without_blanks("تحویل دی") in told
    for name in ("مریم بهشتی", "رضا کریمی"):
        assert without_blanks(name) not in told
    assert browse(cast.cyrus).get(f"/w/rival/meetings/{meeting.id}/pdf").status_code == 404
    blank = create_record(acting(cast.sara), MEETING, {"title": "Blank", "starts_at": "2026-11-22 10:00"})
    assert browse(cast.sara).get(f"/w/arman/meetings/{blank.id}/pdf").status_code == 404
    role = Role.objects.create(
        key="blind", name="Blind", grants={"*": "all"}, fields={"meeting.outcome": "hidden"}
    )
    User.objects.filter(id=cast.babak.id).update(role=role)
    access_changed(cast.arman.id)
    assert browse(cast.babak).get(at).status_code == 403
