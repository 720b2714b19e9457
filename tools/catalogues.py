"""Compile the translation catalogues (`.po` → `.mo`); a bare machine has no msgfmt."""

from pathlib import Path

LOCALES = Path(__file__).resolve().parent.parent / "src" / "peyvand" / "locale"


def stale() -> list[Path]:
    """The `.po` files whose `.mo` is missing or older."""
    return [
        source
        for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po"))
        if not (made := source.with_suffix(".mo")).exists() or made.stat().st_mtime < source.stat().st_mtime
    ]


def compile_stale() -> None:
    """Compile every catalogue that changed since it was last compiled."""
    import polib

    for source in stale():
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))


if __name__ == "__main__":
    compile_stale()
