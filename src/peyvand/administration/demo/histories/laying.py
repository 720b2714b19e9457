"""What the real histories share: a file that is what its name says, records in sets, figures beside those that are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import workspace_scope

SET: Final = 5000
SOURCE: Final = "import"
Told = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Figure:
    """What was found, and what the set is known by; ``decimals`` of the number when it is shown."""

    name: str
    found: int
    known: int
    decimals: int = 0

    @property
    def is_known(self) -> bool:
        return self.found == self.known

    def __str__(self) -> str:
        found, known = (f"{n / 10**self.decimals:,.{self.decimals}f}" for n in (self.found, self.known))
        return f"{self.name}: {found}" if self.is_known else f"{self.name}: {found} (known: {known})"


@dataclass(frozen=True, slots=True)
class History:
    """A data set: where it lies in a folder, what its workspace is called, and how it is checked and laid down."""

    key: str
    file: str
    name: str
    currency: str
    timezone: str
    check: Callable[[Path], None]
    lay: Callable[[Context, Path, Told], Sequence[Figure]]

    def file_in(self, folder: Path) -> Path:
        """The file itself, in its place or anywhere in the folder.

        Raises:
            Invalid: it is not there.
        """
        name = Path(self.file).name
        for path in (folder, folder / self.file, folder / name):
            if path.is_file() and path.name == name:
                return path
        raise Invalid.of(msg("There is no %(file)s in that folder.", file=self.file), code="missing")


def another_file(path: Path) -> Invalid:
    """That a file is not the one that its name says."""
    return Invalid.of(
        msg("%(file)s is not the file that is known by this name.", file=path.name), code="format"
    )


def create_in_sets(
    ctx: Context, spec: ObjectSpec, rows: Iterable[Mapping[str, Any]], told: Told, *, size: int = SET
) -> list[Any]:
    """Create records from complete values, each set in a transaction of its own; what the rows name must be there."""
    made: list[Any] = []
    for some in _sets(rows, size):
        with workspace_scope(ctx.tenant.id):
            made += [record.id for record in create_records(fresh(ctx), spec, some, source=SOURCE)]
        told(spec.plural, len(made))
    return made


def _sets(rows: Iterable[Mapping[str, Any]], size: int) -> Iterator[list[Mapping[str, Any]]]:
    left = iter(rows)
    while some := list(islice(left, size)):
        yield some
