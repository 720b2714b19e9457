"""The pages of targets and reports, side by side on each of them."""

from __future__ import annotations

from peyvand.operational.targets.web.choosing import Option
from peyvand.platform.actions.context import Context
from peyvand.web.shell.navigation import Screen, here, open_screens

KEYS = ("targets", "forecast", "team-board", "sales-report", "funnel-report", "commissions")


def pages(ctx: Context, current: Screen) -> list[Option]:
    """Those that the actor may open, in their order."""
    known = {screen.key: screen for screen in open_screens(ctx) if screen.key in KEYS}
    return [
        Option(known[key].label, here(ctx, known[key].path), key == current.key)
        for key in KEYS
        if key in known
    ]
