"""How deep values from outside may be nested: far less than what would exhaust the stack of whoever reads or writes them."""

from __future__ import annotations

from typing import Any, Final

# No body of ours is nested half as deep.
DEEPEST: Final = 40


def is_shallow(value: Any, room: int = DEEPEST) -> bool:
    """Whether the lists and objects of a JSON value stand less than ``room`` deep in each other."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return room > 0 and all(is_shallow(part, room - 1) for part in parts)
