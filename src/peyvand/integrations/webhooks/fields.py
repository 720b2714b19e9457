"""Fields of a webhook that no other object has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.events.facts import all_facts
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.reader import Reader, said
from peyvand.platform.fields.types import Option, Url
from peyvand.platform.objects.spec import all_objects
from peyvand.platform.outgoing.judging import own_networks
from peyvand.platform.workspaces.modules import module_named


@dataclass(frozen=True, kw_only=True)
class Address(Url):
    """Where messages go: https, or http where the installation lets messages into networks of its own."""

    max_length: int = 2000

    def understand(self, raw: Any, reader: Reader) -> str:
        text = str(raw).strip()
        if len(text) > self.max_length:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        try:
            parts = urlsplit(text if "://" in text else f"https://{text}")
            port_is_right = parts.port is None or parts.port > 0
        except ValueError:
            parts, port_is_right = urlsplit(""), False
        if (
            not parts.hostname
            or not port_is_right
            or not parts.geturl().isascii()
            or not text.isprintable()
            or " " in text
        ):
            raise Invalid.of(msg("This is not a web address."))
        if parts.username is not None or parts.password is not None:
            raise Invalid.of(msg("A name and password do not belong in the address."))
        if parts.scheme != "https" and not (parts.scheme == "http" and own_networks()):
            raise Invalid.of(msg("Messages are sent to https addresses only."))
        return parts._replace(fragment="").geturl()


def event_name(wire: str) -> str:
    """What such events are called, in the active language; unknown ones by their wire name."""
    if wire == TEST:
        return gettext("A test message")
    kind = all_facts().get(wire)
    return said(kind.label) if kind and kind.label else wire


_named_later = lazy(event_name, str)
# What a test is sent as.
TEST: Final = "webhook.test"
# The slices whose events people look for by what they are about; the names of modules stand for themselves.
_ABOUT: Final = {"objects": _("Every record"), "files": _("Every record"), "sales": _("Deals")}


def _events() -> list[Option]:
    found = []
    for wire in sorted(all_facts(), key=lambda wire: (wire.partition(".")[0] not in _ABOUT, wire)):
        slice = wire.partition(".")[0]
        module = module_named(slice)
        group = _ABOUT.get(slice) or (module.label if module else _("The workspace"))
        found.append(Option(wire, _named_later(wire), group=group))
    return found


EVENTS: Any = LazyOptions(_events)
OBJECTS: Any = LazyOptions(lambda: [Option(spec.key, spec.label_plural) for spec in all_objects()])
