"""Discounts that wait for somebody's word: on their Today; and the form of a quote that was sent."""

from __future__ import annotations

from peyvand.operational.contacts.public import Company
from peyvand.operational.quotes.actions import ask_approval, send_quote
from peyvand.operational.quotes.limits import set_limits


def test_whoever_is_asked_finds_the_quotes_at_today(desk, cast, acting, browse):
    set_limits(desk.ctx, limits={"member": "0"})
    quote = desk.quote(name="تخفیف بزرگ", discount=35, owner=cast.babak.id)
    assert "در انتظار تأیید شما" not in browse(cast.mina).get("/w/arman/").content.decode()
    Company.objects.filter(id=desk.company.id).update(owner=cast.babak)
    ask_approval(acting(cast.babak), quote)
    seen = browse(cast.mina).get("/w/arman/").content.decode()
    assert "در انتظار تأیید شما" in seen
    assert f'href="/w/arman/quotes/{quote.id}/"' in seen
    assert 'href="/w/arman/quotes/?view=waiting"' in seen
    assert "در انتظار تأیید شما" not in browse(cast.babak).get("/w/arman/").content.decode()


def test_the_form_of_a_sent_quote_says_why_it_is_fixed_and_offers_the_new_edition(desk, browse, cast):
    quote = desk.quote()
    at = f"/w/arman/quotes/{quote.id}/edit"
    sara = browse(cast.sara)
    assert "do/revise" not in sara.get(at).content.decode()
    send_quote(desk.ctx, quote)
    form = sara.get(at).content.decode()
    assert "نسخهٔ تازه" in form
    assert f'hx-post="/w/arman/quotes/{quote.id}/do/revise"' in form
    assert form.count("autofocus") == 1, "the button has the focus, no list of users drops over the page"
