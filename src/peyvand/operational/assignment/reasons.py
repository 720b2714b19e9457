"""Why a record went to somebody, and why others were passed over: kept as code and parameters, said in words here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from peyvand.kernel.errors import Message, msg

WHY: Final[Mapping[str, Message]] = {
    "turn": msg("it was their turn"),
    "load": msg("they have the least open: %(count)s"),
    "only": msg("nobody else could take it"),
    "previous": msg("they looked after this customer before"),
    "soonest": msg("nobody was at work, and they begin first"),
    "fallback": msg("nobody of the pool could take it; the rule names them for this"),
    "deputy": msg("they stand in for %(name)s, who is away"),
    "back": msg("they are back, and nobody had touched it"),
    "handed_over": msg("it was handed over from %(name)s"),
    "nobody": msg("nobody could take it"),
}
PASSED: Final[Mapping[str, Message]] = {
    "turn": msg("their turn comes later"),
    "load": msg("has more open: %(count)s"),
    "away": msg("is away"),
    "off": msg("is not at work now"),
    "full": msg("has %(count)s open already, at most %(most)s are allowed"),
    "skill": msg("lacks the skill “%(skill)s”"),
    "territory": msg("does not work in this territory"),
    "previous": msg("did not look after this customer"),
}


def reason(code: str, **params: Any) -> dict[str, Any]:
    """A reason as it is kept."""
    return {"code": code, "params": params}


def why(kept: Mapping[str, Any]) -> Message:
    """Why somebody got a record, to stand after their name."""
    return _said(WHY, kept, "turn")


def passed(kept: Mapping[str, Any]) -> Message:
    """Why somebody was passed over."""
    return _said(PASSED, kept, "turn")


def _said(sentences: Mapping[str, Message], kept: Mapping[str, Any], usual: str) -> Message:
    found = sentences.get(str(kept.get("code")), sentences[usual])
    return Message(found.template, dict(kept.get("params") or {}))
