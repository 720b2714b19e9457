"""All that is wrong with a row is told at once, in the grid and in the file of refused rows; words and dates as people write them."""

from __future__ import annotations

import csv

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.integrations.transfer.jobs import work
from peyvand.integrations.transfer.mapping import mapping_of
from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.products import product_of
from peyvand.integrations.transfer.running import Wish, run_import, say_in
from peyvand.operational.contacts.models import Company
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import system_actor
from peyvand.platform.workspaces.scope import workspace_scope

PEOPLE = (
    "given name,family name,mobile,email,company,birthday\n"
    "Javad,Rad,123,javad@@x,Nowhere,soon\n"
    ",,99,,,\n"
    "Ali,Karimi,09124382217,ali@example.ir,,\n"
)


def report_of(cast, path, told=None):
    ctx = Context(system_actor(cast.arman).speaking("en"), "cli")
    return run_import(ctx, [path], Wish(mapping_of({"files": told or {}}), refused=path.parent))


def test_every_fault_of_a_row_is_told(cast, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE)
    report = report_of(cast, path)
    faults = {r.line: {one.column for one in r.all} for r in report.files[0].refused}
    assert faults == {2: {"mobile", "email", "company", "birthday"}, 3: {"mobile", "given name"}}
    assert (report.totals.rows, report.totals.created, report.totals.refused) == (3, 1, 2)
    with report.files[0].refused_file.open(encoding="utf-8-sig", newline="") as file:
        reasons = [row[-1].split(" | ") for row in list(csv.reader(file))[1:]]
    assert [{r.partition(":")[0] for r in row} for row in reasons] == [faults[2], faults[3]]


def test_nothing_is_created_for_a_row_that_is_refused(cast, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE.replace("09124382217,ali@example.ir,,", "09124382217,ali@example.ir,Avand,"))
    told = {"people.csv": {"object": "person", "create_missing": ["company"]}}
    assert report_of(cast, path, told).totals.created == 1
    with workspace_scope(cast.arman.id):
        assert list(Company.objects.values_list("name", flat=True)) == ["Avand"]


def test_the_grid_shows_every_fault_before_and_after_a_check(cast, browse):
    client = browse(cast.sara)
    sent = client.post("/w/arman/import/", {"files": [SimpleUploadedFile("people.csv", PEOPLE.encode())]})
    page = client.get(sent.url).content.decode()
    assert page.count("bad-cell") == 6
    form = {"object-0": "person", "check": "1"}
    client.post(sent.url, form)
    with workspace_scope(cast.arman.id):
        run = ImportRun.objects.get()
    work(cast.arman, run.id)
    assert client.get(sent.url).content.decode().count("bad-cell") == 6


@pytest.mark.parametrize("text", ["1385", "۱۳۸۵/۰۲/۱۳", "13/2/1385"])
@pytest.mark.parametrize("head", ["تاریخ تأسیس", "تاریخ تاسیس", "سال تأسیس", "founded"])
def test_the_day_of_founding_tells_the_year(cast, tmp_path, head, text):
    path = tmp_path / "companies.csv"
    path.write_text(f"نام شرکت,{head}\nآوند,{text}\n", encoding="utf-8")
    assert report_of(cast, path).totals.created == 1
    with workspace_scope(cast.arman.id):
        assert Company.objects.get().founded == 1385


def test_reasons_speak_the_readers_language(cast, tmp_path):
    path = tmp_path / "companies.csv"
    path.write_text("company id,name,kind,city\n1,Avand,strange,Qom\n2,,customer,Qom\n", encoding="utf-8")
    ctx = Context(system_actor(cast.arman).speaking("fa"), "cli")
    report = run_import(ctx, [path], Wish(refused=tmp_path))
    said = [row["reason"] for row in report.to_json(say_in("fa"))["files"][0]["refused"]]
    assert "مشتری، " in said[0]
    assert "customer" not in said[0]
    assert said[1] == "«نام» لازم است."


def test_common_words_tell_no_product():
    common = ["نام", "نام خانوادگی", "موبایل", "ایمیل", "شهر", "استان", "آدرس", "کد پستی", "سمت", "توضیحات"]
    assert product_of(common) is None
    assert product_of(["First Name", "Last Name", "Email", "City", "Job Title", "Company"]) is None
    assert product_of(["Name", "Phone", "Website", "Industry", "Description", "Type"]) is None
    known = product_of([*common, "شماره مشتری", "نحوه آشنایی"])
    assert known is not None
    assert (known.product, known.object) == ("پیام‌گستر", "person")
