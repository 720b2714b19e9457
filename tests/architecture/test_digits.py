"""Persian sentences have Persian digits, wherever they are said: on the screen, in the API, in letters and files."""

from __future__ import annotations

import ast
import re
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from django.utils.translation import override

from peyvand.kernel.errors import Message
from peyvand.platform.fields.reader import said

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "peyvand"
PLACE = re.compile(r"%\((\w+)\)s")
# Names and examples in Latin letters keep their own digits: "Bearer pv_1", "SHA256".
LATIN = re.compile(r"[\w@./:+-]*[A-Za-z][\w@./:+-]*")


@cache
def _calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno}", node)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]


def _templates() -> list[str]:
    """Every sentence that the kernel or a slice can say with something put into it."""
    return sorted(
        {
            call.args[0].value
            for _, call in _calls()
            if isinstance(call.func, ast.Name)
            and call.func.id == "msg"
            and isinstance(call.args[0], ast.Constant)
            and PLACE.search(call.args[0].value)
        }
    )


@pytest.mark.parametrize("number", [1205, Decimal("12.5")])
def test_numbers_in_sentences_are_written_in_the_readers_digits(number: int | Decimal) -> None:
    templates = _templates()
    assert len(templates) > 200
    with override("fa"):
        spoken = [
            said(Message(template, dict.fromkeys(PLACE.findall(template), number))) for template in templates
        ]
    assert [text for text in spoken if re.search("[0-9]", LATIN.sub("", text))] == []
    with override("en"):
        assert str(number) in said(Message(templates[0], dict.fromkeys(PLACE.findall(templates[0]), number)))


def test_no_sentence_is_rendered_without_digits() -> None:
    bare = [
        place
        for place, call in _calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "render"
        and len(call.args) == 1
        and ast.unparse(call.args[0]).endswith("gettext")
    ]
    assert bare == []


def test_no_number_goes_into_a_sentence_as_text() -> None:
    as_text = [
        f"{place} {word.arg}"
        for place, call in _calls()
        if isinstance(call.func, ast.Name) and call.func.id == "msg"
        for word in call.keywords
        if isinstance(word.value, ast.JoinedStr)
        and any(isinstance(part, ast.FormattedValue) and part.format_spec for part in word.value.values)
    ]
    assert as_text == []
