"""What became of an import, and of its undoing, as a page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from peyvand.integrations.transfer.models import ImportRun
from peyvand.integrations.transfer.web.looking import Look
from peyvand.integrations.transfer.web.sampling import CellShown, Line
from peyvand.kernel.errors import Message
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.custom import InCustom
from peyvand.platform.objects.spec import ObjectSpec, find_object
from peyvand.web.shell.navigation import here


@dataclass(frozen=True)
class Kept:
    """A record that an undoing left as it is."""

    title: str
    label: Any
    href: str
    reason: Message


@dataclass(frozen=True)
class UndoneShown:
    """What an undoing came to; ``kept`` names some of the ``left`` records."""

    removed: int
    restored: int
    left: int
    kept: tuple[Kept, ...]


def undone_of(ctx: Context, run: ImportRun) -> UndoneShown:
    kept = []
    for one in run.undoing.get("named", ()):
        spec = find_object(one["object"])
        if spec is not None:
            kept.append(
                Kept(
                    one["title"], spec.label, here(ctx, f"{spec.plural}/{one['id']}"), Message(one["reason"])
                )
            )
    count = run.undoing.get
    return UndoneShown(count("removed", 0), count("restored", 0), count("kept", 0), tuple(kept))


def report_of(run: ImportRun) -> dict[str, Any]:
    """The report with the place of each file in it, and how many refused rows it does not name."""
    report: dict[str, Any] = dict(run.report)
    for place, file in enumerate(report.get("files", [])):
        file["place"] = place
        file["more"] = max(0, file["refused_rows"] - len(file["refused"]))
        spec = find_object(file["object"] or "")
        file["label"] = spec.label_plural if spec else ""
        file["others"] = [
            (other.label_plural, count)
            for key, count in file.get("also", {}).items()
            if (other := find_object(key))
        ]
        file["made"] = _made(spec, file.get("fields", ())) if spec else []
    return report


def _made(spec: ObjectSpec, names: Sequence[str]) -> list[tuple[str, str]]:
    """The fields that an import made, by name, with the keys by which programs know them (empty: it is gone)."""
    keys = {str(field.label): field.key for field in spec.own_fields if isinstance(field, InCustom)}
    return [(name, keys.get(name, "")) for name in names]


def with_refused(looks: Sequence[Look], run: ImportRun) -> None:
    """Put the rows that a check refused into the grids, where they can be corrected."""
    for look in looks:
        shown = {line.number: n for n, line in enumerate(look.lines)}
        files = [f for f in run.report.get("files", ()) if f["name"] == look.name and not f.get("aside")]
        for refused in (r for file in files for r in file["refused"] if r.get("cells")):
            cells, heads = refused["cells"], [head.name for head in look.heads]
            # Reports of former days name one reason.
            reasons = {one["column"]: one["reason"] for one in (refused, *refused.get("others", ()))}
            line = Line(
                refused["line"],
                tuple(
                    CellShown(
                        place,
                        cells[place] if place < len(cells) else "",
                        reasons.get(heads[place]),
                        heads[place],
                    )
                    for place, _ in look.taken
                ),
                next((reason for column, reason in reasons.items() if column not in heads), None),
            )
            fixed = str(refused["line"]) in look.told.get("fixes", {})
            if refused["line"] not in shown:
                look.lines.append(line)
            elif not fixed:
                look.lines[shown[refused["line"]]] = line
