"""Who reads a value, and so how it is written and understood: language, calendar, time zone, money."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext

from peyvand.kernel.errors import Message
from peyvand.kernel.money import Unit
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import to_persian_digits


@dataclass(frozen=True, slots=True)
class Reader:
    language: str = "en"
    timezone: str = "UTC"
    currency: str = "IRR"
    money_unit: Unit = "toman"
    # Slug of the workspace whose records are read: the addresses of pickers begin with it.
    workspace: str = ""

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_persian(self) -> bool:
        return self.language == "fa"


def said(message: Message) -> str:
    """A sentence in the language that is active now, with its digits."""
    return message.render(gettext, to_persian_digits if is_persian(get_language() or "en") else str)


# Programs read ISO dates, plain digits and minor units; see api.
PROGRAM = Reader()
