"""In which encoding a text file was written: its marks, else what its bytes can be."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ALPHABETS: Final = frozenset((0x00, 0x06, 0x20, 0xFB, 0xFE))
_BLOCK: Final = 1 << 20
# Of the lines beyond ASCII, so many bytes say whose letters they are.
_JUDGED: Final = 4 << 20
# What windows-1256 makes of the bytes above 127 that Persian and Arabic words are written with.
_ARABIC_LETTERS: Final = frozenset(
    byte for byte in range(128, 256) if "\u0621" <= bytes([byte]).decode("cp1256", "replace") <= "\u06d2"
)


def encoding_of(path: Path) -> str:
    """The codec's name: UTF-8 or UTF-16 with or without a mark, or windows-1256. Reads the file in blocks.

    A file of UTF-8 with some bytes that cannot be it is still UTF-8: the rows that hold them are refused later.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if 0 in head:
        # Of each pair of bytes one names the alphabet: Latin, Persian and punctuation share a handful of them.
        little, big = (sum(byte in _ALPHABETS for byte in half) for half in (head[1::2], head[::2]))
        if max(little, big) * 10 > len(head) // 2 * 9:
            return "utf-16-le" if little >= big else "utf-16-be"
    return "cp1256" if not _is_utf8(path) and _is_windows_1256(path) else "utf-8"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _is_windows_1256(path: Path) -> bool:
    """Whether hardly a line is UTF-8 beyond ASCII, and the bytes above 127 are mostly runs of Arabic letters."""
    letters = high = sound = broken = judged = 0
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            if judged > _JUDGED:
                break
            judged += len(line)
            try:
                text = line.decode("utf-8")
            except UnicodeDecodeError:
                broken += 1
            else:
                # Two letters of windows-1256 may look like one of UTF-8, but hardly all like those that people write here.
                sound += all(char.isascii() or _is_written_here(char) for char in text)
            for before, byte, after in zip(b"\n" + line, line, line[1:] + b"\n", strict=False):
                if byte > 127:
                    high += 1
                    letters += byte in _ARABIC_LETTERS and (
                        before in _ARABIC_LETTERS or after in _ARABIC_LETTERS
                    )
    return sound * 4 <= broken and letters * 10 >= high * 8


def _is_written_here(char: str) -> bool:
    """Whether it is a letter of Persian, Arabic or Western Europe, or a sign that stands between them."""
    return "\u00a0" <= char <= "\u00ff" or "\u0620" <= char <= "\u06ff" or char >= "\u2000" or char in "،؛؟"
