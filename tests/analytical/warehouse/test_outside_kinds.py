"""Columns of an outside file are taken for what all their values are, as people write them in Persian and English."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.analytical.warehouse.taken import added, carried_out, confirmed, rows

from peyvand.analytical.warehouse.actions import look_at
from peyvand.analytical.warehouse.outside.kinds import readings, recognised
from peyvand.analytical.warehouse.outside.reading import Look, Text, look, take
from peyvand.kernel.errors import Invalid
from peyvand.kernel.numbers import parse_number
from peyvand.platform.actions.context import Context
from peyvand.platform.workspaces.scope import workspace_scope

NUMBERS = (
    "۱٬۲۳۴٬۵۰۰", "1,234.50", "١٢٫٥", "12", "-3", "\u200e\u2212۴", "+5", " 7 ", "۱،۲۰۰", "0", "0.5", "٫۵", "1,23", "1.2.3", "الف", "12x",
    "۱۲۳٬۴۵", "1234567890123456789", "", "-", "1e5", "۱۲\u200c۳", "0012",
)  # fmt: skip


def column(tmp_path: Path, *cells: str) -> Look:
    file = tmp_path / "x.csv"
    file.write_text("a;b\n" + "".join(f'"{cell}";x\n' for cell in cells), encoding="utf-8")
    return look(file, Text("utf-8", ";", True))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("۱٬۲۳۴٬۵۰۰", "1,234", "12"), "bigint"),
        (("۱٬۲۳۴٬۵۰۰", "1,234.50"), "double"),
        (("١٢٫٥", "3", ""), "double"),
        (("1.5E+05", "2"), "double"),
        (("12", "۱۲ تومان"), "varchar"),
        # Identifiers: a needless zero, more digits than an amount has, a phone.
        (("09121112233", "09121112234"), "varchar"),
        (("1001", "۰۰۱۲"), "varchar"),
        (("6037991234567890123", "6037991234567890124"), "varchar"),
        (("+989121112233",), "varchar"),
        (("912 111 2233",), "varchar"),
        (("1403/05/12", "۱۴۰۳-۰۵-۱۲", "2024-08-02", "۱۲ مرداد ۱۴۰۳"), "date"),
        (("1403/05/12", "1403/13/01"), "varchar"),
        (("12/31/2024", "01/02/2024"), "date"),
        (("۱۴۰۳/۰۵/۱۲ ۱۰:۳۰", "2024-08-02"), "timestamp"),
        (("true", "false"), "boolean"),
        (("", ""), "varchar"),
    ],
)
def test_a_column_is_what_every_value_of_it_is(tmp_path: Path, cells: tuple[str, ...], kind: str) -> None:
    assert column(tmp_path, *cells).columns[0]["type"] == kind


def test_one_value_far_down_decides_too(tmp_path: Path) -> None:
    cells = [str(n) for n in range(1, 25_000)]
    assert column(tmp_path, *cells).columns[0]["type"] == "bigint"
    assert column(tmp_path, *cells, "0012").columns[0]["type"] == "varchar"
    assert column(tmp_path, *cells, "۱٫۵").columns[0]["type"] == "double"


def test_a_few_cells_that_do_not_fit_make_no_column_of_texts(tmp_path: Path) -> None:
    def found(*cells: str) -> tuple[str, int]:
        told = column(tmp_path, *cells)
        return told.columns[0]["type"], told.misfits[0]

    amounts, days = [f"۱٬۲۰{n % 10}" for n in range(100)], [f"۱۴۰۵/۰۳/{n % 28 + 1:02}" for n in range(100)]
    assert found(*amounts) == ("bigint", 0)
    assert found(*amounts, "مبلغ نامعلوم") == ("bigint", 1)
    assert found(*days, "۱۴۰۵/۱۳/۴۰", "۱۴۰۵/۱۳/۴۰", "نامعلوم") == ("date", 3)
    # More than a few, and it is no column of numbers.
    assert found(*amounts, *["نامعلوم"] * 10) == ("varchar", 0)
    assert found(*amounts[:10], "نامعلوم") == ("varchar", 0)


def test_numbers_are_what_the_kernel_reads() -> None:
    """Each value by itself, in a column that somebody called numbers: the same number or none."""
    for text in NUMBERS:
        with duckdb.connect() as here:
            here.execute("create table file (a varchar)")
            here.execute("insert into file values (?)", [text])
            read, count = readings(here, "file", [{"name": "a", "type": "double"}])
            found = here.execute(f"select {read['a'].value} from file t").fetchall()
        try:
            wanted = float(parse_number(text))
        except Invalid:
            wanted = None
        assert (found, count) == ([(wanted,)], 1) or (text == "۱۲\u200c۳" and found == [(None,)]), text


def test_an_empty_file_of_columns_has_no_kind() -> None:
    with duckdb.connect() as here:
        here.execute("create table file (a varchar)")
        assert recognised(here, "file", ["a"], ["varchar"], 10) == [("varchar", 0)]


def test_days_and_moments_are_read(tmp_path: Path) -> None:
    file, into = tmp_path / "x.csv", tmp_path / "x.parquet"
    file.write_text(
        "day;at\n1403/05/12;۱۴۰۳/۰۵/۱۲، ۱۰:۳۰\n۱۴۰۳-۰۵-۱۳;2024-08-03T10:30:05+03:30\n2024-08-04;2024-08-04\n"
        "x;2024-08-04 25:00\n",
        encoding="utf-8",
    )
    columns = [
        {"head": "day", "name": "day", "type": "date"},
        {"head": "at", "name": "at", "type": "timestamp"},
    ]
    done = take(file, Text("utf-8", ";", True), into, columns, None, heads=True)
    assert duckdb.sql(f"from '{into}' order by day").fetchall() == [
        (date(2024, 8, 2), datetime(2024, 8, 2, 10, 30)),
        (date(2024, 8, 3), datetime(2024, 8, 3, 7, 0, 5)),
        (date(2024, 8, 4), datetime(2024, 8, 4)),
    ]
    assert done.refused == [
        {"line": 5, "column": "day", "value": "x", "why": "CAST", "text": "x;2024-08-04 25:00"}
    ]


def test_lines_are_told_by_their_place_in_the_file(tmp_path: Path) -> None:
    file, into = tmp_path / "x.csv", tmp_path / "x.parquet"
    file.write_text('id;n\n1;۱۰\n\nbad\n3;many\n"a\nb";7\n8;z\n', encoding="utf-8")
    columns = [{"head": "id", "name": "id", "type": "varchar"}, {"head": "n", "name": "n", "type": "bigint"}]
    done = take(file, Text("utf-8", ";", True), into, columns, None, heads=True)
    assert [(told["line"], told["why"]) for told in done.refused] == [
        (4, "MISSING COLUMNS"),
        (5, "CAST"),
        (7, "CAST"),
    ]
    assert (done.rows, done.refused_count) == (2, 3)


@pytest.mark.parametrize(
    ("kind", "good", "wrong"),
    [
        ("bigint", "۱۲", ("12x", "1.5", "12345678901234567890")),
        ("integer", "12", ("3000000000", "5.0")),
        ("double", "1.5", ("abc", "1e400")),
        ("date", "۱۴۰۳/۰۵/۰۱", ("2024-13-45", "2024-01-01 10:00")),
        ("timestamp", "2024-01-01 10:00:00", ("25:00",)),
        ("boolean", "true", ("maybe", "بله")),
    ],
)
def test_a_row_below_those_that_the_kind_was_found_by_is_refused_by_line_and_reason(
    tmp_path: Path, kind: str, good: str, wrong: tuple[str, ...]
) -> None:
    file, into = tmp_path / "x.csv", tmp_path / "x.parquet"
    file.write_text("a;b\n" + f"{good};k\n" * 3 + "".join(f'"{one}";k\n' for one in wrong), encoding="utf-8")
    columns = [{"head": "a", "name": "a", "type": kind}, {"head": "b", "name": "b", "type": "varchar"}]
    done = take(file, Text("utf-8", ";", True), into, columns, None, heads=True)
    assert (done.rows, done.refused_count) == (3, len(wrong))
    assert [(told["line"], told["column"], told["why"]) for told in done.refused] == [
        (line, "a", "CAST") for line in range(5, 5 + len(wrong))
    ]
    kept = duckdb.execute("select count(a) from read_parquet(?)", [str(into)]).fetchone()
    assert kept == (3,), "nothing is left out in silence"


def test_a_file_of_an_accountant_is_taken_shown_and_corrected(
    here: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    text = "کد;تلفن;مبلغ;روز\n12;09121112233;۱٬۲۳۴٬۵۰۰;1403/05/12\n13;09121112234;٢٬٥٠٠٫٥;۱۴۰۳-۰۵-۱۳\n"
    source = added(here, text.encode())
    found, _ = look_at(here, source, Text("", "", None))
    assert [c["type"] for c in found.columns] == ["bigint", "varchar", "double", "date"]
    assert found.sample[0] == ["12", "09121112233", "۱٬۲۳۴٬۵۰۰", "1403/05/12"]
    done = confirmed(here, cast, source)
    assert (done.state, done.refused_count) == ("done", 0)
    assert sorted(rows("x", "کد", "تلفن", "مبلغ", "روز")) == [
        (12, "09121112233", 1_234_500.0, date(2024, 8, 2)), (13, "09121112234", 2_500.5, date(2024, 8, 3)),
    ]  # fmt: skip
    sara, at = browse(cast.sara), f"/w/arman/settings/warehouse/sources/{source.id}"
    assert "<td>عدد اعشاری</td>" in sara.get(at).content.decode()
    page = sara.get(f"{at}/columns").content.decode()
    assert '<option value="bigint" selected>عدد صحیح</option>' in page
    assert "جور نیست" not in page
    # What tells records apart is no number to whoever knows better.
    sara.post(f"{at}/columns", {"type-0": "varchar", "delimiter": ";", "has_header": "1", "confirm": "1"})
    with workspace_scope(cast.arman.id):
        assert carried_out(cast).problem == ""
        assert sorted(rows("x", "کد")) == [("12",), ("13",)]


def test_how_many_values_do_not_fit_is_told_where_the_type_is_proposed(
    here: Context, cast: Any, browse: Callable[..., Any]
) -> None:
    lines = "".join(f"{n};۱٬۲۰{n % 10}\n" for n in range(40))
    source = added(here, f"\ufeffکد;مبلغ\n{lines}40;نامعلوم\n".encode())
    at = f"/w/arman/settings/warehouse/sources/{source.id}/columns"
    page = browse(cast.sara).get(at).content.decode()
    assert page.count('<option value="bigint" selected>') == 2
    assert page.count("۱ مقدار جور نیست") == 1
    # People know the encoding by its name, with a mark at its beginning or without.
    assert '<option value="utf-8-sig" selected>UTF-8</option>' in page
    assert "utf-8-sig</option>" not in page
    as_text = browse(cast.sara).post(
        at, {"type-1": "varchar", "delimiter": ";", "has_header": "1", "look": "1"}
    )
    assert "جور نیست" not in as_text.content.decode()
