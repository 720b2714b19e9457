"""Which files of a folder `peyvand import` takes."""

from pathlib import Path

import click
import pytest

from peyvand.config.cli.importing import _explain, _files
from peyvand.integrations.transfer.report import FileReport


def test_a_folder_gives_all_that_can_be_imported(tmp_path: Path) -> None:
    for name in ("people.CSV", "deals.xlsm", "cards.vcf", "people.refused.csv", "letter.pdf"):
        (tmp_path / name).touch()
    named = tmp_path / "letter.pdf"
    assert [path.name for path in _files([tmp_path, named])] == [
        "cards.vcf", "deals.xlsm", "people.CSV", "letter.pdf"
    ]  # fmt: skip


def test_a_folder_with_nothing_in_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(click.ClickException, match="no file to import"):
        _files([tmp_path])


def test_every_reason_of_a_row_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = FileReport(tmp_path / "people.csv", "people.csv")
    _explain(file, [[(4, "mobile", "no number"), (4, "birthday", "no date")], [(7, "", "no name")]], "")
    assert capsys.readouterr().out.splitlines() == [
        "people.csv, line 4, mobile: no number",
        "people.csv, line 4, birthday: no date",
        "people.csv, line 7: no name",
    ]
