"""A form on the open web: what is sent becomes a lead once, and whoever attacks it gets nowhere."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from peyvand.administration.settings.actions import switch_module
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid
from peyvand.operational.consents.public import CONSENT, REFUSED, Consent, Purpose
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.leads import submissions
from peyvand.operational.leads.models import Lead, LeadForm, Submission
from peyvand.operational.leads.objects import LEAD, LEAD_FORM
from peyvand.platform.events.models import EventRow
from peyvand.platform.objects.records import create_record, create_records, update_records
from peyvand.platform.workspaces.scope import workspace_scope

SHOP = "https://shop.example.com"
WHOLE = {
    "name": "پروین احمدی",
    "phone": "۰۹۱۲۳۴۵۶۷۸۹",
    "email": "parvin@example.com",
    "message": "Ten routers",
}


@pytest.fixture
def form(cast: Any, acting: Any) -> LeadForm:
    with workspace_scope(cast.arman.id):
        made: LeadForm = create_record(acting(cast.sara), LEAD_FORM, {
            "name": "Site", "language": "en", "sites": f"{SHOP}\nhttps://other.example.org", "campaign": "Spring", "gives_to": cast.babak.id,
            "consent_text": "I agree to receive offers.", "purpose": Purpose.objects.get(word="marketing").id,
        })  # fmt: skip
        return made


def at(form: LeadForm) -> str:
    return f"/f/{form.token}"


def fill(client: Client, form: LeadForm, query: str = "", **values: str) -> Any:
    """What a person does: opens the page, takes their time, sends it. Returns what was sent and the answer."""
    page = client.get(at(form) + query)
    assert page.status_code == 200
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode()))
    sent = {**hidden, **WHOLE, **values}
    return sent, send(client, form, sent)


def send(client: Client, form: LeadForm, sent: dict[str, str], after: int = 20) -> Any:
    """Sent so many seconds after the page was opened."""
    with clock.freeze(clock.now() + timedelta(seconds=after)):
        return client.post(at(form), sent)


def leads(cast: Any) -> list[Lead]:
    with workspace_scope(cast.arman.id):
        return list(Lead.objects.order_by("id"))


def test_a_stranger_fills_it_in_and_is_a_lead_with_all_that_was_known(cast: Any, form: LeadForm) -> None:
    sent, answer = fill(Client(), form, "?utm_source=google&utm_campaign=Nowruz", consent="1")
    assert answer.status_code == 200
    assert "It has arrived" in answer.content.decode()
    assert sent["utm_source"] == "google"
    [lead] = leads(cast)
    assert (lead.phone, lead.email, lead.message) == ("+989123456789", "parvin@example.com", "Ten routers")
    assert (lead.source, lead.campaign, lead.utm_source, lead.utm_campaign) == (
        "website",
        "Spring",
        "google",
        "Nowruz",
    )
    assert (lead.owner_id, lead.form_id) == (cast.babak.id, form.id)
    with workspace_scope(cast.arman.id):
        [consent] = Consent.objects.filter(person_id=lead.person_id)
        assert (consent.words, consent.source, consent.proof) == ("I agree to receive offers.", "web", "Site")
        [fact] = EventRow.objects.filter(wire="leads.inquiry_received.v1")
        assert fact.data["form"] == "Site"


def test_it_is_sent_twice_and_taken_once(cast: Any, form: LeadForm) -> None:
    client = Client()
    sent, _ = fill(client, form)
    assert send(client, form, sent).status_code == 200
    [lead] = leads(cast)
    assert lead.inquiries == 1
    fill(client, form, message="Another thing")
    [lead] = leads(cast)
    assert lead.inquiries == 2


def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(cast: Any, form: LeadForm) -> None:
    _, answer = fill(Client(), form, phone="12", email="", name="")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Ten routers" in page
    assert page.count('class="field bad"') == 2
    _, answer = fill(Client(), form, phone="", email="")
    assert "so that you can be answered" in answer.content.decode()
    assert leads(cast) == []


def test_hostile_input_is_text(cast: Any, browse: Any, form: LeadForm) -> None:
    evil = '"><script>alert(1)</script>{{ 7|add:7 }}\x00'
    _, answer = fill(
        Client(), form, "?utm_source=%22%3E%3Cscript%3Ealert(2)%3C/script%3E", name=evil, message=evil
    )
    assert answer.status_code == 200
    [lead] = leads(cast)
    assert "<script>" in lead.message
    assert "\x00" not in lead.name + lead.message
    page = browse(cast.sara).get(f"/w/arman/leads/{lead.id}/").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_huge_message_and_huge_bodies_are_refused(cast: Any, form: LeadForm) -> None:
    _, answer = fill(Client(), form, message="x" * (submissions.MOST_TEXT + 1))
    assert answer.status_code == 422
    assert Client().post(at(form), {**WHOLE, "message": "x" * 100_000}).status_code == 413
    answer = Client().post(
        at(form), json.dumps({**WHOLE, "message": "x" * 100_000}), content_type="application/json"
    )
    assert answer.status_code == 413
    assert leads(cast) == []


def test_a_flood_is_stopped_and_writes_nothing_more(cast: Any, form: LeadForm) -> None:
    client, most = Client(), submissions.SENDER_LIMITS[0][1]
    answers = [
        client.post(
            at(form),
            json.dumps({"name": "Bot", "email": f"bot{n}@example.com"}),
            content_type="application/json",
        )
        for n in range(most + 3)
    ]
    assert [answer.status_code for answer in answers] == [200] * most + [429] * 3
    assert answers[-1]["Retry-After"] == "60"
    assert len(leads(cast)) == most
    with workspace_scope(cast.arman.id):
        assert Submission.objects.count() == most
    other = client.post(at(form), json.dumps(WHOLE), content_type="application/json", REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 200


def test_a_machine_that_fills_the_trap_or_is_too_quick_makes_no_lead(cast: Any, form: LeadForm) -> None:
    _, answer = fill(Client(), form, homepage="https://spam.example")
    assert "It has arrived" in answer.content.decode(), "it is not told that it was found out"
    client = Client()
    page = client.get(at(form)).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    assert send(client, form, {**hidden, **WHOLE}, after=0).status_code == 422
    assert send(client, form, {**WHOLE, "ticket": "forged"}).status_code == 422
    assert send(client, form, {**hidden, **WHOLE}, after=3 * 24 * 3600).status_code == 422
    assert leads(cast) == []
    with workspace_scope(cast.arman.id):
        assert [s.is_taken for s in Submission.objects.all()] == [False]


def test_whoever_mends_a_field_at_once_is_not_too_quick(form: LeadForm) -> None:
    client = Client()
    _, refused = fill(client, form, email="parvin")
    assert refused.status_code == 422
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', refused.content.decode()))
    assert "It has arrived" in send(client, form, {**hidden, **WHOLE}).content.decode()


def test_only_listed_sites_may_send_and_show_it(cast: Any, form: LeadForm) -> None:
    client = Client()
    foreign = {"headers": {"Origin": "https://evil.example"}}
    body = json.dumps(WHOLE)
    assert client.post(at(form), body, content_type="application/json", **foreign).status_code == 403
    assert client.post(at(form), WHOLE, **foreign).status_code == 403
    asked = client.options(at(form), headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in asked.headers
    assert leads(cast) == []
    assert client.options(at(form), headers={"Origin": SHOP})["Access-Control-Allow-Origin"] == SHOP
    taken = client.post(at(form), body, content_type="application/json", headers={"Origin": SHOP})
    assert taken.json()["ok"] is True
    assert taken["Access-Control-Allow-Origin"] == SHOP
    assert len(leads(cast)) == 1
    policy = client.get(at(form))["Content-Security-Policy"]
    assert f"frame-ancestors 'self' {SHOP} https://other.example.org" in policy
    assert "unsafe-inline" not in policy


@pytest.mark.parametrize(
    "body", ["{", "[]", '{"name": {"a": 1}, "email": ["x"]}', '{"email": "no mail"}', '{"email": true}']
)
def test_json_that_is_none_or_wrong_is_answered(cast: Any, form: LeadForm, body: str) -> None:
    answer = Client().post(at(form), body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert leads(cast) == []


def test_a_form_that_is_closed_or_unknown_is_not_there(cast: Any, acting: Any, form: LeadForm) -> None:
    for token in (
        "",
        "x",
        f"{cast.arman.id}-wrongwrongwrong",
        f"{cast.rival.id}-{form.token.partition('-')[2]}",
        "9" * 30 + "-abcdefghijklm",
    ):
        assert Client().get(f"/f/{token}").status_code == 404
    with workspace_scope(cast.arman.id):
        update_records(
            acting(cast.sara), LEAD_FORM, [LeadForm.objects.get(id=form.id)], [{"is_active": False}]
        )
    assert Client().get(at(form)).status_code == 404
    assert Client().post(at(form), json.dumps(WHOLE), content_type="application/json").status_code == 404


def test_a_form_of_a_module_that_is_off_is_not_there(cast: Any, acting: Any, form: LeadForm) -> None:
    with workspace_scope(cast.arman.id):
        switch_module(acting(cast.sara), "leads", is_on=False)
    assert Client().get(at(form)).status_code == 404


def test_who_refused_before_is_not_made_willing_by_a_stranger_s_tick(
    cast: Any, acting: Any, form: LeadForm
) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        person = create_record(ctx, PERSON, {"family_name": "Ahmadi", "emails": ["parvin@example.com"]})
        create_records(ctx, CONSENT, [{
            "person": person.id, "state": REFUSED, "channel": "any", "purpose": None, "source": "call", "given_at": clock.now() - timedelta(days=1),
        }])  # fmt: skip
    fill(Client(), form, consent="1")
    with workspace_scope(cast.arman.id):
        assert [c.state for c in Consent.objects.filter(person_id=person.id)] == [REFUSED]
        assert Person.objects.count() == 1


def test_it_leads_on_to_a_page(cast: Any, acting: Any, form: LeadForm) -> None:
    with workspace_scope(cast.arman.id):
        update_records(
            acting(cast.sara),
            LEAD_FORM,
            [LeadForm.objects.get(id=form.id)],
            [{"redirect_url": "https://shop.example.com/thanks"}],
        )
    _, answer = fill(Client(), form)
    assert (answer.status_code, answer["Location"]) == (302, "https://shop.example.com/thanks")
    assert "form-action 'self' https://shop.example.com;" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(("values", "field"), [
    ({"asked": ["name", "message"]}, "asked"),
    ({"redirect_url": "javascript:alert(1)"}, "redirect_url"),
    ({"redirect_url": "https://user:pass@example.com"}, "redirect_url"),
    ({"sites": "not a site"}, "sites"),
    ({"sites": "https://evil.example; script-src *"}, "sites"),
    ({"consent_text": "I agree", "purpose": None}, "purpose"),
])  # fmt: skip
def test_a_form_that_makes_no_sense_is_refused_by_field(
    cast: Any, acting: Any, values: Any, field: str
) -> None:
    with workspace_scope(cast.arman.id), pytest.raises(Invalid) as why:
        create_record(acting(cast.sara), LEAD_FORM, {"name": "Site", **values})
    assert [p.field for p in why.value.problems] == [field]


def test_it_speaks_the_language_it_was_given(cast: Any, acting: Any, form: LeadForm) -> None:
    with workspace_scope(cast.arman.id):
        update_records(acting(cast.sara), LEAD_FORM, [LeadForm.objects.get(id=form.id)], [{"language": "fa"}])
    page = Client().get(at(form)).content.decode()
    assert 'lang="fa" dir="rtl"' in page
    assert "ارسال" in page


def test_settings_show_the_form_its_snippet_and_its_counts(cast: Any, browse: Any, form: LeadForm) -> None:
    fill(Client(), form)
    client = browse(cast.sara)
    assert "Site" in client.get("/w/arman/settings/lead-forms").content.decode()
    page = client.get(f"/w/arman/settings/lead-forms/{form.id}").content.decode()
    assert f"/f/{form.token}" in page
    preview = client.get(f"/w/arman/settings/lead-forms/{form.id}/preview")
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert "disabled" in preview.content.decode()
    assert browse(cast.babak).get("/w/arman/settings/lead-forms").status_code == 403


def test_a_stranger_speaks_for_nobody_who_is_known(cast: Any, acting: Any, form: LeadForm) -> None:
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        known = create_record(ctx, PERSON, {"family_name": "Rad", "phones": [{"value": WHOLE["phone"]}]})
        lead = create_record(ctx, LEAD, {"person": known.id, "family_name": "Rad", "phone": WHOLE["phone"]})
    _, answer = fill(Client(), form, consent="1", email="mallory@evil.example")
    assert answer.status_code == 200
    with workspace_scope(cast.arman.id):
        assert not Consent.objects.filter(person_id=known.id).exists()
        kept = Lead.objects.get(person_id=known.id)
        assert (kept.id, kept.email, kept.inquiries) == (lead.id, "", 2)
        told = EventRow.objects.filter(wire="leads.inquiry_received.v1", object_id=lead.id).order_by("id")
        said = told.last().data["message"]
    assert "mallory@evil.example" in said
    assert "I agree to receive offers." in said


@pytest.mark.parametrize("ticket", ["a\x00b", "x" * 99])
def test_any_ticket_of_a_program_is_taken(form: LeadForm, ticket: str) -> None:
    body = json.dumps({"name": "A", "phone": "09123456789", "ticket": ticket})
    assert Client().post(at(form), body, content_type="application/json").status_code == 200
