"""Who reads a value, and so how it is written and understood: language, calendar, time zone, money."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Reader:
    language: str = "en"
    timezone: str = "UTC"
    currency: str = "IRR"
    money_unit: str = "toman"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def is_persian(self) -> bool:
        return self.language == "fa"


# Programs read ISO dates, plain digits and minor units; see api.
PROGRAM = Reader()
