"""Files come back as they were written, whatever wrote them."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.integrations.transfer.reading import open_tables
from peyvand.kernel.errors import Invalid
from peyvand.kernel.guarding import unguarded
from peyvand.platform.files.encodings import encoding_of

PERSIAN = "ابپتثجچحخدذرزژسشصضطظعغفقکگلمنوه"
LETTERS = st.text(st.sampled_from("abcXYZ 019.-'\"\n" + PERSIAN + "یۀ،؛«»\u200c"), min_size=1, max_size=12)
WORDS = LETTERS.map(str.strip).filter(bool)


@st.composite
def tables(draw):
    width = draw(st.integers(2, 6))
    heads = draw(
        st.lists(WORDS.map(lambda w: w.replace("\n", " ")), min_size=width, max_size=width, unique=True)
    )
    cells = st.one_of(st.just(""), WORDS)
    rows = draw(st.lists(st.lists(cells, min_size=width, max_size=width).filter(any), max_size=12))
    return heads, rows


@settings(max_examples=150, deadline=None)
@given(
    tables(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r\n", "\n"]),
)
def test_a_csv_file_comes_back_as_it_was_written(table, encoding, delimiter, end):
    heads, rows = table
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([heads, *rows])
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        (found,) = open_tables(path)
        assert found.headers == tuple(unguarded(h).strip() for h in heads)
        # But for the apostrophe that others, as we do, write before what a spreadsheet would run.
        assert [list(row.cells) for row in found.rows()] == [
            [unguarded(cell) for cell in row] for row in rows
        ]
        assert not any(row.problem for row in found.rows())


@given(
    st.lists(
        st.text(st.sampled_from(PERSIAN.replace("ک", "ك")), min_size=4, max_size=9),
        min_size=4,
        max_size=20,
        unique=True,
    )
)
@settings(max_examples=60, deadline=None)
def test_windows_1256_is_known_by_its_letters(words):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(("name,city\n" + "".join(f"{w},x\n" for w in words)).encode("cp1256"))
        assert encoding_of(path) == "cp1256"
        assert [row.cells[0] for row in open_tables(path)[0].rows()] == words


def test_one_bad_line_does_not_make_a_file_something_else(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("name,city\nعلی,تهران\nAm\n".encode() + "مريم,x\n".encode("cp1256") + b"B,Tehran\n")
    rows = list(open_tables(path)[0].rows())
    assert [(row.line, row.problem is None) for row in rows] == [(2, True), (3, False), (4, False), (5, True)]


def test_lines_are_the_files_own_where_cells_have_several(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text('\nsep is no head,b\n"one\ntwo",x\n\nlast,y\n', encoding="utf-8")
    assert [row.line for row in open_tables(path)[0].rows()] == [3, 6]


def test_a_workbook_is_read_sheet_by_sheet_with_dates_as_dates(tmp_path):
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    sheet = book.create_sheet("Deals")
    sheet.append(["name", "when", "at", "amount", "share", "done"])
    sheet.append(["۱۲۳", date(2026, 11, 21), datetime(2026, 11, 21, 9, 30), 1200, 12.5, True])
    sheet.append([None] * 6)
    sheet.append(["b", None, None, 10**12, 0.1, False])
    book.save(path)
    (table,) = open_tables(path)
    assert table.name == "book.xlsx: Deals"
    assert [(row.line, list(row.cells)) for row in table.rows()] == [
        (2, ["۱۲۳", date(2026, 11, 21), datetime(2026, 11, 21, 9, 30), "1200", "12.5", "true"]),
        (4, ["b", "", "", "1000000000000", "0.1", "false"]),
    ]


@pytest.mark.parametrize(("name", "content"), [
    ("empty.csv", b""), ("blank.csv", b"\n\n,,\n"), ("book.csv", b"PK\x03\x04rest"), ("broken.xlsx", b"no workbook"),
])  # fmt: skip
def test_what_is_no_table_is_said_to_be_none(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Invalid):
        open_tables(tmp_path / name)
