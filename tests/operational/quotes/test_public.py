"""The page on which a customer answers: who gets there, what is kept, and what is refused."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from peyvand.kernel import clock
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.operational.documents.public import set_letterhead
from peyvand.operational.quotes.actions import quote_deal, revise, send_quote
from peyvand.operational.quotes.agreeing import paper_of
from peyvand.operational.quotes.events import QuoteWantedAgain
from peyvand.operational.quotes.models import Quote, QuoteTrace
from peyvand.operational.quotes.notifying import wanted_again
from peyvand.operational.quotes.public import expire, public_path
from peyvand.platform.events.models import EventRow
from peyvand.platform.workspaces.scope import workspace_scope

NAME = "مریم کریمی"


@pytest.fixture
def sent(desk):
    quote = quote_deal(desk.ctx, desk.deal)
    send_quote(desk.ctx, quote)
    return quote


@pytest.fixture
def url(sent):
    return public_path(sent.workspace_id, sent.secret)


@pytest.fixture
def guest():
    return Client(headers={"User-Agent": "Test browser"})


def answer(sent, **changes):
    return {"signer": NAME, "signature": NAME, "consent": "on", "digest": sent.digest} | changes


def state(sent):
    sent.refresh_from_db()
    return sent.status


def test_the_page_shows_the_quote_in_its_language(guest, url, sent):
    page = guest.get(url)
    text = page.content.decode()
    assert page.status_code == 200
    assert 'lang="fa" dir="rtl"' in text
    # Its number reads as it does inside.
    for said in (
        to_persian_digits(sent.number),
        "صنایع نوین",
        "سرور",
        "دویست میلیون و یکصد هزار تومان",
        "پذیرش",
    ):
        assert said in text
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert page["Cache-Control"] == "no-store"
    assert "noindex" in page["X-Robots-Tag"]


def test_the_first_look_is_told_once_and_that_of_a_colleague_never(guest, url, sent, browse, cast):
    browse(cast.sara).get(url)
    guest.head(url)
    assert not QuoteTrace.objects.filter(what="viewed").exists()
    guest.get(url)
    guest.get(url)
    [trace] = QuoteTrace.objects.filter(what="viewed")
    assert (trace.ip, trace.agent) == ("127.0.0.1", "Test browser")
    assert EventRow.objects.filter(wire="quotes.quote_viewed.v1").count() == 1


def test_an_accepted_quote_keeps_who_when_whence_and_what(guest, url, sent):
    done = guest.post(f"{url}/accept", answer(sent, signature="  مريم   كريمی "))
    assert (done.status_code, done["Location"]) == (302, url)
    assert state(sent) == "accepted"
    [trace] = QuoteTrace.objects.filter(what="accepted")
    assert (trace.name, trace.ip, trace.agent, trace.digest) == (
        NAME,
        "127.0.0.1",
        "Test browser",
        sent.digest,
    )
    assert trace.signature
    assert trace.at
    text = guest.get(url).content.decode()
    assert NAME in text
    assert f'action="{url}/accept"' not in text


def test_accepting_twice_does_nothing_twice(guest, url, sent):
    for _ in range(2):
        assert guest.post(f"{url}/accept", answer(sent)).status_code == 302
    assert EventRow.objects.filter(wire="quotes.quote_accepted.v1").count() == 1
    assert QuoteTrace.objects.filter(what="accepted").count() == 1
    guest.post(f"{url}/reject", {"reason": "no"})
    assert state(sent) == "accepted"


@pytest.mark.parametrize(
    "wrong",
    [{"signer": ""}, {"signature": "Somebody"}, {"signature": ""}, {"digest": "0" * 64}, {"digest": ""}],
)
def test_an_answer_without_name_signature_or_the_right_edition_is_refused(guest, url, sent, wrong):
    refused = guest.post(f"{url}/accept", answer(sent, **wrong))
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert state(sent) == "sent"


def test_an_answer_without_consent_is_refused(guest, url, sent):
    form = answer(sent)
    del form["consent"]
    assert guest.post(f"{url}/accept", form).status_code == 422
    assert state(sent) == "sent"


def test_a_rejection_keeps_its_reason(guest, url, sent):
    assert guest.post(f"{url}/reject", {"reason": "گران است"}).status_code == 302
    assert state(sent) == "rejected"
    assert sent.reason == "گران است"


def test_an_expired_quote_says_so_and_is_not_accepted(guest, url, sent, desk):
    Quote.objects.filter(id=sent.id).update(valid_until=clock.today(desk.ctx.tenant.tz) - timedelta(1))
    text = guest.get(url).content.decode()
    assert "دیگر نمی‌توان" in text
    assert "/accept" not in text
    assert guest.post(f"{url}/accept", answer(sent)).status_code == 422
    assert state(sent) == "sent"


def test_the_customer_of_an_expired_quote_asks_for_a_new_edition_once(guest, url, sent, desk, browse, cast):
    set_letterhead(desk.ctx, phone="02188001122", email="sales@arman.example")
    assert guest.post(f"{url}/again", {}).status_code == 422
    Quote.objects.filter(id=sent.id).update(valid_until=clock.today(desk.ctx.tenant.tz) - timedelta(1))
    assert browse(cast.sara).post(f"{url}/again", {}).status_code == 403
    page = guest.get(url).content.decode()
    assert f'action="{url}/again"' in page
    assert 'href="tel:02188001122"' in page
    assert 'href="mailto:sales@arman.example"' in page
    assert expire(desk.ctx) == 1
    for note in ("با ۱۰\x00 دستگاه", "دوباره"):
        assert guest.post(f"{url}/again", {"note": note})["Location"] == url
    [trace] = QuoteTrace.objects.filter(what="wanted")
    assert (trace.reason, trace.ip) == ("با ۱۰ دستگاه", "127.0.0.1")
    [told] = EventRow.objects.filter(wire="quotes.quote_wanted_again.v1")
    assert told.data["note"] == "با ۱۰ دستگاه"
    assert wanted_again(None, [QuoteWantedAgain(object="quote", object_id=sent.id)]) == [[sent.owner_id]]
    page = guest.get(url).content.decode()
    assert "/again" not in page
    assert state(sent) == "expired"


def test_a_replaced_quote_says_so_and_the_new_draft_is_not_shown(guest, url, sent, desk):
    new = revise(desk.ctx, sent)
    assert "جایگزین" in guest.get(url).content.decode()
    assert guest.post(f"{url}/accept", answer(sent)).status_code == 422
    assert state(sent) == "replaced"
    assert guest.get(public_path(new.workspace_id, new.secret)).status_code == 404


def test_whoever_changed_what_was_sent_behind_our_back_is_noticed(guest, url, sent):
    Quote.objects.filter(id=sent.id).update(total=1)
    assert guest.post(f"{url}/accept", answer(sent)).status_code == 422


def test_other_addresses_lead_nowhere(guest, url, sent, cast):
    workspace, secret = url.removeprefix("/q/").split("-", 1)
    for token in (
        secret, f"{workspace}-{secret[:-1]}", f"{workspace}-{secret[:-1]}!",
        f"9{'9' * 17}-{secret}", f"{workspace}-{secret}x", "1-" + "A" * 43,
    ):  # fmt: skip
        assert guest.get(f"/q/{token}").status_code == 404, token
    Quote.objects.filter(id=sent.id).update(deleted_at=clock.now())
    assert guest.get(url).status_code == 404


def test_the_paper_is_there_without_an_account(guest, url, sent):
    paper = guest.get(f"{url}/quote.pdf")
    assert paper["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    assert sent.number in paper["Content-Disposition"]


def test_an_odd_rial_is_said_in_rials_on_page_and_paper(guest, url, sent, desk):
    Quote.objects.filter(id=sent.id).update(total=2_001_000_008)
    sent.refresh_from_db()
    text = guest.get(url).content.decode()
    assert "۲٬۰۰۱٬۰۰۰٬۰۰۸" in text
    assert "تومان" not in text
    assert "دو میلیارد و یک میلیون و هشت ریال" in text
    assert paper_of(desk.ctx.tenant, sent).unit == "rial"


def test_an_address_that_asks_too_often_waits(guest, url, sent, monkeypatch):
    monkeypatch.setattr(settings, "API_PER_MINUTE", 100)
    # One minute, however long the machine takes.
    at = clock.now()
    monkeypatch.setattr(clock, "now", lambda: at)
    answers = [guest.get(url).status_code for _ in range(61)]
    assert answers[0] == 200
    assert answers[-1] == 429


def test_what_is_answered_without_our_form_is_refused(url, sent):
    assert Client(enforce_csrf_checks=True).post(f"{url}/accept", answer(sent)).status_code == 403


def test_a_workspace_without_the_module_shows_nothing(guest, url, sent, cast):
    from peyvand.platform.workspaces.models import Workspace

    Workspace.objects.filter(id=cast.arman.id).update(modules_off=["quotes"])
    assert guest.get(url).status_code == 404
    with workspace_scope(cast.arman.id):
        assert Quote.objects.filter(id=sent.id).exists()
