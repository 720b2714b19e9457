"""The user guide shows what there is: its pictures and links lead somewhere, and both languages tell the same.

That its addresses are answered is held beside the demonstration (tests/administration/demo)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from peyvand.web.guide.reading import TEXT

CHAPTERS = sorted(TEXT.glob("*/*.md"))
PICTURES = sorted((TEXT / "pictures").glob("*.png"))


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda path: "/".join(path.parts[-2:]))
def test_every_picture_and_link_is_there(chapter: Path) -> None:
    text = chapter.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (chapter.parent / link).exists()] == []


def test_no_picture_is_unused_or_large() -> None:
    named = {
        name
        for c in CHAPTERS
        for name in re.findall(r"pictures/([\w-]+\.png)", c.read_text(encoding="utf-8"))
    }
    assert {picture.name for picture in PICTURES} == named
    assert len(PICTURES) <= 30
    assert [picture.name for picture in PICTURES if picture.stat().st_size > 120_000] == []


def test_both_languages_have_the_same_sections_and_name_the_same_addresses() -> None:
    for persian in sorted((TEXT / "fa").glob("*.md")):
        fa, en = (path.read_text(encoding="utf-8") for path in (persian, TEXT / "en" / persian.name))
        assert len(re.findall("^## ", fa, re.MULTILINE)) == len(re.findall("^## ", en, re.MULTILINE))
        assert set(addresses(fa)) == set(addresses(en))


def addresses(text: str) -> list[str]:
    """Addresses within a workspace that a chapter names."""
    return [found for found in re.findall(r"`(/[^`\s]*)`", text) if not found.startswith("/w/")]
