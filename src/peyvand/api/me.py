"""Whose token this is, and what it may do: GET /me."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from peyvand.api.endpoint import Call, answer, endpoint
from peyvand.platform.identity.grants import Scope
from peyvand.platform.objects.spec import all_objects

VERBS = ("view", "create", "update", "delete")


def read_me(call: Call) -> HttpResponse:
    actor, tenant = call.ctx.actor, call.ctx.tenant
    may: dict[str, Any] = {}
    for spec in all_objects():
        scopes = {verb: actor.grants.scope(spec.permission(verb)) for verb in VERBS}
        may[spec.plural] = {verb: scope.value for verb, scope in scopes.items() if scope is not Scope.NONE}
    return answer(
        {
            "user": {"id": actor.user_id, "title": actor.name},
            "role": actor.role,
            "scopes": sorted(actor.grants.only) if actor.grants.only is not None else None,
            "language": actor.language,
            "workspace": {
                "id": tenant.id, "slug": tenant.slug, "title": tenant.name, "timezone": tenant.timezone,
                "currency": tenant.currency, "language": tenant.language,
            },
            "may": may,
        }
    )  # fmt: skip


me = endpoint(GET=read_me)
