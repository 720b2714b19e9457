"""What a product costs for a customer on a day, for the line of a paper in which it was just chosen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from peyvand.kernel import clock, numbers
from peyvand.kernel.errors import Invalid, NotFound
from peyvand.kernel.numbers import parse_number
from peyvand.operational.catalog.public import PRODUCT, rates_on
from peyvand.operational.contacts.public import COMPANY
from peyvand.operational.pricing.objects import PRICE_LIST
from peyvand.operational.pricing.prices import Ask, prices_for
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Day, whole_id
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.inputs import money_text
from peyvand.web.shell.middleware import context_of

_DAY = Day(key="issued_on", label="")


@require_GET
def price_of(request: HttpRequest, workspace: str, id: int) -> JsonResponse:
    """``{price, tax}``: for one, and percent, as they are typed; empty where nobody knows it, or the role does not see it.

    ``?company=&price_list=&issued_on=&quantity=``: what the form of the paper says; what of it is not known counts as not said.
    """
    ctx = context_of(request)
    product = load_record(PRODUCT, ctx.actor, id)
    hidden = ctx.actor.grants.hides(PRODUCT.key)
    given = request.GET
    try:
        day = _DAY.parse(given.get("issued_on", ""), ctx.reader)
    except Invalid:
        day = None
    day = day or clock.today(ctx.tenant.tz)
    tax = "" if "tax" in hidden else numbers.localize(_rate(product.tax_id, day), ctx.reader.language)
    if "price" in hidden:
        return JsonResponse({"price": "", "tax": tax})
    try:
        quantity = parse_number(given.get("quantity") or "1")
    except Invalid:
        quantity = Decimal(1)
    ask = Ask(
        product.id, _seen(ctx, COMPANY, given.get("company")), day, quantity,
        _seen(ctx, PRICE_LIST, given.get("price_list")),
    )  # fmt: skip
    price = prices_for([ask], ctx.tenant.currency)[ask].price
    return JsonResponse({"price": "" if price is None else money_text(price, ctx.reader), "tax": tax})


def _rate(tax: int | None, day: date) -> str:
    return str(numbers.plain(rates_on([(tax, day)])[tax, day]))


def _seen(ctx: Context, spec: ObjectSpec, raw: Any) -> int | None:
    """The id of a record that the actor may see."""
    try:
        return int(load_record(spec, ctx.actor, whole_id(raw or "")).id)
    except NotFound:
        return None
