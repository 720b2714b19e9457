"""The card on a person's page can be read without knowing its signs."""

from __future__ import annotations

import re
from typing import Any

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
