"""Cells that claim a file's whole time: what takes long for a thousand letters would take for ever for these millions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from peyvand.integrations.transfer.drafts import Draft, Drafter
from peyvand.integrations.transfer.mapping import MappingFile, mapping_of, shape_of
from peyvand.integrations.transfer.own import kind_of
from peyvand.integrations.transfer.reading import Table, open_tables
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.kernel.errors import Invalid
from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.workspaces.scope import workspace_scope

MANY = 1_000_000
WIDE = "a" + " " * MANY + "b"


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("@" * MANY + " x", "long_text"),
        (WIDE, "long_text"),
        ("neda@example.ir", "email"),
        ("a@b@c", "text"),
    ],
)
def test_what_a_column_of_odd_cells_looks_like(cast: Any, acting: Any, cell: str, kind: str) -> None:
    with workspace_scope(cast.arman.id):
        assert kind_of([cell], acting(cast.sara).reader) == kind


def drafted(cast: Any, acting: Any, path: Path, cell: str) -> Draft:
    path.write_text(f"name;phone\nNeda;{cell}\n")
    with workspace_scope(cast.arman.id):
        [table] = open_tables(path)
        drafter = Drafter(shape_of(table, {"object": "person"}), acting(cast.sara).reader)
        return drafter.draft(next(table.rows()))


def test_a_number_with_a_million_blanks_in_it_is_refused(cast: Any, acting: Any, tmp_path: Path) -> None:
    draft = drafted(cast, acting, tmp_path / "people.csv", WIDE)
    assert draft.refusal is not None
    assert draft.refusal.column == "phone"


def test_several_numbers_in_a_cell_are_still_told_apart(cast: Any, acting: Any, tmp_path: Path) -> None:
    draft = drafted(cast, acting, tmp_path / "people.csv", " 09124382217 ,  09124382218 | 09124382219، ")
    assert [point["value"][-4:] for point in draft.values["phones"]] == ["2217", "2218", "2219"]


def test_a_head_with_a_million_blanks_in_it_is_passed_over(cast: Any) -> None:
    with workspace_scope(cast.arman.id):
        shape = shape_of(Table(Path("people.csv"), ("name", WIDE, "phone (work)")), {"object": "person"})
        assert [column.target for column in shape.columns] == ["name", "phones"]
        assert shape.unused == (WIDE,)


def test_heads_that_all_repeat_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("a,a (2),a,b,a\n1,2,3,4,5\n")
    assert open_tables(path)[0].headers == ("a", "a (2)", "a (3)", "b", "a (4)")


def card(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(("BEGIN:VCARD", "FN:Neda", *lines, "END:VCARD", "")))
    return path


def test_a_card_of_countless_numbers_is_read_to_its_end_and_refused(
    cast: Any, acting: Any, tmp_path: Path
) -> None:
    path = card(tmp_path / "a.vcf", *(f"TEL:{n:011d}" for n in range(60_000)), "EMAIL:neda@example.ir")
    with workspace_scope(cast.arman.id):
        [file] = run_import(acting(cast.sara), [path], Wish(MappingFile(), dry_run=True)).files
        assert (file.tally.created, file.tally.refused) == (0, 1)
        assert not PERSON.rows.exists()
    [table] = open_tables(path)
    [row] = table.rows()
    cells = dict(zip(table.headers, row.cells, strict=True))
    assert (cells["Mobile phone"].count(";"), cells["Email"]) == (99, "neda@example.ir")


def test_a_number_that_a_card_has_twice_comes_once(tmp_path: Path) -> None:
    path = card(tmp_path / "a.vcf", "TEL:1", "TEL:2", "TEL:1", "TEL;TYPE=home:1")
    [table] = open_tables(path)
    [row] = table.rows()
    cells = dict(zip(table.headers, row.cells, strict=True))
    assert (cells["Mobile phone"], cells["Home phone"]) == ("1; 2", "1")


@pytest.mark.parametrize(
    ("head", "fold", "ends"), [("NOTE:x", " a", ""), ("NOTE;ENCODING=QUOTED-PRINTABLE:x=", "a=", "a")]
)
def test_a_line_that_is_folded_countless_times_is_put_together(
    tmp_path: Path, head: str, fold: str, ends: str
) -> None:
    path = card(tmp_path / "a.vcf", head, *[fold] * 500_000, *filter(None, [ends]), "TITLE:director")
    [table] = open_tables(path)
    [row] = table.rows()
    cells = dict(zip(table.headers, row.cells, strict=True))
    assert cells["Notes"] == "x" + "a" * (500_000 + len(ends))
    assert cells["Job title"] == "director"


@pytest.mark.parametrize("times", ["1e999999", "1e-999999", "Infinity", "NaN", "0", 10**13])
def test_a_unit_that_no_amount_has_is_refused(tmp_path: Path, times: Any) -> None:
    table = Table(tmp_path / "deals.csv", ("name", "amount"))
    said = {"object": "deal", "columns": {"name": "name", "amount": {"field": "amount", "times": times}}}
    told = mapping_of({"files": {"*": said}}).of(table)
    with pytest.raises(Invalid, match="not understood"):
        shape_of(table, told)
