"""Fields of a webhook that no other object has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

import orjson
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import gettext

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.events.facts import Event, all_facts
from peyvand.platform.fields.choices import LazyOptions
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Label, LongText, Option, Url
from peyvand.platform.objects.spec import all_objects


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


@dataclass(frozen=True, kw_only=True)
class ConditionText(LongText):
    """A condition, as JSON; a program may send it as an object, and gets it as one."""

    max_length: int = 10_000

    def understand(self, raw: Any, reader: Reader) -> str:
        try:
            value = orjson.loads(raw) if isinstance(raw, str) else raw
        except orjson.JSONDecodeError as error:
            raise Invalid.of(
                msg("This is not JSON: %(reason)s.", reason=error.msg), code="unreadable"
            ) from error
        if not isinstance(value, Mapping):
            raise Invalid.of(msg("Send a JSON object."))
        text = orjson.dumps(value).decode()
        if len(text) > self.max_length or "\\u0000" in text:
            raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=self.max_length))
        return text

    def to_json(self, value: Any) -> Any:
        return orjson.loads(value) if value else None

    def schema(self) -> dict[str, Any]:
        return {"type": ["object", "null"]}


def own_networks() -> list[IPv4Network | IPv6Network]:
    """Networks that are not public, into which messages may go all the same."""
    return [ip_network(text) for text in settings.WEBHOOK_NETWORKS]


@cache
def _label(wire: str) -> Label:
    label: Label = _spoken_later(wire)
    return label


def sentence(wire: str) -> str:
    """What such an event says, with dots in the place of its particulars: “won …”; of unknown ones their name."""
    kind = all_facts().get(wire)
    return _spoken(kind) if kind else wire


def _spoken(kind: type[Event]) -> str:
    event = object.__new__(kind)
    for each in fields(kind):
        object.__setattr__(event, each.name, "…")
    return event.describe().render(gettext)


_spoken_later = lazy(sentence, str)
EVENTS: Any = LazyOptions(lambda: [Option(wire, _label(wire)) for wire in sorted(all_facts())])
OBJECTS: Any = LazyOptions(lambda: [Option(spec.key, spec.label_plural) for spec in all_objects()])
