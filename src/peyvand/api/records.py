"""List, read, create, change, delete, restore: the same views for every registered object."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.errors import NoSuchMethod
from peyvand.api.expansion import expand, expanded
from peyvand.api.moved import moved_on
from peyvand.api.parameters import asked_fields, choice, condition, flag, limit, sort, spec_at
from peyvand.api.serializers import Item, serializer
from peyvand.api.versions import answer_item, hold
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.records import create_record, delete_records, restore_records, update_record
from peyvand.platform.objects.spec import ObjectSpec


def list_records(call: Call, plural: str) -> HttpResponse:
    spec, ctx = spec_at(plural), call.ctx
    demand(ctx.actor, spec.permission("view"))
    writes = serializer(spec, ctx.actor, asked_fields(call))
    links = expanded(spec, ctx.actor, call.text("expand"))
    is_counted = choice(call, "count", ("none", "exact")) == "exact"
    query = ListQuery(
        spec, ctx.actor, writes.keys, condition(call, spec), sort(call, spec), call.text("q"),
        in_bin=flag(call, "deleted"),
    )  # fmt: skip
    items, cursor = writes.page(query, call.text("after") or None, limit(call))
    expand(items, links, ctx.actor)
    page: Item = {"items": items, "next": cursor}
    return answer(page | {"count": query.rows().count()} if is_counted else page)


def create(call: Call, plural: str) -> HttpResponse:
    spec = spec_at(plural)
    if not spec.creatable:
        raise NoSuchMethod(["GET"])
    return made(call, spec, call.body())


def made(call: Call, spec: ObjectSpec, body: dict[str, Any]) -> HttpResponse:
    """Create a record; the answer with it and its address."""
    demand(call.ctx.actor, spec.permission("create"))
    record = create_record(call.ctx, spec, body)
    item = item_of(call, spec, record.id, record.version)
    return answer_item(call, item, 201, Location=f"/api/v1/{spec.plural}/{record.id}")


def read(call: Call, plural: str, id: int) -> HttpResponse:
    spec, actor = spec_at(plural), call.ctx.actor
    demand(actor, spec.permission("view"))
    links = expanded(spec, actor, call.text("expand"))
    try:
        item = serializer(spec, actor, asked_fields(call), single=True).one(
            actor, id, in_bin=flag(call, "deleted")
        )
    except NotFound:
        if (onward := moved_on(call, spec, id)) is None:
            raise
        return onward
    expand([item], links, actor)
    return answer_item(call, item)


def update(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    if not spec.changeable:
        raise NoSuchMethod(["GET"])
    record = change(call, spec, _found(call, spec, id, "update"), call.body())
    return answer_item(call, item_of(call, spec, id, record.version))


def change(call: Call, spec: ObjectSpec, record: Any, body: dict[str, Any]) -> Any:
    """Set what was sent on a locked record of the version that If-Match or ``version`` name; return it.

    Raises:
        Stale, Conflict: it has another version by now.
    """
    hold(call.request, record)
    version = body.pop("version", None)
    if version is not None and type(version) is not int:
        raise Invalid.of(msg("This must be a whole number."), "version")
    return update_record(call.ctx, spec, record, body, version=version)


def delete(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    if not spec.has_bin:
        raise NoSuchMethod(["GET", "PATCH"] if spec.changeable else ["GET"])
    record = _found(call, spec, id, "delete")
    hold(call.request, record)
    delete_records(call.ctx, spec, [record])
    return HttpResponse(status=204)


def restore(call: Call, plural: str, id: int) -> HttpResponse:
    spec = spec_at(plural)
    if not spec.has_bin:
        raise NotFound
    record = _found(call, spec, id, "delete", in_bin=True)
    hold(call.request, record)
    restore_records(call.ctx, spec, [record])
    return answer_item(call, item_of(call, spec, id, 0))


def item_of(call: Call, spec: ObjectSpec, id: int, version: int) -> Item:
    """The record as it is now; of one that the caller may write but not see, only its id and version."""
    try:
        return serializer(spec, call.ctx.actor, single=True).one(call.ctx.actor, id)
    except NotFound:
        return {"id": id, "version": version}


def _found(call: Call, spec: ObjectSpec, id: int, verb: str, *, in_bin: bool = False) -> Any:
    """The record, locked until the change is committed, once the caller may do this to it."""
    actor = call.ctx.actor
    demand(actor, spec.permission(verb))
    record = load_record(spec, actor, id, in_bin=in_bin, lock=True)
    demand(actor, spec.permission(verb), record)
    return record


collection = endpoint(GET=list_records, POST=create)
record = endpoint(GET=read, PATCH=update, DELETE=delete)
restoring = endpoint(POST=restore)
