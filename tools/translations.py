"""Hold the Persian catalogue against the sentences in code and templates, without xgettext.

`--update` adds new sentences (still to be translated) and drops those no longer used; `--check` fails when a
sentence is missing, untranslated, unused, or its translation lost a placeholder.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polib

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "peyvand"
CATALOGUE = PACKAGE / "locale" / "fa" / "LC_MESSAGES" / "django.po"
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
TEMPLATES = (".html", ".txt", ".svg")
# What templatize() makes of {% translate %} and {% blocktranslate %}.
STRING = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf"\b(_|gettext|ngettext|pgettext)\(\s*{STRING}(?:\s*,\s*{STRING})?")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")


class Sentence(NamedTuple):
    """What one call asks to have translated."""

    text: str
    plural: str = ""
    context: str | None = None


def main() -> int:
    """Check or update the catalogue; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--check", action="store_true")
    task.add_argument("--update", action="store_true")
    chosen = parser.parse_args()
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=110)
    used = dict(_sentences())
    if chosen.update:
        _update(catalogue, used)
        return 0
    faults = list(_faults(catalogue, used))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


def _sentences() -> Iterator[tuple[Sentence, str]]:
    """Every sentence in the package with the file that uses it."""
    for file in sorted(PACKAGE.rglob("*")):
        place = str(file.relative_to(PACKAGE))
        if file.suffix == ".py":
            for sentence in _in_code(file.read_text(encoding="utf-8")):
                yield sentence, place
        elif file.suffix in TEMPLATES and "templates" in file.parts:
            for sentence in _in_template(file.read_text(encoding="utf-8")):
                yield sentence, place


def _in_code(source: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        texts = [
            arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
        ]
        yield from _sentence(name, texts)


def _in_template(source: str) -> Iterator[Sentence]:
    from django.utils.translation.template import templatize

    for name, *quoted in IN_TEMPLATE.findall(templatize(source)):
        yield from _sentence(name, [ast.literal_eval(text) for text in quoted if text])


def _sentence(name: str, texts: list[str]) -> Iterator[Sentence]:
    match texts:
        case [text, *_] if name in SINGULAR and text:
            yield Sentence(text)
        case [text, plural, *_] if name in PLURAL:
            yield Sentence(text, plural)
        case [context, text, *_] if name in WITH_CONTEXT:
            yield Sentence(text, context=context)


def _faults(catalogue: polib.POFile, used: dict[Sentence, str]) -> Iterator[str]:
    entries = {(entry.msgid, entry.msgctxt): entry for entry in catalogue if not entry.obsolete}
    for sentence, place in used.items():
        entry = entries.get((sentence.text, sentence.context))
        if entry is None:
            yield f"{place}: {sentence.text!r} is not in the Persian catalogue (--update adds it)"
        elif not entry.translated():
            yield f"{place}: {sentence.text!r} has no Persian translation"
        else:
            yield from _lost_placeholders(entry)
    known = {(sentence.text, sentence.context) for sentence in used}
    for key in entries.keys() - known:
        yield f"{CATALOGUE.name}: {key[0]!r} is used nowhere (--update drops it)"


def _lost_placeholders(entry: polib.POEntry) -> Iterator[str]:
    # A Persian singular may leave its number out, so plural forms are held to the plural sentence only.
    translated = entry.msgstr_plural[max(entry.msgstr_plural)] if entry.msgid_plural else entry.msgstr
    original = entry.msgid_plural or entry.msgid
    if set(PLACEHOLDER.findall(original)) != set(PLACEHOLDER.findall(translated)):
        yield f"{CATALOGUE.name}: the placeholders of {entry.msgid!r} differ in its translation"


def _update(catalogue: polib.POFile, used: dict[Sentence, str]) -> None:
    kept = {(entry.msgid, entry.msgctxt): entry for entry in catalogue}
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = catalogue.metadata
    for sentence, place in sorted(used.items(), key=lambda item: (item[1], item[0].text)):
        entry = kept.get((sentence.text, sentence.context)) or polib.POEntry(
            msgid=sentence.text,
            msgid_plural=sentence.plural,
            msgctxt=sentence.context,
            msgstr_plural={0: "", 1: ""} if sentence.plural else {},
        )
        entry.occurrences = [(place, "")]
        fresh.append(entry)
    fresh.save(str(CATALOGUE))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
    sys.exit(main())
