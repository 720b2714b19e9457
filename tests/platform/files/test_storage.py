"""Bytes by their content, names that are only names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peyvand.kernel.errors import Invalid
from peyvand.platform.files import storage
from peyvand.platform.files.actions import tidy_name
from peyvand.platform.files.sniffing import ANYTHING, PICTURES, media_type


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def test_the_same_content_lies_once_in_each_workspace(folder):
    first = storage.keep(1, [b"hello ", b"world"])
    again = storage.keep(1, iter([b"hello world"]))
    other = storage.keep(2, [b"hello world"])
    assert first == again == other
    assert first.size == 11
    assert len([p for p in folder.rglob("*") if p.is_file()]) == 2
    assert storage.path_of(1, first.sha256).read_bytes() == b"hello world"


def test_what_breaks_off_leaves_nothing(folder, monkeypatch):
    def broken():
        yield b"half"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.keep(1, broken())
    monkeypatch.setenv("PEYVAND_UPLOAD_MB", "1")
    with pytest.raises(Invalid):
        storage.keep(1, [b"x" * 700_000] * 2)
    assert not [p for p in folder.rglob("*") if p.is_file()]


@pytest.mark.parametrize("hash", ["", "..", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_only_a_hash_is_a_place(hash):
    with pytest.raises(ValueError, match="not a hash"):
        storage.path_of(1, hash)


@pytest.mark.parametrize(("content", "kind"), [
    (b"\x89PNG\r\n\x1a\n....", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"RIFF....WEBPVP8 ", "image/webp"),
    (b"%PDF-1.7", "application/pdf"), (b"<!doctype html>", ANYTHING), (b"<svg xmlns=", ANYTHING), (b"RIFF....WAVE", ANYTHING), (b"", ANYTHING),
])  # fmt: skip
def test_kinds_are_told_by_the_first_bytes(content, kind):
    assert media_type(content) == kind
    assert (kind in PICTURES) == kind.startswith("image/")


@given(st.text(max_size=400))
def test_a_name_is_never_a_path_nor_empty(text):
    name = tidy_name(text)
    assert 0 < len(name) <= 200
    assert not set("/\\\0\n\u202e") & set(name)
    assert name not in (".", "..")


def test_a_long_name_keeps_its_ending():
    assert tidy_name("گزارش " * 100 + ".pdf").endswith(".pdf")
    assert tidy_name("می‌خواهم.docx") == "می‌خواهم.docx"
