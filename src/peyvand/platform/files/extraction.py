"""The text of a file, read by a process of its own: whatever the file does to it, nothing else is harmed.

Run as a script (`python -I extraction.py path most_characters most_pages`), it lowers its own limits first, then writes
the text to its output. It imports nothing of the product, and no library before it knows that it needs it.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

# Packed files may be no larger than this when they are unpacked, and no more than so many times their size.
MOST_UNPACKED = 200 * 1024 * 1024
MOST_RATIO = 200
MEMORY = 1024 * 1024 * 1024
CPU_SECONDS = 20
# What this process ends with.
UNREADABLE, LOCKED, TOO_LARGE = 3, 4, 5
_WORDS = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class TooLargeError(Exception):
    """Unpacked, the file would be too large."""


class LockedError(Exception):
    """The file wants a password."""


def main(path: str, most_characters: int, most_pages: int) -> int:
    """Write the text of the file; return what to end with."""
    _limit()
    try:
        pieces = _pieces(path, most_pages)
        left = most_characters
        for piece in pieces:
            # What cannot be written as UTF-8 is no letter.
            sys.stdout.buffer.write(piece[:left].encode("utf-8", "ignore") + b"\n")
            left -= len(piece) + 1
            if left <= 0:
                break
    except LockedError:
        return LOCKED
    except (TooLargeError, MemoryError):
        return TOO_LARGE
    except Exception as error:  # noqa: BLE001 a broken file breaks its reader in ways nobody lists
        sys.stderr.write(f"{type(error).__name__}: {error}"[:500])
        return UNREADABLE
    return 0


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on this system: the caller's clock is the only limit
        return
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _pieces(path: str, most_pages: int) -> Iterable[str]:
    with open(path, "rb") as file:
        beginning = file.read(1024)
    if beginning.startswith(b"%PDF-"):
        return _pdf(path, most_pages)
    if beginning.startswith(b"PK\x03\x04"):
        return _packed(path)
    return _plain(path, beginning)


def _pdf(path: str, most_pages: int) -> Iterator[str]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise LockedError from error
        raise
    for number in range(min(len(document), most_pages)):
        page = document[number]
        yield page.get_textpage().get_text_bounded()
        page.close()


def _packed(path: str) -> Iterator[str]:
    with zipfile.ZipFile(path) as packed:
        entries = packed.infolist()
        size = sum(entry.file_size for entry in entries)
        if size > MOST_UNPACKED or size > MOST_RATIO * max(1024, sum(e.compress_size for e in entries)):
            raise TooLargeError
        names = {entry.filename for entry in entries}
        if "word/document.xml" in names:
            yield from _document(packed)
        elif "xl/workbook.xml" in names or "xl/workbook.bin" in names:
            yield from _workbook(path)


def _document(packed: zipfile.ZipFile) -> Iterator[str]:
    """The paragraphs of a text document; tables are paragraphs too."""
    with packed.open("word/document.xml") as body:
        line: list[str] = []
        # Entities that a document declares for itself are refused by the parser beyond a harmless amount.
        for _event, element in ElementTree.iterparse(_Bounded(body)):  # noqa: S314 the parser bounds them, and the process its time
            if element.tag == f"{_WORDS}t":
                line.append(element.text or "")
            elif element.tag in (f"{_WORDS}tab", f"{_WORDS}br"):
                line.append(" ")
            elif element.tag == f"{_WORDS}p":
                yield "".join(line)
                line = []
                element.clear()


class _Bounded:
    """A stream that ends in an error where it goes on longer than its own head said."""

    def __init__(self, stream: object) -> None:
        self.stream, self.left = stream, MOST_UNPACKED

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self.stream.read(min(size, 65536) if size > 0 else 65536)  # type: ignore[attr-defined]
        self.left -= len(piece)
        if self.left < 0:
            raise TooLargeError
        return piece


def _workbook(path: str) -> Iterator[str]:
    import python_calamine

    book = python_calamine.CalamineWorkbook.from_path(path)
    for name in book.sheet_names:
        yield name
        for row in book.get_sheet_by_name(name).iter_rows():
            line = " ".join(str(cell) for cell in row if cell not in ("", None))
            if line:
                yield line


def _plain(path: str, beginning: bytes) -> Iterator[str]:
    """A plain text in UTF-8, UTF-16 or a Windows code page; nothing where it is no text."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif b"\x00" in beginning:
        return
    else:
        encoding = _encoding(path)
    with open(path, encoding=encoding, errors="replace") as file:
        while piece := file.read(65536):
            yield piece.replace("\x00", "")


def _encoding(path: str) -> str:
    with open(path, "rb") as file:
        sample = file.read(1024 * 1024)
    try:
        # A letter may be cut in two at the end of the sample.
        sample[: len(sample) - 4 if len(sample) == 1024 * 1024 else None].decode("utf-8")
    except UnicodeDecodeError:
        return "windows-1256"
    return "utf-8-sig"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
