"""What won deals came to: invoices, the money that came for them or did not, cheques, instalments, contracts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.operational.billing.public import (
    CHEQUE,
    CONTRACT,
    Instalment,
    Invoice,
    bounce_cheque,
    clear_cheque,
    days_pass,
    deposit_cheque,
    invoice_deal,
    issue_invoice,
    record_payment,
    schedule_invoice,
    send_invoice,
    set_credit_limit,
    tell_overdue,
)
from peyvand.operational.sales.public import Deal
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.objects.records import create_records

LONG_AGO = timedelta(days=80)
AFTER = timedelta(minutes=50)
BANKS = ("ملت", "تجارت", "پاسارگاد", "سامان", "ملی")
CONTRACTS = (
    ("قرارداد پشتیبانی سالانه", "Yearly support", "maintenance", "auto", 20),
    ("قرارداد تأمین مواد اولیه", "Supply of raw material", "supply", "ask", 75),
    ("نمایندگی فروش جنوب", "Sales agency south", "agency", "ask", 190),
)
# What becomes of an invoice, in turn; the last ones are the youngest.
FATES = (
    "paid",
    "cheque",
    "paid",
    "instalments",
    "late",
    "bounced",
    "half",
    "cleared",
    "paid",
    "over",
    "late",
    "open",
)


def fill_billing(stage: Stage) -> None:
    won = list(
        Deal.objects.filter(
            status="won", amount__gt=0, company__isnull=False, closed_on__isnull=False
        ).order_by("-closed_on", "-id")
    )
    chosen = won[: 13 if stage.is_persian else 8]
    # One customer has let it lie for months.
    lain = clock.today(stage.tenant.tz) - LONG_AGO
    for deal in [deal for deal in won if deal not in chosen and deal.stage_since.date() < lain][:1]:
        _issued(stage, deal, terms_days=15)
    issued = [_issued(stage, deal) for deal in chosen[::-1]]
    for n, invoice in enumerate(issued):
        _settle(stage, invoice, FATES[n * len(FATES) // max(1, len(issued))], n)
    ctx = stage.acting[stage.owner]
    for deal in [d for d in Deal.objects.filter(status="open", amount__gt=0).order_by("-id") if d.company_id][
        :2
    ]:
        invoice_deal(ctx, deal, kind="proforma")
    for company in stage.companies[:6]:
        set_credit_limit(
            ctx, company, amount=_round(stage, 40_000_000_000 if stage.is_persian else 25_000_000)
        )
    _contracts(stage, ctx)
    _tell_overdue(stage)
    days_pass(stage.tenant)


def _tell_overdue(stage: Stage) -> None:
    """What was not paid in time is told of on the day after it was due."""
    tz = stage.tenant.tz
    for due_on in (
        Instalment.objects.filter(rest__gt=0).order_by("due_on").values_list("due_on", flat=True).distinct()
    ):
        if due_on < clock.today(tz):
            after = datetime.combine(due_on + timedelta(days=1), time(0, 7), tz)
            with clock.freeze(after):
                tell_overdue(job_context(stage.tenant), after.date())


@contextmanager
def _on(stage: Stage, day: date) -> Iterator[None]:
    """Do what is inside before noon of a day, or of the next one on which there is work."""
    with stage.on(datetime.combine(day, time(11, 20), stage.tenant.tz)):
        yield


def _round(stage: Stage, amount: int) -> int:
    unit = 10_000_000 if stage.is_persian else 10_000
    return max(unit, amount // unit * unit)


def _issued(stage: Stage, deal: Deal, terms_days: int | None = None) -> Invoice:
    """The invoice of a deal, as soon as it was won."""
    ctx = stage.acting[deal.owner_id or stage.owner]
    terms = stage.dice.choice((7, 15, 30)) if terms_days is None else terms_days
    with stage.on(deal.stage_since + AFTER):
        invoice = invoice_deal(ctx, deal, terms_days=terms)
        issue_invoice(ctx, invoice)
        invoice.refresh_from_db()
        send_invoice(ctx, invoice)
    invoice.refresh_from_db()
    return invoice


def _settle(stage: Stage, invoice: Invoice, fate: str, n: int) -> None:
    ctx, dice = stage.acting[stage.owner], stage.dice
    since = invoice.issued_on or clock.today(stage.tenant.tz)
    if fate in ("cheque", "cleared", "bounced"):
        _cheque(stage, invoice, fate, n)
        return
    paid_on = min(since + timedelta(days=dice.randint(3, 25)), clock.today(stage.tenant.tz))
    with _on(stage, paid_on):
        if fate in ("paid", "over"):
            extra = _round(stage, invoice.total // 20) if fate == "over" else 0
            record_payment(
                ctx, invoice, amount=invoice.total + extra, method=dice.choice(("transfer", "card", "online"))
            )
        elif fate == "half":
            record_payment(ctx, invoice, amount=_round(stage, invoice.total // 2), method="transfer")
        elif fate == "instalments":
            schedule_invoice(ctx, invoice, count=4, first_on=paid_on)
            record_payment(ctx, invoice, amount=invoice.total // 3, method="transfer")


def _cheque(stage: Stage, invoice: Invoice, fate: str, n: int) -> None:
    """One that is due some weeks from now, or that went to the bank on its day: what came of it is known on the next."""
    ctx, dice, today = stage.acting[stage.owner], stage.dice, clock.today(stage.tenant.tz)
    given = min((invoice.issued_on or today) + timedelta(days=dice.randint(1, 4)), today)
    due = (
        today + timedelta(days=dice.randint(20, 70))
        if fate == "cheque"
        else given + timedelta(days=dice.randint(3, 9))
    )
    with _on(stage, given):
        [cheque] = create_records(ctx, CHEQUE, [{
            "company": invoice.company_id, "invoice": invoice.id, "amount": invoice.total, "due_on": due, "owner": invoice.owner_id,
            "bank": BANKS[n % len(BANKS)] if stage.is_persian else "Commerzbank", "branch": str(100 + n),
            "sayad": f"{4021 + n}8800{10203040 + 37 * n:08d}" if stage.is_persian else "", "number": f"{770120 + 13 * n}",
            "drawer": str(invoice.company),
        }])  # fmt: skip
    if fate == "cheque" or due >= today:
        return
    with _on(stage, due):
        deposit_cheque(ctx, cheque)
    cheque.refresh_from_db()
    with _on(stage, due + timedelta(days=1)):
        if fate == "cleared":
            clear_cheque(ctx, cheque)
        else:
            bounce_cheque(ctx, cheque, reason="کسری موجودی" if stage.is_persian else "Not covered")


def _contracts(stage: Stage, ctx: Context) -> None:
    today = clock.today(stage.tenant.tz)
    rows = [
        {
            "title": fa if stage.is_persian else en, "kind": kind, "renewal": renewal, "company": company.id,
            "owner": company.owner_id, "amount": _round(stage, 9_000_000_000 if stage.is_persian else 4_000_000),
            "starts_on": today + timedelta(days=left - 365), "ends_on": today + timedelta(days=left), "status": "active",
            "notice_days": 30,
        }
        for company, (fa, en, kind, renewal, left) in zip(stage.companies[2:], CONTRACTS, strict=False)
    ]  # fmt: skip
    create_records(ctx, CONTRACT, rows)
