"""What tests of targets share: deals in a few lines, and the rows that a figure opens."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

from peyvand.operational.sales.models import Stage
from peyvand.operational.sales.objects import DEAL
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.records import create_records


def stages():
    """The stages of the default pipeline, by name's place: open ones, then won and lost by their kind."""
    found = list(Stage.objects.filter(pipeline__is_default=True).order_by("position", "id"))
    ends = {stage.kind: stage for stage in found if stage.kind != "open"}
    return [stage for stage in found if stage.kind == "open"], ends


def deal(ctx, name="Deal", **values):
    return create_records(ctx, DEAL, [clean(ctx, DEAL, {"name": name, **values})])[0]


def links(page: str) -> list[str]:
    """The addresses of lists of deals that stand in a page."""
    return [unescape(href) for href in re.findall(r'href="([^"]*/deals/\?[^"]*)"', page)]


def ids_behind(program, url: str) -> set[int]:
    """Ids of the deals that an address of the list shows."""
    asked = parse_qs(urlsplit(url).query)
    answer = program.get("deals", limit=200, **({"filter": asked["filter"][0]} if "filter" in asked else {}))
    assert answer.status == 200, answer.json
    return {item["id"] for item in answer.json["items"]}
