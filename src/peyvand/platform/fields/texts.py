"""Fields of words: names, long texts, addresses in the web, phones, and numbers that only identify."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from peyvand.kernel import numbers
from peyvand.kernel.email import email as parse_email
from peyvand.kernel.errors import Invalid, msg
from peyvand.kernel.money import CURRENCIES, currency_name
from peyvand.kernel.persian.calendar import is_persian
from peyvand.kernel.persian.text import tidy, to_persian_digits
from peyvand.kernel.phone import phone as parse_phone
from peyvand.kernel.phone import show_phone
from peyvand.platform.fields.field import Field
from peyvand.platform.fields.reader import Reader


@dataclass(frozen=True, kw_only=True)
class Text(Field):
    max_length: int = 200
    # A generated column that holds peyvand_sort(...) of this text, where lists sort by it.
    sorted_by: str = ""

    @property
    def sort_column(self) -> str:
        return self.sorted_by or self.column

    def empty(self) -> Any:
        return ""

    def understand(self, raw: Any, reader: Reader) -> str:
        if not isinstance(raw, str | int | float) or isinstance(raw, bool):
            raise Invalid.of(msg("This must be text."))
        text = tidy(str(raw))
        if "\x00" in text:
            raise Invalid.of(msg("This text has a character that cannot be stored."))
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "maxLength": self.max_length}


@dataclass(frozen=True, kw_only=True)
class LongText(Text):
    max_length: int = 50_000
    widget: ClassVar[str] = "textarea"
    sortable: ClassVar[bool] = False

    def understand(self, raw: Any, reader: Reader) -> str:
        if not isinstance(raw, str):
            raise Invalid.of(msg("This must be text."))
        text = raw.replace("\r\n", "\n").replace("\x00", "").strip()
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return text


@dataclass(frozen=True, kw_only=True)
class CurrencyCode(Text):
    """The ISO code of a currency; people read its name."""

    def show(self, value: Any, reader: Reader) -> str:
        return currency_name(value, reader.language) if value in CURRENCIES else str(value or "")


@dataclass(frozen=True, kw_only=True)
class Url(Text):
    widget: ClassVar[str] = "url"

    def understand(self, raw: Any, reader: Reader) -> str:
        text = super().understand(raw, reader)
        if "://" not in text:
            text = super().understand(f"https://{text}", reader)
        if not text.startswith(("http://", "https://")) or " " in text or "." not in text:
            raise Invalid.of(msg("This is not a web address."))
        return text


@dataclass(frozen=True, kw_only=True)
class Email(Text):
    widget: ClassVar[str] = "email"

    def understand(self, raw: Any, reader: Reader) -> str:
        return parse_email(str(raw))


@dataclass(frozen=True, kw_only=True)
class Phone(Text):
    widget: ClassVar[str] = "phone"

    def understand(self, raw: Any, reader: Reader) -> str:
        return parse_phone(str(raw))

    def show(self, value: Any, reader: Reader) -> str:
        return show_phone(value, reader.language) if value else ""


@dataclass(frozen=True, kw_only=True)
class Identifier(Text):
    """An official number whose checksum is verified; ``check`` returns the canonical form or raises Invalid."""

    check: Callable[[str], str]
    widget: ClassVar[str] = "code"

    def understand(self, raw: Any, reader: Reader) -> str:
        return self.check(str(raw))

    def show(self, value: Any, reader: Reader) -> str:
        return numbers.localize(value, reader.language) if value else ""


@dataclass(frozen=True, kw_only=True)
class PaperNumber(Text):
    """The number by which a paper is known, such as "INV-1405-00015", or a name that is made of it: kept as it was given,
    shown with the reader's digits."""

    def show(self, value: Any, reader: Reader) -> str:
        return self.written(value or "", reader.language)

    @staticmethod
    def written(number: str, language: str) -> str:
        """A number in a language. Within a line it stands by itself: its parts do not change places with what is around."""
        return f"\u2068{to_persian_digits(number)}\u2069" if number and is_persian(language) else number
