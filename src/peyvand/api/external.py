"""Records named by the id that they have where they come from: GET and PUT /<plural>/external/<id>."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.http import HttpResponse

from peyvand.api.endpoint import Call, endpoint
from peyvand.api.errors import NoSuchMethod, Stale
from peyvand.api.expansion import expand, expanded
from peyvand.api.parameters import asked_fields, spec_at
from peyvand.api.records import change, item_of, made
from peyvand.api.serializers import serializer
from peyvand.api.versions import answer_item
from peyvand.kernel.errors import Conflict, Invalid, NotFound, PeyvandError, Problem, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.database.locks import hold
from peyvand.platform.objects.queries import ListQuery, load_record
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.platform.workspaces.scope import current_workspace_id

KEY = "external_id"


def read_external(call: Call, plural: str, external_id: str) -> HttpResponse:
    spec, actor = spec_at(plural), call.ctx.actor
    demand(actor, spec.permission("view"))
    links = expanded(spec, actor, call.text("expand"))
    item = serializer(spec, actor, asked_fields(call), single=True).one(
        actor, _seen(call.ctx, spec, _external(call.ctx, spec, external_id))
    )
    expand([item], links, actor)
    return answer_item(call, item)


def put_external(call: Call, plural: str, external_id: str) -> HttpResponse:
    """Change the record with this external id, or create it; fields that are not sent stay as they are."""
    spec, ctx = spec_at(plural), call.ctx
    key = _external(ctx, spec, external_id)
    body = call.body()
    if KEY in body and body[KEY] != external_id:
        raise Invalid.of(msg("This differs from the one in the address."), KEY)
    hold_external(spec, [key])
    known = known_by_external(ctx, spec, [key]).get(key)
    if isinstance(known, PeyvandError):
        raise known
    if known is None:
        if not spec.creatable:
            raise NoSuchMethod(["GET"])
        if "HTTP_IF_MATCH" in call.request.META:
            raise Stale
        return made(call, spec, {**body, KEY: external_id})
    if call.request.META.get("HTTP_IF_NONE_MATCH") == "*":
        raise Stale
    demand(ctx.actor, spec.permission("update"))
    record = load_record(spec, ctx.actor, known, lock=True)
    demand(ctx.actor, spec.permission("update"), record)
    record = change(call, spec, record, {k: v for k, v in body.items() if k != KEY})
    return answer_item(call, item_of(call, spec, record.id, record.version))


def external_ids(
    ctx: Context, spec: ObjectSpec, rows: Sequence[Mapping[str, Any] | None]
) -> tuple[dict[int, str], dict[int, Problem]]:
    """The external id of each row by its place, and what is wrong with the others."""
    ids: dict[int, str] = {}
    problems: dict[int, Problem] = {}
    for place, row in enumerate(rows):
        try:
            ids[place] = _external(ctx, spec, (row or {}).get(KEY))
        except Invalid as error:
            problems[place] = error.problems[0]
    return ids, problems


def hold_external(spec: ObjectSpec, ids: Collection[str]) -> None:
    """Have others who write records of these external ids wait for this transaction."""
    hold(current_workspace_id(), *(f"{spec.key}:{id}" for id in ids))


def known_by_external(ctx: Context, spec: ObjectSpec, ids: Collection[str]) -> dict[str, int | PeyvandError]:
    """The id of the record that has each external id, or why the caller cannot reach it; new ones are left out."""
    taken = spec.model.objects.filter(external_id__in=list(ids)).values_list(KEY, "id", "deleted_at")
    found = {external: (id, deleted_at is not None) for external, id, deleted_at in taken}
    seen = set(
        ListQuery(spec, ctx.actor, ())
        .rows()
        .filter(id__in=[id for id, is_binned in found.values() if not is_binned])
        .values_list("id", flat=True)
    )
    out: dict[str, int | PeyvandError] = {}
    for external, (id, is_binned) in found.items():
        if is_binned:
            out[external] = Conflict(msg("The record with this external ID is in the bin."), code="in_bin")
        elif id in seen:
            out[external] = id
        else:
            out[external] = Conflict(msg("Another record has this external ID already."), code="taken")
    return out


def _seen(ctx: Context, spec: ObjectSpec, key: str) -> int:
    id = ListQuery(spec, ctx.actor, ()).rows().filter(external_id=key).values_list("id", flat=True).first()
    if id is None:
        raise NotFound
    return int(id)


def _external(ctx: Context, spec: ObjectSpec, raw: Any) -> str:
    """The external id as it is stored.

    Raises:
        Invalid: there is none, or the caller's role hides it.
    """
    if KEY in ctx.actor.grants.hides(spec.key):
        raise Invalid.of(msg("There is no field “%(name)s”.", name=KEY), KEY, "unknown")
    try:
        value: str = spec.field(KEY).parse(raw, ctx.reader)
    except Invalid as error:
        raise error.at(KEY) from error
    if not value:
        raise Invalid.of(msg("This is required."), KEY, "required")
    return value


by_external = endpoint(GET=read_external, PUT=put_external)
