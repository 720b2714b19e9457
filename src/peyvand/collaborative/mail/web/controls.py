"""The control of a line of addresses, which only mail has."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
from peyvand.web.components.inputs import Attributes, register_control


def _addresses(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    return format_html(
        '<input class="inp" type="text" dir="ltr" inputmode="email" autocomplete="off" spellcheck="false" {} value="{}">',
        attrs,
        value or "",
    )


def _read(name: str, post: QueryDict, reader: Reader) -> str:
    return post.get(name, "")


register_control("addresses", _addresses, _read)
