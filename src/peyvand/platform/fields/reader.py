"""Who reads a value, and so how it is written and understood: language, calendar, time zone, money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, gettext

from peyvand.kernel.errors import Message
from peyvand.kernel.money import Unit
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import comma, to_persian_digits


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

    @property
    def comma(self) -> str:
        """What stands between words one after the other."""
        return comma(self.language)


def said(message: Message) -> str:
    """A sentence in the language that is active now, with its digits: for programs, files and plain text."""
    return message.render(gettext, _digits())


def drawn(message: Message) -> str:
    """The same for a page, where names of the other script are kept apart from the words around them."""
    return message.render(gettext, _digits(), is_drawn=True)


def _digits() -> Callable[[str], str]:
    return to_persian_digits if is_persian(get_language() or "en") else str


# Programs read ISO dates, plain digits and minor units; see api.
PROGRAM = Reader()
