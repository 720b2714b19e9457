"""How the value of each field type is shown where one line is all there is: cells of lists and boards, peeks.

(Record pages, which have room, draw values by web/objects/pages/shown.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import format_date, format_instant, format_time, relative_day
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.platform.fields.masks import Masked
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Choice, Field, Ref
from peyvand.platform.objects.references import shown_title
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.avatars import avatar
from peyvand.web.components.icons import icon

NOTHING = SafeString("")


def cell(field: Field, value: Any, reader: Reader) -> SafeString:
    """One value as HTML; empty for an empty value.

    Amounts leave their unit to the column's head (see unit_of), and of several phones the first one is shown.
    """
    if value is None or value == "" or value == ():
        return NOTHING
    if isinstance(value, Masked):
        return masked(value)
    return _SHOWN.get(field.widget, _plain)(field, value, reader)


def is_figure(field: Field) -> bool:
    """Whether a column of this field lines up unit under unit."""
    return field.widget in ("money", "number", "percent") and getattr(field, "grouped", True)


def unit_of(field: Field, reader: Reader) -> str:
    """What the amounts of a column count in, for its head; empty where each amount says it itself."""
    return (
        field.show(0, reader).rpartition(" ")[2]
        if field.widget == "money" and _names_unit_last(reader)
        else ""
    )


def badge(text: str | Promise, tone: str = "") -> SafeString:
    """A small label; ``tone`` is a meaning of the design tokens."""
    return format_html('<span class="bdg{}">{}</span>', f" {tone}" if tone else "", text)


def mark(sign: str) -> SafeString:
    """The small coloured sign that a record's object gives it; the title beside it says the same in words."""
    return format_html('<i class="mark {}" aria-hidden="true"></i>', sign)


def masked(value: Masked) -> SafeString:
    """A value of which the reader may see the shape alone."""
    return format_html(
        '<span class="ltr num faint" title="{}">{}</span>', gettext("Your role sees this masked."), value
    )


def unseen() -> SafeString:
    """What stands for a record that is named here, but that the reader may not see."""
    return _unseen(get_language())


@lru_cache(maxsize=8)
def _unseen(language: str | None) -> SafeString:
    return format_html('<span class="faint">{}</span>', gettext("out of sight"))


def _names_unit_last(reader: Reader) -> bool:
    return reader.currency == "IRR" or reader.is_persian


def _plain(field: Field, value: Any, reader: Reader) -> SafeString:
    return conditional_escape(field.show(value, reader))


def _long(field: Field, value: Any, reader: Reader) -> SafeString:
    return conditional_escape(" ".join(field.show(value, reader)[:200].split()))


def _ltr(field: Field, value: Any, reader: Reader) -> SafeString:
    return SafeString(f'<span class="ltr">{escape(field.show(value, reader))}</span>')


def _digits(field: Field, value: Any, reader: Reader) -> SafeString:
    return SafeString(f'<span class="ltr num">{escape(field.show(value, reader))}</span>')


def _url(field: Field, value: Any, reader: Reader) -> SafeString:
    bare = str(value).removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return format_html('<span class="ltr">{}</span>', bare)


def _money(field: Field, value: Any, reader: Reader) -> SafeString:
    text = field.show(value, reader)
    return conditional_escape(text.rpartition(" ")[0] if _names_unit_last(reader) else text)


def _choice(field: Field, value: Any, reader: Reader) -> SafeString:
    option = field.option(value) if isinstance(field, Choice) else None
    if option is None:
        return conditional_escape(value)
    return badge(option.label, option.tone) if option.tone else conditional_escape(str(option.label))


def _day(field: Field, value: Any, reader: Reader) -> SafeString:
    if not isinstance(value, date):
        return _plain(field, value, reader)
    return format_html(
        '<time title="{}">{}</time>', *_said_day(value, clock.today(reader.tz), reader.language)
    )


@lru_cache(maxsize=4096)
def _said_day(value: date, today: date, language: str) -> tuple[str, str]:
    return format_date(value, language, "long"), relative_day(value, today, language)


def _instant(field: Field, value: Any, reader: Reader) -> SafeString:
    if not isinstance(value, datetime):
        return _plain(field, value, reader)
    on, today = value.astimezone(reader.tz).date(), clock.today(reader.tz)
    said = _said_day(on, today, reader.language)[1]
    if abs((on - today).days) <= 1:
        said = f"{said} {format_time(value, reader.tz, reader.language)}"
    told = format_instant(value, reader.tz, reader.language, "long")
    return SafeString(f'<time title="{escape(told)}">{escape(said)}</time>')


def _flag(field: Field, value: Any, reader: Reader) -> SafeString:
    return format_html('{}<span class="vh">{}</span>', icon("check"), gettext("Yes")) if value else NOTHING


def _link(field: Field, value: Any, reader: Reader) -> SafeString:
    if not isinstance(value, Ref):
        return _plain(field, value, reader)
    if value.object == "user":
        return _user(value.title, value.id)
    spec = find_object(value.object)
    title = shown_title(spec, value.title) if spec else value.title
    # Not a link: a double click here edits, and the record named here is one step away in the peek.
    if value.mark:
        return format_html(
            '<span class="who">{}<span class="trunc">{}</span></span>', mark(value.mark), title
        )
    return unseen() if value.is_unseen else conditional_escape(title)


@lru_cache(maxsize=4096)
def _user(name: str, id: int) -> SafeString:
    return format_html(
        '<span class="who">{}<span class="trunc">{}</span></span>', avatar(name, "person", id), name
    )


def _badges(field: Field, value: Any, reader: Reader) -> SafeString:
    return SafeString(
        " ".join(
            badge(item.get("name", ""), item.get("tone", "")) for item in value if isinstance(item, Mapping)
        )
    )


def _addresses(field: Field, value: str, reader: Reader) -> SafeString:
    """Who writes or gets letters, by name where they have one; the addresses for whoever points at them."""
    names = re.sub(r'(?<=\S)\s*<[^<>]*>|"', "", value)
    return format_html('<bdi title="{}">{}</bdi>', value, names)


def _points(field: Field, value: Sequence[Any], reader: Reader) -> SafeString:
    first = next((item for item in value if item.get("primary")), value[0])
    more = f"+{len(value) - 1}" if len(value) > 1 else ""
    rest = (
        format_html(
            ' <span class="faint xs">{}</span>', to_persian_digits(more) if reader.is_persian else more
        )
        if more
        else NOTHING
    )
    return format_html('<span class="ltr num">{}</span>{}', field.show((first,), reader), rest)


_SHOWN: dict[str, Callable[[Field, Any, Reader], SafeString]] = {
    "textarea": _long,
    "email": _ltr,
    "phone": _digits,
    "url": _url,
    "code": _digits,
    "money": _money,
    "select": _choice,
    "date": _day,
    "instant": _instant,
    "checkbox": _flag,
    "picker": _link,
    "user": _link,
    "about": _link,
    "tags": _badges,
    "points": _points,
    "addresses": _addresses,
}
