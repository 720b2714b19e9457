"""Segments of buyers as a grid of how lately and how much they buy, and how buyers moved between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Sum
from django.utils.translation import gettext, ngettext

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.web.listed import Listed, listed
from peyvand.analytical.reports.web.members import rows_of, sees
from peyvand.kernel import numbers
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Option
from peyvand.platform.insights.models import InsightRun
from peyvand.platform.objects.spec import object_named
from peyvand.web.components.charts import Chart, Flow, Mark, Series, Tone
from peyvand.web.components.tags import money_short


@dataclass(frozen=True)
class Segment:
    """A segment of buyers: how many they are, and the share of what all bought."""

    key: str
    label: Any
    tone: str
    count: int
    share: float
    amount: str
    lists: tuple[Listed, ...]


def opens(ctx: Context) -> bool:
    return sees(ctx, "rfm_segment", "bought_amount")


def segments(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Every segment with its people and companies; each opens its list."""
    counted = list(
        rows_of("rfm").values("object", "text1").annotate(count=Count("id"), amount=Sum("number2"))
    )
    everything = sum(row["amount"] or 0 for row in counted) or 1
    found = []
    for option in _options():
        own = [row for row in counted if row["text1"] == option.key]
        amount = sum(row["amount"] or 0 for row in own)
        lists = _lists(ctx, option.key, {row["object"]: row["count"] for row in own})
        found.append(
            Segment(
                option.key, option.label, option.tone, sum(one.count for one in lists), amount / everything,
                money_short(amount), lists,
            )
        )  # fmt: skip
    run = InsightRun.objects.filter(analysis="rfm").first()
    return {
        "template": "reports/_segments.html", "segments": found, "buyers": sum(s.count for s in found),
        "as_of": run.as_of if run else None, "how": standing_of(ctx, "rfm"),
    }  # fmt: skip


def migration(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """Where the buyers of a month ago are now; a segment of today opens its list."""
    told = standing_of(ctx, "rfm")
    if not (moved := told.more.get("migration")):
        return {"template": "reports/_migration.html", "how": told}
    counts: list[list[int]] = moved["counts"]
    flows = {(a, b): n for a, row in enumerate(counts) for b, n in enumerate(row) if n}
    return {
        "template": "reports/_migration.html", "chart": _flow(ctx, flows), "since": date.fromisoformat(moved["since"]),
        "as_of": told.as_of, "stayed": sum(n for (a, b), n in flows.items() if a == b),
        "buyers": sum(flows.values()),
    }  # fmt: skip


def _flow(ctx: Context, flows: Mapping[tuple[int, int], int]) -> Chart:
    options = (*_options(), Option("", gettext("No buyer"), ""))
    before, after = sorted({a for a, _ in flows}), sorted({b for _, b in flows})
    by_segment: dict[str, dict[str, int]] = {}
    for row in rows_of("rfm").values("object", "text1").annotate(count=Count("id")):
        by_segment.setdefault(row["text1"] or "", {})[row["object"]] = row["count"]

    def shown(count: int) -> str:
        n = numbers.format_number(count, ctx.reader.language)
        return ngettext("%(n)s customer", "%(n)s customers", count) % {"n": n}

    marks = [
        Mark(count, numbers.format_number(count, ctx.reader.language))
        for a in before
        if (count := sum(n for (origin, _), n in flows.items() if origin == a))
    ]
    for b in after:
        count = sum(n for (_, target), n in flows.items() if target == b)
        lists = _lists(ctx, options[b].key, by_segment.get(options[b].key, {}))
        url = lists[0].url if len(lists) == 1 else ""
        marks.append(Mark(count, numbers.format_number(count, ctx.reader.language), url))
    names = tuple(str(options[n].label) for n in (*before, *after))
    tones: tuple[Tone, ...] = tuple(_tone(options[n]) for n in (*before, *after))
    links = tuple(
        Flow(before.index(a), len(before) + after.index(b), Mark(n, shown(n))) for (a, b), n in flows.items()
    )
    label = gettext("How buyers moved between segments")
    return Chart(label, names, (Series(gettext("Buyers"), tuple(marks)),), "flow", flows=links, tones=tones)


def _tone(option: Option) -> Tone:
    match option.tone:
        case "good" | "bad" | "warn" | "info":
            return option.tone
    return "quiet"


def _options() -> tuple[Option, ...]:
    field = object_named("person").declared.all_fields["rfm_segment"]
    assert isinstance(field, Choice)
    return tuple(field.options)


def _lists(ctx: Context, segment: str, counts: Mapping[str, int]) -> tuple[Listed, ...]:
    condition = {"field": "rfm_segment", "op": "is", "value": segment}
    columns = ("rfm_segment", "order_count", "bought_amount", "last_order")
    return listed(ctx, counts, condition, columns, "-bought_amount")
