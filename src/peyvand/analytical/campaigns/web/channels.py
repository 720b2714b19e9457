"""The shares of channels: what each is owed of first purchases, by five ways of sharing them out, and the commonest ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.analytical.analyses.objects import ANALYSIS
from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.saying import shown
from peyvand.analytical.warehouse.star import TABLES
from peyvand.kernel.errors import NotAllowed
from peyvand.operational.contacts.public import SOURCES
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import find_object
from peyvand.web.components.charts import Mark, Series, drawn
from peyvand.web.components.tags import money_short
from peyvand.web.objects.lists.links import list_url
from peyvand.web.objects.pages.answers import page_url
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, register_screen

# Every touch and every sale is counted.
_OBJECTS: Final = (*TABLES["touch"].tells, *TABLES["sale"].tells)
_FIELDS: Final = ("order.total", "invoice.total")
METHODS: Final = {
    "markov": (_("Lost without it"), _("How many purchases would be lost if every path through the channel ended there (Markov removal effect).")),
    "shapley": (_("What it adds"), _("What the channel adds on average to every set of the others (Shapley value).")),
    "first": (_("First touch"), _("All credit to the channel where the customer first met us.")),
    "last": (_("Last touch"), _("All credit to the last channel before the purchase.")),
    "linear": (_("Equal parts"), _("Equal credit to every touch on the path.")),
}  # fmt: skip
_OWN: Final = {
    "": _("Not said"),
    "form": _("Web form"),
    "mail": _("E-mail of a sequence"),
    "sms": _("Message of a sequence"),
    "call": _("Recorded call"),
    "meeting": _("Meeting held"),
}


def _closed(ctx: Context) -> Any:
    return closed(ctx.actor, _OBJECTS, _FIELDS)


ATTRIBUTION = register_screen(
    Screen("attribution", _("Share of channels"), "chart", "insights/attribution", place=5, opens=lambda ctx: _closed(ctx) is None)
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A channel: its touches, the ways it is on, what it is owed by each method, and the interval of the chosen one."""

    name: str
    touches: int
    ways: int
    url: str
    cells: tuple[tuple[str, bool], ...]
    low: str
    high: str


@require_GET
def attribution(request: HttpRequest, workspace: str) -> HttpResponse:
    """``?by=`` a method, ``?in=value`` for what purchases brought instead of their number."""
    ctx = context_of(request)
    if reason := _closed(ctx):
        raise NotAllowed(reason)
    standing = standing_of(ctx, "attribution")
    more = standing.more
    # The database keeps no order of keys.
    found = {key: more["methods"][key] for key in METHODS if key in more.get("methods", {})}
    by = request.GET.get("by", "")
    by = by if by in found else next(iter(found), "")
    is_value = request.GET.get("in") == "value"
    lines = _lines(ctx, more["channels"], found, by, is_value) if found else []
    return render(request, "campaigns/attribution.html", {
        "standing": standing, "lines": lines, "by": by, "is_value": is_value,
        "about": METHODS[by][1] if by else "",
        "methods": [(key, METHODS[key][0], key == by) for key in found],
        "chart": _chart(lines, found[by], is_value) if lines else None,
        "ways": [_way(way) for way in more.get("ways", ())], "more": more,
        "value": money_short(more.get("value")), "settings": page_url(ctx, ANALYSIS, standing.choice) if standing.choice else "",
    })  # fmt: skip


def named(channel: str) -> str:
    """A channel in the reader's words; a source that somebody made up stays as it is."""
    known: dict[str, str | Promise] = {**{option.key: option.label for option in SOURCES}, **_OWN}
    return str(known.get(channel, channel))


def _lines(
    ctx: Context, channels: Sequence[Any], methods: Mapping[str, Any], by: str, is_value: bool
) -> list[Line]:
    """The channels, the one that is owed most first."""
    column = "value" if is_value else "conversions"

    def told(value: float) -> str:
        return shown(round(value), "money" if is_value else "number", ctx.reader)

    order = sorted(range(len(channels)), key=lambda n: -methods[by][column][n])
    return [
        Line(
            named(channel["key"]),
            channel["touches"],
            channel["ways"],
            _list(ctx, channel["key"]),
            tuple((told(methods[key][column][n]), key == by) for key in methods),
            *("" if is_value else told(methods[by][end][n]) for end in ("low", "high")),
        )
        for n in order
        for channel in (channels[n],)
    ]


def _chart(lines: Sequence[Line], method: Mapping[str, Any], is_value: bool) -> Any:
    """Bars, the longest first."""
    values = sorted(method["value" if is_value else "conversions"], reverse=True)
    marks = tuple(
        Mark(value, next(text for text, is_own in line.cells if is_own), line.url)
        for line, value in zip(lines, values, strict=True)
    )
    called = gettext("Value of first purchases") if is_value else gettext("First purchases")
    return drawn("bars", gettext("Share of channels"), [line.name for line in lines], Series(called, marks))


def _list(ctx: Context, channel: str) -> str:
    """The list of the touches of a channel; empty where none can say it."""
    key, asked = _asked(channel)
    spec = find_object(key)
    return "" if spec is None else list_url(ctx, spec, *asked)


def _asked(channel: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    match channel:
        case "form":
            return "lead", ({"field": "form", "op": "filled"},)
        case "call":
            return "call", ()
        case "meeting":
            return "meeting", ({"field": "status", "op": "is", "value": "held"},)
        case "mail" | "sms":
            came = {"field": "state", "op": "in", "value": ["sent", "delivered"]}
            return "sequence_run", ({"field": "kind", "op": "is", "value": channel}, came)
    source = (
        {"field": "source", "op": "is", "value": channel} if channel else {"field": "source", "op": "empty"}
    )
    return "lead", (source, {"field": "form", "op": "empty"})


def _way(way: Mapping[str, Any]) -> dict[str, Any]:
    gone = way["converted"] + way["lost"]
    return {
        "names": [named(channel) for channel in way["way"]],
        "converted": way["converted"],
        "share": way["converted"] / gone,
        "value": money_short(way["value"]),
    }
