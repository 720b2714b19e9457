"""Price lists, taxes and quotes: from deals that came as far as an offer, in every state of an answer."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.operational.catalog.public import PRODUCT, Product, Tax
from peyvand.operational.documents.public import set_letterhead
from peyvand.operational.pricing.public import PRICE, PRICE_LIST
from peyvand.operational.quotes.public import (
    QUOTE,
    Quote,
    accept_quote,
    ask_approval,
    expire,
    limit_of,
    lines_of_deal,
    reject_quote,
    revise,
    send_quote,
    set_limits,
)
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.context import job_context
from peyvand.platform.objects.records import create_records, update_record, update_records

MOST: Final = 24
BEFORE: Final = timedelta(days=6)
LISTS: Final = (("بهای همکاران", "Partner prices"), ("فروش پاییز", "Autumn sale"))
TERMS: Final = (
    "پرداخت: نیمی هنگام سفارش و نیمی هنگام تحویل.\nتحویل: حداکثر ۱۵ روز کاری پس از پیش‌پرداخت.",
    "Payment: half with the order, half on delivery.\nDelivery: within 15 working days.",
)
REJECTIONS: Final = (
    ("بودجهٔ امسال کافی نیست", "Not in this year's budget"),
    ("زمان تحویل دیر است", "Delivery takes too long"),
)


def fill_quotes(stage: Stage) -> None:
    """Prices and limits first, then a quote for each of some deals, written by its owner and answered or not."""
    _prices(stage)
    deals = list(
        Deal.objects.filter(company__isnull=False, owner__isnull=False, amount__gt=0)
        .exclude(status="lost", probability=0, lost_reason__isnull=True)
        .filter(stage__position__gte=2)
        .order_by("-stage_since", "-id")[:MOST]
    )
    # Numbers are given when they are sent, so the earliest goes first.
    for on, n, deal in sorted(
        ((_day_of(stage, n, deal), n, deal) for n, deal in enumerate(deals)), key=itemgetter(0)
    ):
        _quote(stage, n, deal, on)
    expire_unanswered(stage)


def _say(stage: Stage, pair: tuple[str, str]) -> str:
    return pair[0] if stage.is_persian else pair[1]


def _prices(stage: Stage) -> None:
    ctx = stage.acting[stage.owner]
    with stage.at(1):
        products = list(Product.objects.order_by("id"))
        vat = Tax.objects.first()
        if vat is not None:
            update_records(ctx, PRODUCT, products, [{"tax": vat.id}] * len(products))
        today = stage.now.astimezone(stage.tenant.tz).date()
        partners, autumn = create_records(ctx, PRICE_LIST, [
            {"name": _say(stage, LISTS[0]), "kinds": ["partner", "distributor"], "adjustment": Decimal(-8), "priority": 10},
            {"name": _say(stage, LISTS[1]), "valid_from": today - timedelta(50), "valid_until": today + timedelta(30), "priority": 5},
        ])  # fmt: skip
        create_records(ctx, PRICE, [
            {"price_list": each.id, "product": p.id, "price": p.price * share // 100, "minimum": minimum}
            for p in products[:4] for each, share, minimum in ((partners, 88, 1), (partners, 84, 20), (autumn, 95, 1))
        ])  # fmt: skip
        set_limits(ctx, limits={"member": "10", "manager": "25"})
        set_letterhead(
            ctx,
            name=stage.tenant.name,
            footer=_say(stage, ("با سپاس از همراهی شما", "Thank you for your trust")),
            phone=_say(stage, ("03155000000", "+49 30 23125 000")),
            email=f"info@{stage.tenant.slug}.example",
            address=_say(stage, ("کاشان، شهرک صنعتی امیرکبیر", "Berlin, Hafenstraße 1")),
        )


def _day_of(stage: Stage, n: int, deal: Deal) -> datetime:
    """Some weeks ago at the earliest; a deal ends after its quote was answered."""
    ago = stage.now - timedelta(days=2 + n * 2, hours=n % 5)
    on = max(ago if deal.status == "open" else min(ago, deal.stage_since - BEFORE), deal.created_at)
    return stage.hours.past(on)


def _quote(stage: Stage, n: int, deal: Deal, on: datetime) -> None:
    """A quote of a deal; what became of it goes by its place among them and by the deal."""
    ctx = stage.acting[deal.owner_id or stage.owner]
    lines = lines_of_deal(ctx, deal)
    if not lines:
        return
    kind = n % 8
    with stage.on(on):
        values: dict[str, Any] = {
            "deal": deal.id, "lines": lines, "terms": _say(stage, TERMS), "owner": deal.owner_id,
            "discount": Decimal(28 if kind == 5 else 3 if kind == 2 else 0),
        }  # fmt: skip
        quote: Quote = create_records(ctx, QUOTE, [values])[0]
        if kind == 5 and quote.reduction > limit_of(ctx.actor):
            ask_approval(ctx, quote)
        if kind in (5, 7):
            return
        send_quote(stage.acting[stage.owner], quote)
    person = deal.person.name if deal.person else deal.company.name if deal.company else ""
    with stage.on(stage.hours.near(on) + timedelta(days=1, hours=3)):
        if deal.status == "won" or kind == 1:
            accept_quote(ctx, quote, signer=person, signature=person)
        elif deal.status == "lost" or kind == 3:
            reject_quote(ctx, quote, reason=_say(stage, REJECTIONS[n % 2]))
        elif kind == 4:
            new = revise(ctx, quote)
            update_record(ctx, QUOTE, new, {"discount": 5})


def expire_unanswered(stage: Stage) -> None:
    """Those that nobody answered expire on the day after their last one, until today, as the clock would have had it."""
    tz = stage.tenant.tz
    for last in (
        Quote.objects.filter(status="sent")
        .order_by("valid_until")
        .values_list("valid_until", flat=True)
        .distinct()
    ):
        if last < clock.today(tz):
            with clock.freeze(datetime.combine(last + timedelta(days=1), time(0, 5), tz)):
                expire(job_context(stage.tenant))
