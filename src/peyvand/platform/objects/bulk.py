"""One verb for many records: those chosen by hand, or all that match a condition.

Records that the actor may not change, or that a rule refuses, are counted with the reason; the others go through. A
few hundred are done at once; more go through a job, set by set, each set in a transaction of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from django.db import transaction
from django.db.models import Max

from peyvand.kernel import clock
from peyvand.kernel.conditions import parse
from peyvand.kernel.errors import Conflict, Invalid, Message, NotFound, Refusals, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.fields.types import Compound
from peyvand.platform.jobs.scoped import defer
from peyvand.platform.objects.cleaning import clean, clean_rows
from peyvand.platform.objects.models import BulkRefusal, BulkRun
from peyvand.platform.objects.queries import ListQuery, count_up_to
from peyvand.platform.objects.records import delete_records, restore_records, update_records
from peyvand.platform.objects.sifting import Change, Outcome, sift
from peyvand.platform.objects.spec import ObjectSpec, object_named

AT_ONCE: Final = 500
SET: Final = 1000
SOURCE, UNDO = "bulk", "undo"
MOST_COUNTED: Final = 100_000
WAITING, RUNNING, DONE, STOPPED = "waiting", "running", "done", "stopped"
DENIED: Final = msg("Your role does not let you change these records.")


@dataclass(frozen=True)
class Order:
    """What to do to which records; kept as JSON while a job works on it.

    ``verb``: update (``raw`` values by field), tag (``raw``: add and remove, lists of names), delete, restore, or the
    verb of an action on many (``raw``: its inputs). ``ids`` None: all that match ``condition`` and ``text``.
    """

    object: str
    verb: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    ids: tuple[int, ...] | None = None
    condition: Any = None
    text: str = ""
    in_bin: bool = False
    # Records made after the choice are no part of it.
    until: int | None = None

    @property
    def spec(self) -> ObjectSpec:
        return object_named(self.object)

    @property
    def operation(self) -> str:
        """The verb whose row scope decides which records may be touched."""
        return {"update": "update", "tag": "update", "delete": "delete", "restore": "delete"}.get(
            self.verb, self.verb
        )

    def query(self, ctx: Context) -> ListQuery:
        condition = parse(self.condition, self.spec.condition_schema) if self.condition else None
        return ListQuery(self.spec, ctx.actor, (), condition, (), self.text, self.in_bin)

    def rows(self, ctx: Context, operation: str = "view") -> Any:
        """The chosen records that the actor may see, or apply the operation to; by id."""
        found = self.query(ctx).rows(operation)
        if self.ids is not None:
            found = found.filter(id__in=self.ids)
        if self.until is not None:
            found = found.filter(id__lte=self.until)
        return found.order_by("id")


def count_chosen(ctx: Context, order: Order) -> tuple[int, bool, int]:
    """How many records are chosen (and whether that is exact), and how many of them the actor may touch."""
    if order.ids is not None:
        return order.rows(ctx).count(), True, order.rows(ctx, order.operation).count()
    query = order.query(ctx)
    total, exact = count_up_to(query, MOST_COUNTED)
    allowed = query.rows(order.operation).order_by()[: MOST_COUNTED + 1].count()
    return total, exact, min(allowed, total)


def begin(ctx: Context, order: Order) -> BulkRun:
    """Do it at once if it is small, else leave it to a job; either way the run tells how it went.

    Raises:
        NotAllowed: the actor may not work on many records of this object, or not apply the verb to any.
        Invalid: a value is wrong; nothing was touched.
    """
    spec = order.spec
    demand(ctx.actor, spec.permission("bulk"))
    demand(ctx.actor, spec.permission(order.operation))
    if order.verb == "update":
        clean(ctx, spec, order.raw, partial=True)
    if order.ids is None:
        order = replace(order, until=order.rows(ctx).order_by().aggregate(last=Max("id"))["last"] or 0)
    total, _, _ = count_chosen(ctx, order)
    run = BulkRun(
        object=spec.key, verb=order.verb, order=asdict(order), total=total, user_id=ctx.actor.user_id
    )
    run.save(force_insert=True)
    if total <= AT_ONCE:
        ids = list(order.rows(ctx).values_list("id", flat=True)[:AT_ONCE])
        before = _before(order, ids)
        outcome = apply(ctx, order, ids)
        # What stood there before is kept for "undo": a few hundred values at most.
        run.order = {
            **asdict(order),
            "done": outcome.done,
            "before": {str(i): before[i] for i in outcome.done if i in before},
        }
        _note(run, outcome)
        run.total, run.state, run.ended_at = len(ids), DONE, clock.now()
        run.save()
    else:
        defer("objects.bulk", lock=f"bulk:{run.id}", run_id=run.id)
    return run


def go_on(ctx: Context, run: BulkRun) -> bool:
    """Do the next set of a run; True while there is more to do. Called by the job, each time in a new transaction."""
    if run.state in (DONE, STOPPED):
        return False
    order = read_order(run)
    ids = list(order.rows(ctx).filter(id__gt=run.position).values_list("id", flat=True)[:SET])
    if ids:
        _note(run, apply(ctx, order, ids))
        run.position = ids[-1]
    run.state = RUNNING if len(ids) == SET else DONE
    # Rows may come and go while it runs: at its end the run has seen what it has seen.
    run.total = max(run.total, run.done + run.refused) if run.state == RUNNING else run.done + run.refused
    run.ended_at = clock.now() if run.state == DONE else None
    run.save()
    return run.state == RUNNING


def stop(run: BulkRun) -> None:
    """Let a run do no further set; what was done stays done."""
    if run.state in (WAITING, RUNNING):
        run.state, run.ended_at = STOPPED, clock.now()
        run.save(update_fields=["state", "ended_at"])


def undo(ctx: Context, run: BulkRun) -> Outcome:
    """Put back what a small run changed, where nobody changed it again since.

    Raises:
        Conflict: this run cannot be undone, or was already.
    """
    if run.state != DONE or "done" not in run.order:
        raise Conflict(msg("This can no longer be undone."))
    order, ids = read_order(run), tuple(int(i) for i in run.order["done"])
    if order.verb in ("delete", "restore"):
        back = replace(
            order,
            verb="restore" if order.verb == "delete" else "delete",
            ids=ids,
            condition=None,
            text="",
            in_bin=order.verb == "delete",
        )
        outcome = apply(ctx, back, list(ids))
    elif order.verb in ("update", "tag"):
        outcome = _put_back(ctx, order, {int(i): values for i, values in run.order["before"].items()})
    else:
        raise Conflict(msg("This can no longer be undone."))
    run.order = {k: v for k, v in run.order.items() if k not in ("done", "before")}
    run.save(update_fields=["order"])
    return outcome


def read_order(run: BulkRun) -> Order:
    """The order that a run carries out."""
    known = {k: v for k, v in run.order.items() if k not in ("done", "before")}
    return Order(**{**known, "ids": tuple(known["ids"]) if known["ids"] is not None else None})


def reasons_of(run: BulkRun) -> list[tuple[Message, int]]:
    """Why records were refused, with how many."""
    return [(Message(r["template"], dict(r["params"])), r["count"]) for r in run.reasons]


def apply(ctx: Context, order: Order, ids: Sequence[int]) -> Outcome:
    """Apply an order to these records; those that may not or cannot be changed are counted, never fatal."""
    outcome, spec = Outcome(), order.spec
    rows = replace(order, ids=tuple(ids), condition=None, text="", until=None)
    allowed = list(rows.rows(ctx, order.operation))
    known = {record.id for record in allowed}
    for id in ids:
        if id not in known:
            outcome.refuse(id, DENIED)
    sift(ctx, spec, allowed, _change(order), outcome)
    return outcome


def try_out(ctx: Context, order: Order) -> tuple[Outcome, bool]:
    """What would become of the first records of a choice, and whether those are all of it; nothing is kept."""
    ids = list(order.rows(ctx).values_list("id", flat=True)[: AT_ONCE + 1])
    attempt = fresh(ctx)
    with transaction.atomic():
        outcome = apply(attempt, order, ids[:AT_ONCE])
        transaction.set_rollback(True)
    return outcome, len(ids) <= AT_ONCE


def _change(order: Order) -> Change:
    def update(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
        values = clean(ctx, spec, order.raw, partial=True)
        update_records(ctx, spec, records, [values] * len(records), source=SOURCE)

    def tag(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
        update_records(ctx, spec, records, _tagged(ctx, spec, records, order.raw), source=SOURCE)

    def delete(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
        delete_records(ctx, spec, records)

    def restore(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
        restore_records(ctx, spec, records)

    def act(ctx: Context, spec: ObjectSpec, records: Sequence[Any]) -> None:
        known = action_named(spec.permission(order.verb))
        if known is None or known.on != "many":
            raise NotFound
        inputs = {f.key: f.parse(order.raw[f.key], ctx.reader) for f in known.inputs if f.key in order.raw}
        known.function(ctx, records, **inputs)

    return {"update": update, "tag": tag, "delete": delete, "restore": restore}.get(order.verb, act)


def tag_field(spec: ObjectSpec) -> Compound | None:
    """The field that holds an object's tags."""
    return next((f for f in spec.compound_fields if f.widget == "tags"), None)


def _tagged(
    ctx: Context, spec: ObjectSpec, records: Sequence[Any], raw: Mapping[str, Any]
) -> list[dict[str, Any]]:
    found = tag_field(spec)
    if found is None:
        raise NotFound
    now = found.load([r.id for r in records])
    add, remove = (
        found.parse(raw.get("add") or [], ctx.reader),
        {str(i["name"]) for i in found.parse(raw.get("remove") or [], ctx.reader)},
    )
    rows = []
    for record in records:
        kept = {str(i["name"]): i for i in (*now.get(record.id, ()), *add)}
        rows.append({found.key: tuple(i for name, i in kept.items() if name not in remove)})
    return rows


def _before(order: Order, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """The values that the order is about to replace, as JSON that Field.parse reads."""
    spec = order.spec
    if order.verb == "tag":
        keys = [f.key for f in (tag_field(spec),) if f]
    else:
        keys = list(order.raw) if order.verb == "update" else []
    if not keys:
        return {}
    fields = [spec.field(k) for k in keys if k in spec.all_fields]
    loaded = {f.key: f.load(ids) for f in fields if isinstance(f, Compound)}
    out: dict[int, dict[str, Any]] = {}
    for record in spec.rows.filter(id__in=list(ids)):
        values = {
            f.key: loaded[f.key].get(record.id, ()) if isinstance(f, Compound) else f.read(record)
            for f in fields
        }
        out[record.id] = {f.key: f.to_json(values[f.key]) for f in fields}
    return out


def _put_back(ctx: Context, order: Order, before: Mapping[int, Mapping[str, Any]]) -> Outcome:
    """Restore values, but leave alone what was changed again since."""
    spec, outcome = order.spec, Outcome()
    rows = replace(order, ids=tuple(before), condition=None, text="", until=None, in_bin=False)
    records = list(rows.rows(ctx, "update"))
    if order.verb == "tag":
        back = _untagged(ctx, spec, order.raw, before, [r.id for r in records])
    else:
        moved_on = _moved_on(ctx, spec, order.raw, records)
        for id in sorted(moved_on):
            outcome.refuse(id, Conflict().message)
        back = {r.id: before[r.id] for r in records if r.id not in moved_on}

    def put(attempt: Context, spec: ObjectSpec, some: Sequence[Any]) -> None:
        refusals, values = Refusals(), []
        cleaned = clean_rows(attempt, spec, [back[r.id] for r in some], partial=True)
        for record, (known, problems) in zip(some, cleaned, strict=True):
            values.append(known)
            with refusals.of(record.id):
                if problems:
                    raise Invalid(problems)
        refusals.settle()
        update_records(attempt, spec, some, values, source=UNDO)

    sift(ctx, spec, [r for r in records if r.id in back], put, outcome)
    return outcome


def _untagged(
    ctx: Context,
    spec: ObjectSpec,
    raw: Mapping[str, Any],
    before: Mapping[int, Mapping[str, Any]],
    ids: Sequence[int],
) -> dict[int, Mapping[str, Any]]:
    """The tags of records without those that the order added and with those it removed; what others did since stays."""
    found = tag_field(spec)
    if found is None:
        raise NotFound
    adding = {str(i["name"]) for i in found.parse(raw.get("add") or [], ctx.reader)}
    removed = {str(i["name"]) for i in found.parse(raw.get("remove") or [], ctx.reader)}
    now = found.load(ids)
    back: dict[int, Mapping[str, Any]] = {}
    for id in ids:
        was = {str(i["name"]): i for i in before[id][found.key]}
        kept = {str(i["name"]): i for i in now.get(id, ()) if str(i["name"]) not in adding - was.keys()}
        again = {name: i for name, i in was.items() if name in removed}
        back[id] = {found.key: list((again | kept).values())}
    return back


def _moved_on(ctx: Context, spec: ObjectSpec, raw: Mapping[str, Any], records: Sequence[Any]) -> set[int]:
    """Ids of the records that no longer have what the order set."""
    moved: set[int] = set()
    for key in raw.keys() & spec.all_fields.keys():
        field = spec.field(key)
        wanted = field.parse(raw[key], ctx.reader)
        if isinstance(field, Compound):
            now, text = field.load([r.id for r in records]), field.show(wanted, ctx.reader)
            moved |= {r.id for r in records if field.show(now.get(r.id, field.empty()), ctx.reader) != text}
        else:
            moved |= {r.id for r in records if field.read(r) != wanted}
    return moved


def _note(run: BulkRun, outcome: Outcome) -> None:
    run.done += len(outcome.done)
    run.refused += len(outcome.refused)
    kept = Counter({(r["template"], tuple(sorted(r["params"].items()))): r["count"] for r in run.reasons})
    for (template, params), count in outcome.reasons.items():
        kept[(template, tuple(sorted(params)))] += count
    run.reasons = [{"template": t, "params": dict(p), "count": n} for (t, p), n in kept.most_common(20)]
    BulkRefusal.objects.bulk_create(
        [
            BulkRefusal(
                run_id=run.id,
                record=id,
                reason={"template": reason.template, "params": {k: str(v) for k, v in reason.params.items()}},
            )
            for id, reason in outcome.refused
        ],
        batch_size=SET,
    )


def refusals_of(run: BulkRun) -> Iterator[tuple[int, Message]]:
    """Every record that the run left as it was, with the reason, in the order in which it came to them."""
    rows = BulkRefusal.objects.filter(run_id=run.id).order_by("id").values_list("record", "reason")
    for id, reason in rows.iterator(chunk_size=SET):
        yield id, Message(reason["template"], dict(reason["params"]))
