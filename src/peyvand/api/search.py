"""Searching everything: GET /search?q=…, narrowed by object, owner, days and tag."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.kernel.errors import Invalid, msg
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.actor import Actor
from peyvand.platform.objects.excerpts import Excerpt, excerpts
from peyvand.platform.objects.spec import all_objects, find_object, object_at
from peyvand.platform.search.everywhere import AGES, Facets, Found, Narrowing, search

LONGEST = 100
PAGE, MOST = 20, 100


def read_search(call: Call) -> HttpResponse:
    query = call.text("q").strip()
    if not query or len(query) > LONGEST:
        raise Invalid.of(msg("Say what to search for, in at most %(most)s characters.", most=LONGEST), "q")
    narrowed = Narrowing(_object(call), _id(call, "owner"), _days(call), _id(call, "tag"))
    limit = _id(call, "limit") or PAGE
    if limit > MOST:
        raise Invalid.of(msg("Write a whole number from 1 to %(most)s.", most=MOST), "limit")
    actor = call.ctx.actor
    results = search(actor, query, [s.key for s in all_objects() if s.in_search], narrowed)
    found = results.found[:limit]
    told = excerpts(actor, found, results.meant or query)
    return answer(
        {
            "items": [
                _item(actor, one, told[one.object, one.id]) for one in found if (one.object, one.id) in told
            ],
            "count": len(results.found),
            "is_capped": results.is_capped,
            "meant": results.meant or None,
            "is_guess": results.is_guess,
            "facets": _facets(results.facets),
        }
    )


def _item(actor: Actor, one: Found, said: Excerpt) -> dict[str, Any]:
    spec = find_object(one.object)
    made_at = None if "created_at" in actor.grants.hides(one.object) else one.made_at
    return {
        "object": one.object, "plural": spec.plural if spec else "", "id": one.id, "title": said.title, "subtitle": said.beside,
        "source": one.source or None, "file": one.source_id or None, "excerpt": said.place, "created_at": made_at,
    }  # fmt: skip


def _facets(facets: Facets) -> dict[str, Any]:
    return {
        "objects": dict(facets.objects),
        "owners": {str(id): count for id, count in facets.owners.items()},
        "days": {str(days): facets.ages[days] for days in AGES},
        "tags": {str(id): count for id, count in facets.tags.items()},
    }


def _object(call: Call) -> str:
    plural = call.text("object")
    if not plural:
        return ""
    spec = object_at(plural) or find_object(plural)
    if spec is None:
        raise Invalid.of(msg("There are no records of the kind “%(name)s”.", name=plural), "object")
    return spec.key


def _id(call: Call, name: str) -> int | None:
    text = call.text(name)
    if not text:
        return None
    if not (id := whole_id(text)):
        raise Invalid.of(msg("Write a whole number from 1 to %(most)s.", most=2**63 - 1), name)
    return id


def _days(call: Call) -> int | None:
    days = _id(call, "days")
    if days is not None and days not in AGES:
        raise Invalid.of(msg("Choose one of these: %(choices)s.", choices=", ".join(map(str, AGES))), "days")
    return days


searching = endpoint(GET=read_search)
