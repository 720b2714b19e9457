"""Old addresses of records that became part of others."""

from __future__ import annotations

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer
from peyvand.platform.merging.merging import merged_into
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec


def moved_on(call: Call, spec: ObjectSpec, id: int) -> HttpResponse | None:
    """Where a merged record's address leads, for a caller who may see where; None if it was not merged."""
    winner = merged_into(spec.key, id)
    if winner is None:
        return None
    load_record(spec, call.ctx.actor, winner)
    return answer({"id": id, "merged_into": winner}, 301, Location=f"/api/v1/{spec.plural}/{winner}")
