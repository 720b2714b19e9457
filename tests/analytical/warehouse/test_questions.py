"""Whoever may ask, asks what they may see, and can do nothing but ask."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.utils import translation
from pyarrow import ipc, parquet

from peyvand.administration.members.actions import create_token
from peyvand.analytical.warehouse import querying, store
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.querying import QUERY, Busy, TooLong, ask, missing
from peyvand.analytical.warehouse.star import TABLES
from peyvand.analytical.warehouse.wording import why
from peyvand.kernel.errors import Invalid, NotAllowed
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program
from peyvand.web.components.tags import say

ATTACKS = (
    "select * from read_text('{rival}')",
    "select * from '{rival}'",
    "select * from query('attach $${rival}$$')",
    "select * from glob('/**')",
    "select * from read_csv('https://example.org/x.csv')",
    "attach '{rival}' as rival",
    "copy sale to '{here}/out.csv'",
    "install httpfs",
    "set enable_external_access = true",
    "create table x as select 1",
    "select 1; drop table sale",
)


@pytest.fixture
def asked(cast: Any, acting: Callable[..., Context]) -> Context:
    """Sara, whose workspace has a warehouse with one company; Rival has one too."""
    with workspace_scope(cast.rival.id):
        refresh(cast.rival)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        create_record(ctx, object_named("company"), {"name": "کاشی کویر"})
        refresh(cast.arman)
    return ctx


def test_a_question_is_answered(asked: Context) -> None:
    with workspace_scope(asked.tenant.id):
        found = ask(asked, "select name, count(*) as n from customer group by name order by name", 10)
        assert found.to_pylist() == [{"name": "کاشی کویر", "n": 1}]
        assert ask(asked, "from calendar_day", 7).num_rows == 7


@pytest.mark.parametrize(
    "sql",
    [
        "select * from duckdb_databases()", "pragma database_list", "from pragma_database_list", "from duckdb_settings()",
        "select current_setting('temp_directory')", "from query('from duckdb_databases()')",
        "with a as (select (select path from system.main.\"DUCKDB_databases\"() limit 1) as p) from a",
        "select path from (show databases), duckdb_databases()",
        "from pg_settings", "from (summarize system.pg_catalog.\"PG_settings\")", "from duckdb_databases",
        "with pg_settings as (from pg_catalog.pg_settings) from pg_settings", "from (unpivot pg_settings on name, setting)",
        "select path from json_execute_serialized_sql(json_serialize_sql('from duckdb_databases()'))",
        "select json_serialize_plan('from sale')", "from histogram_values(pg_settings, name)", "from query_table('pg_settings')",
        "from enable_logging('QueryLog')", "from enable_profiling()", "from checkpoint()", "select write_log('x')",
        "from duckdb_profiling_settings()", "from which_secret('s3://x', 's3')",
    ],
)  # fmt: skip
def test_where_the_server_keeps_its_files_is_no_question(asked: Context, sql: str) -> None:
    with workspace_scope(asked.tenant.id):
        with pytest.raises(Invalid) as refused:
            ask(asked, sql)
        assert str(refused.value.problems[0].message).startswith("That is not allowed")
        # What is about the tables is.
        assert (
            ask(asked, "select count(*) as n from duckdb_columns() where table_name = 'sale'").num_rows == 1
        )


FREE = (
    "with a as (select 1 as n) select n from a", "from unnest([1])", "from generate_series(1, 1)", "from range(1)",
    "select 1 from information_schema.tables limit 1", "from sqlite_master limit 1", "select unnest([1])",
    "select value from json_each('[1]')", "select 1 from (show all tables) limit 1", "select sum(net) over () from sale limit 1",
    "select name, lead(name) over (order by name) from customer limit 1", "select current_date", "values (1)",
)  # fmt: skip


def test_questions_about_rows_and_tables_are_free(asked: Context) -> None:
    with workspace_scope(asked.tenant.id):
        for sql in FREE:
            assert ask(asked, sql).num_rows <= 1, sql


def test_what_is_nested_too_deeply_is_refused_in_a_sentence(asked: Context) -> None:
    sums = [f"select {'+'.join('1' * terms)}" for terms in (600, 2000)]
    lists, questions = f"select {'[' * 300}1{']' * 300}", f"select {'(select ' * 200}1{')' * 200}"
    with workspace_scope(asked.tenant.id):
        for sql in (*sums, lists, questions):
            with pytest.raises(Invalid) as refused:
                ask(asked, sql)
            assert "nested too deeply" in str(refused.value.problems[0].message), sql[:20]


def test_no_refusal_names_the_servers_folders(asked: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(store.folder(asked.tenant.id).resolve())
    with workspace_scope(asked.tenant.id):
        for sql in (
            "select * from sniff_csv('x.csv')",
            f"select error('{folder}/x')",
            "from 'x.csv'",
            "select getenv('HOME')",
        ):
            with pytest.raises(Invalid) as refused:
                ask(asked, sql)
            assert folder not in str(refused.value.problems[0].message)
            assert folder not in getattr(refused.value, "own_words", "")


def test_a_question_loads_no_more_than_it_needs(asked: Context) -> None:
    """NumPy and pandas take longer to load than a question to answer."""
    version = store.published(asked.tenant.id)
    assert version is not None
    told = {
        "version": str(version),
        "sql": "select 'it''s' as x",
        "rows": 1,
        "bytes": 10**6,
        "seconds": 20,
        "memory": 2**29,
    }
    for format in ("arrow", "csv", "parquet"):
        made = subprocess.run(
            [sys.executable, "-I", "-X", "importtime", querying._PROGRAM],
            input=json.dumps({**told, "format": format}).encode(), capture_output=True, check=True,
        )  # fmt: skip
        assert b"it's" in made.stdout
        loaded = {line.rpartition(b"|")[2].strip() for line in made.stderr.splitlines()}
        assert not {b"numpy", b"pandas", b"django"} & loaded, format
        assert b"duckdb" in loaded


def test_what_is_too_large_is_told_as_that_and_nothing_is_laid_on_the_disk(
    asked: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    sql = "select count(*) from range(100000000000) a, range(100000000) b"
    page = browse(cast.sara).post("/w/arman/settings/warehouse", {"sql": sql}).content.decode()
    assert "حافظه" in page.split('role="alert"')[1].split("<details>")[0]
    assert "File too large" not in page
    assert str(store.folder(cast.arman.id).resolve()) not in page
    # The engine's own words are there for who knows it, beneath.
    assert "Out of Memory Error" in page.split("<details>")[1].split("</details>")[0]


def test_moments_stand_on_the_clocks_of_the_workspace(
    asked: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    client, at = browse(cast.sara), "/w/arman/settings/warehouse"
    sql = "select timestamp '2026-01-02 20:30:00' as at"
    page = client.post(at, {"sql": sql}).content.decode()
    # Tehran is three and a half hours ahead: it is the next day there.
    assert "۱۴۰۴/۱۰/۱۳، ۰۰:۰۰" in page
    assert "Asia/Tehran" in page
    file = client.post(at, {"sql": sql, "format": "csv"})
    assert "2026-01-02 20:30:00" in b"".join(file.streaming_content).decode()


def test_nothing_but_a_question_is_answered(asked: Context, cast: Any) -> None:
    rival = store.published(cast.rival.id)
    here = store.folder(cast.arman.id)
    before = sorted(here.iterdir())
    with workspace_scope(asked.tenant.id):
        for sql in ATTACKS:
            with pytest.raises(Invalid):
                ask(asked, sql.format(rival=rival, here=here))
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from range(100000000000) a, range(100000000) b",
        "select list(a.range) from range(1000000000) a",
    ],
)
def test_an_endless_or_greedy_question_is_ended(
    asked: Context, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(querying, "SECONDS", 3)
    with workspace_scope(asked.tenant.id), pytest.raises((TooLong, Invalid)):
        ask(asked, sql)


def test_who_does_not_see_all_of_it_is_given_none_of_it(
    asked: Context, cast: Any, acting: Callable[..., Context], browse: Callable[..., Any]
) -> None:
    with workspace_scope(cast.arman.id):
        for user in (cast.mina, cast.babak, cast.viewer):
            with pytest.raises(NotAllowed):
                ask(acting(user), "select 1")
        assert {name: kept for name in TABLES if (kept := missing(asked.actor, name))} == {}
        role = Role.objects.create(
            key="analyst",
            name="Analyst",
            grants={"*.view": "all", QUERY: "all"},
            fields={"product.cost": "hidden"},
        )
        cast.babak.role = role
        cast.babak.save()
        access_changed(cast.arman.id)
        analyst = acting(cast.babak)
        kept = {name: [spec.key for spec in missing(analyst.actor, name)] for name in TABLES}
        assert kept["product"] == ["product"]
        assert kept["lead"] == []
        assert "product" in kept["sale_line"]
        with pytest.raises(NotAllowed):
            ask(analyst, "select * from lead")
        with querying.whole(analyst, "lead", "csv") as file:
            assert file.read().startswith(b'"lead"')
        with pytest.raises(NotAllowed):
            querying.whole(analyst, "product", "csv")
    page = browse(cast.babak).get("/w/arman/settings/warehouse")
    assert page.status_code == 200
    assert 'name="sql"' not in page.content.decode()
    assert browse(cast.mina).get("/w/arman/settings/warehouse").status_code in (403, 404)


def test_the_page_answers_and_gives_files(asked: Context, cast: Any, browse: Callable[..., Any]) -> None:
    client = browse(cast.sara)
    page = client.get("/w/arman/settings/warehouse").content.decode()
    assert all(f"<code>{name}</code>" in page for name in TABLES)
    answered = client.post("/w/arman/settings/warehouse", {"sql": "select name from customer"})
    assert "<td><bdi>کاشی کویر</bdi></td>" in answered.content.decode()
    sums = client.post(
        "/w/arman/settings/warehouse", {"sql": "select 1 as id, 5323334000 as sum_net, 2 as pricey"}
    )
    assert sums.context["answer"]["columns"] == [("id", ""), ("sum_net", "ریال"), ("pricey", "")]
    assert "۵٬۳۲۳٬۳۳۴٬۰۰۰" in sums.content.decode()
    refused = client.post("/w/arman/settings/warehouse", {"sql": "drop table customer"})
    assert refused.status_code == 422
    assert "تنها یک SELECT بپرسید" in refused.content.decode()
    file = client.post("/w/arman/settings/warehouse", {"sql": "select name from customer", "format": "csv"})
    assert b"".join(file.streaming_content).decode().splitlines() == ['"name"', '"کاشی کویر"']
    whole = client.get("/w/arman/settings/warehouse/customer.parquet")
    assert parquet.read_table(io.BytesIO(b"".join(whole.streaming_content)))["name"].to_pylist() == [
        "کاشی کویر"
    ]
    assert client.get("/w/arman/settings/warehouse/nothing.csv").status_code == 404
    assert client.post("/w/arman/settings/warehouse/refresh").status_code == 302


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select repeat('<', 20000000) from range(20)", "پاسخ بیش از اندازه بزرگ است"),
        ("select 'infinity'::date", "صفحه"),
        ("select * from test_all_types()", "صفحه"),
    ],
)
def test_what_a_page_cannot_hold_is_refused(
    asked: Context, cast: Any, browse: Callable[..., Any], sql: str, says: str
) -> None:
    refused = browse(cast.sara).post("/w/arman/settings/warehouse", {"sql": sql})
    assert refused.status_code == 422
    assert says in refused.content.decode()


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select * from sales", "جدولی به نام \u2068sales\u2069 نیست. جدول‌ها در پایین آمده‌اند."),
        ("select nett from sale", "ستونی به نام \u2068nett\u2069 نیست. نام‌های نزدیک: \u2068net\u2069."),
        ("select s.nett from sale s", "ستونی به نام \u2068nett\u2069 نیست. نام‌های نزدیک: \u2068net\u2069."),
        ("select x.net from sale s", "در این پرسش چیزی به نام \u2068x\u2069 نیست."),
        ("select day, sum(net) from sale", "یا بر پایهٔ \u2068day\u2069 هم گروه‌بندی کنید، یا آن را جمع بزنید."),
        ("select * frm sale", "از اینجا به بعد SQL درستی نیست: \u2068sale\u2069"),
        ("select", "پرسش ناتمام است."),
        ("select foo(1)", "تابعی به نام \u2068foo\u2069 نیست."),
        ("select 'a'::int", "«\u2068a\u2069» را نمی‌توان مانند آنچه با آن سنجیده می‌شود خواند."),
        ("select sum(net) from sale group by dayy", "ستونی به نام \u2068dayy\u2069 نیست. نام‌های نزدیک: \u2068day\u2069."),
        ("select 9223372036854775807 * 2",
         ("عددی در میانهٔ کار برای نوعش بیش از اندازه بزرگ است یا حساب‌شدنی نیست: پیش از آن به double تبدیلش کنید، "
         "یا آن سطرها را کنار بگذارید.")),
        ("select 300::tinyint", "مقداری با نوعی که باید داشته باشد جور نیست."),
        ("select upper(1, 2)", "\u2068upper(INTEGER_LITERAL, INTEGER_LITERAL)\u2069 برای مقدارهایی از این نوع‌ها نیست: با cast تبدیلشان کنید."),
        ("select net from sale a, sale b", "چند جدول ستون \u2068net\u2069 دارند: نام جدول را پیش از آن بنویسید."),
        ("select (select 1 union all select 2)", "پرسشی درون این پرسش چند سطر می‌دهد و آنجا یک مقدار لازم است."),
        ("select sum(sum(net)) from sale", "بخشی از این پرسش با بخش‌های دیگر یا با جدول‌ها جور نیست."),
        ("select strptime('a', '%q')", "به تابعی مقداری داده شده که نمی‌پذیرد."),
        ("from read_text('/etc/passwd')", "این مجاز نیست: پرسش‌ها جدول‌های همین صفحه را می‌خوانند، نه پرونده، شبکه یا تنظیمات را."),
    ],
)  # fmt: skip
def test_why_there_is_no_answer_is_said_in_the_readers_words(sql: str, says: str) -> None:
    with duckdb.connect() as file, translation.override("fa"):
        file.execute("create table sale (net bigint, day date)")
        file.execute("set enable_external_access = false")
        with pytest.raises(duckdb.Error) as refused:
            file.sql(sql).fetchall()
        assert say(why(str(refused.value))) == says


def test_long_values_are_cut_and_one_question_is_answered_at_a_time(
    asked: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    client = browse(cast.sara)
    page = client.post("/w/arman/settings/warehouse", {"sql": "select repeat('x', 5000)"}).content.decode()
    assert "x" * 1000 + "…" in page
    with workspace_scope(cast.arman.id), store.one_question(cast.arman.id), pytest.raises(Busy):
        ask(asked, "select 1")


def test_a_file_for_spreadsheets_holds_no_formulas(
    asked: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    sql = "select unnest(['=HYPERLINK(1)', 'a;@b', null, '-5', 'plain']) as a, 7 as n"
    file = browse(cast.sara).post("/w/arman/settings/warehouse", {"sql": sql, "format": "csv"})
    assert b"".join(file.streaming_content).decode().splitlines() == [
        '"a","n"', '"\'=HYPERLINK(1)",7', '"a;\'@b",7', ",7", '"-5",7', '"plain",7',
    ]  # fmt: skip


def test_programs_read_tables_and_ask(asked: Context, cast: Any, acting: Callable[..., Context]) -> None:
    with workspace_scope(cast.arman.id):
        program = Program(create_token(asked, cast.sara, name="t"))
        other = Program(create_token(acting(cast.mina), cast.mina, name="t"))
    told = program.get("warehouse/tables").json
    assert [t["name"] for t in told["tables"]] == list(TABLES)
    assert told["as_of"]
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": "once"}
    for _ in range(2):
        found = program.client.post(
            "/api/v1/warehouse/query",
            {"sql": "select name from customer"},
            content_type="application/json",
            headers=headers,
        )
        answer = ipc.open_stream(b"".join(found.streaming_content)).read_all()
        assert answer["name"].to_pylist() == ["کاشی کویر"]
    described = program.get("openapi.json").json["paths"]
    assert {"/warehouse/tables", "/warehouse/tables/{name}", "/warehouse/query"} <= described.keys()
    assert program.post("warehouse/query", {"sql": "install x"}).status == 422
    assert program.post("warehouse/query", {"sql": "select 1", "format": "xls"}).status == 422
    assert other.get("warehouse/tables").status == 403
    assert other.post("warehouse/query", {"sql": "select 1"}).status == 403


def test_the_web_process_loads_no_engine() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", (
            "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'peyvand.config.settings'; django.setup(); "
            "import peyvand.config.urls, peyvand.analytical.warehouse.public; "
            "print([m for m in ('duckdb', 'ibis', 'pyspark', 'pyarrow') if m in sys.modules])"
        )],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert loaded.stdout.strip().splitlines()[-1] == "[]"
