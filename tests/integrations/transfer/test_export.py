"""A list as a file: what is seen, who may take it away, and that it comes back as it was."""

from __future__ import annotations

import csv
import io
from datetime import date
from urllib.parse import urlencode

import openpyxl
import pytest

from peyvand.integrations.transfer import actions
from peyvand.integrations.transfer.actions import start_export, stop_export
from peyvand.integrations.transfer.exporting import file_of
from peyvand.integrations.transfer.jobs import export
from peyvand.integrations.transfer.models import ExportRun
from peyvand.integrations.transfer.running import Wish, run_import
from peyvand.kernel.errors import NotAllowed
from peyvand.kernel.guarding import guarded, unguarded
from peyvand.operational.contacts.objects import COMPANY, PERSON
from peyvand.operational.sales.objects import DEAL
from peyvand.platform.actions.context import Context
from peyvand.platform.audit.models import AuditEntry
from peyvand.platform.identity.actor import access_changed, system_actor
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def made(cast, acting):
    def create(spec, user=None, **values):
        with workspace_scope(cast.arman.id):
            return create_record(acting(user or cast.sara), spec, values)

    return create


def rows_of(cast, run) -> list[list[str]]:
    path = file_of(cast.arman.id, run.id, run.format)
    if run.format == "csv":
        return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    return [list(row) for row in openpyxl.load_workbook(path).active.iter_rows(values_only=True)]


@pytest.fixture
def taken(cast, acting):
    """``taken(spec, user=…, format=…, **address)``: the rows of the file of a list."""

    def take(spec, user=None, format="csv", **address):
        with workspace_scope(cast.arman.id):
            run = start_export(acting(user or cast.sara), spec, urlencode(address), format)
        return rows_of(cast, run)

    return take


def test_a_file_has_the_columns_the_order_and_the_rows_of_the_list(cast, made, taken):
    made(COMPANY, name="Bahar", city="Shiraz", revenue="3400")
    made(COMPANY, name="Avand", city="Tehran", revenue="1200")
    made(COMPANY, name="Mehr", city="Tehran")
    condition = '{"field":"city","op":"is","value":"Tehran"}'
    rows = taken(COMPANY, filter=condition, sort="name", columns="name,revenue:90,city")
    assert rows == [
        ["نام", "درآمد سالانه (تومان)", "شهر"],
        ["Avand", "1200", "Tehran"],
        ["Mehr", "", "Tehran"],
    ]


def test_a_sheet_runs_from_right_to_left_with_dates_of_the_reader(cast, made, taken, acting):
    company = made(COMPANY, name="آوند")
    made(
        DEAL, name='=HYPERLINK("http://x")', company=company.id, amount="1200", expected_on=date(2026, 11, 21)
    )
    rows = taken(DEAL, format="xlsx", columns="name,company,amount,expected_on")
    assert rows[1] == ['=HYPERLINK("http://x")', "آوند", 1200, "1405/08/30"]
    with workspace_scope(cast.arman.id):
        run = ExportRun.objects.get()
    book = openpyxl.load_workbook(file_of(cast.arman.id, run.id, "xlsx"))
    assert book.active.sheet_view.rightToLeft
    assert book.active["A2"].data_type == "s"
    assert rows[0][0] == "نام"


def test_nobody_takes_away_what_they_may_not(cast, made, taken, acting):
    made(PERSON, name="Mine", user=cast.babak)
    made(PERSON, name="Of Sara")
    with pytest.raises(NotAllowed), workspace_scope(cast.arman.id):
        start_export(acting(cast.babak), PERSON, "", "csv")
    with workspace_scope(cast.arman.id):
        grants = {"*": "all", "*.view": "all", "*.export": "own"}
        role = Role.objects.create(
            key="r", name="R", grants=grants, fields={"person.email": "hidden", "person.phone": "masked"}
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    rows = taken(PERSON, user=cast.babak, columns="name,email,phone,city")
    assert [row[0] for row in rows[1:]] == ["Mine"]
    assert len(rows[0]) == 2


def test_a_long_list_is_written_by_a_job_and_can_be_stopped(cast, made, acting, monkeypatch):
    for n in range(5):
        made(COMPANY, name=f"C{n}")
    monkeypatch.setattr(actions, "AT_ONCE", 3)
    monkeypatch.setattr("peyvand.integrations.transfer.exporting.PAGE", 2)
    with workspace_scope(cast.arman.id):
        ctx = acting(cast.sara)
        run, other = start_export(ctx, COMPANY, "", "csv"), start_export(ctx, COMPANY, "", "csv")
        assert (run.state, run.total) == ("waiting", 5)
        stop_export(ctx, other)
    export(cast.arman, run.id)
    export(cast.arman, other.id)
    with workspace_scope(cast.arman.id):
        run, other = ExportRun.objects.order_by("id")
        assert (run.state, run.rows, other.state) == ("done", 5, "stopped")
        assert AuditEntry.objects.filter(action="company.export").count() == 2
    assert len(rows_of(cast, run)) == 6
    assert not file_of(cast.arman.id, other.id, "csv").exists()


def test_what_was_exported_and_comes_back_changes_nothing(cast, made, taken, tmp_path):
    owner = {"owner": cast.babak.id}
    avand = made(COMPANY, name="آوند‌طب", external_id="C1", city="تهران", revenue="1200.5", employees=12, kind="supplier",
                 tags=["قدیمی", "vip"], about='say "hi"\n=1+1', phones=["02188776655", "09124382217"], **owner)  # fmt: skip
    made(COMPANY, name="'quoted", external_id="C2", parent=avand.id, emails=["a@example.ir", "b@example.ir"])
    made(COMPANY, name="-cmd", external_id="C3", website="example.ir")
    columns = "name,external_id,kind,city,owner,parent,revenue,employees,tags,about,phones,emails,website"
    for format in ("csv", "xlsx"):
        taken(COMPANY, format=format, columns=columns)
        with workspace_scope(cast.arman.id):
            run = ExportRun.objects.latest("id")
        path = tmp_path / f"شرکت‌ها.{format}"
        path.write_bytes(file_of(cast.arman.id, run.id, format).read_bytes())
        report = run_import(Context(system_actor(cast.arman), "cli"), [path], Wish(refused=tmp_path))
        assert [(r.line, r.column, str(r.message)) for r in report.files[0].refused] == []
        assert (report.totals.unchanged, report.totals.updated, report.totals.created) == (3, 0, 0)
        assert report.files[0].unused == ()


@pytest.mark.parametrize(
    "cell", ["=1", "+98912", "-cmd", "-5", "@x", "\tx", "'", "''=", "'x", "x", "", "۱-", "-1,200.5"]
)
def test_guarded_cells_come_back_as_they_were(cell):
    assert unguarded(guarded(cell)) == cell
    assert not guarded(cell).startswith(("=", "+", "@", "\t", "\r"))


def test_the_dialog_leads_to_the_file(cast, made, browse):
    made(COMPANY, name="Avand")
    client = browse(cast.sara)
    page = client.get("/w/arman/companies/?view=all").content.decode()
    assert "/w/arman/export/companies?" in page
    asked = client.get("/w/arman/export/companies?sort=name")
    assert asked.status_code == 200, asked.content.decode()
    done = client.post("/w/arman/export/companies?sort=name", {"format": "csv"}).content.decode()
    with workspace_scope(cast.arman.id):
        run = ExportRun.objects.get()
    assert f"/w/arman/export/run/{run.id}/file" in done
    sent = client.get(f"/w/arman/export/run/{run.id}/file")
    assert b"Avand" in b"".join(sent.streaming_content)
    assert browse(cast.mina).get(f"/w/arman/export/run/{run.id}/file").status_code == 404
    assert browse(cast.babak).get("/w/arman/export/companies").status_code == 403
