"""Many records by one request: ``create``, ``update`` by id or ``upsert`` by external id, up to 1,000 rows.

Rows are taken or refused one by one, but written in sets: where a rule refuses a set, it is halved until the guilty rows
stand alone. ``atomic`` takes all or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.errors import NoSuchMethod, as_answer, errors_json, problem_of
from peyvand.api.external import external_ids, hold_external, known_by_external
from peyvand.api.parameters import is_id, spec_at
from peyvand.api.serializers import Item
from peyvand.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, PeyvandError, Problem, msg
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.database.failures import passing
from peyvand.platform.fields.reader import said
from peyvand.platform.objects.cleaning import clean_rows
from peyvand.platform.objects.halving import by_halves
from peyvand.platform.objects.queries import ListQuery
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.spec import ObjectSpec

BATCH: Final = 1000
WAYS: Final = ("create", "update", "upsert")

Raw = Mapping[str, Any]
# Its place among the rows that were sent, the record it changes if any, and its values.
Row = tuple[int, int | None, dict[str, Any]]
Write = Callable[[Sequence[Row]], Sequence[Any]]


class Refused(PeyvandError):
    """One row of a batch that takes all or nothing is wrong."""

    status = 422
    code = "batch_refused"

    def __init__(self, count: int) -> None:
        super().__init__(msg("Nothing was written, for %(count)s of the records are refused.", count=count))


def write_batch(call: Call, plural: str) -> HttpResponse:
    spec, body = spec_at(plural), call.body()
    way, rows, is_atomic = _read(body)
    if not {"create": spec.creatable, "update": spec.changeable}.get(way, True):
        raise NoSuchMethod(["GET"])
    answers: list[Item] = [{} for _ in rows]
    {"create": _create, "update": _update, "upsert": _upsert}[way](call, spec, rows, answers)
    refused = sum(a["status"] >= 400 for a in answers)
    if refused and is_atomic:
        kept = [a if a["status"] >= 400 else {"status": 424, "code": "not_written"} for a in answers]
        return problem_of(Refused(refused), items=kept)
    return answer(
        {
            "items": answers,
            "created": sum(a["status"] == 201 for a in answers),
            "updated": sum(a["status"] == 200 for a in answers),
            "refused": refused,
        }
    )


def _read(body: dict[str, Any]) -> tuple[str, list[Raw | None], bool]:
    """What is to be done, with which rows (None: a row that is no record), and whether all or nothing."""
    problems = [
        Problem(key, msg("There is no field “%(name)s”.", name=key), "unknown")
        for key in body
        if key not in (*WAYS, "atomic")
    ]
    if problems:
        raise Invalid(problems)
    ways = [way for way in WAYS if way in body]
    if len(ways) != 1:
        raise Invalid.of(msg("Send one list: “create”, “update” or “upsert”."), ways[1] if ways else "create")
    rows, is_atomic = body[ways[0]], body.get("atomic", False)
    if not isinstance(rows, list) or not 1 <= len(rows) <= BATCH:
        raise Invalid.of(msg("Send a list of 1 to %(most)s records.", most=BATCH), ways[0])
    if not isinstance(is_atomic, bool):
        raise Invalid.of(msg("This must be yes or no."), "atomic")
    return ways[0], [row if isinstance(row, dict) else None for row in rows], is_atomic


def _create(call: Call, spec: ObjectSpec, rows: Sequence[Raw | None], answers: list[Item]) -> None:
    demand(call.ctx.actor, spec.permission("create"))
    _create_cleaned(call.ctx, spec, list(enumerate(rows)), answers)


def _create_cleaned(
    ctx: Context, spec: ObjectSpec, rows: Sequence[tuple[int, Raw | None]], answers: list[Item]
) -> None:
    def write(part: Sequence[Row]) -> Sequence[Any]:
        return create_records(ctx, spec, [values for _, _, values in part])

    good: list[Row] = []
    cleaned = clean_rows(ctx, spec, [row for _, row in rows])
    for (place, _), (values, problems) in zip(rows, cleaned, strict=True):
        if problems:
            answers[place] = _refused(Invalid(problems))
        else:
            good.append((place, None, values))
    _write_in_sets(ctx, write, good, answers, 201)


def _update(call: Call, spec: ObjectSpec, rows: Sequence[Raw | None], answers: list[Item]) -> None:
    demand(call.ctx.actor, spec.permission("update"))
    wanted: list[tuple[int, int, Raw]] = []
    for place, row in enumerate(rows):
        id = row.get("id") if row else None
        if row is None or not is_id(id):
            answers[place] = _refused(Invalid.of(msg("This must be a whole number."), "id"))
        else:
            wanted.append((place, id, {key: value for key, value in row.items() if key != "id"}))
    _update_cleaned(call.ctx, spec, wanted, answers)


def _update_cleaned(
    ctx: Context, spec: ObjectSpec, rows: Sequence[tuple[int, int, Raw]], answers: list[Item]
) -> None:
    def write(part: Sequence[Row]) -> Sequence[Any]:
        # Read anew for every try: a refused one leaves its values on the records.
        found = _found(ctx, spec, [id for _, id, _ in part if id is not None])
        return update_records(
            ctx, spec, [found[id] for _, id, _ in part if id is not None], [v for _, _, v in part]
        )

    found = _found(ctx, spec, [id for _, id, _ in rows])
    seen: set[int] = set()
    allowed: list[tuple[int, int, Raw]] = []
    for place, id, row in rows:
        if refusal := _against(ctx, spec, found.get(id), row.get("version"), id in seen):
            answers[place] = _refused(refusal)
        else:
            seen.add(id)
            allowed.append((place, id, {key: value for key, value in row.items() if key != "version"}))
    good: list[Row] = []
    cleaned = clean_rows(ctx, spec, [row for _, _, row in allowed], partial=True)
    for (place, id, _), (values, problems) in zip(allowed, cleaned, strict=True):
        if problems:
            answers[place] = _refused(Invalid(problems))
        else:
            good.append((place, id, values))
    _write_in_sets(ctx, write, good, answers, 200)


def _against(
    ctx: Context, spec: ObjectSpec, record: Any, version: object, is_twice: bool
) -> PeyvandError | None:
    """What stands against changing this record; None for nothing."""
    if record is None:
        return NotFound()
    if is_twice:
        return Conflict(msg("This record stands in the batch twice."), code="twice")
    if decision := decide(ctx.actor, spec.permission("update"), record):
        if version is not None and type(version) is not int:
            return Invalid.of(msg("This must be a whole number."), "version")
        return None if version in (None, record.version) else Conflict()
    return NotAllowed(decision.reason)


def _upsert(call: Call, spec: ObjectSpec, rows: Sequence[Raw | None], answers: list[Item]) -> None:
    ctx = call.ctx
    ids, problems = external_ids(ctx, spec, rows)
    for place, problem in problems.items():
        answers[place] = _refused(Invalid([problem]))
    hold_external(spec, ids.values())
    known = known_by_external(ctx, spec, ids.values())
    new: list[tuple[int, Raw | None]] = []
    changed: list[tuple[int, int, Raw]] = []
    coming: set[str] = set()
    may_create = spec.creatable and decide(ctx.actor, spec.permission("create"))
    for place, external in ids.items():
        row = rows[place] or {}
        match known.get(external):
            case PeyvandError() as refusal:
                answers[place] = _refused(refusal)
            case int(id):
                changed.append((place, id, {key: v for key, v in row.items() if key != "external_id"}))
            case None if external in coming:
                answers[place] = _refused(
                    Conflict(msg("This record stands in the batch twice."), code="twice")
                )
            case None if not may_create:
                answers[place] = _refused(NotAllowed())
            case None:
                coming.add(external)
                new.append((place, {key: value for key, value in row.items() if key != "version"}))
    _update_cleaned(ctx, spec, changed, answers)
    _create_cleaned(ctx, spec, new, answers)


def _found(ctx: Context, spec: ObjectSpec, ids: Sequence[int]) -> dict[int, Any]:
    """Those of the records that the actor may see, locked in the order of their ids."""
    rows = ListQuery(spec, ctx.actor, ()).rows().filter(id__in=ids).order_by("id")
    return {record.id: record for record in rows.select_for_update(of=("self",))} if ids else {}


def _write_in_sets(ctx: Context, write: Write, rows: Sequence[Row], answers: list[Item], status: int) -> None:
    """Write all at once, but for the rows that a rule refuses."""

    def attempt(some: Sequence[Row]) -> None:
        for (place, _, _), record in zip(some, write(some), strict=True):
            answers[place] = {"status": status, "id": record.id, "version": record.version}

    def refuse(row: Row, error: PeyvandError) -> None:
        answers[row[0]] = _refused(error)

    by_halves(ctx, rows, attempt, refusal_of=_refusal_of, refuse=refuse, id_of=lambda row: row[1] or 0)


def _refusal_of(error: Exception) -> PeyvandError | None:
    refusal = None if passing(error) else as_answer(error)
    return refusal if refusal is not None and refusal.status in (403, 404, 409, 422) else None


def _refused(error: PeyvandError) -> Item:
    return {
        "status": error.status,
        "code": error.code,
        "detail": said(error.message),
        "errors": errors_json(error),
    }


batch = endpoint(POST=write_batch)
