"""The pages of an import: upload, look, check, import, report."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peyvand.integrations.transfer.jobs import work
from peyvand.integrations.transfer.models import ImportRun
from peyvand.operational.contacts.models import Company
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.platform.workspaces.scope import workspace_scope

CSV = "شرکت;شهر;کارکنان;رنگ\nآوند;تهران;۱۲;آبی\nبهار;شیراز;زیاد;سبز\n"


@pytest.fixture
def visit(cast):
    def as_(user):
        client = Client()
        session = client.session
        session[ACCOUNT] = user.account_id
        session.save()
        return client

    return as_


def upload(client, *files):
    return client.post(
        "/w/arman/import/", {"files": [SimpleUploadedFile(name, content.encode()) for name, content in files]}
    )


def test_a_file_is_looked_at_checked_imported_and_told_of(cast, visit):
    client = visit(cast.sara)
    sent = upload(client, ("companies.csv", CSV))
    assert sent.status_code == 302, sent.content.decode()
    page = client.get(sent.url).content.decode()
    assert '<option value="company" selected>' in page
    assert '<option value="city" selected>' in page
    assert "آبی" in page
    form = {
        "object-0": "company",
        "column-0-0": "name",
        "column-0-1": "city",
        "column-0-2": "employees",
        "column-0-3": "industry",
    }
    assert client.post(sent.url, {**form, "check": "1"}).status_code == 302
    run = worked_off(cast)
    assert (run.state, run.created, run.refused) == ("checked", 1, 1)
    with workspace_scope(cast.arman.id):
        assert not Company.objects.exists()
    assert client.post(sent.url, {**form, "import": "1"}).status_code == 302
    run = worked_off(cast)
    assert (run.state, run.created, run.refused) == ("done", 1, 1)
    with workspace_scope(cast.arman.id):
        company = Company.objects.get()
        assert (company.name, company.employees, company.industry) == ("آوند", 12, "آبی")
        # Who brings companies in owns them, as if they had been typed.
        assert company.owner == cast.sara
    page = client.get(sent.url).content.decode()
    assert "زیاد" in page
    rows = client.get(f"{sent.url}/refused/0")
    assert (
        b"".join(rows.streaming_content)
        .decode("utf-8-sig")
        .splitlines()[1]
        .startswith("بهار,شیراز,زیاد,سبز,3,")
    )
    assert "companies.csv" in client.get("/w/arman/import/").content.decode()


def worked_off(cast):
    with workspace_scope(cast.arman.id):
        run = ImportRun.objects.get()
    assert run.state == "waiting"
    work(cast.arman, run.id)
    with workspace_scope(cast.arman.id):
        return ImportRun.objects.get()


def test_a_strangers_markup_stays_text(cast, visit):
    client = visit(cast.sara)
    sent = upload(client, ("a.csv", "company,<script>alert(1)</script>\n<b>x</b>,<img src=x>\n"))
    page = client.get(sent.url).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


@pytest.mark.parametrize("files", [(), (("x.exe", "a,b\n"),), (("a.csv", "a,b\n"), ("a.csv", "a,b\n"))])
def test_what_cannot_be_read_is_not_taken(cast, visit, files):
    answer = upload(visit(cast.sara), *files)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()


def test_who_may_not_import_sees_no_page(cast, visit):
    assert visit(cast.babak).get("/w/arman/import/").status_code == 403
    assert upload(visit(cast.viewer), ("a.csv", CSV)).status_code == 403
    sent = upload(visit(cast.sara), ("a.csv", CSV))
    assert visit(cast.babak).get(sent.url).status_code == 403
    assert visit(cast.cyrus).get(sent.url).status_code == 404
