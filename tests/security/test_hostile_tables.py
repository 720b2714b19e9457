"""Files that claim more than they hold, or take longer than they look."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from peyvand.integrations.transfer.reading import MOST_COLUMNS, open_tables
from peyvand.kernel.errors import Invalid

_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_LINKS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ROOT = "xl/workbook.xml"
_ONE = "worksheets/sheet1.xml"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def workbook(path: Path, *cells: tuple[str, int]) -> Path:
    """A workbook of a kilobyte whose only sheet has a figure in each of these cells."""
    rows = "".join(f'<row r="{row}"><c r="{column}{row}"><v>1</v></c></row>' for column, row in cells)
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Override PartName="/{_ROOT}" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/{_ONE}" ContentType="{_KIND}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_LINKS}">'
        f'<Relationship Id="a" Type="{_OFFICE}/officeDocument" Target="{_ROOT}"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}">'
        f'<Relationship Id="b" Type="{_OFFICE}/worksheet" Target="{_ONE}"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return path


def test_a_small_workbook_of_billions_of_cells_ends_nothing(tmp_path: Path) -> None:
    assert open_tables(workbook(tmp_path / "small.xlsx", ("A", 1), ("A", 2)))[0].headers == ("1",)
    with pytest.raises(Invalid, match="too large"):
        open_tables(workbook(tmp_path / "bomb.xlsx", ("A", 1), ("XFD", 1_048_576)))


def test_a_table_of_countless_columns_is_refused_at_once(tmp_path: Path) -> None:
    for text in ("a," * 50_000, ",".join(f"c{n}" for n in range(MOST_COLUMNS + 1))):
        wide = tmp_path / "wide.csv"
        wide.write_text(text)
        with pytest.raises(Invalid, match="columns"):
            open_tables(wide)
    repeated = tmp_path / "repeated.csv"
    repeated.write_text("a,b,a,a\n1,2,3,4\n")
    assert open_tables(repeated)[0].headers == ("a", "b", "a (2)", "a (3)")
