"""Writing insights: an analysis' conclusions about many records, in sets; what did not change is not written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
from django.utils.translation import override

from peyvand.kernel import clock
from peyvand.platform.actions.action import perform
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import array
from peyvand.platform.database.prepared import fetch, run
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.operations import declare_verb
from peyvand.platform.insights.events import InsightLevelChanged
from peyvand.platform.insights.fields import InInsight, InsightLevel, run_of
from peyvand.platform.insights.models import SLOTS, TEXTS, InsightRow, InsightRun
from peyvand.platform.insights.telling import open_to_all
from peyvand.platform.workspaces.scope import current_workspace_id

SET = 5000
_KINDS = {
    slot: "bigint" if slot.startswith("number") else "text" if slot.startswith("text") else "date"
    for slot in SLOTS
}
_NEW = ", ".join(("object_id", *SLOTS, "told"))
_VALUES = ", ".join(("%s::bigint[]", *(f"%s::{_KINDS[s]}[]" for s in SLOTS), "%s::text[]"))
_KEEP = f"""
with new as materialized (select * from unnest({_VALUES}) as v({_NEW})),
old as materialized (
    select object_id, text1, text2, text3 from insight
    where workspace_id = %s::bigint and analysis = %s::text and object = %s::text and object_id in (select object_id from new)
),
kept as (
    insert into insight as t (workspace_id, analysis, object, since, {_NEW})
    select %s::bigint, %s::text, %s::text, %s::timestamptz, object_id, {", ".join(SLOTS)}, told::jsonb from new
    on conflict (workspace_id, analysis, object, object_id) do update
    set since = excluded.since, {", ".join(f"{s} = excluded.{s}" for s in (*SLOTS, "told"))}
    where ({", ".join(f"t.{s}" for s in (*SLOTS, "told"))}) is distinct from ({", ".join(f"excluded.{s}" for s in (*SLOTS, "told"))})
    returning object_id
)
select object_id, o.text1, o.text2, o.text3 from kept left join old o using (object_id)
"""  # noqa: S608 made of our own names
_KNOWN = "select object_id from insight where workspace_id = %s::bigint and analysis = %s::text and object = %s::text"
_FORGET = "delete from insight where workspace_id = %s::bigint and analysis = %s::text and object = %s::text and object_id = any(%s::bigint[])"

KEEP, RECORD = "insight.keep", "insight.record"
declare_verb(KEEP, admin=True)
# What others concluded, by the API.
declare_verb(RECORD, admin=True)


@dataclass(frozen=True)
class Scores:
    """What an analysis concluded about records of one object: for each id, the values by key of the insight.

    ``values[key]`` is as long as ``ids``, with None where nothing is known. ``told[key]``, if there, holds for each id what is
    known beside the value: ``{"low": …, "high": …, "reasons": […]}`` or None (telling.py).
    """

    object: str
    ids: Sequence[int]
    values: Mapping[str, Sequence[Any]]
    told: Mapping[str, Sequence[Mapping[str, Any] | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """How many rows were written, and how many changes of level were told."""

    written: int
    changed: int


def keep(ctx: Context, fields: Sequence[InInsight], scores: Scores) -> Kept:
    """Keep one set (at most ``SET`` ids) of an analysis' scores. Levels that changed are told as facts; a first one is none."""
    return perform(ctx, KEEP, (), lambda: keep_within(ctx, fields, scores))


def keep_within(ctx: Context, fields: Sequence[InInsight], scores: Scores) -> Kept:
    """The same as a part of an action whose own right was asked."""
    by_key = {f.key: f for f in fields if f.of == scores.object}
    slots: dict[str, Sequence[Any]] = {slot: [None] * len(scores.ids) for slot in SLOTS}
    for key, values in scores.values.items():
        slots[by_key[key].slot] = [by_key[key].encode(value) for value in values]
    told = [
        orjson.dumps({key: said[n] for key, said in scores.told.items() if said[n]}).decode()
        for n in range(len(scores.ids))
    ]
    here = [current_workspace_id(), next(iter(by_key.values())).analysis, scores.object]

    columns = (array(slots[slot], _KINDS[slot]) for slot in SLOTS)
    rows = fetch(
        _KEEP, [array(scores.ids, "bigint"), *columns, array(told, "text"), *here, *here, clock.now()]
    )
    facts = list(_changes(by_key, scores, slots, rows))
    ctx.record(*facts)
    return Kept(len(rows), len(facts))


def _changes(
    by_key: Mapping[str, InInsight], scores: Scores, slots: Mapping[str, Sequence[Any]], rows: Sequence[Any]
) -> Iterator[InsightLevelChanged]:
    levels = [f for f in by_key.values() if isinstance(f, InsightLevel) and f.is_told]
    places = {id: n for n, id in enumerate(scores.ids)}
    has_begun = any(one.begins for one in levels) and _has_run(levels[0], scores.object)
    for id, *texts in rows:
        before = dict(zip(TEXTS, texts, strict=True))
        for one in levels:
            was = before[one.slot] or (one.begins if has_begun else "")
            now = slots[one.slot][places[id]]
            if was and now and was != now:
                told = scores.told[one.key][places[id]] if one.key in scores.told else None
                yield _fact(one, scores.object, id, was, now, (told or {}).get("reasons", []))


def _has_run(one: InsightLevel, object_key: str) -> bool:
    return InsightRun.objects.filter(analysis=run_of(one.analysis, object_key)).exists()


def _fact(
    one: InsightLevel, object_key: str, id: int, was: str, now: str, reasons: Sequence[Any]
) -> InsightLevelChanged:
    with override("en"):
        names = {"insight": str(one.label)} | {
            key: str(option.label)
            for key, value in (("was", was), ("now", now))
            if (option := one.option(value))
        }
    return InsightLevelChanged(
        object=object_key, object_id=id, insight=one.key, was=was, now=now, direction=one.direction(was, now),
        reasons=open_to_all(reasons), names=names,
    )  # fmt: skip


def forget_others(ctx: Context, analysis: str, object_key: str, ids: Collection[int]) -> int:
    """Remove what the analysis concluded earlier about records that it says nothing of any more; return how many."""
    here = [current_workspace_id(), analysis, object_key]
    left = sorted({row[0] for row in fetch(_KNOWN, here)} - set(ids))
    for start in range(0, len(left), SET):
        run(_FORGET, [*here, array(left[start : start + SET], "bigint")])
    return len(left)


def note_run(
    analysis: str,
    *,
    version: int,
    as_of: date,
    expires_on: date,
    card_id: int | None,
    ahead: int | None = None,
    caution: Sequence[Any] = (),
) -> None:
    """Say of which day and model all rows of the analysis are from now on, of how many days ``ahead``, and with which ``caution``."""
    told = {
        "version": version, "as_of": as_of, "expires_on": expires_on, "card_id": card_id, "ahead": ahead, "caution": list(caution),
    }  # fmt: skip
    before = InsightRun.objects.filter(analysis=analysis).values_list("ahead", flat=True).first()
    InsightRun.objects.update_or_create(analysis=analysis, defaults=told)
    if ahead != before:
        # Labels name it.
        access_changed(current_workspace_id())


def forget_expired(today: date) -> list[str]:
    """Remove the rows of runs that nobody renewed in time; return the keys of those runs."""
    late = list(InsightRun.objects.filter(expires_on__lt=today).values_list("analysis", flat=True))
    for key in late:
        analysis, _, object_key = key.partition(":")
        rows = InsightRow.objects.filter(analysis=analysis)
        (rows.filter(object=object_key) if object_key else rows).delete()
    InsightRun.objects.filter(analysis__in=late).delete()
    return late
