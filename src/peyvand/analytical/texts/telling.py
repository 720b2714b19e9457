"""Reasons in words: which text, of which day, and the words in it that decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.utils.translation import override

from peyvand.kernel.errors import msg
from peyvand.platform.insights.telling import reason
from peyvand.platform.objects.spec import object_named

# Words of one text that are told.
WORDS: Final = 3


def said_by_colleague() -> dict[str, Any]:
    """What is told beside a value that somebody gave."""
    return {"reasons": [reason(msg("A colleague said so."))]}


def of_text(words: Sequence[str], effect: float) -> list[Any]:
    """The reason of what a single text says: its words."""
    return reason(msg("By the words “%(words)s”", words={"name": _joined(words)}), effect)


def of_customer(object_key: str, day: date, effect: float, *, is_given: bool) -> list[Any]:
    """The reason of what is concluded of a customer: the text's kind and day. Its words stand at the text alone, for not everybody
    who sees the customer sees it."""
    with override("en"):
        what = {"text": str(object_named(object_key).label)}
    on = {"day": day.isoformat()}
    if is_given:
        return reason(msg("%(what)s of %(day)s: a colleague said so", what=what, day=on), effect)
    return reason(msg("%(what)s of %(day)s", what=what, day=on), effect)


def _joined(words: Sequence[str]) -> str:
    return " · ".join(dict.fromkeys(words[:WORDS]))
