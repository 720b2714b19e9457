"""Cards that are no question to the catalogue: segments of buyers and their moves, the whale curve, cohorts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.reports.web import buyers, segments
from peyvand.platform.actions.context import Context


@dataclass(frozen=True)
class Standing:
    """``draw(ctx, given)`` gives the template and what it is drawn of; ``given`` is what the address of the card says."""

    key: str
    label: str | Promise
    says: str | Promise
    opens: Callable[[Context], bool]
    draw: Callable[[Context, Mapping[str, str]], Mapping[str, Any]]


STANDING: Final = (
    Standing("segments", _("Segments of buyers"), _("recency, frequency and value"), segments.opens, segments.segments),
    Standing("whale", _("Whale curve"), _("in percent, from the most profitable customer on"), buyers.sees_profit, buyers.whale),
    Standing("cohorts", _("Cohorts of buyers"), _("percent who bought again, by months since"), buyers.sees_orders, buyers.cohorts),
    Standing("migration", _("Moves between segments"), _("a month ago and now"), segments.opens, segments.migration),
)  # fmt: skip
