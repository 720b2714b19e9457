"""Where the star's rows come from: one statement for each table and kind of record, over the product's own tables."""

from peyvand.analytical.warehouse.sources import customers, money, work
from peyvand.analytical.warehouse.sources.declared import Follow, Source, Watch

SOURCES: tuple[Source, ...] = (*customers.SOURCES, *money.SOURCES, *work.SOURCES)
WATCHES: tuple[Watch, ...] = (*customers.WATCHES, *money.WATCHES, *work.WATCHES)
FOLLOWS: tuple[Follow, ...] = (*customers.FOLLOWS, *work.FOLLOWS)

__all__ = ["FOLLOWS", "SOURCES", "WATCHES", "Follow", "Source", "Watch"]
