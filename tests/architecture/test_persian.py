"""Nobody who chose Persian meets an English word that is ours."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from peyvand.platform.actions.action import all_actions
from peyvand.platform.fields.types import Choice
from peyvand.platform.objects.spec import all_objects

ROOT = Path(__file__).resolve().parents[2]
PERSIAN = re.compile("[آ-ی]")


def test_the_catalogues_are_whole() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "translations.py"), "--check"],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (checked.returncode, checked.stderr) == (0, "")


def _declared() -> Iterator[tuple[str, Any]]:
    for spec in all_objects():
        yield spec.key, spec.label
        yield spec.key, spec.label_plural
        for section in spec.form_sections:
            yield spec.key, section.label
        for field in spec.all_fields.values():
            yield f"{spec.key}.{field.key}", field.label
            if isinstance(field, Choice):
                # A grade is a letter, in every language.
                yield from (
                    (f"{spec.key}.{field.key}={option.key}", option.label)
                    for option in field.options
                    if option.label != option.key or len(option.key) > 1
                )
    for action in all_actions():
        yield action.key, action.label
        yield from ((f"{action.key}({field.key})", field.label) for field in action.inputs)


def test_what_is_declared_has_a_persian_name() -> None:
    with override("fa"):
        bare = [
            f"{place}: {label}" for place, label in _declared() if label and not PERSIAN.search(str(label))
        ]
    assert bare == []


@pytest.mark.parametrize("language", ["fa", "en"])
def test_scripts_have_a_word_for_every_key(language: str) -> None:
    import json

    from peyvand.web.components.words import WORDS

    english = json.loads((ROOT / "frontend" / "src" / "strings.json").read_text(encoding="utf-8"))
    assert WORDS.keys() == english.keys()
    with override(language):
        said = {key: str(word) for key, word in WORDS.items()}
    if language == "en":
        assert said == english
    else:
        assert [key for key, word in said.items() if not PERSIAN.search(word)] == []
