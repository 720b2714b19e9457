"""How many messages a text is charged as: 160 letters of the GSM alphabet, or 70 of any other; long ones lose some to
what joins their parts."""

from __future__ import annotations

from typing import Final

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")


def count_parts(text: str) -> tuple[int, int, int]:
    """The parts of a text, the letters in it, and how many letters the last part could still take.

    A letter of the extended alphabet counts twice there, one beyond the basic plane (an emoji) twice elsewhere.
    """
    if all(c in _BASIC or c in _EXTENDED for c in text):
        sizes, single, several = [2 if c in _EXTENDED else 1 for c in text], 160, 153
    else:
        sizes, single, several = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67
    length = sum(sizes)
    if length <= single:
        return 1, length, single - length
    parts, used = 1, 0
    for size in sizes:
        # A letter of two is never cut apart.
        if used + size > several:
            parts, used = parts + 1, 0
        used += size
    return parts, length, several - used
