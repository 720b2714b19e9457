"""Whoever writes an SMS sees whom it goes to, at which number, and what is in the way before anything is sent."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest

from peyvand.collaborative.sms.models import SmsLine, SmsMessage
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.consents.public import Purpose
from peyvand.operational.contacts.public import Person
from peyvand.operational.quotes.public import QUOTE, Quote
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture
def dialog(cast: Any, customer: int, browse: Any) -> Any:
    """The dialog on the customer's page, in English; with values, its foreword as it stands once these were filled in."""
    client = browse(cast.sara)
    path = f"/w/arman/people/{customer}/do/write_sms"

    def ask(**given: Any) -> str:
        answer = (
            client.post(f"{path}?foreword=1", given)
            if given
            else client.get(path, headers={"HX-Request": "true"})
        )
        assert answer.status_code == 200
        return unescape(answer.content.decode())

    return ask


def test_it_names_the_receiver_and_what_they_read(cast: Any, gateway: Any, dialog: Any) -> None:
    begun = dialog()
    assert all(word in begun for word in ("Reza Karimi", "۰۹۱۲ ۱۱۱ ۲۲۳۳", "Main", 'name="text"', "ارسال"))
    filled = dialog(text="{{person.given_name|دوست}} عزیز")
    assert "Reza عزیز" in filled
    assert "<form" not in filled
    with workspace_scope(cast.arman.id):
        assert not SmsMessage.objects.exists()


def test_it_says_what_is_wrong_before_anything_is_sent(cast: Any, gateway: Any, dialog: Any) -> None:
    assert "person.salary" in dialog(text="{{person.salary}}")
    assert "۱۰ بخش" in dialog(text="س" * 700)
    with workspace_scope(cast.arman.id):
        marketing = Purpose.objects.get(word="marketing").id
    assert "رضایت نداده" in dialog(text="سلام", purpose=marketing)
    assert "notice" not in dialog(text="سلام")


def test_without_a_line_or_a_number_nothing_is_asked(
    cast: Any, gateway: Any, dialog: Any, customer: int
) -> None:
    with workspace_scope(cast.arman.id):
        Person.objects.filter(id=customer).update(phone="")
    assert 'name="text"' not in dialog()
    with workspace_scope(cast.arman.id):
        SmsLine.objects.update(is_active=False)
    closed = dialog()
    assert 'href="/w/arman/settings/sms"' in closed
    assert 'name="text"' not in closed


def test_a_quote_goes_by_sms_with_the_address_at_which_it_is_answered(
    cast: Any, gateway: Any, customer: int, browse: Any, acting: Any, settings: Any
) -> None:
    with workspace_scope(cast.arman.id):
        lines = [{"product": create_record(acting(cast.sara), PRODUCT, {"name": "Server", "price": 1000}).id}]
        quote = create_record(
            acting(cast.sara), QUOTE, {"name": "Servers", "person": customer, "lines": lines}
        )
    client, path = browse(cast.sara), f"/w/arman/quotes/{quote.id}/do/write_sms"
    begun = unescape(client.get(path, headers={"HX-Request": "true"}).content.decode())
    assert "PEYVAND_URL" in begun
    assert client.post(path, {"text": ""}, headers={"HX-Request": "true"}).status_code == 422
    settings.PUBLIC_URL = "https://crm.example"
    link = f"https://crm.example/q/{quote.workspace_id}-{quote.secret}"
    begun = unescape(client.get(path, headers={"HX-Request": "true"}).content.decode())
    assert all(word in begun for word in ("Reza Karimi", "Servers", link))
    with workspace_scope(cast.arman.id):
        assert Quote.objects.get().status == "draft"
    assert client.post(path, {"text": ""}, headers={"HX-Request": "true"}).status_code == 200
    with workspace_scope(cast.arman.id):
        sent = SmsMessage.objects.get()
        assert (link in sent.text, sent.about.object, sent.purpose.word) == (True, "quote", "contract")
        assert Quote.objects.get().status == "sent"


def test_the_empty_list_says_where_messages_come_from(cast: Any, browse: Any) -> None:
    page = browse(cast.sara).get("/w/arman/sms_messages/").content.decode()
    assert 'class="btn primary" href="/w/arman/people/"' in page
