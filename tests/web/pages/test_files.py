"""Files of a record through the browser's requests."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from peyvand.operational.contacts.objects import PERSON
from peyvand.platform.files.models import File
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
HTMX = {"HX-Request": "true"}


@pytest.fixture
def person(cast, acting, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with workspace_scope(cast.arman.id):
        return create_record(acting(cast.sara), PERSON, {"name": "Neda Karimi"})


def attach(client, person, name, content, content_type="text/html"):
    url = f"/w/arman/people/{person.id}/files/new"
    return client.post(url, {"file": SimpleUploadedFile(name, content, content_type)}, headers=HTMX)


def fetch(client, url):
    """The answer with its ``body``; the client closes the file once it was read to its end."""
    answer = client.get(url)
    answer.body = b"".join(answer.streaming_content)
    return answer


def stored(cast):
    with workspace_scope(cast.arman.id):
        return File.objects.order_by("-id").first()


def test_a_page_of_a_stranger_is_saved_never_shown(cast, visiting, person):
    sara = visiting(cast.sara)
    answer = attach(sara, person, "<img src=x>.html", b"<script>alert(1)</script>")
    assert answer.status_code == 200
    assert "&lt;img src=x&gt;.html" in answer.content.decode()
    got = fetch(sara, f"/w/arman/people/{person.id}/files/{stored(cast).id}")
    assert got.body == b"<script>alert(1)</script>"
    assert got["Content-Disposition"].startswith("attachment")
    assert got["Content-Type"] == "application/octet-stream"
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Security-Policy"].startswith("sandbox")


def test_pictures_are_told_by_their_content(cast, visiting, person):
    sara = visiting(cast.sara)
    attach(sara, person, "a.exe", PNG, "application/x-msdownload")
    got = fetch(sara, f"/w/arman/people/{person.id}/files/{stored(cast).id}")
    assert got["Content-Type"] == "image/png"
    assert got["Content-Disposition"].startswith("inline")
    attach(sara, person, "b.png", b"<svg onload=alert(1)>", "image/png")
    assert fetch(sara, f"/w/arman/people/{person.id}/files/{stored(cast).id}")[
        "Content-Disposition"
    ].startswith("attachment")


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..\\..\\boot.ini", "/etc/passwd", "\u202egpj.exe", "....", "نام.pdf"]
)
def test_no_name_becomes_a_path(cast, visiting, person, tmp_path, name):
    assert attach(visiting(cast.sara), person, name, b"content").status_code == 200
    kept = [p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file()]
    file = stored(cast)
    assert [str(p) for p in kept] == [f"{cast.arman.id}/{file.sha256[:2]}/{file.sha256}"]
    assert not set("/\\\u202e") & set(file.name)
    assert file.name


def test_too_large_or_empty_is_refused_and_nothing_is_kept(cast, visiting, person, tmp_path, monkeypatch):
    monkeypatch.setenv("PEYVAND_UPLOAD_MB", "1")
    sara = visiting(cast.sara)
    refused = attach(sara, person, "big.bin", b"x" * (1024 * 1024 + 1))
    assert refused.status_code == 422
    assert "larger than" in refused.content.decode()
    assert attach(sara, person, "none.bin", b"").status_code == 422
    assert stored(cast) is None
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_who_may_not_change_the_record_attaches_nothing_and_strangers_see_nothing(cast, visiting, person):
    attach(visiting(cast.sara), person, "a.txt", b"secret")
    url = f"/w/arman/people/{person.id}/files/{stored(cast).id}"
    assert attach(visiting(cast.viewer), person, "b.txt", b"x").status_code == 403
    assert visiting(cast.viewer).post(f"{url}/remove", headers=HTMX).status_code == 403
    assert fetch(visiting(cast.viewer), url).status_code == 200
    assert visiting(cast.babak).get(url).status_code == 404
    assert visiting(cast.cyrus).get(url).status_code == 404
    assert visiting(cast.cyrus).get(url.replace("arman", "rival")).status_code == 404


def test_a_removed_file_is_gone_until_it_is_restored(cast, visiting, person):
    sara = visiting(cast.sara)
    attach(sara, person, "a.txt", b"text")
    url = f"/w/arman/people/{person.id}/files/{stored(cast).id}"
    assert f'"undo": "{url}/restore"' in sara.post(f"{url}/remove", headers=HTMX)["HX-Trigger"]
    assert sara.get(url).status_code == 404
    assert sara.post(f"{url}/restore", headers=HTMX).status_code == 200
    assert fetch(sara, url).status_code == 200
    html = sara.get(f"/w/arman/people/{person.id}/timeline").content.decode()
    assert html.count("attached the file “a.txt”") == 2
    assert "removed the file" in html
