"""Sets one sheet, in a process of its own: ``python -m peyvand.operational.documents.press FOLDER [FORMAT]``.

The folder holds the template, the data and perhaps a picture; nothing outside of it can be read, and the PDF comes out of
standard output. What goes wrong here ends this process and nothing else.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

SECONDS = 20
MEMORY = 1024**3


def main(folder: Path, fonts: str, form: Literal["pdf", "png"]) -> None:
    """Write the sheet to standard output."""
    import typst

    _bound()
    inputs = {"paper": (folder / "paper.json").read_text(encoding="utf-8")}
    for picture in folder.glob("logo.*"):
        inputs["logo"] = f"/{picture.name}"
    made: object = typst.compile(
        folder / "main.typ",
        root=folder,
        font_paths=[Path(fonts)],
        ignore_system_fonts=True,
        format=form,
        sys_inputs=inputs,
        package_path=folder / "packages",
        package_cache_path=folder / "packages",
    )
    first = made[0] if isinstance(made, list) else made
    if isinstance(first, bytes):
        sys.stdout.buffer.write(first)


def _bound() -> None:
    """Bound what setting a sheet may take, where the system can."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], "png" if sys.argv[3:] == ["png"] else "pdf")
