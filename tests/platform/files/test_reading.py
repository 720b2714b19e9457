"""What files say, and what hostile ones may not do."""

from __future__ import annotations

import io
import random
import time
import zipfile

import pytest
from openpyxl import Workbook

from peyvand.platform.files import reading
from peyvand.platform.files.reading import read_text

HEAD = '<?xml version="1.0"?>'
WORDS = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def packed(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def document(body: str, head: str = HEAD) -> bytes:
    return packed(
        **{"word__document.xml": f"{head}<w:document {WORDS}><w:body>{body}</w:body></w:document>".encode()}
    )


def pdf(text: str) -> bytes:
    stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        out
        + b"xref\n0 6\n0000000000 65535 f \n%strailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
        % (
            table,
            len(out),
        )
    )


@pytest.fixture
def read(tmp_path):
    def reads(content: bytes):
        place = tmp_path / "file"
        place.write_bytes(content)
        return read_text(place)

    return reads


def test_documents_sheets_and_pages_are_read(read):
    book = Workbook()
    book.active.title = "قیمت‌ها"
    book.active.append(["کالا", 12])
    out = io.BytesIO()
    book.save(out)
    paragraphs = "<w:p><w:r><w:t>قرارداد</w:t></w:r><w:r><w:t> اجاره</w:t></w:r></w:p><w:p><w:r><w:t>پایان</w:t></w:r></w:p>"
    assert read(document(paragraphs)).text == "قرارداد اجاره\nپایان"
    assert read(out.getvalue()).text.split() == ["قیمت‌ها", "کالا", "12.0"]
    assert read(pdf("Lease contract")).text == "Lease contract"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1256"])
def test_plain_texts_are_read_in_the_usual_encodings(read, encoding):
    assert read("سلام بر شما".encode(encoding)).text == "سلام بر شما"


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7 nothing follows", b"PK\x03\x04 nor here", b"%PDF-" + random.Random(1404).randbytes(2000)],
    ids=["a head", "another", "noise"],
)
def test_a_broken_file_is_told_apart_from_an_empty_one(read, content):
    assert read(content) == reading.Reading("", "unreadable")


def test_bytes_that_are_no_text_have_none(read):
    assert read(b"\x00\x01\x02" * 100) == reading.Reading("")


def test_a_bomb_is_not_unpacked(read):
    bomb = packed(**{"word__document.xml": b"0" * (60 * 1024 * 1024)})
    assert len(bomb) < 100_000
    assert read(bomb) == reading.Reading("", "too_large")


def test_entities_that_multiply_end_the_reading_not_the_server(read):
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'{HEAD}<!DOCTYPE d [<!ENTITY l0 "laugh">{layers}]>'
    begun = time.monotonic()
    found = read(document("<w:p><w:r><w:t>&l9;</w:t></w:r></w:p>", head))
    assert found.text == ""
    assert found.problem
    assert time.monotonic() - begun < reading.SECONDS


def test_a_document_reaches_no_other_file(read, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("the key")
    head = f'{HEAD}<!DOCTYPE d [<!ENTITY x SYSTEM "file://{secret}">]>'
    assert "the key" not in read(document("<w:p><w:r><w:t>&x;</w:t></w:r></w:p>", head)).text


def test_a_long_text_is_cut_and_time_is_bounded(read, monkeypatch):
    assert len(read(("کلمه " * 100_000).encode()).text) <= reading.MOST_CHARACTERS
    monkeypatch.setattr(reading, "SECONDS", 0.001)
    assert read(b"slow") == reading.Reading("", "too_slow")
