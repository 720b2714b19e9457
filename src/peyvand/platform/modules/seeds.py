"""What each slice puts into a new workspace: its default pipeline, reasons, roles."""

from __future__ import annotations

from collections.abc import Callable

from peyvand.platform.actions.context import Context

Seed = Callable[[Context], None]
_seeds: list[Seed] = []


def seed(function: Seed) -> Seed:
    """Have ``function(ctx)`` called, as the system, in the transaction that creates a workspace."""
    _seeds.append(function)
    return function


def sow(ctx: Context) -> None:
    for function in _seeds:
        function(ctx)
