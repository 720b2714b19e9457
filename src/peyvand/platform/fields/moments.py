"""Fields of time: a day, and an instant on the reader's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

from peyvand.kernel.conditions import FieldType
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.persian.calendar import Style as DateStyle
from peyvand.kernel.persian.calendar import format_date, format_time, parse_date
from peyvand.kernel.persian.text import to_ascii_digits
from peyvand.kernel.ranges import within_reach
from peyvand.platform.fields.field import Field
from peyvand.platform.fields.reader import Reader


@dataclass(frozen=True, kw_only=True)
class Day(Field):
    type: ClassVar[FieldType] = FieldType.date
    widget: ClassVar[str] = "date"

    def understand(self, raw: Any, reader: Reader) -> date:
        if isinstance(raw, datetime):
            return within_reach(raw.date())
        return within_reach(raw if isinstance(raw, date) else parse_date(str(raw), reader.language))

    def show(self, value: Any, reader: Reader, style: str = "short") -> str:
        return "" if value is None else format_date(value, reader.language, cast(DateStyle, style))

    def to_json(self, value: Any) -> Any:
        return value.isoformat() if value is not None else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}


@dataclass(frozen=True, kw_only=True)
class Instant(Field):
    type: ClassVar[FieldType] = FieldType.instant
    widget: ClassVar[str] = "instant"

    def understand(self, raw: Any, reader: Reader) -> datetime:
        return within_reach(self._moment(raw, reader))

    def _moment(self, raw: Any, reader: Reader) -> datetime:
        if isinstance(raw, datetime):
            return raw if raw.tzinfo else raw.replace(tzinfo=reader.tz)
        text = to_ascii_digits(str(raw).strip()).replace("T", " ")
        day, _, clock = text.partition(" ")
        try:
            # Programs send ISO instants; people a date and a time of their own clock.
            moment = datetime.fromisoformat(str(raw).strip())
            if moment.year > 1700:
                return moment if moment.tzinfo else moment.replace(tzinfo=reader.tz)
        except ValueError:
            pass
        on = parse_date(day, reader.language)
        try:
            at = datetime.strptime(clock.strip() or "00:00", "%H:%M").time()
        except ValueError:
            raise Invalid.of(msg("The time must look like 14:30.")) from None
        return datetime.combine(on, at, reader.tz)

    def show(self, value: Any, reader: Reader, style: str = "short") -> str:
        if value is None:
            return ""
        local = value.astimezone(reader.tz)
        clock = format_time(value, reader.tz, reader.language)
        return f"{format_date(local.date(), reader.language, cast(DateStyle, style))} {clock}"

    def to_json(self, value: Any) -> Any:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if value is not None else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date-time"}
