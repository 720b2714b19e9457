"""What counts in a period: deals won, what was invoiced or received for them, their margin. One statement for each basis.

Whose a deal is says its team; once a statement with it was submitted, that stays (CommissionCredit).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from peyvand.kernel.conditions import Condition
from peyvand.kernel.errors import Invalid
from peyvand.operational.billing.public import InvoiceLine
from peyvand.operational.commissions.models import CommissionCredit, CommissionPlan
from peyvand.operational.commissions.reckoning import Fact, Terms
from peyvand.operational.sales.public import DEAL, Deal, DealLine, credits, split
from peyvand.platform.identity.actor import Tenant, system_actor
from peyvand.platform.objects.conditions import condition_in
from peyvand.platform.objects.filters import compile_condition
from peyvand.platform.workspaces.scope import current_workspace_id

# Which field of which object each basis is read from: whoever may not know it may not know what is reckoned from it.
READS: Final[Mapping[str, tuple[str, str]]] = {
    "won": ("deal", "amount"), "margin": ("deal", "margin"), "invoiced": ("invoice", "net"), "received": ("invoice", "paid"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """Something that counts, before it is anybody's. ``amount`` in minor units, below zero for what is taken back."""

    key: str
    day: date
    deal: int
    name: str
    amount: int
    invoice: int | None = None
    payment: int | None = None


_OURS: Final = """(%(everybody)s or d.owner_id = any(%(users)s)
    or d.id in (select deal_id from deal_member where workspace_id = %(ws)s and user_id = any(%(users)s))
    or d.id in (select deal_id from commission_credit where workspace_id = %(ws)s and user_id = any(%(users)s)))"""
_DEALS: Final = f"""select 'deal:' || d.id, d.closed_on, d.id, d.name, d.{{column}}, null::bigint, null::bigint from deal d
    where d.workspace_id = %(ws)s and d.deleted_at is null and d.status = 'won' and d.{{column}} is not null
    and d.closed_on >= %(start)s and d.closed_on < %(end)s and {_OURS}"""  # noqa: S608 declared here
STATEMENTS: Final[Mapping[str, str]] = {
    "won": _DEALS.format(column="amount"),
    "margin": _DEALS.format(column="margin"),
    "invoiced": f"""select 'invoice:' || i.id, i.issued_on, d.id, i.name, case when i.kind = 'credit' then -i.net else i.net end, i.id, null::bigint
        from invoice i left join invoice o on o.workspace_id = %(ws)s and o.id = i.original_id
        join deal d on d.workspace_id = %(ws)s and d.id = coalesce(i.deal_id, o.deal_id)
        where i.workspace_id = %(ws)s and i.deleted_at is null and i.kind in ('invoice', 'credit') and i.status <> 'draft'
        and i.issued_on >= %(start)s and i.issued_on < %(end)s and {_OURS}""",  # noqa: S608 declared here
    # Money without the tax in it; what a customer got back for a credit note is taken off again.
    "received": f"""select m.key, m.paid_on, d.id, i.name, round(m.amount::numeric * i.net / i.total)::bigint, i.id, m.payment_id
        from (
            select 'payment:' || p.id || ':' || a.to_invoice_id as key, p.paid_on, p.id as payment_id, a.to_invoice_id as invoice_id,
                sum(a.amount) as amount
            from allocation a join payment p on p.workspace_id = %(ws)s and p.id = a.payment_id and p.status = 'valid' and p.kind = 'receipt'
            where a.workspace_id = %(ws)s and a.to_invoice_id is not null and p.paid_on >= %(start)s and p.paid_on < %(end)s group by 1, 2, 3, 4
            union all
            select 'refund:' || p.id || ':' || a.credit_id, p.paid_on, p.id, a.credit_id, -sum(a.amount)
            from allocation a join payment p on p.workspace_id = %(ws)s and p.id = a.to_refund_id and p.status = 'valid'
            where a.workspace_id = %(ws)s and a.credit_id is not null and p.paid_on >= %(start)s and p.paid_on < %(end)s group by 1, 2, 3, 4
        ) m join invoice i on i.workspace_id = %(ws)s and i.id = m.invoice_id and i.total > 0
        left join invoice o on o.workspace_id = %(ws)s and o.id = i.original_id
        join deal d on d.workspace_id = %(ws)s and d.id = coalesce(i.deal_id, o.deal_id)
        where {_OURS}""",  # noqa: S608 declared here
}  # fmt: skip
_AHEAD: Final = f"""select 'open:' || d.id, d.expected_on, d.id, d.name, case when %(basis)s = 'margin'
        then (d.margin::numeric * d.probability / 100)::bigint else d.weighted end, null::bigint, null::bigint
    from deal d where d.workspace_id = %(ws)s and d.deleted_at is null and d.status = 'open' and d.expected_on >= %(start)s
    and d.expected_on < %(end)s and (case when %(basis)s = 'margin' then d.margin else d.amount end) is not null and {_OURS}"""  # noqa: S608 declared here


def sources(basis: str, start: date, end: date, users: Collection[int] | None = None) -> list[Source]:
    """What counts from ``start`` to before ``end``; of these users' deals alone, where they are named."""
    return _ask(STATEMENTS[basis], basis, start, end, users)


def expected(basis: str, start: date, end: date, users: Collection[int] | None = None) -> list[Source]:
    """Open deals expected within those days, by what they are worth times how likely they are: an estimate."""
    return _ask(_AHEAD, basis, start, end, users)


def _ask(statement: str, basis: str, start: date, end: date, users: Collection[int] | None) -> list[Source]:
    values: dict[str, Any] = {"ws": current_workspace_id(), "start": start, "end": end, "basis": basis, "users": sorted(users or ()),
              "everybody": users is None}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Source(*row) for row in cursor.fetchall()]


def condition_of(plan: CommissionPlan) -> Condition | None:
    """What a plan asks of deals; None for nothing.

    Raises:
        Invalid: it means nothing any more, or asks about “me”.
    """
    return condition_in(plan.condition, DEAL)


def is_understood(plan: CommissionPlan) -> bool:
    """Whether a plan's condition means something: a field that it names may have been deleted since."""
    try:
        condition_of(plan)
    except Invalid:
        return False
    return True


def meeting(tenant: Tenant, plan: CommissionPlan, deals: Collection[int]) -> frozenset[int]:
    """Those of the deals that a plan counts, whose condition is understood."""
    condition = condition_of(plan)
    if condition is None:
        return frozenset(deals)
    rows = Deal.objects.filter(compile_condition(condition, DEAL, system_actor(tenant)), id__in=list(deals))
    return frozenset(rows.values_list("id", flat=True))


def shares_of(deals: Collection[int]) -> dict[int, Mapping[int, Decimal]]:
    """Whose each deal is, in percent: as it was when it was first submitted, else as it is. Three queries."""
    ids = list(deals)
    kept: dict[int, dict[int, Decimal]] = defaultdict(dict)
    for deal, user, share in CommissionCredit.objects.filter(deal_id__in=ids).values_list(
        "deal_id", "user_id", "share"
    ):
        kept[deal][user] = share
    open_ones = Deal.objects.filter(id__in=ids).exclude(id__in=list(kept)).only("id", "owner_id")
    return {**credits(list(open_ones)), **kept}


def fix_credits(deals: Collection[int]) -> None:
    """Keep whose these deals are from now on, where that is not kept yet."""
    known = set(CommissionCredit.objects.filter(deal_id__in=list(deals)).values_list("deal_id", flat=True))
    new = set(deals) - known
    CommissionCredit.objects.bulk_create(
        CommissionCredit(deal_id=deal, user_id=user, share=share)
        for deal, of in sorted(shares_of(new).items())
        for user, share in sorted(of.items())
    )


Parts = Mapping[str, Sequence[tuple[int | None, str, int]]]


def by_product(basis: str, found: Sequence[Source]) -> Parts:
    """What of each source is of which product and series, by key; what is of none comes last. One query."""
    weights: dict[int, list[tuple[int | None, str, int]]] = defaultdict(list)
    if basis == "won":
        rows: Iterable[Any] = (
            DealLine.objects.filter(deal_id__in=[s.deal for s in found], amount__isnull=False)
            .order_by("deal_id", "position")
            .values_list("deal_id", "product_id", "product__series", "amount")
        )
    else:
        rows = InvoiceLine.objects.filter(invoice_id__in=[s.invoice for s in found]).order_by(
            "invoice_id", "position"
        ).values_list("invoice_id", "product_id", "product__series", "net")  # fmt: skip
    for of, product, series, amount in rows:
        weights[of].append((product, series or "", amount))
    return {
        s.key: _spread(
            s.amount, weights.get(s.deal if basis == "won" else s.invoice or 0, []), basis == "won"
        )
        for s in found
    }


def _spread(
    amount: int, parts: Sequence[tuple[int | None, str, int]], is_exact: bool
) -> list[tuple[int | None, str, int]]:
    """An amount by the products in it: as they are with the rest of no product, or in their proportion to the last unit."""
    if is_exact:
        rest = amount - sum(part for *_of, part in parts)
        return [*parts, (None, "", rest)] if rest else list(parts)
    total = sum(part for *_of, part in parts)
    if not total:
        return [(None, "", amount)]
    found, before, spent = [], 0, 0
    for product, series, part in parts:
        before += part
        upto = amount * before // total
        found.append((product, series, upto - spent))
        spent = upto
    return found


def facts_for(
    terms: Sequence[Terms], source: Source, shares: Mapping[int, Decimal], parts: Parts, user: int
) -> list[Fact]:
    """What of a source is one person's, told apart by the products that ``terms`` have rates of their own for."""
    lanes: dict[tuple[int | None, str], int] = defaultdict(int)
    for product, series, amount in parts.get(source.key, ((None, "", source.amount),)):
        lanes[_lane(terms, product, series)] += amount
    return [
        Fact(
            f"{source.key}:{product or series}" if product or series else source.key, source.day, amount, split(amount, shares)[user],
            user, shares, source.name, source.deal, source.invoice, source.payment, product, series,
        )
        for (product, series), amount in lanes.items()
    ]  # fmt: skip


def _lane(terms: Sequence[Terms], product: int | None, series: str) -> tuple[int | None, str]:
    if product is not None and any(r.product == product for t in terms for r in t.rates):
        return product, ""
    if series and any(r.series == series for t in terms for r in t.rates):
        return None, series
    return None, ""
