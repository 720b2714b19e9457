"""Fields of lines that no other object has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.numbers import localize
from peyvand.kernel.persian.text import fold
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import LongText, Text

_HOUR: Final = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, kw_only=True)
class Hour(Text):
    """A time of the day, "21:00"."""

    max_length: int = 5

    def understand(self, raw: Any, reader: Reader) -> str:
        found = _HOUR.fullmatch(fold(str(raw)).strip())
        if found is None:
            raise Invalid.of(msg("Write a time like 21:30."))
        return f"{int(found[1]):02}:{found[2]}"

    def show(self, value: Any, reader: Reader) -> str:
        return localize(str(value or ""), reader.language)


@dataclass(frozen=True, kw_only=True)
class SmsText(LongText):
    """A text whose letters and parts are counted while it is written."""

    max_length: int = 1000
    widget: ClassVar[str] = "sms"
