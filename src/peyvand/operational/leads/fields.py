"""Fields of forms and rules that no other object has, and the choices that leads know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import LongText, Option, Url

STATES: Final = (
    Option("new", _("New"), "acc"),
    Option("working", _("In work"), "info"),
    Option("nurturing", _("Put off"), "warn"),
    Option("qualified", _("Qualified"), "good"),
    Option("converted", _("Converted"), "good"),
    Option("disqualified", _("Disqualified"), "bad"),
)
GRADES: Final = (
    Option("A", pgettext_lazy("grade of a lead", "A"), "good"),
    Option("B", pgettext_lazy("grade of a lead", "B"), "acc"),
    Option("C", pgettext_lazy("grade of a lead", "C"), "warn"),
    Option("D", pgettext_lazy("grade of a lead", "D")),
)
SIDES: Final = (Option("fit", _("Fit"), "acc"), Option("engagement", _("Engagement"), "info"))
# What a form can ask for, in the order in which it does.
ASKED: Final = (
    Option("name", _("Name")),
    Option("phone", _("Phone")),
    Option("email", _("E-mail")),
    Option("company_name", _("Company")),
    Option("job_title", _("Job title")),
    Option("city", _("City")),
    Option("product", _("Product")),
    Option("budget", _("Budget")),
    Option("message", _("Message")),
)
LANGUAGES: Final = (
    Option("visitor", _("The visitor's")),
    Option("fa", _("Persian")),
    Option("en", _("English")),
)
UTM: Final = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
MOST_SITES: Final = 20


@dataclass(frozen=True, kw_only=True)
class Page(Url):
    """The address of a page in the web, where somebody is sent."""

    max_length: int = 500

    def understand(self, raw: Any, reader: Reader) -> str:
        text = super().understand(raw, reader)
        if not origin_of(text):
            raise Invalid.of(msg("This is not a web address."))
        return text


@dataclass(frozen=True, kw_only=True)
class Sites(LongText):
    """Origins of web sites, one a line; "shop.example.com" is taken for https."""

    max_length: int = 4000

    def understand(self, raw: Any, reader: Reader) -> str:
        lines = super().understand(raw, reader).replace(",", "\n").split()
        if len(lines) > MOST_SITES:
            raise Invalid.of(msg("This must be a list of at most %(max)s.", max=MOST_SITES))
        origins = []
        for line in lines:
            origin = origin_of(line if "://" in line else f"https://{line}")
            if not origin:
                raise Invalid.of(msg("“%(text)s” is not the address of a web site.", text=line))
            origins.append(origin)
        return "\n".join(dict.fromkeys(origins))


def origin_of(address: str) -> str:
    """The origin of a web address ("https://shop.example.com"); "" where it is none."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return ""
    named = host.replace("-", "").replace(".", "")
    if not named.isascii() or not named.isalnum() or host.startswith((".", "-")):
        return ""
    if "." not in host and host != "localhost":
        return ""
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != usual else "")
