"""Series of tasks and meetings: begun from a record, carried on one record at a time, changed, ended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, RuleViolation, msg
from peyvand.kernel.recurrence import Rule, next_day
from peyvand.operational.activities.public import MEETING, TASK
from peyvand.operational.scheduling.models import Occurrence, Series
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, Link
from peyvand.platform.identity.actor import Tenant
from peyvand.platform.identity.models import User
from peyvand.platform.objects.cleaning import clean_rows
from peyvand.platform.objects.records import create_records, delete_records, update_records
from peyvand.platform.objects.spec import ObjectSpec

KINDS: Final[Mapping[str, ObjectSpec]] = {"task": TASK, "meeting": MEETING}
STARTS: Final = {"task": "due_at", "meeting": "starts_at"}
OPEN: Final = {"task": "open", "meeting": "planned"}
# What belongs to one record of a series alone.
_OWN: Final = frozenset({"owner", "status", "due_at", "starts_at", "ends_at", "outcome", "done_at"})
# Series of one set, in a transaction of its own.
SET: Final = 200


def of_record(kind: str, id: int) -> Occurrence | None:
    """The place of a record in its series, with the series."""
    rows = Occurrence.objects.filter(object=kind, object_id=id).select_related("series")
    found: Occurrence | None = rows.first()
    return found


def begin(ctx: Context, spec: ObjectSpec, record: Any, rule: Rule) -> Series:
    """Have a record come again by a rule. One that does so already goes on by the new rule, from itself on: later records
    that are still open go to the bin. Those that were given to somebody else stay, and their days are theirs.

    Raises:
        RuleViolation: it has no time, or the rule never comes after it.
    """
    tz = ctx.tenant.tz
    if (start := getattr(record, STARTS[spec.key])) is None:
        raise RuleViolation(msg("Give it a time first: what comes again needs one."))
    day = start.astimezone(tz).date()
    if next_day(replace(rule, count=None), day, day) is None:
        raise RuleViolation(msg("By this rule it never comes again."))
    known = _held(ctx, spec, record)
    series: Series = known.series if known else Series(kind=spec.key)
    if known:
        later = _later(series, known.on)
        found = _open(spec, [o.object_id for o in later])
        given = {r.id for r in found if r.owner_id != series.owner_id}
        delete_records(ctx, spec, [r for r in found if r.id not in given])
        kept = [o for o in later if o.object_id in given]
        series.left_out = sorted({*series.left_out, *(o.on.isoformat() for o in kept)})
        Occurrence.objects.filter(id__in=[o.id for o in later if o not in kept]).delete()
    series.rule, series.starts_on, series.last_on, series.ended_at = rule.to_json(), day, day, None
    _take(spec, series, record, tz)
    series.save()
    if known is None:
        Occurrence.objects.create(series=series, object=spec.key, object_id=record.id, on=day)
    elif known.on != day:
        Occurrence.objects.filter(id=known.id).update(on=day)
    ctx.touch(spec.key, record.id)
    return series


def shifted(ctx: Context, spec: ObjectSpec, record: Any) -> Rule:
    """The rule of a record's series as it is from the day to which the record was moved.

    Raises:
        RuleViolation: it does not come again, has no time, or its rule names days of months: that is changed by hand.
    """
    known = _known(ctx, spec, record)
    rule: Rule = known.series.repeats
    if (start := getattr(record, STARTS[spec.key])) is None:
        raise RuleViolation(msg("Give it a time first: what comes again needs one."))
    if rule.nth is not None or rule.day is not None:
        raise RuleViolation(
            msg("Its rule names a day of the month. Change the rule, or move this one alone.")
        )
    by = (start.astimezone(ctx.tenant.tz).date() - known.on).days
    count = rule.count
    if count is not None:
        count = max(1, count - Occurrence.objects.filter(series=known.series, on__lt=known.on).count())
    days = tuple(sorted((day + by) % 7 for day in rule.weekdays)) if rule.unit == "week" else rule.weekdays
    return replace(rule, weekdays=days, count=count)


def apply(ctx: Context, spec: ObjectSpec, record: Any, *, backwards: bool) -> int:
    """Have a series go on as this record is by now; what is open later, and with ``backwards`` earlier, becomes like it too,
    and its owner's. What was given to somebody else before is theirs, and stays as it is.

    Returns how many other records there are of that.
    """
    known = _known(ctx, spec, record)
    tz, series = ctx.tenant.tz, known.series
    start = getattr(record, STARTS[spec.key])
    if start is None:
        raise RuleViolation(msg("Give it a time first: what comes again needs one."))
    before = series.owner_id
    _take(spec, series, record, tz)
    series.save()
    rows = Occurrence.objects.filter(series=series).exclude(id=known.id)
    asked = {o.object_id: o.on for o in (rows if backwards else rows.filter(on__gt=known.on))}
    others = [r for r in _open(spec, asked) if r.owner_id == before]
    values = {**_values(ctx, spec, [series])[0], "owner": series.owner_id}
    update_records(ctx, spec, others, [{**values, **_times(spec, series, asked[r.id], tz)} for r in others])
    ctx.touch(spec.key, record.id)
    return len(others)


def end(ctx: Context, spec: ObjectSpec, record: Any) -> Series:
    """Let a series end; what it made stays."""
    series: Series = _known(ctx, spec, record).series
    if series.ended_at is not None:
        raise RuleViolation(msg("This series has ended already."))
    series.ended_at = clock.now()
    series.save(update_fields=["ended_at"])
    ctx.touch(spec.key, record.id)
    return series


def leave_out(ctx: Context, spec: ObjectSpec, record: Any, days: Collection[date]) -> None:
    """Have a series not come on these days, of which none has its record yet; what the rule does not say is passed over."""
    series: Series = _known(ctx, spec, record).series
    said = {day.isoformat() for day in days if day > series.last_on}
    series.left_out = sorted({*series.left_out, *said})
    series.save(update_fields=["left_out"])
    ctx.touch(spec.key, record.id)


def carry_on(ctx: Context, ids: Iterable[int]) -> int:
    """Make the next record of each of these series, in sets; return how many were made.

    Their rows are locked, and no day can have two records, so it does no harm when two do it at once or one twice. Days that
    went by unseen, while nothing ran, are not made up for.
    """
    rows = Series.objects.filter(id__in=list(ids), ended_at__isnull=True).order_by("id")
    held: list[Series] = list(rows.select_for_update(of=("self",), skip_locked=True))
    today, made = clock.today(ctx.tenant.tz), 0
    kept = set(Occurrence.objects.filter(series__in=held).values_list("series_id", flat=True))
    for kind, spec in KINDS.items():
        due: list[tuple[Series, date]] = []
        for series in (s for s in held if s.kind == kind):
            after = max(series.last_on, today - timedelta(days=1))
            day = series.next_after(after) if series.id in kept else None
            if day is None:
                series.ended_at = clock.now()
            else:
                due.append((series, day))
        made += _make(ctx, spec, due)
    Series.objects.bulk_update(held, ["last_on", "due_at", "ended_at"])
    return made


def due(tenant: Tenant) -> list[int]:
    """Series whose latest record's time has come, at most SET."""
    rows = Series.objects.filter(ended_at__isnull=True, due_at__lte=clock.now()).order_by("due_at", "id")
    return list(rows.values_list("id", flat=True)[:SET])


def _make(ctx: Context, spec: ObjectSpec, due: Sequence[tuple[Series, date]]) -> int:
    if not due:
        return 0
    tz = ctx.tenant.tz
    rows = [
        {**values, **_times(spec, series, day, tz), "owner": series.owner_id, "status": OPEN[spec.key]}
        for values, (series, day) in zip(_values(ctx, spec, [s for s, _ in due]), due, strict=True)
    ]
    records = create_records(ctx, spec, rows)
    Occurrence.objects.bulk_create(
        Occurrence(series=series, object=spec.key, object_id=record.id, on=day)
        for record, (series, day) in zip(records, due, strict=True)
    )
    for series, day in due:
        series.last_on, series.due_at = day, series.moment(day, tz)
    return len(records)


def _take(spec: ObjectSpec, series: Series, record: Any, tz: Any) -> None:
    """Have the series go on like this record."""
    start: datetime = getattr(record, STARTS[spec.key])
    local = start.astimezone(tz)
    ends = getattr(record, "ends_at", None)
    series.at = local.time().replace(second=0, microsecond=0)
    series.minutes = round((ends - start).total_seconds() / 60) if ends else None
    series.owner_id = record.owner_id
    series.due_at = series.moment(series.last_on, tz)
    series.pattern = {}
    for field in spec.own_fields:
        if field.readonly or field.key in _OWN or getattr(field, "is_unique", False):
            continue
        value = (
            field.load([record.id]).get(record.id, field.empty())
            if isinstance(field, Compound)
            else field.read(record)
        )
        series.pattern[field.key] = value if isinstance(field, Link) else field.to_json(value)


def _values(ctx: Context, spec: ObjectSpec, series: Sequence[Series]) -> list[dict[str, Any]]:
    """What the records of these series begin with. What is not there any more, a person or a field, is left out."""
    known = spec.all_fields
    given = [{key: value for key, value in s.pattern.items() if key in known} for s in series]
    required = {STARTS[spec.key]: clock.now()}
    read = clean_rows(ctx, spec, [{**row, **required} for row in given])
    gone = [{(p.field or "").partition(".")[0] for p in problems} for _, problems in read]
    if any(gone):
        kept = [
            {k: v for k, v in row.items() if k not in lost} for row, lost in zip(given, gone, strict=True)
        ]
        read = clean_rows(ctx, spec, [{**row, **required} for row in kept])
    active = set(
        User.objects.filter(id__in=[s.owner_id for s in series], is_active=True).values_list("id", flat=True)
    )
    for s in series:
        s.owner_id = s.owner_id if s.owner_id in active else None
    return [{k: v for k, v in values.items() if k not in _OWN} for values, _ in read]


def _times(spec: ObjectSpec, series: Series, day: date, tz: Any) -> dict[str, Any]:
    start = series.moment(day, tz)
    times: dict[str, datetime | None] = {STARTS[spec.key]: start}
    if spec is MEETING:
        # Of what passes through a change of the clocks, the length stays.
        length = timedelta(minutes=series.minutes) if series.minutes is not None else None
        times["ends_at"] = (start.astimezone(UTC) + length) if length is not None else None
    return times


def _known(ctx: Context, spec: ObjectSpec, record: Any) -> Occurrence:
    known = _held(ctx, spec, record)
    if known is None:
        raise RuleViolation(msg("This does not come again."))
    return known


def _held(ctx: Context, spec: ObjectSpec, record: Any) -> Occurrence | None:
    """The place of a record in its series, which nobody else carries on or changes until the transaction ends.

    Raises:
        NotAllowed: the series is of somebody whose records the actor may not change.
    """
    rows = Occurrence.objects.filter(object=spec.key, object_id=record.id)
    if (id := rows.values_list("series_id", flat=True).first()) is None:
        return None
    series = Series.objects.select_for_update().get(id=id)
    # Whoever had it before may have taken the record out of it.
    known: Occurrence | None = rows.filter(series=series).first()
    if known is None:
        return None
    if series.owner_id not in (None, record.owner_id):
        # Who was given one of them has not got the others.
        another = copy(record)
        another.owner_id = series.owner_id
        if not decide(ctx.actor, spec.permission("update"), another):
            raise NotAllowed(msg("The series is somebody else's: this one alone can be changed."))
    known.series = series
    return known


def _later(series: Series, on: date) -> list[Occurrence]:
    return list(Occurrence.objects.filter(series=series, on__gt=on))


def _open(spec: ObjectSpec, ids: Collection[int]) -> list[Any]:
    rows = spec.rows.filter(id__in=list(ids), status=OPEN[spec.key], deleted_at__isnull=True)
    return list(rows.order_by("id"))
