"""Fields of an outside source that no other object has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.reader import Reader
from peyvand.platform.fields.types import Text

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.\-_]*[A-Za-z0-9.])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")


@dataclass(frozen=True, kw_only=True)
class TableName(Text):
    """What a table is called in SQL without quotes."""

    max_length: int = 40

    def understand(self, raw: Any, reader: Reader) -> str:
        text = super().understand(raw, reader).lower()
        if not _NAME.fullmatch(text):
            raise Invalid.of(msg("Small Latin letters, digits and underscores, beginning with a letter."))
        return text


@dataclass(frozen=True, kw_only=True)
class Host(Text):
    """The name or address of one server: no port, no path, no list."""

    max_length: int = 253

    def understand(self, raw: Any, reader: Reader) -> str:
        text = str(raw).strip()
        if len(text) > self.max_length or not _HOST.fullmatch(text):
            raise Invalid.of(msg("This is not the name of a server."))
        return text
