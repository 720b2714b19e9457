"""What is concluded about a record, as somebody reads it: values with intervals and reasons, of which day, by which model."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot, in_slot
from peyvand.platform.fields.types import Choice, Link, Ref
from peyvand.platform.insights.fields import InInsight, run_of
from peyvand.platform.insights.models import InsightRow, InsightRun
from peyvand.platform.insights.telling import Reason, read_reasons, said
from peyvand.platform.objects.sight import named
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.lookups import lookup


@dataclass(frozen=True)
class Insight:
    """One insight about one record. ``low`` and ``high`` enclose the value, in its own unit; None where nothing does."""

    field: InInsight
    value: Any
    low: Any
    high: Any
    reasons: Sequence[Reason]
    since: datetime


@dataclass(frozen=True)
class Concluded:
    """What one analysis concluded about a record: as of which day, by which version of its model, and until when it holds. ``ahead``:
    of how many days from then on, if of any; ``caution``: why it is not to be taken at its word, empty where it is."""

    analysis: str
    insights: Sequence[Insight]
    as_of: date
    version: int
    expires_on: date
    card_id: int | None
    ahead: int | None
    caution: str


def insights_of(spec: ObjectSpec) -> list[InInsight]:
    """Every insight that records of an object may have, in the order of their analyses."""
    return [f for f in spec.declared.all_fields.values() if isinstance(f, InInsight)]


def concluded(ctx: Context, spec: ObjectSpec, id: int) -> list[Concluded]:
    """All that is concluded about a record and that the actor may know, analysis by analysis; two statements."""
    hidden = ctx.actor.grants.hides(spec.key)
    fields = [f for f in insights_of(spec) if f.key not in hidden]
    rows = {r.analysis: r for r in _rows_of(spec.key, id)} if fields else {}
    keys = {key: run_of(key, spec.key) for key in rows}
    runs = {r.analysis: r for r in _runs_of(list(keys.values()))} if rows else {}
    out = []
    for key in dict.fromkeys(f.analysis for f in fields):
        row, run = rows.get(key), runs.get(keys.get(key, ""))
        if row is None or run is None:
            continue
        read = (_read(ctx, f, row, hidden) for f in fields if f.analysis == key)
        if found := [insight for insight in read if insight is not None]:
            caution = said(run.caution, ctx.reader) if run.caution else ""
            out.append(
                Concluded(key, found, run.as_of, run.version, run.expires_on, run.card_id, run.ahead, caution)
            )
    return out


@lookup("text", "bigint")
def _rows_of(object: Slot, id: Slot) -> QuerySet[Any]:
    return InsightRow.objects.filter(object=object, object_id=id)


@lookup("text[]")
def _runs_of(analyses: Slot) -> QuerySet[Any]:
    return InsightRun.objects.filter(in_slot("analysis", analyses))


def _read(ctx: Context, field: InInsight, row: InsightRow, hidden: Set[str]) -> Insight | None:
    value = field.from_columns([getattr(row, field.slot)])
    if isinstance(field, Link) and isinstance(value, Ref):
        value = named(ctx.actor, [value])[value]
        if value.is_unseen:
            return None
    if value is None or value == "":
        return None
    told = row.told.get(field.key) or {}
    reasons = read_reasons(told.get("reasons", ()), ctx.reader, hidden)
    return Insight(field, value, told.get("low"), told.get("high"), reasons, row.since)


def shown_tone(insight: Insight) -> str:
    """The tone of the level that an insight says, if it is one."""
    option = insight.field.option(insight.value) if isinstance(insight.field, Choice) else None
    return option.tone if option else ""
