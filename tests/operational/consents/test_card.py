"""The card on a person's page can be read without knowing its signs."""

from __future__ import annotations

import re
from typing import Any

from peyvand.operational.consents.models import Consent
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


def test_what_nobody_asked_has_a_mark_and_every_sign_a_meaning(cast: Any, acting: Any, browse: Any) -> None:
    phone = {"value": "09121234567", "consent": "granted"}
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.babak), PERSON, {"name": "ندا کریمی", "phones": (phone,)})
    page = browse(cast.babak).get(f"/w/arman/people/{person.id}/").content.decode()
    table, legend = page.split('<table class="reach">')[1].split("reach-key")
    legend = legend.partition("</ul>")[0]
    cells = re.findall(r'<button class="reach-b [^>]*aria-label="([^"]*)">(.*?)</button>', table)
    assert cells
    assert all(sign for _, sign in cells), "no square is blank"
    assert {"–" in sign for words, sign in cells if "هرگز" in words or "پرسیده نشده" in words} == {True}
    for meaning in ("پرسیده نشده", "رضایت داده", "بی‌نیاز از رضایت", "رایانامه", "پیامک"):
        assert meaning in legend


def test_the_mark_of_a_number_speaks_of_its_use_and_not_of_consent(
    cast: Any, acting: Any, browse: Any
) -> None:
    phone = {"value": "09121234567", "consent": "granted"}
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.babak), PERSON, {"name": "ندا کریمی", "phones": (phone,)})
    client = browse(cast.babak)
    assert 'title="استفاده مجاز است"' in client.get(f"/w/arman/people/{person.id}/").content.decode()
    form = client.get(f"/w/arman/people/{person.id}/edit").content.decode()
    assert "به خواست صاحبش بسته است" in form
    assert "رضایت داده" not in form


def test_consent_is_recorded_with_its_source_and_a_refusal_without(
    cast: Any, acting: Any, browse: Any
) -> None:
    with workspace_scope(cast.arman.id):
        person = create_record(acting(cast.babak), PERSON, {"name": "ندا کریمی"})
    client, at = browse(cast.babak), f"/w/arman/people/{person.id}/consents/new"
    bare = client.post(at, {"channel": "email", "state": "granted"})
    assert bare.status_code == 422
    assert 'aria-invalid="true"' in bare.content.decode()
    with workspace_scope(cast.arman.id):
        assert not Consent.objects.exists()
    assert client.post(at, {"channel": "email", "state": "granted", "source": "letter"}).status_code == 302
    assert client.post(at, {"channel": "sms", "state": "refused"}).status_code == 302
    with workspace_scope(cast.arman.id):
        said = set(Consent.objects.values_list("channel", "state", "source"))
    assert said == {("email", "granted", "letter"), ("sms", "refused", "")}


def test_the_card_says_what_a_usable_number_does_not_mean(cast: Any, acting: Any, browse: Any) -> None:
    words = "برای هیچ هدفی رضایتی ثبت نشده است"
    cards = []
    with workspace_scope(cast.arman.id):
        for state in ("granted", "unknown"):
            phone = {"value": "09121234567", "consent": state}
            person = create_record(acting(cast.babak), PERSON, {"name": "ندا کریمی", "phones": (phone,)})
            cards.append(f"/w/arman/people/{person.id}/consents")
    client = browse(cast.babak)
    assert [words in client.get(at).content.decode() for at in cards] == [True, False]
