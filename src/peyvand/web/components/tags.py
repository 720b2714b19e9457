"""Template tags and filters of every page; built in, so nothing has to be loaded."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django import template
from django.template.defaulttags import CsrfTokenNode
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from peyvand.kernel import clock
from peyvand.kernel.errors import Message
from peyvand.kernel.money import Style, currency, format_amount
from peyvand.kernel.numbers import format_number, format_percent, format_size, rounded
from peyvand.kernel.persian.calendar import format_date, format_instant, format_time, relative_day
from peyvand.kernel.persian.text import apart as keep_apart
from peyvand.kernel.persian.text import comma, to_persian_digits
from peyvand.platform.fields.reader import drawn
from peyvand.web.components.assets import asset_url
from peyvand.web.components.avatars import avatar as draw_avatar
from peyvand.web.components.icons import icon as draw_icon
from peyvand.web.components.reading import current_reader
from peyvand.web.components.words import words_json

register = template.Library()
# The field of a form that names this rendering of it; no field of an object is called so.
ONE_TIME: Final = "one-time"
# A letter of the language that is not Persian, and of Persian.
_SENTENCE: Final = ("a", "ا")


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """``{% icon "phone" %}``, ``{% icon "ce" "i-sm" %}``."""
    return draw_icon(name, classes)


@register.simple_tag(takes_context=True)
def csrf_token(context: Any) -> SafeString:
    """Django's own tag in the form that every form has, and in a workspace the token by which its effect comes once
    (shell/once.py): no form can be written that goes without."""
    forgery = SafeString(CsrfTokenNode().render(context))
    if not forgery or not hasattr(getattr(context, "request", None), "ctx"):
        return forgery
    name, token = ONE_TIME, secrets.token_urlsafe(16)
    return format_html('{}<input type="hidden" name="{}" value="{}">', forgery, name, token)


@register.simple_tag
def asset(source: str) -> str:
    """``{% asset "src/app.ts" %}``: the address of a built file."""
    return asset_url(source)


@register.simple_tag
def avatar(name: Any, kind: str = "person", id: int | None = None, size: str = "") -> SafeString:
    """``{% avatar name "company" id size="m" %}``."""
    return draw_avatar(str(name or ""), kind, id, size)


@register.simple_tag(takes_context=True)
def url_here(context: Any, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page of the reader's workspace: ``{% url_here "object-page" plural="deals" id=42 %}``."""
    return address(context["ctx"].tenant.slug, name, *args, **kwargs)


def address(workspace: str, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a workspace's page by its name and either positional or named parts."""
    if args:
        return reverse(name, args=(workspace, *args))
    return reverse(name, kwargs={"workspace": workspace, **kwargs})


@register.simple_tag
def message(m: Message | str) -> str:
    """A sentence of the kernel in the reader's language."""
    return say(m)


def say(m: Message | str) -> str:
    """A sentence of the kernel in the language and digits of whoever reads now."""
    if isinstance(m, Message):
        return drawn(m)
    return str(m)


@register.simple_tag
def i18n_json() -> SafeString:
    """The words that scripts speak, in the reader's language."""
    return words_json(_language())


@register.filter
def digits(value: Any) -> str:
    """Whatever was written with 0-9, in the reader's digits; nothing is grouped."""
    return to_persian_digits(str(value)) if _is_persian() else str(value)


@register.filter
def inside(label: Any) -> str:
    """A label within a sentence: "New person"; what is written in capitals keeps them, and Persian has none."""
    text = str(label)
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


@register.filter
def new(label: Any) -> str:
    """As ``inside``, for «New person»: in Persian the word stands before, and one that ends in a vowel «ه» is joined to what
    follows, «زنجیرهٔ تازه» but «گروه تازه»."""
    text = inside(label)
    return f"{text}\u0654" if text.endswith("ه") and text[-2:-1] not in ("ا", "و") else text


@register.filter
def apart(name: Any) -> str:
    """A name within a translated sentence, `blocktranslate with name=person.name|apart`: written the other way than the reader's
    language it is kept to itself."""
    return keep_apart(str(name), _SENTENCE[_is_persian()])


@register.filter
def joined(words: Iterable[object]) -> str:
    """Words one after the other, with the reader's comma between them."""
    return comma(_language()).join(map(str, words))


@register.filter
def number(value: Any) -> str:
    """A number grouped by thousands: «۱۲٬۴۸۰»."""
    return "" if value is None else format_number(value, _language())


@register.filter
def percent(value: Any) -> str:
    """A percentage as it is stored: 40 is «۴۰٪», 12.50 is «۱۲٫۵٪»."""
    return "" if value is None else format_percent(Decimal(str(value)) / 100, _language(), 2)


@register.filter
def ratio(value: Any) -> str:
    """A ratio as a percentage: 0.375 is «۳۷٫۵٪»."""
    return "" if value is None else format_percent(value, _language())


@register.filter
def times(value: Any) -> str:
    """How often one thing covers another, to a tenth below ten: 2.5 is «۲٫۵ برابر», "2.5×"."""
    if value is None:
        return ""
    exact = Decimal(str(value))
    shown = format_number(rounded(exact, 1 if exact < 10 else 0), _language())
    return gettext("%(n)s×") % {"n": shown}


@register.filter
def file_size(value: int) -> str:
    """Bytes as a person says them: «۲٫۴ مگابایت»."""
    return format_size(value, _language())


@register.filter
def money(value: int | None) -> SafeString | str:
    """An amount in minor units of the workspace's currency, in full with its unit: «۱٬۲۰۷٬۰۰۰ تومان»."""
    return _amount(value, "full")


@register.filter
def money_whole(value: int | None) -> SafeString | str:
    """An estimate: without parts of the unit that people speak of. What is paid is read to the last part (`money`)."""
    return _amount(value, "whole")


def _amount(value: int | None, style: Style) -> SafeString | str:
    if value is None:
        return ""
    r = current_reader()
    text = format_amount(value, currency(r.currency), _unit(r.money_unit), r.language, style)
    figure, _, unit = text.rpartition(" ") if r.currency == "IRR" or r.is_persian else (text, "", "")
    # A negative figure begins with a mark of its own direction; its unit keeps the side that the language has.
    direction = "rtl" if r.is_persian else "ltr"
    return (
        format_html('<bdi class="num" dir="{}">{} <span class="cur">{}</span></bdi>', direction, figure, unit)
        if unit
        else format_html('<bdi class="num">{}</bdi>', figure)
    )


@register.filter
def money_short(value: int | None) -> str:
    """An amount as a person says it: «۳٫۶۱ میلیارد»."""
    if value is None:
        return ""
    r = current_reader()
    text = format_amount(value, currency(r.currency), _unit(r.money_unit), r.language, "short")
    # What stands around it takes its direction from its first letter, and a negative figure begins with a mark of its own.
    return f"\u200f{text}" if value < 0 and r.is_persian else text


@register.filter
def money_figure(value: int | None) -> str:
    """An amount in full without its unit, for a table whose head names it (`money_unit`): «۱٬۲۰۷٬۰۰۰», "$62.46".

    Where a table has a sum, its rows are read in full: figures that are rounded do not add up.
    """
    if value is None:
        return ""
    r = current_reader()
    text = format_amount(value, currency(r.currency), _unit(r.money_unit), r.language)
    return text.rpartition(" ")[0] if r.currency == "IRR" else text


@register.simple_tag
def money_unit() -> str:
    """What short amounts, and figures of a table, count in: «تومان»; empty where each amount carries its currency's sign."""
    r = current_reader()
    if r.currency != "IRR":
        return ""
    return format_amount(0, currency("IRR"), _unit(r.money_unit), r.language).rpartition(" ")[2]


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as a person says it: «امروز», «دیروز», «۲۶ آبان», «۲۶ آبان ۱۴۰۴»."""
    if value is None:
        return ""
    r = current_reader()
    on = value.astimezone(r.tz).date() if isinstance(value, datetime) else value
    return relative_day(on, clock.today(r.tz), r.language)


@register.filter
def full_day(value: date | datetime | None) -> str:
    """A day in full: «۳۰ آبان ۱۴۰۵»."""
    if value is None:
        return ""
    r = current_reader()
    on = value.astimezone(r.tz).date() if isinstance(value, datetime) else value
    return format_date(on, r.language, "long")


@register.filter
def hour(value: datetime | None) -> str:
    """Hours and minutes on the workspace's clocks: «۹:۴۲»."""
    return "" if value is None else format_time(value, current_reader().tz, current_reader().language)


@register.filter
def moment(value: datetime | None) -> str:
    """A moment as a person says it: «امروز ۹:۴۲», «دیروز ۱۴:۰۵», «۲۶ آبان»; the hour is left out after two days."""
    if value is None:
        return ""
    r = current_reader()
    on, today = value.astimezone(r.tz).date(), clock.today(r.tz)
    said = relative_day(on, today, r.language)
    return f"{said} {format_time(value, r.tz, r.language)}" if abs((on - today).days) <= 1 else said


@register.filter
def full_moment(value: datetime | None) -> str:
    """A moment in full, for titles: «۳۰ آبان ۱۴۰۵، ۱۴:۰۵»."""
    r = current_reader()
    return "" if value is None else format_instant(value, r.tz, r.language, "long")


@register.filter
def share(value: Any) -> str:
    """The class of a bar's length: 0.68 is "v-68"."""
    return f"v-{max(0, min(100, round(float(value or 0) * 100)))}"


def _language() -> str:
    return (get_language() or "en").partition("-")[0]


def _is_persian() -> bool:
    return _language() == "fa"


def _unit(name: str) -> Any:
    return "rial" if name == "rial" else "toman"
