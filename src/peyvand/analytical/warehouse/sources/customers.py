"""Who buys, what is sold, who works here."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.warehouse.sources.declared import Follow, Source, Watch, day, moment

_ADDRESS: Final = """
left join lateral (
    select a.city, a.province from postal_address a
    where a.workspace_id = %(here)s and a.object = '{object}' and a.object_id = r.id
    order by a.is_primary desc, a.position, a.id limit 1
) a on true
"""


def _customer(object: str, kind: str, company: str, industry: str) -> str:
    odd = " + 1" if object == "company" else ""
    return f"""
    select 2 * r.id{odd}, '{object}', r.id, r.name, {kind}, {company}, r.owner_id,
           coalesce(nullif(a.city, ''), r.city), coalesce(a.province, ''), {industry}, {day("r.created_at")},
           coalesce(nullif(r.custom::text, '{{}}'), '')
    from {object} r {_ADDRESS.format(object=object)}
    where r.workspace_id = %(here)s and r.deleted_at is null {{only:r.id}}
    """


def _history(object: str, attributes: str, kind: str) -> str:
    """From what the record says now and the log of its changes: each value from its change until the next."""
    odd = " + 1" if object == "company" else ""
    return f"""
    with places as (
        select r.id, a.attribute, 0::bigint as event, r.created_at as at, null::jsonb as old, null::jsonb as new,
               case a.attribute when 'owner' then to_jsonb(r.owner_id) when 'city' then to_jsonb(r.city) else {kind} end as now
        from {object} r cross join (values {attributes}) a(attribute)
        where r.workspace_id = %(here)s and r.deleted_at is null {{only:r.id}}
        union all
        select e.object_id, a.attribute, e.id, e.recorded_at,
               e.data->'changes'->a.attribute->0, e.data->'changes'->a.attribute->1, null
        from event e cross join (values {attributes}) a(attribute)
        where e.workspace_id = %(here)s and e.object = '{object}' and e.wire = 'objects.record_updated.v1'
            and jsonb_exists(e.data->'changes', a.attribute) {{only:e.object_id}}
    ), spans as (
        select p.*, first_value(p.event) over turn as beginning, first_value(p.now) over turn as final,
               lead(p.event) over turn as next, lead(p.at) over turn as until, lead(p.old) over turn as before_next
        from places p window turn as (partition by p.id, p.attribute order by p.event)
    ), said as (
        select s.*, case when s.next is null then s.final when s.event = 0 then s.before_next else s.new end as value
        from spans s where s.beginning = 0
    ), texts as (
        select s.*, case jsonb_typeof(s.value) when 'object' then s.value->>'id' else s.value #>> '{{}}' end as text from said s
    )
    select '{object}:' || t.id || ':' || t.attribute || ':' || t.event, 2 * t.id{odd}, t.attribute, t.text,
           {moment("t.at")}, {moment("t.until")}
    from texts t where coalesce(t.text, '') <> ''
    """


SOURCES: Final = (
    Source("customer", "company", "customer", "2 * id + 1", _customer("company", "r.kind", "null", "r.industry")),
    Source("customer", "person", "customer", "2 * id", _customer("person", "''", "2 * r.company_id + 1", "''")),
    Source(
        "customer_history", "company", "customer", "2 * id + 1",
        _history("company", "('owner'), ('kind'), ('city')", "to_jsonb(r.kind)"),
    ),
    Source(
        "customer_history", "person", "customer", "2 * id",
        _history("person", "('owner'), ('city')", "null"),
    ),
    Source("product", "product", "product", "id", """
        select p.id, p.code, p.name, p.kind, p.series, p.price, p.cost, p.is_active
        from product p where p.workspace_id = %(here)s and p.deleted_at is null {only:p.id}
    """),
    Source("member", "app_user", "member", "id", """
        select u.id, u.name, coalesce(t.name, ''), u.manager_id, u.is_active
        from app_user u left join team t on t.workspace_id = u.workspace_id and t.id = u.team_id
        where u.workspace_id = %(here)s and u.deleted_at is null {only:u.id}
    """),
)  # fmt: skip

WATCHES: Final = (
    Watch("company", "company"),
    Watch("person", "person"),
    Watch("postal_address", "company, person", "object_id", kind="object"),
    # What was written is never changed, unless somebody is forgotten.
    Watch("event", "company, person", "object_id", kind="object", inserts=False),
    Watch("product", "product"),
    Watch("app_user", "app_user"),
    Watch("team", "team"),
    Watch("holiday", "calendar"),
    Watch("working_hours", "calendar"),
)

FOLLOWS: Final = (
    Follow("team", "app_user", "select id from app_user where workspace_id = %(here)s and team_id = any(%(ids)s)"),
)  # fmt: skip
