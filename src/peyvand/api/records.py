"""List, read, create, change, delete, restore: the same views for every registered object."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.errors import NoSuchMethod, Stale, as_answer, errors_json
from peyvand.api.parameters import condition, flag, limit, sort, spec_at
from peyvand.api.serializers import Item, serializer
from peyvand.kernel.errors import Invalid, NotFound, PeyvandError, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.database.failures import explained
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.records import (
    clean_rows,
    create_record,
    create_records,
    delete_records,
    restore_records,
    update_record,
)
from peyvand.platform.objects.spec import ObjectSpec

BATCH: Final = 1000


def list_records(call: Call, plural: str) -> HttpResponse:
    spec, ctx = spec_at(plural), call.ctx
    demand(ctx.actor, spec.permission("view"))
    writes = serializer(spec, ctx.actor, call.text("fields"))
    query = ListQuery(
        spec, ctx.actor, writes.keys, condition(call, spec), sort(call, spec), call.text("q"),
        in_bin=flag(call, "deleted"),
    )  # fmt: skip
    items, cursor = writes.page(query, call.text("after") or None, limit(call))
    return answer({"items": items, "next": cursor})


def create(call: Call, plural: str) -> HttpResponse:
    spec = creatable(spec_at(plural))
    demand(call.ctx.actor, spec.permission("create"))
    record = create_record(call.ctx, spec, call.body())
    return answer(
        item_of(call, spec, record.id, record.version),
        201,
        ETag=etag(record.version),
        Location=f"/api/v1/{plural}/{record.id}",
    )


def read(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    demand(call.ctx.actor, spec.permission("view"))
    writes = serializer(spec, call.ctx.actor, call.text("fields"), single=True)
    item = writes.one(call.ctx.actor, id, in_bin=flag(call, "deleted"))
    return answer(item, ETag=etag(item["version"]))


def update(call: Call, plural: str, id: int) -> HttpResponse:
    spec, ctx = spec_at(plural), call.ctx
    record = _found(call, spec, id, "update")
    body = call.body()
    version = body.pop("version", None)
    if version is not None and type(version) is not int:
        raise Invalid.of(msg("This must be a whole number."), "version")
    record = update_record(ctx, spec, record, body, version=version)
    return answer(item_of(call, spec, id, record.version), ETag=etag(record.version))


def delete(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    if not spec.has_bin:
        raise NoSuchMethod(["GET", "PATCH"])
    delete_records(call.ctx, spec, [_found(call, spec, id, "delete")])
    return HttpResponse(status=204)


def restore(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    if not spec.has_bin:
        raise NotFound
    restore_records(call.ctx, spec, [_found(call, spec, id, "delete", in_bin=True)])
    item = item_of(call, spec, id, 0)
    return answer(item, ETag=etag(item["version"]))


def create_batch(call: Call, plural: str) -> HttpResponse:
    """Rows are taken or refused one by one, but written in sets."""
    spec, ctx = creatable(spec_at(plural)), call.ctx
    demand(ctx.actor, spec.permission("create"))
    rows = call.body().get("create")
    if not isinstance(rows, list) or not 1 <= len(rows) <= BATCH:
        raise Invalid.of(msg("Send a list of 1 to %(most)s records.", most=BATCH), "create")
    answers: list[Item] = [{} for _ in rows]
    good: list[tuple[int, dict[str, Any]]] = []
    for place, (values, problems) in enumerate(
        clean_rows(ctx, spec, [r if isinstance(r, dict) else None for r in rows])
    ):
        if problems:
            answers[place] = _refused(Invalid(problems))
        else:
            good.append((place, values))
    _create_in_sets(call, spec, good, answers)
    created = sum(a["status"] == 201 for a in answers)
    return answer({"items": answers, "created": created, "refused": len(answers) - created})


def _create_in_sets(
    call: Call, spec: ObjectSpec, rows: list[tuple[int, dict[str, Any]]], answers: list[Item]
) -> None:
    """Create all at once; where a rule refuses the set, halve it until the guilty rows stand alone."""
    if not rows:
        return
    try:
        with transaction.atomic():
            records = create_records(call.ctx, spec, [values for _, values in rows])
    except Exception as error:
        refusal = None if explained(error) else as_answer(error)
        if refusal is None or refusal.status not in (409, 422):
            raise
        if len(rows) == 1:
            answers[rows[0][0]] = _refused(refusal)
            return
        middle = len(rows) // 2
        _create_in_sets(call, spec, rows[:middle], answers)
        _create_in_sets(call, spec, rows[middle:], answers)
        return
    for (place, _), record in zip(rows, records, strict=True):
        answers[place] = {"status": 201, "id": record.id, "version": record.version}


def _refused(error: PeyvandError) -> Item:
    return {
        "status": error.status,
        "code": error.code,
        "detail": error.message.render(gettext),
        "errors": errors_json(error),
    }


def creatable(spec: ObjectSpec) -> ObjectSpec:
    if not spec.creatable:
        raise NoSuchMethod(["GET"])
    return spec


def item_of(call: Call, spec: ObjectSpec, id: int, version: int) -> Item:
    """The record as it is now; of one that the caller may write but not see, only its id and version."""
    try:
        return serializer(spec, call.ctx.actor, single=True).one(call.ctx.actor, id)
    except NotFound:
        return {"id": id, "version": version}


def etag(version: int) -> str:
    return f'"{version}"'


def _found(call: Call, spec: ObjectSpec, id: int, verb: str, *, in_bin: bool = False) -> Any:
    """The record, locked until the change is committed, once the caller may do this to it and sent its version if any."""
    actor = call.ctx.actor
    demand(actor, spec.permission(verb))
    record = load_record(spec, actor, id, in_bin=in_bin, lock=True)
    demand(actor, spec.permission(verb), record)
    match = call.request.META.get("HTTP_IF_MATCH", "*")
    if match != "*" and etag(record.version) not in {
        tag.strip().removeprefix("W/") for tag in match.split(",")
    }:
        raise Stale
    return record


collection = endpoint(GET=list_records, POST=create)
record = endpoint(GET=read, PATCH=update, DELETE=delete)
restoring = endpoint(POST=restore)
batch = endpoint(POST=create_batch)
