"""What an automation did, as codes with parameters: said here to each reader in their language.

Whoever sees the record reads them: texts that were filled in by one user's eyes, and values of fields, stay out of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, Final

from peyvand.kernel.errors import Message, msg

DONE: Final[Mapping[str, Message]] = {
    "task": msg("made a task for %(name)s"),
    "task_by_rules": msg("made a task"),
    "notify": msg("told %(name)s"),
    "give": msg("gave it to %(name)s"),
    "set": msg("set %(field)s"),
    "enrol": msg("began the sequence %(title)s"),
}


def deed(code: str, **params: Any) -> dict[str, Any]:
    """Something done, as it is kept."""
    return {"code": code, "params": params}


def said_of(kept: Mapping[str, Any]) -> Message:
    """One deed in words, to stand after a name."""
    return Message(DONE.get(str(kept.get("code")), DONE["give"]).template, dict(kept.get("params") or {}))


def all_said(deeds: Sequence[Mapping[str, Any]]) -> Message | None:
    """Several deeds in one sentence; None where nothing was done."""
    said = [said_of(each) for each in deeds]
    if not said:
        return None
    return reduce(lambda first, other: msg("%(first)s; %(other)s", first=first, other=other), said)
