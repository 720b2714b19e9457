"""Who reads a value, and so how it is written and understood: language, calendar, time zone, money."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from peyvand.kernel.money import Unit


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


# Programs read ISO dates, plain digits and minor units; see api.
PROGRAM = Reader()
