"""Hold the Persian catalogues against the sentences in code and templates, without xgettext.

A sentence belongs to the nearest folder above it that has a `locale`: its application's, or the package's own
for platform and kernel. `--update` adds new sentences (still to be translated) and drops those no longer used;
`--check` fails when a sentence is missing, untranslated, unused, said in two ways, or badly written.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import polib

from catalogues import PACKAGE

INSIDE = Path("locale", "fa", "LC_MESSAGES", "django.po")
SHARED = PACKAGE / INSIDE
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop", "msg", "msgid"}
PLURAL = {"ngettext", "ngettext_lazy"}
WITH_CONTEXT = {"pgettext", "pgettext_lazy"}
CALLED = re.compile(rf"\b({'|'.join(SINGULAR | PLURAL | WITH_CONTEXT)})\s*\(")
TEMPLATES = (".html", ".txt", ".svg")
# What templatize() makes of {% translate %} and {% blocktranslate %}.
STRING = r"u?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
IN_TEMPLATE = re.compile(rf"\b(_|gettext|ngettext|pgettext)\(\s*{STRING}(?:\s*,\s*{STRING})?")
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
# Addresses, examples in Latin letters and placeholders keep their own digits.
LATIN = re.compile(r"%\(\w+\)[sd]|\{\w*\}|[A-Za-z][\w@./:+-]*|[\w@./:+-]*[A-Za-z]\b")
ARABIC_LETTERS = re.compile("[يكى٠-٩]")
METADATA = {
    "Project-Id-Version": "Peyvand",
    "Language": "fa",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}


class Sentence(NamedTuple):
    """What one call asks to have translated."""

    text: str
    plural: str = ""
    context: str | None = None


Key = tuple[str, str | None]
"""What a catalogue knows a sentence by: its text and its context."""


def main() -> int:
    """Check or update the catalogues; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--check", action="store_true")
    task.add_argument("--update", action="store_true")
    if parser.parse_args().update:
        update()
        return 0
    found = faults()
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


def faults() -> list[str]:
    """What is wrong with the catalogues, one sentence each; empty when all is well."""
    used = _used()
    read = {place: _entries(place) for place in {SHARED, *used, *PACKAGE.glob(f"**/{INSIDE}")}}
    found: list[str] = []
    anywhere: set[Key] = set()
    for place, sentences in used.items():
        keys = {_key(sentence) for sentence in sentences}
        anywhere |= keys
        for sentence, file in sentences.items():
            entry = read[place].get(_key(sentence)) or read[SHARED].get(_key(sentence))
            if entry is None:
                found.append(f"{file}: {sentence.text!r} is not in the Persian catalogue (--update adds it)")
            elif not entry.translated():
                found.append(f"{file}: {sentence.text!r} has no Persian translation")
            elif sentence.plural and entry.msgid_plural != sentence.plural:
                # Catalogues know a sentence by its singular: the Persian of another plural would be taken for this one's.
                found.append(f"{file}: the plural of {sentence.text!r} has changed (--update follows)")
        if place != SHARED:
            found += _unused(place, read[place], keys)
    found += _unused(SHARED, read[SHARED], anywhere)
    found += _said_twice(read)
    for place, entries in read.items():
        found += [
            f"{_short(place)}: {fault}" for entry in entries.values() for fault in _badly_written(entry)
        ]
    return sorted(set(found))


def update() -> None:
    """Add what is missing to each catalogue and drop what is no longer used, keeping every translation."""
    used = _used()
    read = {place: _entries(place) for place in used}
    known = {key: entry for mine in read.values() for key, entry in mine.items() if entry.translated()}
    for place, sentences in used.items():
        shared = set() if place == SHARED else {_key(sentence) for sentence in used[SHARED]}
        fresh = polib.POFile(wrapwidth=110)
        fresh.metadata = METADATA
        for sentence in sorted(set(sentences), key=lambda each: (each.text, each.context or "")):
            key = _key(sentence)
            if key not in shared:
                kept = read[place].get(key)
                is_same = kept is not None and kept.msgid_plural == sentence.plural
                fresh.append(kept if is_same else _copied(sentence, known.get(key)))
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh.save(str(place))


def _copied(sentence: Sentence, entry: polib.POEntry | None) -> polib.POEntry:
    return polib.POEntry(
        msgid=sentence.text,
        msgid_plural=sentence.plural,
        msgctxt=sentence.context,
        msgstr=entry.msgstr if entry else "",
        msgstr_plural=(entry.msgstr_plural if entry else {0: "", 1: ""}) if sentence.plural else {},
    )


def _used() -> dict[Path, dict[Sentence, str]]:
    """Each catalogue with its sentences, each with a file that uses it."""
    found: dict[Path, dict[Sentence, str]] = defaultdict(dict)
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix == ".py":
            sentences = _in_code(file.read_text(encoding="utf-8"))
        elif file.suffix in TEMPLATES and "templates" in file.parts:
            sentences = _in_template(file.read_text(encoding="utf-8"))
        else:
            continue
        folder = next(above for above in file.parents if above == PACKAGE or (above / "locale").is_dir())
        # A plural form wins over the same text asked for alone: one entry answers both.
        for sentence in sorted(sentences, key=lambda each: not each.plural):
            mine = found[folder / INSIDE]
            if not any(Sentence(sentence.text, other.plural, sentence.context) in mine for other in mine):
                mine[sentence] = str(file.relative_to(PACKAGE))
    return found


def _in_code(source: str) -> Iterator[Sentence]:
    if not CALLED.search(source):  # to read it as Python takes longer than all else here
        return
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


def _key(sentence: Sentence) -> Key:
    return sentence.text, sentence.context


def _entries(place: Path) -> dict[Key, polib.POEntry]:
    if not place.exists():
        return {}
    catalogue = polib.pofile(str(place), wrapwidth=110)
    return {(entry.msgid, entry.msgctxt): entry for entry in catalogue if not entry.obsolete}


def _unused(place: Path, entries: Iterable[Key], used: set[Key]) -> list[str]:
    return [
        f"{_short(place)}: {key[0]!r} is used nowhere (--update drops it)"
        for key in entries
        if key not in used
    ]


def _said_twice(read: dict[Path, dict[Key, polib.POEntry]]) -> Iterator[str]:
    """Django merges the catalogues, so one sentence must not be said in two ways."""
    said: dict[Key, set[str]] = defaultdict(set)
    for entries in read.values():
        for key, entry in entries.items():
            if entry.translated():
                said[key].add(entry.msgstr or entry.msgstr_plural[1])
    for (text, _context), ways in said.items():
        if len(ways) > 1:
            yield f"{text!r} is said in several ways: {' | '.join(sorted(ways))}"


def _badly_written(entry: polib.POEntry) -> Iterator[str]:
    # A Persian singular may leave its number out, so plural forms are held to the plural sentence only.
    persian = entry.msgstr_plural[max(entry.msgstr_plural)] if entry.msgid_plural else entry.msgstr
    if not persian:
        return
    if set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid)) != set(PLACEHOLDER.findall(persian)):
        yield f"the placeholders of {entry.msgid!r} differ in its translation"
    if re.search("[0-9]", LATIN.sub("", persian)):
        yield f"the translation of {entry.msgid!r} has Latin digits"
    if ARABIC_LETTERS.search(persian) and not ARABIC_LETTERS.search(entry.msgid):
        yield f"the translation of {entry.msgid!r} has Arabic letters or digits"


def _short(place: Path) -> str:
    return str(place.relative_to(PACKAGE))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")
    sys.exit(main())
