"""What a person answered on the page of an import, as the mapping that it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from peyvand.integrations.transfer.web.looking import Look, entry_of, times_of


def read_told(looks: Iterable[Look], given: Mapping[str, str]) -> dict[str, Any]:
    """The mapping that a form says, over what stood there."""
    files: dict[str, Any] = {}
    for place, look in enumerate(looks):
        told = dict(look.told)
        for word in ("encoding", "delimiter"):
            if (said := given.get(f"{word}-{place}")) is not None:
                told[word] = "\t" if said == "tab" else said
        object_key = given.get(f"object-{place}", look.object)
        changed = (
            object_key != look.object
            or told.get("encoding", look.encoding) != look.encoding
            or (told.get("delimiter", look.delimiter) != look.delimiter)
        )
        if not object_key and not look.encoding:
            continue
        if changed or not look.object:
            # Another object, or other columns: what was said of the columns speaks of them no more.
            told = {"object": object_key} | {k: told[k] for k in ("encoding", "delimiter") if k in told}
            files[look.name] = told if object_key else {k: v for k, v in told.items() if k != "object"}
            continue
        told.update(_columns(look, place, given))
        told["match"] = [way for way in given.get(f"match-{place}", look.match).split(",") if way]
        told["create_missing"] = [
            one.key for one, _is in look.creates if given.get(f"create-{place}-{one.key}")
        ]
        told["values"] = {**told.get("values", {}), **_values(look, place, given)}
        told["fixes"] = _fixes(look, place, given, told.get("fixes", {}))
        if not told["fixes"]:
            del told["fixes"]
        files[look.name] = told
    return {"files": files, "loud": bool(given.get("loud"))}


def _columns(look: Look, place: int, given: Mapping[str, str]) -> dict[str, Any]:
    own: dict[str, Any] = {}
    also: dict[str, Any] = {}
    for n, head in enumerate(look.heads):
        if not head.name:
            continue
        said = given.get(f"column-{place}-{n}", head.target)
        rule = given.get(f"rule-{place}-{n}", head.rule)
        key, colon, target = said.partition(":")
        label = given.get(f"label-{place}-{n}", head.label)
        entry = entry_of(target if colon else said, rule, times_of(look.told, head.name), label)
        if colon:
            also.setdefault(key, {"columns": {}})["columns"][head.name] = entry
        else:
            own[head.name] = entry if said else None
    return {"columns": own, "also": also}


def _values(look: Look, place: int, given: Mapping[str, str]) -> dict[str, dict[str, str]]:
    out: dict[str, dict[str, str]] = {}
    for n, one in enumerate(look.maps):
        said = {}
        for m, entry in enumerate(one.entries):
            meant = given.get(f"value-{place}-{n}-{m}")
            if meant:
                said[entry.word] = "" if meant == "-" else meant
        out[one.header] = said
    return out


def _fixes(
    look: Look, place: int, given: Mapping[str, str], before: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Cells written over: those of the grid that differ from what it showed."""
    fixes = {str(line): dict(cells) for line, cells in before.items()}
    prefix = f"fix-{place}-"
    for name, text in given.items():
        if not name.startswith(prefix):
            continue
        line, dash, column = name[len(prefix) :].partition("-")
        are_numbers = all(part.isdecimal() and len(part) < 10 for part in (line, column))
        if dash and are_numbers and int(column) < len(look.heads):
            shown = given.get(f"was-{place}-{line}-{column}")
            if shown != text:
                fixes.setdefault(line, {})[look.heads[int(column)].name] = text
    return fixes
