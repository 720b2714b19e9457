"""How likely a lead converts within the days after it came: learned from earlier leads by what was known on their first day.

Those that converted on that very day, and those that came longer ago than the days ahead, have no score.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from peyvand.analytical.analyses.columns import day_of, number_of, numbers, whole, words
from peyvand.analytical.analyses.contract import Figure, Finding, Inputs
from peyvand.analytical.methods.guards import Yes, require
from peyvand.analytical.methods.scoring import EACH
from peyvand.analytical.scores.happened import Happened
from peyvand.analytical.scores.learned import Asked, Past, answered, words_of
from peyvand.kernel.errors import msg, msgid

FIELDS: Final = {
    "source": msgid("Source"),
    "channel": msgid("Came in through"),
    "campaign": msgid("Campaign"),
    "weekday": msgid("Day of the week"),
    "contacts": msgid("Calls, meetings and messages on the first day"),
}
TODAY: Final = {
    "points": msgid("Points of the rules"),
    "customer": msgid("Customer"),
    "member": msgid("Owner"),
}
# In Django's own words.
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OPEN: Final = ("new", "working", "nurturing", "qualified")


def run(given: Inputs) -> Finding:
    """The chance of every lead that came lately and is open, as of the day."""
    horizon, as_of = int(given.settings["horizon_days"]), number_of(given.as_of)
    leads = given.tables["lead"]
    rows = given.tables.fetch(leads.filter(leads.day <= given.as_of).order_by("lead"))
    id, day, converted = whole(rows, "lead"), whole(rows, "day"), numbers(rows, "converted")
    of = _first_day(given, rows)
    # The day it came is when it is looked at.
    past: Yes = (day + horizon <= as_of) & ~(converted <= day)
    came: Yes = converted[past] <= day[past] + horizon
    require(msgid("leads that converted"), EACH, int(came.sum()))
    require(msgid("leads that did not convert"), EACH, int((~came).sum()))
    is_open = np.isin(words(rows, "status"), _OPEN) | (converted > as_of)
    now = np.flatnonzero((day + horizon > as_of) & is_open)
    today = {
        "points": numbers(rows, "score"),
        "customer": np.where(np.isnan(numbers(rows, "customer")), "", "known"),
        "member": np.array([str(value or "") for value in rows["member"].to_pylist()], np.str_),
    }
    sources = words_of("lead", "source")

    def said(n: int, field: str) -> Any:
        value = of[field][now[n]]
        match field:
            case "source" | "channel":
                word = {**sources, "form": msgid("Form")}.get(str(value))
                return {"text": word} if word else {"name": str(value)} if value else None
            case "weekday":
                return {"text": str(value)}
            case "contacts":
                return int(value)
        return {"name": str(value)} if value else None

    asked = Asked(
        object="lead", fields=FIELDS, today=TODAY, said=said,
        figures=(Figure(msgid("Open leads with a score"), len(now)), Figure(msgid("Days ahead"), horizon, "days")),
        notes=(msg("Leads that came in more than %(days)s days ago have no score.", days=horizon),),
    )  # fmt: skip
    learned = Past(
        of={key: column[past] for key, column in of.items()}, came=came, when=day[past],
        today={key: column[past] for key, column in today.items()},
    )  # fmt: skip
    span = day_of(day[past].min()), day_of(day[past].max())
    return answered(asked, learned, id[now], {key: column[now] for key, column in of.items()}, span)


def _first_day(given: Inputs, rows: Any) -> dict[str, NDArray[Any]]:
    """What was known of each lead by the end of the day it came."""
    id, day = whole(rows, "lead"), whole(rows, "day")
    touches = given.tables["touch"]
    touches = touches.filter(touches.lead.notnull() & (touches.day <= given.as_of))
    met = given.tables.fetch(touches.select("touch", "lead", "day", "channel", "campaign").order_by("touch"))
    own = np.char.startswith(words(met, "touch"), "lead:")
    lead, on = whole(met, "lead"), whole(met, "day")
    came_by = {name: words(met, name)[own] for name in ("channel", "campaign")}
    coming, others = Happened(lead[own], on[own], came_by), Happened(lead[~own], on[~own])
    source, channel = words(rows, "source"), coming.last("channel", id, day)
    return {
        "source": source,
        # By no form, the channel repeats the source.
        "channel": np.where(channel == source, "", channel),
        "campaign": coming.last("campaign", id, day),
        # The first of January 1970 was a Thursday.
        "weekday": np.array(_WEEKDAYS)[(day + 3) % 7],
        "contacts": others.count(id, day, day),
    }
