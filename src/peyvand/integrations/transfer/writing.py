"""Drafts into records, in sets: what is new is created, what differs is updated, what one row breaks is told of that row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from peyvand.integrations.transfer.drafts import Draft
from peyvand.integrations.transfer.journal import Journal
from peyvand.integrations.transfer.mapping import NEVER, SOURCE, Shape
from peyvand.integrations.transfer.recognition import WRITTEN_ONCE
from peyvand.kernel.errors import Conflict, Invalid, NotFound, PeyvandError, Problem, RuleViolation, msg
from peyvand.kernel.persian.text import fold
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Compound, is_empty
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.records import create_records, update_records


@dataclass
class Tally:
    """How many rows became what."""

    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    # Records of other objects that were made because rows name them, by object.
    also: dict[str, int] = field(default_factory=dict)

    @property
    def made(self) -> int:
        """All new records, of whatever object: so many an undoing removes."""
        return self.created + sum(self.also.values())

    def add(self, other: Tally) -> None:
        self.rows += other.rows
        self.created += other.created
        self.updated += other.updated
        self.unchanged += other.unchanged
        self.refused += other.refused
        for object_key, count in other.also.items():
            self.also[object_key] = self.also.get(object_key, 0) + count

    def to_json(self) -> dict[str, Any]:
        return {**vars(self), "also": dict(self.also)}


def write(
    ctx: Context, shape: Shape, drafts: Sequence[Draft], tally: Tally, journal: Journal
) -> list[tuple[Draft, Any]]:
    """Write complete drafts; return the new records. Drafts that a rule of their object forbids are refused.

    Records that are about to change are kept in the journal as they are.
    """
    new = [draft for draft in drafts if draft.record is None]
    known = [draft for draft in drafts if draft.record is not None]
    made = _create(ctx, shape, new)
    tally.created += len(made)
    differing = _differing(shape, known)
    tally.unchanged += len(known) - len(differing)
    journal.keep(shape.spec, [draft.record.id for draft, _ in differing])
    tally.updated += len(differing) - _update(ctx, shape, differing)
    return made


def _create(ctx: Context, shape: Shape, drafts: Sequence[Draft]) -> list[tuple[Draft, Any]]:
    fields = [
        f for f in shape.spec.all_fields.values() if not f.readonly and (f.default is not None or f.required)
    ]
    ready = []
    for draft in drafts:
        values = {**draft.initial, **draft.values}
        for one in fields:
            if one.key in values:
                continue
            if one.default is not None:
                values[one.key] = one.default() if callable(one.default) else one.default
            elif one.required:
                draft.refuse(msg("“%(field)s” is required.", field=one.label), code="required")
        if draft.refusal is None:
            ready.append((draft, values))
    made: list[tuple[Draft, Any]] = []

    def create(some: Sequence[tuple[Draft, dict[str, Any]]]) -> None:
        records = create_records(ctx, shape.spec, [values for _, values in some], source=SOURCE)
        made.extend((draft, record) for (draft, _), record in zip(some, records, strict=True))

    _in_sets(ctx, shape, ready, create)
    return made


def _update(ctx: Context, shape: Shape, drafts: Sequence[tuple[Draft, dict[str, Any]]]) -> int:
    def update(some: Sequence[tuple[Draft, dict[str, Any]]]) -> None:
        records = [draft.record for draft, _ in some]
        before = [dict(vars(record)) for record in records]
        try:
            update_records(ctx, shape.spec, records, [values for _, values in some], source=SOURCE)
        except BaseException:
            # Refused, they hold what was to be; the next, smaller set must see what is.
            for record, was in zip(records, before, strict=True):
                vars(record).update(was)
            raise

    _in_sets(ctx, shape, drafts, update)
    return sum(draft.refusal is not None for draft, _ in drafts)


def _in_sets(
    ctx: Context,
    shape: Shape,
    drafts: Sequence[tuple[Draft, dict[str, Any]]],
    change: Callable[[Sequence[tuple[Draft, dict[str, Any]]]], None],
) -> None:
    """Apply the change to all but the rows at fault, which are refused with their reason."""

    def refuse(row: tuple[Draft, dict[str, Any]], error: PeyvandError) -> None:
        problems = (
            error.problems
            if isinstance(error, Invalid)
            else (Problem(getattr(error, "field", None), error.message, error.code),)
        )
        for problem in problems:
            key = (problem.field or "").partition(".")[0]
            header = next((c.header for c in shape.columns if key and c.field.key == key), "")
            row[0].refuse(problem.message, header, problem.code)

    by_halves(ctx, drafts, change, refusal_of=_refusal_of, refuse=refuse)


def _refusal_of(error: Exception) -> PeyvandError | None:
    return error if isinstance(error, Invalid | RuleViolation | Conflict | NotFound) else None


def _differing(shape: Shape, drafts: Sequence[Draft]) -> list[tuple[Draft, dict[str, Any]]]:
    """The drafts that say something new of their records, with just that."""
    fields = shape.spec.all_fields
    compounds = {key: field for key, field in fields.items() if isinstance(field, Compound)}
    loaded = {
        key: field.load([d.record.id for d in drafts if key in d.values])
        for key, field in compounds.items()
        if any(key in d.values for d in drafts)
    }
    rules = {c.field.key: c.rule for c in shape.columns if c.rule}
    out = []
    for draft in drafts:
        news: dict[str, Any] = {}
        for key, value in draft.values.items():
            now = loaded[key].get(draft.record.id, ()) if key in compounds else fields[key].read(draft.record)
            if key in WRITTEN_ONCE or (key in rules and (rules[key] == NEVER or not is_empty(now))):
                continue
            if key in compounds:
                if (joined := _joined(now, value)) != tuple(now):
                    news[key] = joined
            elif now != value:
                news[key] = value
        if news:
            out.append((draft, news))
    return out


def _joined(kept: Sequence[dict[str, Any]], given: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Phones, mails, addresses and tags are added to what is there, never taken away; lines are taken as they are."""
    if any("product" in item for item in given):
        return tuple(kept) if _same_lines(kept, given) else tuple(given)
    news = [item for item in given if not any(_covers(there, item) for there in kept)]
    return (*kept, *({**item, "primary": False} if kept and "primary" in item else item for item in news))


def _covers(there: dict[str, Any], item: dict[str, Any]) -> bool:
    if "value" in item:
        return bool(there["value"] == item["value"])
    if "name" in item:
        return fold(there["name"]) == fold(item["name"])
    return all(there.get(key) == value for key, value in item.items() if value and key != "primary")


def _same_lines(kept: Sequence[dict[str, Any]], given: Sequence[dict[str, Any]]) -> bool:
    if len(kept) != len(given):
        return False
    return all(
        (a["product"] or {}).get("id") == (b["product"] or {}).get("id")
        and all(a[k] == b[k] for k in ("quantity", "price", "discount"))
        and a.get("description") == b.get("description")
        for a, b in zip(kept, given, strict=True)
    )
