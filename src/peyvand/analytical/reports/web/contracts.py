"""What a business of contracts and subscriptions looks at: who stays, and whose contract is at risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count

from peyvand.analytical.analyses.public import standing_of
from peyvand.analytical.analyses.rights import closed
from peyvand.analytical.analyses.web.listed import listed
from peyvand.analytical.measures.sources import SOURCES
from peyvand.analytical.reports.web.members import Level, any_of, rows_of, sees, shade
from peyvand.analytical.warehouse.public import present, reading
from peyvand.kernel import numbers
from peyvand.kernel.persian.calendar import calendar_of, from_parts
from peyvand.operational.targets.public import name_of
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice
from peyvand.platform.objects.spec import object_named

# Months in which something began that the grid shows, and months that it follows them.
MONTHS: Final = 13
_OBJECTS: Final = SOURCES["subscription_started"].objects


@dataclass(frozen=True)
class Began:
    """What began in a month: how many, and the share that still ran by months since, how dark it is drawn, and of how many it is."""

    name: str
    count: int
    cells: tuple[tuple[str, int, str], ...]


def opens(ctx: Context) -> bool:
    return closed(ctx.actor, _OBJECTS, ()) is None and any_of(_OBJECTS)


def sees_risk(ctx: Context) -> bool:
    return sees(ctx, "lapse_risk", "lapse_level") and any_of(_OBJECTS)


def retention(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """The share that still runs, by the month of its beginning and the months since."""
    # Loads the engine, which pages without figures do without.
    from peyvand.analytical.measures.subscriptions import stays

    calendar = calendar_of(ctx.reader.language)
    with reading() as tables:
        found = stays(tables, present(ctx.tenant), calendar)
    rows = [
        Began(
            name_of("month", from_parts(one.month // 12, one.month % 12 + 1, 1, calendar), calendar, ctx.reader.language),
            one.began, tuple(shade(ctx, n, one.began) for n in one.still[:MONTHS]),
        )
        for one in found[-MONTHS:]
    ]  # fmt: skip
    ages = range(max((len(row.cells) for row in rows), default=0))
    return {
        "template": "reports/_retention.html", "rows": rows, "ages": [numbers.format_number(age, ctx.reader.language) for age in ages],
    }  # fmt: skip


def risks(ctx: Context, given: Mapping[str, str]) -> Mapping[str, Any]:
    """The customers by how likely a contract of theirs ends, the likeliest first."""
    told = standing_of(ctx, "lapse")
    field = object_named("person").declared.all_fields["lapse_level"]
    assert isinstance(field, Choice)
    counted = list(rows_of("lapse").values("object", "text1").annotate(count=Count("id")))
    everybody = sum(row["count"] for row in counted) or 1
    found = []
    for option in reversed(field.options):
        counts = {row["object"]: row["count"] for row in counted if row["text1"] == option.key}
        condition = {"field": "lapse_level", "op": "is", "value": option.key}
        if lists := listed(
            ctx, counts, condition, ("lapse_level", "lapse_risk", "agreed_until"), "-lapse_risk"
        ):
            found.append(Level(option.label, option.tone, sum(counts.values()) / everybody, lists))
    return {
        "template": "reports/_risks.html",
        "risks": found,
        "as_of": told.as_of,
        "how": told,
        "told_by": told.told_by,
    }
