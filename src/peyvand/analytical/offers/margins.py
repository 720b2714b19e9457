"""What a usual sale of a product leaves, by which offers are ranked where a workspace wants that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import numpy as np

from peyvand.analytical.analyses.columns import numbers, whole
from peyvand.analytical.analyses.contract import Figure, Inputs
from peyvand.analytical.methods.guards import Numbers, Whole
from peyvand.analytical.methods.offers import Offers
from peyvand.kernel.errors import Message, msg, msgid
from peyvand.platform.insights.telling import reason

# Of the lines of the last year.
_LATELY: Final = timedelta(days=365)


def usual_margins(given: Inputs, lines: Any, items: Whole) -> Numbers:
    """Revenue less cost of a line with each of these products on average, of lines whose cost is known; nan where there is none."""
    costed = lines.filter(lines.cost.notnull() & (lines.day > given.as_of - _LATELY))
    by_product = costed.group_by("product").agg(left=(costed.net - costed.cost).mean())
    rows = given.tables.fetch(by_product.order_by("product"))
    out = np.full(len(items), np.nan)
    if not rows.num_rows:
        return out
    known, left = whole(rows, "product"), numbers(rows, "left")
    place = np.minimum(np.searchsorted(known, items), len(known) - 1)
    is_known = known[place] == items
    out[is_known] = left[place[is_known]]
    return out


def reason_of(margin: float) -> list[Any]:
    """Why an offer stands first by margin. Rounded to two digits, so that a night writes nothing anew that means the same."""
    left = {"money": int(float(f"{margin:.2g}"))}
    return reason(
        msg("A usual sale has a margin of %(margin)s; ranked by margin times likelihood", margin=left)
    )


def figures_of(sold: Numbers, margins: Numbers, likeliest: Offers, found: Offers) -> tuple[Figure, ...]:
    """How many of the products that are offered have a known margin, and whom something else is offered by it."""
    known = np.isfinite(margins) & (sold > 0)
    other = (found.items[:, 0] != likeliest.items[:, 0]) & (found.score[:, 0] > 0)
    return (
        Figure(msgid("Products offered whose margin is known"), int(known.sum())),
        Figure(msgid("Buyers with a different offer by margin"), float(100 * other.mean()), "percent"),
    )


def notes_of(sold: Numbers, margins: Numbers) -> tuple[Message, ...]:
    """What a ranking by margin leaves out, and what was not tried of it."""
    unknown = int((~np.isfinite(margins) & (sold > 0)).sum())
    tried = msg(
        "How often offers ranked by margin are taken was not tested on earlier days; only likelihood was."
    )
    if not unknown:
        return (tried,)
    return (
        msg(
            "Ranking by margin offers only products with a known cost; for %(count)s it is unknown.",
            count=unknown,
        ),
        tried,
    )
