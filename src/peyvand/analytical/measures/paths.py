"""The ways on which customers came to buy, for ``methods.attribution``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np

from peyvand.analytical.measures.sources import SOURCES
from peyvand.analytical.methods.attribution import Paths, paths
from peyvand.analytical.warehouse.tables import Tables

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa


# Channels that are the workspace's own doing: people call and meet those who are about to buy.
OWN_CONTACTS: Final = ("call", "meeting")


def touch_paths(tables: Tables, as_of: date, *, within: int = 90, own_contacts: bool = True) -> ir.Table:
    """Every touch on a way, ``place`` from 0: ``customer, place, channel, converted, value``.

    A way that led to the customer's first sale holds the touches of the ``within`` days up to it, and what that sale brought;
    one that led nowhere the touches of the ``within`` days up to their last, and is left out while it may still lead somewhere.
    Without ``own_contacts`` calls and meetings are no touches.
    """
    touches = tables["touch"]
    known = touches.filter(
        touches.customer.notnull() & touches["at"].notnull() & (touches.day <= ibis.date(as_of))
    )
    if not own_contacts:
        known = known.filter(known.channel.notin(OWN_CONTACTS))
    sales = SOURCES["buyer"].of(tables)
    first = sales.filter(sales.day <= ibis.date(as_of)).select(
        "customer", bought=sales["at"], of=sales.day, net=sales.net
    )
    beside = known.left_join(first, "customer").drop("customer_right")
    before = beside.filter(beside.bought.isnull() | (beside["at"] <= beside.bought))
    last = before.day.max().over(group_by=before.customer)
    ended = before.mutate(end=before.of.coalesce(last))
    kept = ended.filter(
        (ended.end.epoch_days() - ended.day.epoch_days() <= within)
        & (ended.bought.notnull() | (ended.end < ibis.date(as_of - timedelta(days=within))))
    )
    return kept.select(
        "customer",
        "channel",
        place=ibis.row_number().over(group_by=kept.customer, order_by=[kept["at"], kept.touch]),
        converted=kept.bought.notnull(),
        value=kept.net.fill_null(0),
    )


def first_purchases(tables: Tables, as_of: date) -> int:
    """How many customers have bought by a day, with a touch before it or without."""
    sales = SOURCES["buyer"].of(tables)
    known = sales.filter(sales.day <= ibis.date(as_of))
    return int(tables.fetch(known.agg(bought=known.count()))["bought"][0].as_py())


def as_paths(told: pa.Table) -> tuple[Paths, tuple[str, ...]]:
    """The rows of ``touch_paths`` as the mathematics takes them, and the names of the channels by their number."""
    rows = told.sort_by([("customer", "ascending"), ("place", "ascending")])
    channels = rows["channel"].combine_chunks().dictionary_encode()
    begins = np.flatnonzero(rows["place"].to_numpy() == 0)
    converted = rows["converted"].to_numpy()[begins]
    value: Any = rows["value"].to_numpy()[begins]
    lengths = np.diff(np.append(begins, rows.num_rows))
    touches = channels.indices.to_numpy(zero_copy_only=False)
    return paths(touches, lengths, converted * 1.0, ~converted * 1.0, value), tuple(
        channels.dictionary.to_pylist()
    )
