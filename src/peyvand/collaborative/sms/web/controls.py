"""The box in which an SMS is written: what it counts as stands beneath it, and is counted again while one types."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from peyvand.collaborative.sms.parts import count_parts
from peyvand.kernel.persian.text import to_persian_digits
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Field
from peyvand.web.components.inputs import Attributes


def text_box(field: Field, value: Any, attrs: Attributes, reader: Reader) -> SafeString:
    """A textarea and the count of its parts; ``data-says`` is how the script says it."""
    says = gettext("{parts} parts · {left} letters left")
    parts, _, left = count_parts(str(value or ""))
    shown = says.format(parts=parts, left=left)
    return format_html(
        '<textarea class="inp" {} rows="4" data-sms>\n{}</textarea><output class="hint num" for="{}" data-says="{}">{}</output>',
        attrs, value or "", attrs.id, says, to_persian_digits(shown) if reader.is_persian else shown,
    )  # fmt: skip


def read_text(name: str, post: QueryDict, reader: Reader) -> str:
    """What was typed."""
    return post.get(name, "")
