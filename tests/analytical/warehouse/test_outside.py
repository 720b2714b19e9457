"""Tables of other people's files and databases stand in the warehouse beside our own."""

from __future__ import annotations

import io
import resource
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from pyarrow import parquet
from tests.analytical.warehouse.taken import added, carried_out, confirmed, rows

from peyvand.analytical.warehouse import actions, store
from peyvand.analytical.warehouse.actions import look_at, replace_file
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.objects import OUTSIDE
from peyvand.analytical.warehouse.outside import taking
from peyvand.analytical.warehouse.outside.reading import Text
from peyvand.analytical.warehouse.public import OutsideTable, outside_tables, reading
from peyvand.analytical.warehouse.querying import QUERY, ask, whole
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.database.embedded import Server
from peyvand.platform.files.storage import path_of
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.objects.records import create_record, delete_records, restore_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

WORDS = "نام;مبلغ;روز\nآوند;1200;2026-01-02\nکاوه;پنج;2026-01-03\nآوند;7;2026-02-01\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1256"])
def test_a_file_is_recognised_shown_and_taken_in_whatever_encoding(
    here: Context, cast: Any, encoding: str
) -> None:
    text = WORDS.replace("پنج", "5")
    source = added(here, text.encode(encoding))
    found, recognised = look_at(here, source, Text("", "", None))
    assert recognised == encoding
    assert [(c["name"], c["type"]) for c in found.columns] == [
        ("نام", "varchar"),
        ("مبلغ", "bigint"),
        ("روز", "date"),
    ]
    assert found.sample[0] == ["آوند", "1200", "2026-01-02"]


def test_names_are_those_that_people_can_type(here: Context, cast: Any) -> None:
    # As Windows wrote them: with the letters of Arabic.
    source = added(here, "ايميل;  شهر \nx@example.com;يزد\n".encode("cp1256"))
    done = confirmed(here, cast, source, customer_column="ایمیل", customer_by="email")
    assert done.problem == ""
    assert rows("x", "ایمیل", "شهر", "customer") == [("x@example.com", "يزد", None)]


def test_a_confirmed_file_is_taken_and_remembered(here: Context, cast: Any) -> None:
    source = added(here, WORDS.replace("پنج", "5").encode("cp1256"))
    done = confirmed(here, cast, source)
    assert (done.state, done.rows, done.origin, done.user_id) == ("done", 3, "x.csv", cast.sara.id)
    assert done.checksum == source.file.sha256
    assert sorted(rows("x", "نام", "مبلغ"), key=repr) == sorted(
        [("آوند", 1200), ("کاوه", 5), ("آوند", 7)], key=repr
    )
    assert outside_tables() == [OutsideTable("x", outside_tables()[0].columns, "")]
    assert [c.name for c in outside_tables()[0].columns] == ["نام", "مبلغ", "روز"]


def test_a_line_that_is_no_row_is_told_and_the_others_are_taken(here: Context, cast: Any) -> None:
    lines = [f"{n};{n * 10}" for n in range(1, 500)]
    lines[300] = "301;many"
    done = confirmed(
        here, cast, added(here, "\n".join(["id;amount", *lines]).encode()), types={"amount": "bigint"}
    )
    assert (done.state, done.rows, done.refused_count) == ("done", 498, 1)
    told = {"line": 302, "column": "amount", "value": "many", "why": "CAST", "text": "301;many"}
    assert done.refused == [told]
    assert len(rows("x", "id")) == 498


def test_a_file_of_which_nothing_fits_says_line_column_and_value(
    here: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    source = added(here, b"id;amount\n1;many\n2;few\n")
    done = confirmed(here, cast, source, types={"amount": "bigint"})
    assert (done.state, done.refused_count) == ("failed", 2)
    assert [tuple(line[key] for key in ("line", "column", "value")) for line in done.refused] == [
        (2, "amount", "many"),
        (3, "amount", "few"),
    ]
    page = browse(cast.sara).get(f"/w/arman/settings/warehouse/sources/{source.id}").content.decode()
    assert "در سطر \u2066۲\u2069" in page or "در سطر \u20662\u2069" in page
    assert "«\u2066many\u2069»" in page
    assert all(f"<td><bdi>{value}</bdi></td>" in page for value in ("amount", "many", "few"))


def test_a_column_that_needs_another_name_says_so(
    here: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    source = added(here, b"customer;city\nAli;Yazd\n")
    sara, at = browse(cast.sara), f"/w/arman/settings/warehouse/sources/{source.id}"
    asked = sara.get(f"{at}/columns").content.decode()
    assert "<bdi>customer_2</bdi>" in asked
    assert asked.count("در پرونده: «customer»") == 1
    assert "varchar)" not in asked, "kinds of columns stand in people's words"
    assert confirmed(here, cast, source).problem == ""
    assert "در پرونده: «customer»" in sara.get(at).content.decode()


class Door:
    """A port of this machine behind which the tests' own server answers, which listens on a socket alone."""

    def __init__(self, folder: str, port: str) -> None:
        self._behind = f"{folder}/.s.PGSQL.{port}"
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                come, _ = self._listening.accept()
            except OSError:
                return
            gone = socket.socket(socket.AF_UNIX)
            gone.connect(self._behind)
            for one, other in ((come, gone), (gone, come)):
                threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        try:
            while data := one.recv(65536):
                other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            end.close()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@pytest.fixture
def shop(server: Server, near: None) -> Iterator[tuple[psycopg.Connection[Any], dict[str, Any]]]:
    """Another database, with a user of its own who needs a password; and what a source of it is told."""
    known = psycopg.conninfo.conninfo_to_dict(server.superuser_url)
    with psycopg.connect(server.superuser_url, autocommit=True) as first:
        [hba] = first.execute("show hba_file").fetchone() or ()
        former = Path(hba).read_text()
        first.execute("drop database if exists shop")
        first.execute("drop role if exists reader")
        first.execute("create role reader login password 'right'")
        first.execute("create database shop")
        with Path(hba).open("r+") as file:
            file.write(f"local all reader scram-sha-256\n{former}")
        first.execute("select pg_reload_conf()")
        door = Door(str(known["host"]), str(known["port"]))
        try:
            with psycopg.connect(server.superuser_url, dbname="shop", autocommit=True) as shop:
                shop.execute(
                    "create table visit (id int, mail text, at timestamptz, spent numeric, note text)"
                )
                shop.execute("grant select on visit to reader")
                shop.execute(
                    "insert into visit values (1, 'Ali@Example.com', '2026-01-02 03:30+03:30', 12.5, '=1+1'), (2, null, null, null, '')"
                )
                yield shop, {
                    "name": "visits", "host": "127.0.0.1", "port": door.port, "database": "shop", "username": "reader",
                    "password": "right", "sslmode": "disable", "relation": "public.visit",
                }  # fmt: skip
        finally:
            door.close()
            with Path(hba).open("r+") as file:
                file.truncate()
                file.write(former)
            first.execute("select pg_reload_conf()")
            first.execute("drop database shop with (force)")
            first.execute("drop role reader")


def read(ctx: Context, cast: Any, source: OutsideSource) -> OutsideTaking:
    actions.refresh_source(ctx, source)
    return carried_out(cast)


def test_a_table_of_another_database_is_read_and_joined_to_customers(
    here: Context, cast: Any, shop: Any
) -> None:
    _, told = shop
    ali = create_record(
        here, object_named("person"), {"family_name": "علی", "emails": [{"value": "ali@example.com"}]}
    )
    source = create_record(here, OUTSIDE, {**told, "customer_column": "mail", "customer_by": "email"})
    assert "right" not in source.password
    done = read(here, cast, source)
    assert (done.problem, done.rows, done.origin) == ("", 2, f"127.0.0.1:{told['port']}/shop public.visit")
    found = rows("visits", "id", "at", "spent", "note", "customer")
    assert [(i, str(at), spent, note, whose) for i, at, spent, note, whose in found] == [
        (1, "2026-01-02 00:00:00", 12.5, "=1+1", 2 * ali.id), (2, "None", None, "", None),
    ]  # fmt: skip
    assert {c.name: (c.type, c.to) for c in outside_tables()[0].columns} == {
        "id": ("integer", ""), "mail": ("varchar", ""), "at": ("timestamp", ""), "spent": ("double", ""),
        "note": ("varchar", ""), "customer": ("bigint", "customer"),
    }  # fmt: skip
    # Formulas stay words in a file for spreadsheets.
    with whole(here, "outside.visits", "csv") as file:
        assert "'=1+1" in file.read().decode()
    assert ask(here, "select count(customer) as n from outside.visits").to_pylist() == [{"n": 1}]

    # A SELECT in place of the table; the customer is another one meanwhile.
    update_record(
        here, OUTSIDE, source, {"relation": "", "query": "select id, mail from visit where id = 1;"}
    )
    update_record(here, object_named("person"), ali, {"emails": [{"value": "other@example.com"}]})
    assert read(here, cast, source).problem == ""
    assert rows("visits", "id", "customer") == [(1, None)]

    # Names that differ in case alone, or are our own, or none.
    query = """select 1 as "Id", 2 as id, 3 as customer, 4 as peyvand_key, 5 as " ", 6 as "?column?" """
    update_record(here, OUTSIDE, source, {"query": query, "customer_column": "", "customer_by": None})
    assert read(here, cast, source).problem == ""
    names = ("Id", "id_2", "customer_2", "peyvand_key_2", "column5", "?column?")
    assert rows("visits", *names) == [(1, 2, 3, 4, 5, 6)]


def test_what_goes_wrong_is_said_and_the_earlier_data_stay(here: Context, cast: Any, shop: Any) -> None:
    theirs, told = shop
    source = create_record(here, OUTSIDE, {**told, "customer_column": "mail", "customer_by": "email"})
    assert read(here, cast, source).state == "done"

    def fails(problem: str) -> None:
        done = read(here, cast, source)
        assert (done.state, problem in done.problem) == ("failed", True), done.problem
        source.refresh_from_db()
        assert (source.problem, source.rows) == (done.problem, 2)
        assert len(rows("visits", "id")) == 2

    def told_otherwise(**values: Any) -> None:
        update_record(here, OUTSIDE, source, values)

    theirs.execute("alter table visit rename mail to email")
    fails("there is no column mail any more; the columns are id, email, at, spent, note")
    theirs.execute("alter table visit rename email to mail")
    theirs.execute("alter table visit rename to visits")
    fails("there is no table or view public.visit any more")
    theirs.execute("alter table visits rename to visit")
    theirs.execute("revoke select on visit from reader")
    fails("this user may not read that: permission denied for table visit")
    theirs.execute("grant select on visit to reader")
    told_otherwise(relation="", query="select 1; drop table visit")
    fails("the server does not understand this SELECT")
    told_otherwise(query="select id, id from visit")
    fails("two columns are called id")
    told_otherwise(query="delete from visit returning id")
    fails("the server does not understand this SELECT")
    told_otherwise(query="", relation="visit", database="other")
    fails("there is no database other on this server")
    told_otherwise(database="shop", password="wrong")
    fails("the server 127.0.0.1 does not accept this user name and password")
    told_otherwise(password="right")
    assert read(here, cast, source).problem == ""
    source.refresh_from_db()
    assert source.problem == ""


def test_a_row_too_large_to_hold_is_refused_before_it_is_held(here: Context, cast: Any, shop: Any) -> None:
    theirs, told = shop
    source = create_record(here, OUTSIDE, told)
    theirs.execute("insert into visit values (3, null, null, null, repeat('x', 300000000))")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = read(here, cast, source)
    assert (done.state, done.problem) == ("failed", "there is a row of more than 16.8 MB")
    # In kilobytes: less than a third of the row.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_no_address_inside_is_called_unless_the_installation_allows(
    here: Context, cast: Any, shop: Any, settings: Any
) -> None:
    _, told = shop
    source = create_record(here, OUTSIDE, told)
    settings.OUTGOING_NETWORKS = []
    for host in ("127.0.0.1", "localhost", "::1", "169.254.169.254", "10.0.0.1"):
        update_record(here, OUTSIDE, source, {"host": host, "password": "right"})
        assert "where nothing may be sent" in read(here, cast, source).problem
    for host in ("/var/run/postgresql", "one,two", "a b", "x=y"):
        with pytest.raises(Invalid):
            update_record(here, OUTSIDE, source, {"host": host, "password": "right"})
    # A password goes to no other server than it was typed for.
    with pytest.raises(Invalid, match="password"):
        update_record(here, OUTSIDE, source, {"host": "example.com"})


def test_parquet_is_taken_as_it_is_and_a_clash_of_names_is_solved(here: Context, cast: Any) -> None:
    out = io.BytesIO()
    parquet.write_table(pa.table({"Customer": ["a"], "n": [1.5], "N": [2]}), out)
    done = confirmed(here, cast, added(here, out.getvalue(), file="x.parquet"))
    assert (done.state, done.rows) == ("done", 1)
    assert rows("x", "Customer_2", "n", "N_1") == [("a", 1.5, 2)]


@pytest.mark.parametrize(
    ("by", "cell", "values"),
    [
        ("phone", "۰۹۱۲ ۱۱۱ ۲۲۳۳", {"phones": [{"value": "+989121112233"}]}),
        ("code", " E-7 ", {"external_id": "e-7"}),
        ("name", "علي رضا كريمی", {"given_name": "علی‌رضا", "family_name": "کریمی"}),
        ("email", "Ali@EXAMPLE.com", {"emails": [{"value": "ali@example.com"}]}),
    ],
)
def test_a_cell_finds_its_customer_however_it_is_written(
    here: Context, cast: Any, by: str, cell: str, values: dict[str, Any]
) -> None:
    person = create_record(here, object_named("person"), {"family_name": "نام", **values})
    text = f"whose,n\n{cell},1\nnobody,2\n,3\n"
    confirmed(
        here,
        cast,
        added(here, text.encode()),
        types={"whose": "varchar"},
        customer_column="whose",
        customer_by=by,
    )
    assert sorted(rows("x", "n", "customer")) == [(1, 2 * person.id), (2, None), (3, None)]
    # What could mean two customers means neither; that is true of the next version, though the file was not read again.
    twin = {k: v for k, v in values.items() if k != "external_id"}
    if by != "code":
        create_record(
            here,
            object_named("company"),
            {"name": "علی رضا کریمی", **{k: v for k, v in twin.items() if k in ("phones", "emails")}},
        )
        refresh(cast.arman)
        assert sorted(rows("x", "n", "customer")) == [(1, None), (2, None), (3, None)]


def test_names_and_files_are_there_once_and_other_files_are_refused(here: Context, cast: Any) -> None:
    added(here, b"a,b\n1,2\n", "one")
    for content, name, code in (
        (b"a,b\n1,2\n", "two", "duplicate"),
        (b"a,b\n3,4\n", "one", "duplicate"),
        (b"a,b\n3,4\n", "ONE!", "invalid"),
        (b"PK\x03\x04 a workbook", "three", "format"),
        (b"", "four", "empty"),
    ):
        with pytest.raises(Invalid) as refused, transaction.atomic():
            added(here, content, name)
        assert refused.value.problems[0].code == code
    # Out of the bin it comes only while its name is free.
    one = OutsideSource.objects.get(name="one")
    delete_records(here, OUTSIDE, [one])
    added(here, b"a,b\n3,4\n", "one")
    with pytest.raises(RuleViolation):
        restore_records(here, OUTSIDE, [one])


def test_a_newer_file_takes_the_place_if_its_columns_are_the_same(here: Context, cast: Any) -> None:
    source = added(here, b"id,amount\n1,2\n")
    confirmed(here, cast, source)
    replace_file(here, source, "newer.csv", [b"id,amount\n5,6\n7,8\n"])
    assert carried_out(cast).origin == "newer.csv"
    assert sorted(rows("x", "id", "amount")) == [(5, 6), (7, 8)]
    replace_file(here, source, "other.csv", [b"id,sum\n9,9\n"])
    done = carried_out(cast)
    assert (done.state, done.problem) == (
        "failed", "the columns are other ones: gone are amount, new are sum. Look at them again",
    )  # fmt: skip
    assert sorted(rows("x", "id")) == [(5,), (7,)]
    assert confirmed(here, cast, source).state == "done"
    assert rows("x", "id", "sum") == [(9, 9)]


def test_a_version_is_the_same_whatever_it_was_built_upon_and_what_is_deleted_goes(
    here: Context, cast: Any
) -> None:
    kept, gone = added(here, b"id\n1\n", "kept"), added(here, b"id\n2\n", "gone")
    for source in (kept, gone):
        confirmed(here, cast, source)
    assert [t.name for t in outside_tables()] == ["gone", "kept"]
    delete_records(here, OUTSIDE, [gone])
    refresh(cast.arman)
    for _ in range(2):
        assert [t.name for t in outside_tables()] == ["kept"]
        assert rows("kept", "id") == [(1,)]
        with reading() as tables, pytest.raises(KeyError):
            tables.outside("gone")
        refresh(cast.arman, whole=True)
    assert len(list(store.outside(cast.arman.id).iterdir())) == 1
    # Out of the bin again it is read again, for its data are gone.
    restore_records(here, OUTSIDE, [gone])
    refresh(cast.arman)
    carried_out(cast)
    assert rows("gone", "id") == [(2,)]


def test_after_a_restore_files_are_read_again_and_what_is_missing_is_said(here: Context, cast: Any) -> None:
    there, lost = added(here, b"id\n1\n", "there"), added(here, b"id\n2\n", "lost")
    for source in (there, lost):
        confirmed(here, cast, source)
    # A backup holds the database and the files, never the warehouse; here one of the files was lost as well.
    shutil.rmtree(store.folder(cast.arman.id))
    path_of(cast.arman.id, lost.file.sha256).unlink()
    before = OutsideTaking.objects.latest("id").id
    refresh(cast.arman)
    assert outside_tables() == []
    for asked in OutsideTaking.objects.filter(id__gt=before):
        taking.carry_out(cast.arman, asked.id)
    refresh(cast.arman)
    assert [t.name for t in outside_tables()] == ["there"]
    lost.refresh_from_db()
    assert lost.problem == "its file is not there any more; upload it again"
    # It is not asked for again and again.
    before = OutsideTaking.objects.latest("id").id
    refresh(cast.arman, whole=True)
    assert OutsideTaking.objects.latest("id").id == before


def test_only_who_may_see_outside_sources_reads_them_and_no_other_workspace(
    cast: Any, acting: Callable[..., Context], browse: Callable[..., Any]
) -> None:
    with workspace_scope(cast.arman.id):
        source = added(acting(cast.sara), b"id\n1\n")
        confirmed(acting(cast.sara), cast, source)
        grants = {"*.view": "all", QUERY: "all"}
        cast.babak.role = Role.objects.create(key="analyst", name="Analyst", grants=grants, fields={})
        cast.babak.save()
        access_changed(cast.arman.id)
        analyst = acting(cast.babak)
        with pytest.raises(NotAllowed):
            ask(analyst, "select 1")
        with pytest.raises(NotAllowed):
            whole(analyst, "outside.x", "csv")
        with whole(analyst, "lead", "csv") as file:
            assert file.read().startswith(b'"lead"')
    here = f"settings/warehouse/sources/{source.id}"
    assert browse(cast.babak).get(f"/w/arman/{here}").status_code == 403
    with workspace_scope(cast.rival.id):
        theirs = acting(cast.cyrus)
        refresh(cast.rival)
        assert outside_tables() == []
        assert not OutsideSource.objects.exists()
        with pytest.raises(NotFound):
            whole(theirs, "outside.x", "csv")
        with pytest.raises(Invalid):
            ask(theirs, "select * from outside.x")
        # The name is free there, and so is the file.
        assert added(theirs, b"id\n1\n").name == "x"
    assert browse(cast.cyrus).get(f"/w/rival/{here}").status_code == 404


def test_the_pages_take_a_file_show_it_and_say_what_became_of_it(
    cast: Any, browse: Callable[..., Any]
) -> None:
    sara, at = browse(cast.sara), "/w/arman/settings/warehouse"
    assert 'name="file"' in sara.get(at).content.decode()
    sent = {
        "name": "Visits",
        "title": "بازدیدها",
        "file": SimpleUploadedFile("بازدید.csv", WORDS.encode("cp1256")),
    }
    made = sara.post(f"{at}/sources", sent)
    assert made.status_code == 302
    page = sara.get(made["Location"]).content.decode()
    assert '<option value="cp1256" selected>' in page
    assert "<bdi>آوند</bdi>" in page
    told = {"encoding": "cp1256", "delimiter": ";", "has_header": "1", "type-1": "bigint", "confirm": "1"}
    done = sara.post(made["Location"], told)
    assert done.status_code == 302
    with workspace_scope(cast.arman.id):
        assert carried_out(cast).refused_count == 1
        source = OutsideSource.objects.get()
    page = sara.get(done["Location"]).content.decode()
    assert "کاوه;پنج;2026-01-03" in page
    assert "مقدار با نوع ستون جور نیست" in page
    page = sara.get(at).content.decode()
    assert "outside.visits" in page
    assert "بازدیدها" in page
    answer = sara.post(
        at, {"sql": 'select "نام", "مبلغ", "روز", true as b, 1234567 as n from outside.visits limit 1'}
    ).content.decode()
    for cell in ("آوند", "۱۲۰۰", "۱۴۰۴/۱۰/۱۲", "بله", "۱٬۲۳۴٬۵۶۷"):
        assert f"<bdi>{cell}</bdi>" in answer
    assert (
        b"".join(sara.get(f"{at}/outside.visits.csv").streaming_content)
        .decode()
        .startswith('"نام","مبلغ","روز"')
    )
    again = sara.post(f"{at}/sources", {**sent, "file": SimpleUploadedFile("x.csv", WORDS.encode("cp1256"))})
    assert again.status_code == 422
    assert "visits" in again.content.decode()
    assert sara.post(f"{at}/sources/{source.id}/delete").status_code == 302
    assert sara.get(f"{at}/sources/{source.id}").status_code == 404
    assert browse(cast.mina).post(f"{at}/sources", sent).status_code == 403
