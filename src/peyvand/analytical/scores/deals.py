"""How likely an open deal is won: learned from closed deals, each seen once on a day while it was open, always the same.

Of that day only what had happened by then is looked at; what a deal's fields say today is not.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.columns import day_of, number_of, numbers, whole, words
from peyvand.analytical.analyses.contract import Figure, Finding, Inputs
from peyvand.analytical.methods.guards import Whole, Yes, require
from peyvand.analytical.methods.scoring import EACH
from peyvand.analytical.scores.happened import Happened
from peyvand.analytical.scores.learned import Asked, Past, answered, words_of
from peyvand.kernel.errors import msgid

FIELDS: Final = {
    "pipeline": msgid("Pipeline"),
    "source": msgid("Source"),
    "stage": msgid("Stage"),
    "age": msgid("Opened"),
    "standing": msgid("In its stage since"),
    "back": msgid("Moved back in the pipeline"),
    "contacts": msgid("Calls, meetings and messages in 30 days"),
    "silent": msgid("Last contact"),
    "won_before": msgid("Earlier deals won with the customer"),
    "lost_before": msgid("Earlier deals lost with the customer"),
}
TODAY: Final = {
    "amount": msgid("Amount"),
    "expected": msgid("Expected close"),
    "competitor": msgid("Competitor"),
    "lost_reason": msgid("Lost reason"),
    "member": msgid("Owner"),
}
_LATELY: Final = 30
_DAYS: Final = frozenset({"age", "standing", "silent"})


def run(given: Inputs) -> Finding:
    """The chance of every open deal, as of the day."""
    as_of, deals = number_of(given.as_of), given.tables["deal"]
    rows = given.tables.fetch(deals.filter(deals.day <= given.as_of).order_by("deal"))
    id, day, closed = whole(rows, "deal"), whole(rows, "day"), numbers(rows, "closed")
    status = words(rows, "status")
    over: Yes = closed <= as_of
    ended = np.flatnonzero(over & (closed > day) & np.isin(status, ("won", "lost")))
    on = _one_day(id[ended], day[ended], closed[ended].astype(np.int64))
    seen = _Seen(given, rows)
    # Closed before the day that people gave for it, or opened again since.
    was_open = seen.is_open(ended, on)
    ended, on = ended[was_open], on[was_open]
    came: Yes = status[ended] == "won"
    require(msgid("deals won"), EACH, int(came.sum()))
    require(msgid("deals lost"), EACH, int((~came).sum()))
    now = np.flatnonzero(~over)
    now = now[seen.is_open(now, np.full(len(now), as_of))]
    of = seen.by(now, np.full(len(now), as_of))
    sources = words_of("deal", "source")

    def said(n: int, field: str) -> Any:
        value = of[field][n]
        if field in _DAYS:
            return None if np.isnan(value) else {"day": day_of(as_of - value).isoformat()}
        if of[field].dtype.kind == "f":
            return int(value)
        word = sources.get(str(value)) if field == "source" else None
        return {"text": word} if word else {"name": str(value)} if value else None

    asked = Asked(
        object="deal", fields=FIELDS, today=TODAY, said=said, figures=(Figure(msgid("Open deals"), len(now)),)
    )
    today: dict[str, NDArray[Any]] = {
        "amount": numbers(rows, "amount")[ended],
        "expected": numbers(rows, "expected")[ended],
        "competitor": words(rows, "competitor")[ended],
        "lost_reason": words(rows, "lost_reason")[ended],
        "member": np.array([str(value or "") for value in rows["member"].to_pylist()], np.str_)[ended],
    }
    past = Past(of=seen.by(ended, on), came=came, when=closed[ended].astype(np.int64), today=today)
    return answered(asked, past, id[now], of, (day_of(day[ended].min()), day_of(closed[ended].max())))


def _one_day(id: Whole, first: Whole, closed: Whole) -> Whole:
    """For each deal one of the days on which it was open, as by chance, but the same in every run."""
    share = (id * 2654435761 % 2**32) / 2**32
    return first + (share * (closed - first)).astype(np.int64)


class _Seen:
    """What was known of deals by the end of a day; rows are places in the table of deals."""

    def __init__(self, given: Inputs, rows: Any) -> None:
        self.rows, tables = rows, given.tables
        self.id, self.day = whole(rows, "deal"), whole(rows, "day")
        self.customer = np.nan_to_num(numbers(rows, "customer"), nan=-1).astype(np.int64)
        changes, met = tables["stage_change"], tables["interaction"]
        changes = changes.filter(changes.day <= given.as_of).order_by("at", "change")
        moves = tables.fetch(
            changes.select("deal", "day", "to_stage", "status", "from_position", "to_position")
        )
        deal, on = whole(moves, "deal"), whole(moves, "day")
        named = {name: words(moves, name) for name in ("to_stage", "status")}
        self.moves = Happened(deal, on, named)
        back: Yes = numbers(moves, "to_position") < numbers(moves, "from_position")
        self.back = Happened(deal[back], on[back])
        met = tables.fetch(met.filter(met.deal.notnull() & (met.day <= given.as_of)).select("deal", "day"))
        self.met = Happened(whole(met, "deal"), whole(met, "day"))
        closed, status = numbers(rows, "closed"), words(rows, "status")
        self.ends = {}
        for kind in ("won", "lost"):
            those = (status == kind) & np.isfinite(closed) & (self.customer >= 0)
            self.ends[kind] = Happened(self.customer[those], closed[those].astype(np.int64))

    def is_open(self, rows: Whole, on: Whole) -> Yes:
        """Whether its moves so far leave it open."""
        return np.isin(self.moves.last("status", self.id[rows], on), ("", "open"))

    def by(self, rows: Whole, on: Whole) -> dict[str, NDArray[Any]]:
        id, customer = self.id[rows], self.customer[rows]
        since = np.fmax(self.moves.last_day(id, on), self.day[rows])
        return {
            "pipeline": words(self.rows, "pipeline")[rows],
            "source": words(self.rows, "source")[rows],
            "stage": self.moves.last("to_stage", id, on),
            "age": (on - self.day[rows]).astype(np.float64),
            "standing": on - since,
            "back": self.back.count(id, on),
            "contacts": self.met.count(id, on, on - _LATELY),
            "silent": on - self.met.last_day(id, on),
            "won_before": self.ends["won"].count(customer, on),
            "lost_before": self.ends["lost"].count(customer, on),
        }
