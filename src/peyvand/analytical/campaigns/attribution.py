"""What each channel is owed of first purchases, in five ways of sharing them out, and the ways that are commonest.

``more``: ``untouched`` (first purchases without a path), ``channels`` (key, touches, ways it is on),
``methods`` by key (conversions, low, high, value, each as long as the
channels), ``ways`` (channels one after another, how many came so and bought, how many did not, what it brought), and the sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from peyvand.analytical.analyses.contract import Card, Figure, Finding, Inputs
from peyvand.analytical.measures.paths import as_paths, first_purchases, touch_paths
from peyvand.analytical.methods.attribution import (
    SHAPLEY_CHANNELS,
    Attribution,
    Paths,
    first_touch,
    last_touch,
    linear,
    markov,
    paths,
    removal,
    shapley,
)
from peyvand.kernel.errors import Message, msg, msgid

WAYS: Final = 10
METHODS: Final[Mapping[str, Callable[[Paths], Attribution]]] = {
    "markov": markov, "shapley": shapley, "first": first_touch, "last": last_touch, "linear": linear,
}  # fmt: skip
_LEADS: Final = msgid("Paths that led to a purchase")


def run(given: Inputs) -> Finding:
    """Shares of the channels in the first purchases up to the day."""
    within, own = int(given.settings["horizon_days"]), bool(given.settings.get("own_contacts"))
    touched = touch_paths(given.tables, given.as_of, within=within, own_contacts=own)
    each, names = as_paths(given.tables.fetch(touched))
    ways, steps = together(each), together(once(each))
    chosen = [key for key in METHODS if key != "shapley" or ways.channels <= SHAPLEY_CHANNELS]
    found = {key: METHODS[key](ways) for key in chosen}
    more = {
        "within": within,
        "own_contacts": own,
        "untouched": first_purchases(given.tables, given.as_of) - int(ways.converted.sum()),
        "channels": [
            {"key": name, "touches": int((each.touches == n).sum()), "ways": _ways_on(steps, n)}
            for n, name in enumerate(names)
        ],
        "methods": {
            key: {
                name: np.round(getattr(one, name), 1).tolist()
                for name in ("conversions", "low", "high", "value")
            }
            for key, one in found.items()
        },
        "ways": _commonest(steps, names),
        "converted": int(ways.converted.sum()),
        "lost": int(ways.lost.sum()),
        "value": round(float(ways.value.sum())),
    }
    return Finding((), _card(given, ways, more), more)


def together(each: Paths) -> Paths:
    """The same paths once, with how often they were gone: a million customers go some hundreds of ways."""
    kept = each.touches.astype(np.int16)
    number: dict[bytes, int] = {}
    ends = zip(each.starts[:-1].tolist(), each.starts[1:].tolist(), strict=True)
    which = np.array([number.setdefault(kept[a:b].tobytes(), len(number)) for a, b in ends], np.int64)
    steps = [np.frombuffer(key, np.int16) for key in number]
    converted, lost, value = (
        np.bincount(which, weights=of, minlength=len(number))
        for of in (each.converted, each.lost, each.value)
    )
    touches = np.concatenate([*steps, np.empty(0, np.int16)]).astype(np.int64)
    return paths(touches, [len(one) for one in steps], converted, lost, value)


def once(each: Paths) -> Paths:
    """The paths without touches that only repeat the one before: three mails in a row are one step of a way."""
    begins = np.ones(len(each.touches), np.bool_)
    begins[1:] = each.touches[1:] != each.touches[:-1]
    begins[each.starts[:-1]] = True
    starts = np.concatenate(([0], np.cumsum(begins)))[each.starts]
    return paths(each.touches[begins], np.diff(starts), each.converted, each.lost, each.value)


def _ways_on(ways: Paths, channel: int) -> int:
    path = np.repeat(np.arange(len(ways.converted)), np.diff(ways.starts))
    on = np.unique(path[ways.touches == channel])
    return int(ways.converted[on].sum() + ways.lost[on].sum())


def _commonest(ways: Paths, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """The ways that led to most purchases."""
    order = np.lexsort((ways.lost, -ways.converted))[:WAYS]
    return [
        {
            "way": [names[c] for c in ways.touches[ways.starts[n] : ways.starts[n + 1]]],
            "converted": int(ways.converted[n]),
            "lost": int(ways.lost[n]),
            "value": round(float(ways.value[n])),
        }
        for n in order.tolist()
        if ways.converted[n] > 0
    ]


def _card(given: Inputs, ways: Paths, more: Mapping[str, Any]) -> Card:
    touches = given.tables["touch"]
    known = touches.filter(touches.customer.notnull() & (touches.day <= given.as_of))
    seen = given.tables.fetch(known.agg(first=known.day.min(), last=known.day.max())).to_pylist()[0]
    return Card(
        rows=sum(channel["touches"] for channel in more["channels"]),
        first=seen["first"],
        last=seen["last"],
        figures=(
            Figure(_LEADS, more["converted"]),
            Figure(msgid("First purchases without a known path"), more["untouched"]),
            Figure(msgid("Paths that led nowhere"), more["lost"]),
            Figure(msgid("Revenue of first purchases"), more["value"], "money"),
            Figure(msgid("Channels"), ways.channels),
            Figure(msgid("Chance that a path ends in a purchase"), 100 * removal(ways).conversion, "percent"),
        ),
        notes=tuple(_notes(ways, own_contacts=more["own_contacts"])),
        watched=("Chance that a path ends in a purchase",),
    )


def _notes(ways: Paths, *, own_contacts: bool) -> list[Message]:
    notes = [
        msg(
            "This describes which channels were there before people bought, not what would have happened without them:"
            " only a control group shows that."
        )
    ]
    notes.append(
        msg("Own calls and meetings count as channels, though people mostly call those who are about to buy.")
        if own_contacts
        else msg("Own calls and meetings are not counted: people mostly call those who are about to buy.")
    )
    if ways.channels > SHAPLEY_CHANNELS:
        notes.append(
            msg("Shapley shares are calculated for at most %(most)s channels; there are %(has)s.", most=SHAPLEY_CHANNELS, has=ways.channels)
        )  # fmt: skip
    return notes
