"""Where the star's rows come from: one statement for each table and kind of record, over the product's own tables."""

from peyvand.analytical.warehouse.sources import customers, money, trials, work
from peyvand.analytical.warehouse.sources.declared import Follow, Source, Watch

SOURCES: tuple[Source, ...] = (*customers.SOURCES, *money.SOURCES, *work.SOURCES, *trials.SOURCES)
WATCHES: tuple[Watch, ...] = (
    *customers.WATCHES, *money.WATCHES, *work.WATCHES, *trials.WATCHES,
    # Whose tables are written anew with every version (outside/adding.py), and so need no source here.
    Watch("outside_source", "outside_source"),
)  # fmt: skip
FOLLOWS: tuple[Follow, ...] = (*customers.FOLLOWS, *work.FOLLOWS, *trials.FOLLOWS)

__all__ = ["FOLLOWS", "SOURCES", "WATCHES", "Follow", "Source", "Watch"]
