"""An accepted quote proposes that its deal is won: on the deal, on Today, and to whoever recorded it."""

import json

from peyvand.operational.quotes.actions import send_quote
from peyvand.operational.sales.public import Deal, win_deal


def test_an_accepted_quote_proposes_that_the_deal_is_won(desk, cast, browse):
    quote = desk.quote(deal=desk.deal.id)
    send_quote(desk.ctx, quote)
    sara, win = browse(cast.sara), f"/w/arman/deals/{desk.deal.id}/do/win"
    pages = ("/w/arman/", f"/w/arman/deals/{desk.deal.id}/")
    asks = [f'hx-get="{win}"' in sara.get(page).content.decode() for page in pages]
    said = sara.post(f"/w/arman/quotes/{quote.id}/do/accept", {}, headers={"HX-Request": "true"})
    assert said.status_code == 200, said.content.decode()
    assert json.loads(said["HX-Trigger"])["offer"]["url"] == win
    for page, before in zip(pages, asks, strict=True):
        shown = sara.get(page).content.decode()
        assert "پیش‌فاکتور آن پذیرفته شده است" in shown
        assert shown.count(f'hx-get="{win}"') == before + 1

    win_deal(desk.ctx, Deal.objects.get(id=desk.deal.id))
    for page in pages:
        assert "پیش‌فاکتور آن پذیرفته شده است" not in sara.get(page).content.decode()
