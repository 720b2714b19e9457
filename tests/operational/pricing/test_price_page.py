"""The price that the line of a paper shows for a product which was just chosen."""

from peyvand.kernel import numbers
from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.pricing.public import PRICE, PRICE_LIST
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.web.components.inputs import money_text


def test_it_is_the_price_for_the_customer_and_else_the_products_own(cast, acting, browse):
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        desk = create_record(ctx, PRODUCT, {"name": "Desk", "price": 1_000})
        buyer = create_record(ctx, COMPANY, {"name": "Buyer"})
        special = create_record(ctx, PRICE_LIST, {"name": "Special", "company": buyer.id})
        create_record(ctx, PRICE, {"price_list": special.id, "product": desk.id, "price": 700})
        own, listed = (money_text(amount, ctx.reader) for amount in (1_000, 700))
    none = numbers.localize("0", "fa")
    sara, url = browse(cast.sara), f"/w/arman/products/{desk.id}/price"
    assert sara.get(url).json() == {"price": own, "tax": none}
    assert sara.get(url, {"company": buyer.id}).json() == {"price": listed, "tax": none}
    assert sara.get(url, {"company": "x", "issued_on": "nonsense", "quantity": "-"}).json() == {
        "price": own,
        "tax": none,
    }
    assert browse(cast.cyrus).get(url).status_code == 404
