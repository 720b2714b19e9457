"""Records as papers: GET /<plural>/<id>/pdf, for objects whose slice says how they are printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from peyvand.api.endpoint import Call, endpoint
from peyvand.api.parameters import spec_at
from peyvand.kernel.errors import NotAllowed, NotFound, msg
from peyvand.platform.access.decisions import demand
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.spec import ObjectSpec


@dataclass(frozen=True, slots=True)
class Printing:
    """How records of an object become PDF. ``name`` is what the file is called; ``says`` are the fields that stand on it."""

    make: Callable[[Context, Any], bytes]
    name: Callable[[Any], str]
    says: frozenset[str]


_printed: dict[str, Printing] = {}


def register_paper(object_key: str, printing: Printing) -> None:
    """Say how records of an object are printed."""
    _printed[object_key] = printing


def printed(ctx: Context, spec: ObjectSpec, id: int) -> HttpResponse:
    """A record as PDF.

    Raises:
        NotFound: such records have no paper, or the actor does not see this one.
        NotAllowed: a field that stands on it is hidden from the actor's role.
    """
    printing = _printed.get(spec.key)
    if printing is None:
        raise NotFound
    demand(ctx.actor, spec.permission("view"))
    record = load_record(spec, ctx.actor, id)
    if printing.says & ctx.actor.grants.hides(spec.key):
        raise NotAllowed(msg("What stands on this paper is hidden from your role."))
    response = HttpResponse(printing.make(ctx, record), content_type="application/pdf")
    response["Content-Disposition"] = content_disposition_header(False, f"{printing.name(record)}.pdf") or ""
    return response


def _read(call: Call, plural: str, id: int) -> HttpResponse:
    return printed(call.ctx, spec_at(plural), id)


paper = endpoint(GET=_read)
