"""Whose a paper is: the company, or the person where there is no company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import F, Q, Sum

from peyvand.operational.billing.arithmetic import Exposure
from peyvand.operational.billing.models import Instalment, Invoice, OfCustomer, Payment
from peyvand.operational.contacts.public import Company, Person

Paper = TypeVar("Paper", bound=OfCustomer)
OPEN = ("issued", "part_paid", "overdue")
"""The states of an invoice of which something is still to be paid."""


@dataclass(frozen=True, slots=True)
class Customer:
    """A company, or a person by themselves; neither where a paper names nobody yet."""

    company_id: int | None = None
    person_id: int | None = None

    @property
    def is_known(self) -> bool:
        return self.company_id is not None or self.person_id is not None


def customer_of(paper: OfCustomer | Instalment) -> Customer:
    """Whose the paper is."""
    if paper.company_id is not None:
        return Customer(company_id=paper.company_id)
    return Customer(person_id=paper.person_id)


def papers_of(customers: Iterable[Customer]) -> Q:
    """The papers of these customers."""
    asked = list(customers)
    q = Q(company_id__in=[c.company_id for c in asked if c.company_id is not None])
    people = [c.person_id for c in asked if c.company_id is None and c.person_id is not None]
    return q | Q(company_id__isnull=True, person_id__in=people) if people else q


def hold(customers: Iterable[Customer]) -> None:
    """Let whoever else moves money of these customers wait until the transaction ends."""
    asked = set(customers)
    for model, ids in (
        (Company, {c.company_id for c in asked if c.company_id is not None}),
        (Person, {c.person_id for c in asked if c.company_id is None and c.person_id is not None}),
    ):
        if ids:
            list(
                model.objects.filter(id__in=ids)
                .order_by("id")
                .select_for_update(no_key=True)
                .values_list("id")
            )


def held(paper: Paper) -> Paper:
    """The paper as it is now, locked with all that is its customer's until the transaction ends."""
    hold([customer_of(paper)])
    rows: Any = type(paper).objects
    now: Paper = rows.select_for_update(of=("self",), no_key=True).get(pk=paper.pk)
    return now


def exposures(customers: Iterable[Customer], today: Any) -> Mapping[Customer, Exposure]:
    """What each customer could cost us, in four queries however many they are."""
    asked = set(customers)
    of = papers_of(asked)
    owed = Invoice.objects.filter(of, kind="invoice", status__in=OPEN, deleted_at__isnull=True)
    open_, cheques, credit, late = (defaultdict[Customer, int](int) for _ in range(4))
    for paper, uncovered, covered in _sums(owed, Sum(F("balance") - F("covered")), Sum("covered")):
        open_[paper] += uncovered
        cheques[paper] += covered
    notes = Invoice.objects.filter(of, kind="credit", status="issued", deleted_at__isnull=True)
    for paper, unused in _sums(notes, Sum("balance")):
        credit[paper] += unused
    receipts = Payment.objects.filter(of, kind="receipt", status="valid", unused__gt=0)
    for paper, unused in _sums(receipts, Sum("unused")):
        credit[paper] += unused
    for paper, rest in _sums(Instalment.objects.filter(of, rest__gt=0, due_on__lt=today), Sum("rest")):
        late[paper] += rest
    return {c: Exposure(open_[c], cheques[c], credit[c], late[c]) for c in asked}


def _sums(rows: Any, *what: Any) -> Iterable[tuple[Any, ...]]:
    named = {f"sum_{n}": one for n, one in enumerate(what)}
    grouped = rows.order_by().values_list("company_id", "person_id").annotate(**named)
    for company_id, person_id, *found in grouped:
        whose = Customer(company_id=company_id) if company_id is not None else Customer(person_id=person_id)
        yield (whose, *(int(value or 0) for value in found))
