"""What is owed and since when, by customer; and everything that passed between a customer and us, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, cast

from django.db.models import Q, QuerySet, Sum

from peyvand.operational.billing.arithmetic import BUCKETS
from peyvand.operational.billing.models import Invoice, Payment
from peyvand.operational.billing.objects import CHEQUE, INSTALMENT, INVOICE, PAYMENT
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.platform.access.rules import reaches_all
from peyvand.platform.fields.types import Ref
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.references import titled

KEYS = tuple(key for key, _, _ in BUCKETS)
MOST = 500
_SUMS = frozenset({"total", "balance", "paid", "credited", "covered", "status", "amount", "unused"})


def knows_money(actor: Actor) -> bool:
    """Whether the actor sees every invoice, payment and cheque, and their sums: else a customer's balance would be wrong or
    tell too much."""
    return all(
        reaches_all(actor, spec.permission("view")) and not actor.grants.hides(spec.key) & _SUMS
        for spec in (INVOICE, PAYMENT, CHEQUE)
    )


@dataclass(frozen=True)
class Debtor:
    """A customer with what they owe in each column of the ageing report, in minor units."""

    company_id: int | None
    person_id: int | None
    name: str
    parts: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.parts.values())


def within(key: str, today: date) -> Q:
    """The due dates of a column."""
    _, after, until = next(each for each in BUCKETS if each[0] == key)
    q = Q() if after is None else Q(due_on__lte=today - timedelta(days=after))
    return q if until is None else q & Q(due_on__gte=today - timedelta(days=until))


def condition(key: str, today: date) -> list[dict[str, Any]]:
    """The same as parts of a filter, so that a figure opens its rows."""
    _, after, until = next(each for each in BUCKETS if each[0] == key)
    found: list[dict[str, Any]] = [{"field": "rest", "op": "gt", "value": 0}]
    if after is not None:
        found.append(
            {"field": "due_on", "op": "on_or_before", "value": (today - timedelta(days=after)).isoformat()}
        )
    if until is not None:
        found.append(
            {"field": "due_on", "op": "on_or_after", "value": (today - timedelta(days=until)).isoformat()}
        )
    return found


def ageing(actor: Actor, today: date) -> tuple[list[Debtor], Debtor]:
    """Who owes what of what the actor may see, the largest debts first, and the sums of all. Two queries."""
    owed = ListQuery(INSTALMENT, actor, ()).rows().filter(rest__gt=0).order_by()
    sums = {key: Sum("rest", filter=within(key, today)) for key in KEYS}
    companies = owed.filter(company__isnull=False).values("company_id")
    people = owed.filter(company__isnull=True).values("person_id")
    rows = [
        row
        for each in (companies, people)
        for row in each.annotate(**sums, all=Sum("rest")).order_by("-all")[:MOST]
    ]
    names = _names(actor, rows)
    found = [
        Debtor(row.get("company_id"), row.get("person_id"), name, {key: int(row[key] or 0) for key in KEYS})
        for row, name in zip(rows, names, strict=True)
    ]
    whole = owed.aggregate(**sums)
    total = Debtor(None, None, "", {key: int(whole[key] or 0) for key in KEYS})
    return sorted(found, key=lambda one: (-one.total, one.name)), total


def _names(actor: Actor, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each debtor is called; nothing of whom the actor may not see, or where names are hidden."""
    whose = [
        Ref("company", row["company_id"], "") if "company_id" in row else Ref("person", row["person_id"], "")
        for row in rows
    ]
    told = titled(actor, {ref for ref in whose if ref.id is not None and _is_told(actor, ref.object)})
    return [found.title if (found := told.get((ref.object, ref.id))) else "" for ref in whose]


def _is_told(actor: Actor, object_key: str) -> bool:
    spec = {"company": COMPANY, "person": PERSON}[object_key]
    hidden = actor.grants.hides(object_key)
    return spec.title not in hidden and object_key not in actor.grants.hides("instalment")


@dataclass(frozen=True)
class Movement:
    """One line of a statement; ``debit`` is what they owe more by it, ``credit`` what they owe less."""

    day: date
    kind: str
    object: str
    id: int
    name: str
    debit: int = 0
    credit: int = 0
    balance: int = 0


@dataclass(frozen=True)
class Statement:
    """What passed between a company and us in a while: what was owed before, the movements in their order with what was owed
    after each, and the sums of all of them. ``is_more``: only the first MOST of them are here."""

    before: int
    moves: Sequence[Movement]
    debit: int
    credit: int
    is_more: bool

    @property
    def after(self) -> int:
        return self.before + self.debit - self.credit


def statement(actor: Actor, company_id: int, since: date | None, until: date) -> Statement:
    """Every paper and payment of a company from a day on, until another; so much work whatever there was before."""
    papers = (
        ListQuery(INVOICE, actor, ())
        .rows()
        .filter(company_id=company_id, issued_on__lte=until, kind__in=("invoice", "credit"))
        .exclude(status="draft")
    )
    money = (
        ListQuery(PAYMENT, actor, ()).rows().filter(company_id=company_id, status="valid", paid_on__lte=until)
    )
    before = 0
    if since is not None:
        more, less = _moved(papers.filter(issued_on__lt=since), money.filter(paid_on__lt=since))
        before = more - less
        papers, money = papers.filter(issued_on__gte=since), money.filter(paid_on__gte=since)
    debit, credit = _moved(papers, money)
    found = [_of_paper(paper) for paper in papers.order_by("issued_on", "id")[: MOST + 1]]
    found += [_of_payment(payment) for payment in money.order_by("paid_on", "id")[: MOST + 1]]
    found.sort(key=lambda move: (move.day, move.credit > 0, move.object, move.id))
    # A day that is not shown whole is not shown: whoever goes on begins with it.
    shown = found if len(found) <= MOST else [m for m in found if m.day < found[MOST].day] or found[:MOST]
    balance, moves = before, []
    for move in shown:
        balance += move.debit - move.credit
        moves.append(replace(move, balance=balance))
    return Statement(before, moves, debit, credit, len(found) > MOST)


def _moved(papers: QuerySet[Any], money: QuerySet[Any]) -> tuple[int, int]:
    """What papers and payments made owed more, and less."""
    said = papers.order_by().aggregate(
        more=Sum("total", filter=Q(kind="invoice")), less=Sum("total", filter=Q(kind="credit"))
    )
    paid = money.order_by().aggregate(
        more=Sum("amount", filter=Q(kind="refund")), less=Sum("amount", filter=~Q(kind="refund"))
    )
    return int((said["more"] or 0) + (paid["more"] or 0)), int((said["less"] or 0) + (paid["less"] or 0))


def _of_paper(paper: Invoice) -> Movement:
    day = cast(date, paper.issued_on)
    if paper.kind == "credit":
        return Movement(day, "credit", "invoice", paper.id, paper.name, credit=paper.total)
    return Movement(day, "invoice", "invoice", paper.id, paper.name, debit=paper.total)


def _of_payment(payment: Payment) -> Movement:
    if payment.kind == "refund":
        return Movement(payment.paid_on, "refund", "payment", payment.id, payment.name, debit=payment.amount)
    return Movement(payment.paid_on, "receipt", "payment", payment.id, payment.name, credit=payment.amount)
