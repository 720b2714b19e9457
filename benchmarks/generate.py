"""Fills a workspace by SQL on the server: what the actions would have written, millions of rows in minutes.

Rows are written past row security, without indexes, which are built at the end. Names are the stored, tidy ones; the
search entries are folded by the same function that search itself uses.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from benchmarks import names

TABLES = (
    "company", "person", "deal", "contact_point", "tag_link", "stage_move", "event", "timeline_entry", "search_entry", "audit_entry", "note",
    "search_text", "search_word",
)  # fmt: skip
USERS, TEAMS = 100, 10
DIFFERENT = 200_000
EMAIL, PASSWORD, SLUG = "member@bench.example", "measured twice, cut once", "bench"


@dataclass(frozen=True)
class Size:
    people: int
    companies: int
    deals: int
    events: int
    texts: int


LARGE = Size(people=1_000_000, companies=100_000, deals=200_000, events=5_000_000, texts=5_000_000)
SMALL = Size(people=100_000, companies=10_000, deals=20_000, events=500_000, texts=500_000)

# Run inside the application: a workspace with ten stages, and a hundred users in ten teams; one of them signs in.
WORKSPACE = f"""
import json
from peyvand.administration.members.actions import add_user, create_token, create_workspace
from peyvand.operational.contacts.objects import TAG
from peyvand.operational.sales.public import STAGE, Stage
from peyvand.platform.actions.context import job_context
from peyvand.platform.objects.objects import TEAM
from peyvand.platform.objects.records import create_records
from peyvand.platform.workspaces.scope import workspace_scope
tenant = create_workspace({SLUG!r}, "سنجش")
with workspace_scope(tenant.id):
    ctx = job_context(tenant)
    teams = create_records(ctx, TEAM, [{{"name": f"تیم {{n}}"}} for n in range(1, {TEAMS} + 1)])
    users = [add_user(ctx, name=f"کارشناس {{n}}", role="member", team=teams[n % {TEAMS}]) for n in range(1, {USERS})]
    me = add_user(ctx, name="کارشناس سنجش", email={EMAIL!r}, role="member", team=teams[0], password={PASSWORD!r})
    token = create_token(ctx, me, name="bench")
    pipeline = Stage.objects.values_list("pipeline_id", flat=True).first()
    Stage.objects.all().delete()
    names, kinds = {names.STAGES!r}, ["open"] * 8 + ["won", "lost"]
    stages = create_records(ctx, STAGE, [
        {{"pipeline": pipeline, "name": name, "kind": kind, "position": n, "required": [], "probability": (n * 10 + 10) % 100}}
        for n, (name, kind) in enumerate(zip(names, kinds))])
    tags = create_records(ctx, TAG, [{{"name": name}} for name in {names.TAGS!r}])
print(json.dumps({{"workspace": tenant.id, "user": me.id, "token": token, "pipeline": pipeline,
                   "users": [u.id for u in users] + [me.id], "stages": [s.id for s in stages], "tags": [t.id for t in tags]}}))
"""

# h(n, salt) is a spread number of its own for every row and salt, the same in every run.
_SIGN = re.compile(r"%(?!\()")
_HASH = """
create or replace function pg_temp.h(n bigint, salt int) returns bigint language sql immutable parallel safe
return (hashint8extended(n, salt) & 4611686018427387903)
"""
# The word at a place of the vocabulary of long texts, as names.text_word has it.
_WORD = """
create or replace function pg_temp.word(n int, frequent text[], syllables text[]) returns text language sql immutable parallel safe
return case when n < cardinality(frequent) then frequent[n + 1]
    else syllables[1 + n % 20] || syllables[1 + n / 20 % 20] || syllables[1 + n / 400 % 20]
         || case when n >= 8000 then syllables[1 + n / 8000 % 20] else '' end end
"""
_PICK = "(%({0})s::text[])[1 + pg_temp.h({1}, {2}) % cardinality(%({0})s::text[])]"


def _pick(what: str, salt: int, n: str = "n") -> str:
    return _PICK.format(what, n, salt)


_USER = "(%(users)s::bigint[])[1 + pg_temp.h(n, 1) % cardinality(%(users)s::bigint[])]"
_AT = "now() - make_interval(secs => (%({0})s - n) * 63072000.0 / %({0})s)"

STEPS = {
    "company": f"""
insert into company (workspace_id, id, created_at, updated_at, version, name, kind, industry, phone, email, website, city, country,
    national_id, economic_code, source, about, owner_id, created_by_id)
select %(workspace)s, n, {_AT.format("companies")}, now(), 1,
    {_pick("company_kinds", 2)} || ' ' || {_pick("company_roots", 3)} || ' ' || {_pick("company_endings", 4)} || ' ' || n % 997,
    (array['customer', 'prospect', 'supplier', 'partner'])[1 + n % 4], {_pick("company_roots", 5)}, '+9821' || (10000000 + n),
    'info' || n || '@example.ir', 'https://c' || n || '.example.ir', {_pick("cities", 6)}, 'ایران', '', '', 'exhibition', '', {_USER}, {_USER}
from generate_series(1, %(companies)s::bigint) n""",
    "person": f"""
insert into person (workspace_id, id, created_at, updated_at, version, honorific, given_name, family_name, name, job_title, phone, email,
    city, national_id, source, about, company_id, owner_id, created_by_id)
select %(workspace)s, n, at, at, 1, '', given, family, given || ' ' || family, job, '+989' || lpad((n * 7919 % 1000000000)::text, 9, '0'),
    'p' || n || '@example.ir', city, '', 'website', '', company, owner, owner
from (select n, {_AT.format("people")} as at, {_pick("given", 7)} as given, {_pick("family", 8)} || {_pick("endings", 9)} as family,
    {_pick("jobs", 10)} as job, {_pick("cities", 11)} as city, {_USER} as owner,
    case when n % 5 > 0 then 1 + pg_temp.h(n, 12) % %(companies)s end as company
    from generate_series(1, %(people)s::bigint) n) s""",
    "contact_point": """
insert into contact_point (workspace_id, object, object_id, kind, value, label, is_primary, consent, position)
select workspace_id, 'person', id, 'phone', phone, 'mobile', true, 'unknown', 0 from person where workspace_id = %(workspace)s
union all
select workspace_id, 'person', id, 'email', email, 'work', true, 'unknown', 0 from person where workspace_id = %(workspace)s
union all
select workspace_id, 'company', id, 'phone', phone, 'work', true, 'unknown', 0 from company where workspace_id = %(workspace)s""",
    "tag_link": """
insert into tag_link (workspace_id, object, object_id, tag_id)
select workspace_id, 'person', id, (%(tags)s::bigint[])[1 + id % cardinality(%(tags)s::bigint[])]
from person where workspace_id = %(workspace)s and id % 5 = 0""",
    "deal": f"""
insert into deal (workspace_id, id, created_at, updated_at, version, name, status, amount, probability, expected_on, closed_on, lost_note,
    source, description, next_activity_kind, next_activity_title, stage_since, board_rank, company_id, person_id, owner_id, created_by_id,
    pipeline_id, stage_id)
select %(workspace)s, n, at, at, 1, {_pick("deals_names", 13)} || ' ' || n,
    case when stage <= 8 then 'open' when stage = 9 then 'won' else 'lost' end, (1 + pg_temp.h(n, 14) % 900) * 10000000,
    (stage * 10) % 100, current_date + (pg_temp.h(n, 15) % 120)::int - 30, case when stage > 8 then at::date end, '', 'website', '', '', '', at,
    n * 1024, 1 + pg_temp.h(n, 16) % %(companies)s, 1 + pg_temp.h(n, 17) % %(people)s, {_USER}, {_USER}, %(pipeline)s,
    (%(stages)s::bigint[])[stage]
from (select n, {_AT.format("deals")} as at, 1 + pg_temp.h(n, 18) % 10 as stage from generate_series(1, %(deals)s::bigint) n) s""",
    "stage_move": """
insert into stage_move (workspace_id, at, deal_id, to_stage_id, by_id)
select workspace_id, stage_since, id, stage_id, owner_id from deal where workspace_id = %(workspace)s""",
    # A creation for every record, then changes spread over people, companies and deals as far as the number goes.
    "event": f"""
insert into event (workspace_id, id, wire, object, object_id, actor_kind, actor_id, depth, at, recorded_at, data)
select %(workspace)s, n, case when n <= total then 'objects.record_created.v1' else 'objects.record_updated.v1' end,
    case when k <= %(people)s then 'person' when k <= %(people)s + %(companies)s then 'company' else 'deal' end,
    case when k <= %(people)s then k when k <= %(people)s + %(companies)s then k - %(people)s else k - %(people)s - %(companies)s end,
    'user', {_USER}, 0, at, at,
    case when n <= total then jsonb_build_object('title', {_pick("cities", 19)}, 'source', '')
         else jsonb_build_object('title', {_pick("cities", 19)}, 'changes', jsonb_build_object('city', jsonb_build_array({_pick("cities", 20)}, {_pick("cities", 21)}))) end
from (select n, total, {_AT.format("events")} as at, case when n <= total then n else 1 + pg_temp.h(n, 22) % total end as k
      from generate_series(1, %(events)s::bigint) n, (select %(people)s + %(companies)s + %(deals)s as total) t) s""",
    "timeline_entry": """
insert into timeline_entry (workspace_id, object, object_id, at, event_id)
select e.workspace_id, e.object, e.object_id, e.at, e.id from event e where workspace_id = %(workspace)s
union all
select e.workspace_id, 'company', p.company_id, e.at, e.id from event e join person p on p.workspace_id = e.workspace_id and p.id = e.object_id
where e.workspace_id = %(workspace)s and e.object = 'person' and p.company_id is not null and e.id <= %(people)s""",
    "audit_entry": """
insert into audit_entry (workspace_id, action, object, object_id, count, actor_kind, actor_id, actor_name, via, request_id, at, detail)
select e.workspace_id, e.object || '.create', e.object, e.object_id, 1, 'user', e.actor_id, '', 'web', md5(e.id::text), e.at, '{}'
from event e where workspace_id = %(workspace)s and wire = 'objects.record_created.v1'""",
    "search_entry": """
insert into search_entry (workspace_id, object, object_id, title, subtitle, lead, text, owner_id, made_at, terms)
select workspace_id, object, id, name, subtitle, left(lead, 60),
    concat_ws(' ', lead, replace(lead, ' ', ''), rest, owned), owner_id, created_at,
    array_to_tsvector(array_remove(string_to_array(concat_ws(' ', lead, replace(lead, ' ', ''), rest, owned), ' ') || array[
        '@k:' || object, '@o:' || owner_id, '@m:' || to_char(created_at, 'YYYY-MM')], ''))
from (
    select p.workspace_id, 'person' as object, p.id, p.created_at, p.name, coalesce(c.name, '') as subtitle, peyvand_fold(p.name) as lead,
        concat_ws(' ', peyvand_fold(c.name), peyvand_compact(c.name)) as rest,
        concat_ws(' ', p.phone, '0' || substr(p.phone, 4), p.email) as owned, p.owner_id
    from person p left join company c on c.workspace_id = p.workspace_id and c.id = p.company_id where p.workspace_id = %(workspace)s
    union all
    select workspace_id, 'company', id, created_at, name, industry, peyvand_fold(name), '', concat_ws(' ', website, phone, '0' || substr(phone, 4), email), owner_id
    from company where workspace_id = %(workspace)s
    union all
    select d.workspace_id, 'deal', d.id, d.created_at, d.name, c.name, peyvand_fold(d.name),
        concat_ws(' ', peyvand_fold(c.name), peyvand_compact(c.name), peyvand_fold(p.name), peyvand_compact(p.name)), '', d.owner_id
    from deal d join company c on c.workspace_id = d.workspace_id and c.id = d.company_id
    join person p on p.workspace_id = d.workspace_id and p.id = d.person_id where d.workspace_id = %(workspace)s
) s""",
    # Twelve to thirty words each, as people use them: a few in every text, most in hardly any. They repeat after a while.
    "note": f"""
with texts as materialized (
    select n, (select string_agg(pg_temp.word((power((pg_temp.h(n, 100 + k::int) % 1000000) / 1000000.0, 4) * {names.VOCABULARY - 1})::int,
        %(frequent)s::text[], %(syllables)s::text[]), ' ') from generate_series(1, 12 + n % 19) k) as text
    from generate_series(0, {DIFFERENT} - 1) n
)
insert into note (workspace_id, id, created_at, updated_at, version, title, text, is_pinned, about_object, about_id, person_id, owner_id,
    created_by_id)
select %(workspace)s, s.n, at, at, 1, left(text, 60), text, false, 'person', person, person, owner, owner
from (select n, {_AT.format("texts")} as at, {_USER} as owner, 1 + pg_temp.h(n, 31) % %(people)s as person
    from generate_series(1, %(texts)s::bigint) n) s join texts on texts.n = s.n % {DIFFERENT} order by s.n""",
    "search_text": """
insert into search_text (workspace_id, object, object_id, source, source_id, owner_id, made_at, terms)
select workspace_id, 'note', id, 'text', 0, owner_id, created_at, array_to_tsvector(string_to_array(peyvand_fold(text), ' ') || array[
    '@k:note', '@o:' || owner_id, '@m:' || to_char(created_at, 'YYYY-MM')])
from note where workspace_id = %(workspace)s order by id""",
    "search_word": f"""
insert into search_word (workspace_id, word, writer)
select %(workspace)s, word, 0 from (
    select distinct peyvand_fold(word) as word from (
        select pg_temp.word(n, %(frequent)s::text[], %(syllables)s::text[]) as word from generate_series(0, {names.VOCABULARY - 1}) n) w
    union select distinct unnest(string_to_array(peyvand_fold(name), ' ')) from person where workspace_id = %(workspace)s
) s where word ~ '^[^0-9@]{{3,30}}$'""",
}  # fmt: skip


def fill(url: str, made: dict[str, Any], size: Size, say: Callable[[str], None]) -> None:
    """Write all rows of ``size`` into the workspace ``made`` (what WORKSPACE printed), as a superuser at ``url``."""
    values = {
        **made, **vars(size), "given": list(names.GIVEN), "family": list(names.FAMILY_ROOTS), "endings": list(names.FAMILY_ENDINGS),
        "company_kinds": list(names.COMPANY_KINDS), "company_roots": list(names.COMPANY_ROOTS),
        "company_endings": list(names.COMPANY_ENDINGS), "cities": list(names.CITIES), "jobs": list(names.JOBS),
        "deals_names": list(names.DEALS),
        "frequent": list(names.FREQUENT), "syllables": list(names.SYLLABLES),
    }  # fmt: skip
    with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        # Keys hold by how the rows are made; checking each again would take longer than writing it.
        for setting in ("session_replication_role = replica", "synchronous_commit = off", "maintenance_work_mem = '1GB'",
                        "work_mem = '256MB'", "max_parallel_maintenance_workers = 2"):  # fmt: skip
            connection.execute(f"set {setting}")
        connection.execute(_HASH)
        connection.execute(_WORD)
        # What making the workspace itself has recorded stands in the way of numbers that begin at 1.
        connection.execute("truncate timeline_entry, event, audit_entry")
        with _without_indexes(connection, say):
            for table, statement in STEPS.items():
                begun = time.monotonic()
                count = connection.execute(_SIGN.sub("%%", statement), values).rowcount
                say(f"{table}: {count:,} rows in {time.monotonic() - begun:.0f} s")
        for table in ("company", "person", "deal", "event", "note"):
            connection.execute(
                f"select setval(pg_get_serial_sequence('{table}', 'id'), (select max(id) from {table}))"
            )
        begun = time.monotonic()
        connection.execute(f"vacuum (analyze) {', '.join(TABLES)}")
        connection.execute("analyze")
        connection.execute("checkpoint")
        say(f"vacuum and statistics in {time.monotonic() - begun:.0f} s")


@contextmanager
def _without_indexes(connection: psycopg.Connection[Any], say: Callable[[str], None]) -> Iterator[None]:
    """Drop the tables' plain indexes, and build them again at the end: sorted building is several times faster."""
    found = connection.execute(
        """select i.relname, pg_get_indexdef(i.oid) from pg_index x join pg_class i on i.oid = x.indexrelid
           join pg_class t on t.oid = x.indrelid
           where t.relname = any(%s) and not exists (select from pg_constraint where conindid = i.oid)""",
        [list(TABLES)],
    ).fetchall()
    for name, _ in found:
        connection.execute(sql.SQL("drop index {}").format(sql.Identifier(name)))
    try:
        yield
    finally:
        begun = time.monotonic()
        for _, definition in found:
            connection.execute(definition)
        say(f"{len(found)} indexes in {time.monotonic() - begun:.0f} s")


def disk(url: str) -> dict[str, int]:
    """Bytes of the database, and of its largest tables with their indexes."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "select relname, pg_total_relation_size(oid) from pg_class where relkind = 'r' order by 2 desc limit 8"
        ).fetchall()
        total = connection.execute("select pg_database_size(current_database())").fetchone()
        assert total is not None
        return {"database": total[0], **dict(rows)}
