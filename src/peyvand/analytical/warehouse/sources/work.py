"""What was done with customers, and how deals and inquiries went."""

from __future__ import annotations

from typing import Final

from peyvand.analytical.warehouse.sources.declared import Follow, Source, Watch, customer, day, moment


def _interaction(
    kind: str, table: str, of: str, at: str, where: str, direction: str = "''", minutes: str = "null"
) -> Source:
    """``of`` is what the row is called in the other parts."""
    return Source("interaction", kind, "interaction", f"'{kind}:' || id", f"""
        select '{kind}:' || {of}.id, '{kind}', {customer(of)}, 2 * {of}.person_id, {of}.owner_id,
               case when {of}.about_object = 'deal' then {of}.about_id end, {moment(at)}, {day(at)}, {direction},
               m.minutes, round(m.minutes * %(hour)s::numeric / 60)::bigint
        from {table} {of} cross join lateral (select {minutes}::numeric as minutes) m
        where {of}.workspace_id = %(here)s and {of}.deleted_at is null and {where} {{only:{of}.id}}
    """)  # fmt: skip


SOURCES: Final = (
    _interaction("call", "call", "c", "c.started_at", "true", "c.direction", "greatest(c.duration, 0) / 60.0"),
    _interaction(
        "meeting", "meeting", "t", "t.starts_at", "t.status = 'held'",
        minutes="greatest(extract(epoch from t.ends_at - t.starts_at), 0) / 60.0",
    ),
    _interaction(
        "mail", "mail_message", "e", "e.sent_at",
        "e.sent_at is not null and not e.is_private and e.state in ('sent', 'bounced', 'received')", "e.direction",
    ),
    _interaction(
        "sms", "sms_message", "s", "coalesce(s.sent_at, s.created_at)",
        "not s.is_notice and s.state in ('sent', 'delivered', 'received')", "s.direction",
    ),
    _interaction("note", "note", "n", "n.created_at", "true"),
    _interaction("task", "task", "t", "t.done_at", "t.status = 'done' and t.done_at is not null"),
    Source("deal", "deal", "deal", "id", f"""
        select d.id, d.name, {customer("d")}, d.owner_id, p.name, s.name, s.position, d.status, d.amount, d.probability, d.source,
               coalesce(r.name, ''), coalesce(c.name, ''), {moment("d.created_at")}, {day("d.created_at")}, d.expected_on, d.closed_on
        from deal d
        join pipeline p on p.workspace_id = d.workspace_id and p.id = d.pipeline_id
        join stage s on s.workspace_id = d.workspace_id and s.id = d.stage_id
        left join lost_reason r on r.workspace_id = d.workspace_id and r.id = d.lost_reason_id
        left join competitor c on c.workspace_id = d.workspace_id and c.id = d.competitor_id
        where d.workspace_id = %(here)s and d.deleted_at is null {{only:d.id}}
    """),
    Source("stage_change", "deal", "deal", "id", f"""
        select m.id, d.id, {customer("d")}, m.by_id, coalesce(f.name, ''), t.name, f.position, t.position, t.kind,
               {moment("m.at")}, {day("m.at")}, m.seconds / 3600.0,
               case when h.amounts is null then d.amount else (h.amounts->>h.side)::bigint end
        from deal d join stage_move m on m.workspace_id = d.workspace_id and m.deal_id = d.id
        left join stage f on f.workspace_id = m.workspace_id and f.id = m.from_stage_id
        join stage t on t.workspace_id = m.workspace_id and t.id = m.to_stage_id
        -- What it was worth then: what the change before made of it, else what the next one made something else of.
        left join lateral (
            select e.data->'changes'->'amount' as amounts, (e.recorded_at <= m.at)::int as side from event e
            where e.workspace_id = %(here)s and e.object = 'deal' and e.object_id = d.id
                and e.wire = 'objects.record_updated.v1' and jsonb_exists(e.data->'changes', 'amount')
            order by e.recorded_at <= m.at desc, abs(extract(epoch from e.recorded_at - m.at)),
                case when e.recorded_at <= m.at then -e.id else e.id end limit 1
        ) h on true
        where d.workspace_id = %(here)s and d.deleted_at is null {{only:d.id}}
    """),
    Source("lead", "lead", "lead", "id", f"""
        select l.id, {customer("l")}, l.owner_id, l.state, l.source, l.score, {moment("l.created_at")}, {day("l.created_at")},
               {day("l.converted_at")}, l.deal_id, case l.state when 'disqualified' then {day("l.state_since")} end
        from lead l where l.workspace_id = %(here)s and l.deleted_at is null {{only:l.id}}
    """),
    Source("touch", "lead", "touch", "'lead:' || id", f"""
        select 'lead:' || l.id, {customer("l")}, l.id, {moment("l.created_at")}, {day("l.created_at")},
               case when l.form_id is not null then 'form' else l.source end,
               coalesce(nullif(l.campaign, ''), l.utm_campaign)
        from lead l where l.workspace_id = %(here)s and l.deleted_at is null {{only:l.id}}
    """),
    Source("touch", "run", "touch", "'run:' || id", f"""
        select 'run:' || r.id, coalesce(2 * e.company_id + 1, 2 * r.person_id), case when e.about_object = 'lead' then e.about_id end,
               {moment("r.at")}, {day("r.at")}, r.kind, q.name
        from sequence_run r
        join enrolment e on e.workspace_id = r.workspace_id and e.id = r.enrolment_id
        join sequence q on q.workspace_id = r.workspace_id and q.id = r.sequence_id
        where r.workspace_id = %(here)s and r.deleted_at is null and e.deleted_at is null
            and r.kind in ('mail', 'sms') and r.state in ('sent', 'delivered') {{only:r.id}}
    """),
    Source("touch", "call", "touch", "'call:' || id", f"""
        select 'call:' || c.id, {customer("c")}, case when c.about_object = 'lead' then c.about_id end,
               {moment("c.started_at")}, {day("c.started_at")}, 'call', ''
        from call c where c.workspace_id = %(here)s and c.deleted_at is null {{only:c.id}}
    """),
    Source("touch", "meeting", "touch", "'meeting:' || id", f"""
        select 'meeting:' || t.id, {customer("t")}, case when t.about_object = 'lead' then t.about_id end,
               {moment("t.starts_at")}, {day("t.starts_at")}, 'meeting', ''
        from meeting t where t.workspace_id = %(here)s and t.deleted_at is null and t.status = 'held' {{only:t.id}}
    """),
)  # fmt: skip

WATCHES: Final = (
    Watch("call", "call"),
    Watch("meeting", "meeting"),
    Watch("mail_message", "mail"),
    Watch("sms_message", "sms"),
    Watch("note", "note"),
    Watch("task", "task"),
    Watch("deal", "deal"),
    Watch("stage_move", "deal", "deal_id"),
    Watch("stage", "stage"),
    Watch("pipeline", "pipeline"),
    Watch("lost_reason", "lost_reason"),
    Watch("competitor", "competitor"),
    Watch("lead", "lead"),
    Watch("sequence_run", "run"),
    Watch("enrolment", "enrolment"),
    Watch("sequence", "sequence"),
)

_DEALS: Final = "select id from deal where workspace_id = %(here)s and {}_id = any(%(ids)s)"
_RUNS: Final = "select id from sequence_run where workspace_id = %(here)s and {}_id = any(%(ids)s)"
FOLLOWS: Final = (
    Follow("stage", "deal", _DEALS.format("stage") + """
        union select deal_id from stage_move
        where workspace_id = %(here)s and (from_stage_id = any(%(ids)s) or to_stage_id = any(%(ids)s))
    """),
    Follow("pipeline", "deal", _DEALS.format("pipeline")),
    Follow("lost_reason", "deal", _DEALS.format("lost_reason")),
    Follow("competitor", "deal", _DEALS.format("competitor")),
    Follow("enrolment", "run", _RUNS.format("enrolment")),
    Follow("sequence", "run", _RUNS.format("sequence")),
)  # fmt: skip
