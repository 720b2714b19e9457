"""Spans of a day, as people write them, and the choices that working time knows."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import numbers
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Option, Text

# From minute to minute of a day; the second is not worked any more.
Span = tuple[int, int]
DAY: Final = 24 * 60
_SPAN = re.compile(
    r"(\d{1,2})(?::([0-5]\d))?\s*(?:-|–|—|تا|to|until)\s*(\d{1,2})(?::([0-5]\d))?", re.IGNORECASE
)

KINDS: Final = (
    Option("leave", _("On leave"), "acc"),
    Option("sick", _("Sick"), "bad"),
    Option("travel", _("On a journey"), "info"),
    Option("other", _("Another reason")),
)
STATES: Final = (
    Option("asked", _("Asked for"), "warn"),
    Option("approved", _("Approved"), "good"),
    Option("refused", _("Refused"), "bad"),
)
COUNTRIES: Final = (
    Option("IR", _("Iran")), Option("AF", _("Afghanistan")), Option("AM", _("Armenia")), Option("AZ", _("Azerbaijan")),
    Option("TR", _("Türkiye")), Option("IQ", _("Iraq")), Option("AE", _("United Arab Emirates")), Option("QA", _("Qatar")),
    Option("OM", _("Oman")), Option("KW", _("Kuwait")), Option("SA", _("Saudi Arabia")), Option("DE", _("Germany")),
    Option("AT", _("Austria")), Option("CH", _("Switzerland")), Option("GB", _("United Kingdom")), Option("FR", _("France")),
    Option("IT", _("Italy")), Option("ES", _("Spain")), Option("NL", _("Netherlands")), Option("SE", _("Sweden")),
    Option("US", _("United States")), Option("CA", _("Canada")), Option("AU", _("Australia")), Option("IN", _("India")),
    Option("CN", _("China")), Option("RU", _("Russia")),
)  # fmt: skip


def spans_of(text: str) -> tuple[Span, ...]:
    """The spans that a kept text says."""
    return tuple(
        (_minute(a), _minute(b)) for a, _, b in (part.strip().partition("-") for part in text.split(",")) if b
    )


def written(spans: Iterable[Span]) -> str:
    """Spans as they are kept."""
    return ", ".join(f"{_clock(a)}-{_clock(b)}" for a, b in spans)


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same minutes in as few spans as possible, in order."""
    out: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def without(spans: Iterable[Span], gone: Iterable[Span]) -> tuple[Span, ...]:
    """The minutes of ``spans`` that are not in ``gone``."""
    left = list(joined(spans))
    for a, b in gone:
        left = [piece for s, e in left for piece in ((s, min(e, a)), (max(s, b), e)) if piece[0] < piece[1]]
    return tuple(left)


def _minute(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@dataclass(frozen=True, kw_only=True)
class Spans(Text):
    """Hours of a day: "8-12, 13-17:30", «۸ تا ۱۷»; kept as "08:00-12:00, 13:00-17:30"."""

    max_length: int = 100

    def understand(self, raw: Any, reader: Reader) -> str:
        text = to_ascii_digits(super().understand(raw, reader))
        spans = []
        for part in re.split(r"[,،;؛]|\s+و\s+|\s+and\s+", text):
            found = _SPAN.fullmatch(part.strip())
            if found is None:
                raise Invalid.of(msg("Write hours like 8-12, 13-17:30."))
            start, end = (int(found[n]) * 60 + int(found[n + 1] or 0) for n in (1, 3))
            if not start < end <= DAY:
                raise Invalid.of(msg("The end must come after the beginning, by 24:00 at the latest."))
            spans.append((start, end))
        return written(joined(spans))

    def show(self, value: Any, reader: Reader) -> str:
        until = " تا " if reader.is_persian else "–"
        shown = reader.comma.join(f"{_short(a)}{until}{_short(b)}" for a, b in spans_of(value or ""))
        return numbers.localize(shown, reader.language)


def _short(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"
