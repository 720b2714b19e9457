"""What was sold, paid and subscribed."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.warehouse.sources.declared import Source, Watch, customer, day, moment

# An order that became an invoice is one sale with it, and told by the order.
_INVOICED: Final = """
i.workspace_id = %(here)s and i.deleted_at is null and i.kind in ('invoice', 'credit') and i.status not in ('draft', 'cancelled')
and i.issued_on is not null and not exists (
    select from customer_order o where o.workspace_id = i.workspace_id and o.invoice_id = i.id and o.deleted_at is null
        and o.status in ('placed', 'fulfilled', 'returned')
)
"""
_ORDERED: Final = (
    "o.workspace_id = %(here)s and o.deleted_at is null and o.status in ('placed', 'fulfilled', 'returned')"
)
# What a credit note takes back stands there in positive figures.
_SIGN: Final = "case i.kind when 'credit' then -1 else 1 end"
_COST: Final = "round(l.cost * l.quantity)"

SOURCES: Final = (
    Source("sale", "invoice", "sale", "2 * id + 1", f"""
        select 2 * i.id + 1, 'invoice', i.number, {customer("i")}, 2 * i.person_id, i.owner_id, i.deal_id,
               {moment("(i.issued_on::timestamp at time zone %(zone)s)")}, i.issued_on, '', i.kind = 'credit',
               s.sign * i.gross, s.sign * (i.gross - i.net), s.sign * i.net, s.sign * i.tax, (s.sign * c.cost)::bigint
        from invoice i cross join lateral (select {_SIGN} as sign) s left join lateral (
            select case when bool_and(l.cost is not null) then sum({_COST}) end as cost
            from invoice_line l where l.workspace_id = i.workspace_id and l.invoice_id = i.id
        ) c on true
        where {_INVOICED} {{only:i.id}}
    """),
    Source("sale", "order", "sale", "2 * id", f"""
        select 2 * o.id, 'order', o.number, {customer("o")}, 2 * o.person_id, o.owner_id, o.deal_id,
               {moment("o.ordered_at")}, {day("o.ordered_at")}, o.channel, o.kind = 'return',
               o.gross, o.discount, o.net, o.tax, o.cost
        from customer_order o where {_ORDERED} {{only:o.id}}
    """),
    Source("sale_line", "invoice", "sale", "2 * id + 1", f"""
        select 2 * l.id + 1, 2 * i.id + 1, {customer("i")}, l.product_id, i.issued_on, i.kind = 'credit',
               s.sign * l.quantity, l.price, null, s.sign * l.gross, s.sign * (l.gross - l.net), s.sign * l.net,
               (s.sign * {_COST})::bigint
        from invoice i cross join lateral (select {_SIGN} as sign) s
        join invoice_line l on l.workspace_id = i.workspace_id and l.invoice_id = i.id
        where {_INVOICED} {{only:i.id}}
    """),
    Source("sale_line", "order", "sale", "2 * id", f"""
        select 2 * l.id, 2 * o.id, {customer("o")}, l.product_id, {day("o.ordered_at")}, o.kind = 'return',
               l.quantity, l.price, null, l.gross, l.gross - l.net, l.net, {_COST}::bigint
        from customer_order o join order_line l on l.workspace_id = o.workspace_id and l.order_id = o.id
        where {_ORDERED} {{only:o.id}}
    """),
    Source("payment", "payment", "payment", "id", f"""
        select p.id, {customer("p")}, p.paid_on, case p.kind when 'refund' then -p.amount else p.amount end, p.method
        from payment p where p.workspace_id = %(here)s and p.deleted_at is null and p.status = 'valid' {{only:p.id}}
    """),
    Source("subscription", "subscription", "subscription", "2 * id", f"""
        select 2 * s.id, {customer("s")}, s.product_id, s.name, s.started_on, null,
               case when s.ended_on is not null then greatest(s.started_on, s.ended_on - 1) end,
               round(s.amount / case s.every when 'year' then 12.0 when 'quarter' then 3.0 else 1.0 end)::bigint
        from subscription s where s.workspace_id = %(here)s and s.deleted_at is null {{only:s.id}}
    """),
    Source("subscription", "contract", "subscription", "2 * id + 1", f"""
        select 2 * c.id + 1, {customer("c")}, null, c.kind, c.starts_on, c.ends_on,
               case when c.status <> 'active' then least(c.ends_on, {day("c.updated_at")}) end,
               round(c.amount / greatest(1, round((c.ends_on - c.starts_on + 1) / 30.44)))::bigint
        from contract c where c.workspace_id = %(here)s and c.deleted_at is null {{only:c.id}}
    """),
)  # fmt: skip

WATCHES: Final = (
    Watch("invoice", "invoice"),
    Watch("invoice_line", "invoice", "invoice_id"),
    Watch("customer_order", "order"),
    Watch("customer_order", "invoice", "invoice_id"),
    Watch("order_line", "order", "order_id"),
    Watch("payment", "payment"),
    Watch("subscription", "subscription"),
    Watch("contract", "contract"),
)
