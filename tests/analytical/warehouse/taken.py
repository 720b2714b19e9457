"""Bringing files as outside sources, and what became of them."""

from __future__ import annotations

from typing import Any

from peyvand.analytical.warehouse.actions import Shape, add_file, confirm
from peyvand.analytical.warehouse.filling import refresh
from peyvand.analytical.warehouse.models import OutsideSource, OutsideTaking
from peyvand.analytical.warehouse.outside import taking
from peyvand.analytical.warehouse.outside.reading import Text
from peyvand.analytical.warehouse.public import reading
from peyvand.platform.actions.context import Context


def carried_out(cast: Any) -> OutsideTaking:
    """The last taking that was asked for, after it was done."""
    asked = OutsideTaking.objects.latest("id")
    taking.carry_out(cast.arman, asked.id)
    refresh(cast.arman)
    asked.refresh_from_db()
    return asked


def added(ctx: Context, content: bytes, name: str = "x", **told: Any) -> OutsideSource:
    return add_file(ctx, {"name": name}, told.get("file", f"{name}.csv"), [content])


def confirmed(ctx: Context, cast: Any, source: OutsideSource, **told: Any) -> OutsideTaking:
    text = told.pop("text", Text("", "", None))
    confirm(ctx, source, Shape(text, told.pop("types", {}), **told))
    return carried_out(cast)


def rows(name: str, *columns: str) -> list[tuple[Any, ...]]:
    with reading() as tables:
        found = tables.fetch(tables.outside(name))
    return [tuple(row[c] for c in columns) for row in found.to_pylist()]
