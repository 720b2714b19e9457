"""Merging records, taking them apart, and asking for records like one that is about to be created."""

from __future__ import annotations

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.api.parameters import is_id, spec_at
from peyvand.api.records import item_of
from peyvand.kernel.errors import Invalid, NotFound, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.fields.reader import said
from peyvand.platform.merging.merging import can_merge, merge_records
from peyvand.platform.merging.models import Merge
from peyvand.platform.merging.similar import find_similar
from peyvand.platform.merging.unmerging import unmerge
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec


def merge(call: Call, plural: str, id: int) -> HttpResponse:
    spec = _mergeable(call, plural)
    load_record(spec, call.ctx.actor, id)
    body = call.body()
    losers, choices = body.get("losers"), body.get("choices", {})
    if not isinstance(losers, list) or not all(map(is_id, losers)):
        raise Invalid.of(msg("Send a list of the ids of records."), "losers")
    if not isinstance(choices, dict) or not all(map(is_id, choices.values())):
        raise Invalid.of(msg("Send, for each field, the id of the record whose value is taken."), "choices")
    merges = merge_records(call.ctx, spec, id, losers, choices)
    item = item_of(call, spec, id, 0)
    return answer(item | {"merges": [{"id": m.id, "loser": m.loser} for m in merges]})


def take_apart(call: Call, plural: str, id: int) -> HttpResponse:
    spec = _mergeable(call, plural)
    load_record(spec, call.ctx.actor, id)
    loser = call.body().get("loser")
    found = Merge.objects.filter(
        object=spec.key, winner=id, loser=loser if is_id(loser) else 0, undone_at=None
    ).first()
    if found is None:
        raise NotFound
    undone = unmerge(call.ctx, found.id)
    return answer(
        {"winner": item_of(call, spec, id, 0), "loser": item_of(call, spec, undone.loser, 0), "kept": list(undone.kept), "lost": undone.lost}
    )  # fmt: skip


def similar(call: Call, plural: str) -> HttpResponse:
    """Records like the one sent; nothing is written, and a value that could not be kept is passed over."""
    spec = spec_at(plural)
    if not spec.creatable:
        raise NotFound
    demand(call.ctx.actor, spec.permission("create"))
    found = find_similar(call.ctx, spec, call.body())
    return answer(
        {"items": [{"id": s.id, "title": s.title, "reasons": [said(r) for r in s.reasons]} for s in found]}
    )


def _mergeable(call: Call, plural: str) -> ObjectSpec:
    spec = spec_at(plural)
    if not can_merge(spec):
        raise NotFound
    demand(call.ctx.actor, spec.permission("merge"))
    return spec


merging = endpoint(POST=merge)
unmerging = endpoint(POST=take_apart)
asking = endpoint(POST=similar)
