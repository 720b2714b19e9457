"""The translation catalogues (`<folder>/locale/<language>/LC_MESSAGES/django.po`), and how they are compiled."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "peyvand"


def catalogues() -> list[Path]:
    """Every catalogue in the package: one for each application, and one for platform and kernel."""
    return sorted(PACKAGE.glob("**/locale/*/LC_MESSAGES/*.po"))


def stale() -> list[Path]:
    """The catalogues whose compiled `.mo` is missing or older."""
    return [
        source
        for source in catalogues()
        if not (made := source.with_suffix(".mo")).exists() or made.stat().st_mtime < source.stat().st_mtime
    ]


def compile_stale() -> None:
    """Compile every catalogue that changed since it was last compiled; a bare machine has no msgfmt."""
    import polib

    for source in stale():
        polib.pofile(str(source)).save_as_mofile(str(source.with_suffix(".mo")))


if __name__ == "__main__":
    compile_stale()
