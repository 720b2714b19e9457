"""What the columns of an outside table are called in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from peyvand.analytical.warehouse.outside.keys import KEY
from peyvand.kernel.persian.text import tidy

LONGEST: Final = 60
# These are our own.
_TAKEN: Final = (KEY, "customer")


def named(heads: Iterable[str], types: Iterable[str]) -> list[dict[str, str]]:
    """Columns (head, name, type) with names that tell them apart, whatever the letters' case."""
    seen = set(_TAKEN)
    columns = []
    for place, (head, type) in enumerate(zip(heads, types, strict=True), 1):
        head = head.replace("\x00", "")
        plain = tidy(head).replace("\n", " ")[:LONGEST] or f"column{place}"
        name, again = plain, 1
        while name.lower() in seen:
            again += 1
            name = f"{plain}_{again}"
        seen.add(name.lower())
        columns.append({"head": head, "name": name, "type": type})
    return columns
