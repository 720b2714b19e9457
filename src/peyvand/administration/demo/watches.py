"""A watch as a newcomer finds it: companies that came to a mark of purchases, seen once some weeks ago and once now."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.analytical.watches.public import WATCH, Watch, begin, have_look
from peyvand.kernel import clock
from peyvand.platform.objects.records import create_record

LATELY: Final = timedelta(days=35)
# 250 million tomans in rials, 15,000 dollars in cents.
MARKS: Final = {"fa": 2_500_000_000, "en": 1_500_000}


def fill_watches(stage: Stage) -> None:
    """What was bought since always; whoever comes to the mark can be given something."""
    ctx = stage.acting[stage.owner]
    watch: Watch = create_record(ctx, WATCH, {
        "name": "خرید ۲۵۰ میلیون تومان" if stage.is_persian else "15,000 dollars bought",
        "measure": "revenue", "whose": "company", "amount": MARKS["fa" if stage.is_persian else "en"],
    })  # fmt: skip
    have_look(stage.tenant, watch.id, clock.today(stage.tenant.tz) - LATELY)
    begin(ctx, watch)
