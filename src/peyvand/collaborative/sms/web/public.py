"""Where gateways tell of messages: a page for programs, without a login, known by an address that nobody guesses."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from peyvand.collaborative.sms import incoming
from peyvand.kernel.errors import NotFound
from peyvand.platform.workspaces.scope import workspace_scope

MOST_BYTES = 16_384


@csrf_exempt
def told(request: HttpRequest, token: str) -> HttpResponse:
    """GET or POST, as a query, a form or JSON: gateways have their own ways."""
    if request.method not in ("GET", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, POST"})
    tenant = incoming.workspace_of(token)
    if tenant is None:
        raise NotFound
    said = _said(request)
    if said is None:
        return JsonResponse({"error": "unreadable"}, status=400)
    with workspace_scope(tenant.id):
        line = incoming.line_of(token)
        if line is None:
            raise NotFound
        try:
            outcome = incoming.take(tenant, line, said)
        except incoming.Flood:
            return JsonResponse({"error": "too many"}, status=429, headers={"Retry-After": "60"})
    if outcome == "later":
        return JsonResponse({"error": "not yet"}, status=503, headers={"Retry-After": "60"})
    return JsonResponse({"ok": True, "taken": outcome}, headers={"Cache-Control": "no-store"})


def _said(request: HttpRequest) -> Mapping[str, str] | None:
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdecimal()) or int(length[:10]) > MOST_BYTES:
        return None
    said = {key: request.GET[key] for key in request.GET}
    if request.method == "POST" and request.content_type == "application/json":
        try:
            sent = orjson.loads(request.body)
        except orjson.JSONDecodeError:
            return None
        if not isinstance(sent, Mapping):
            return None
        inner = sent.get("data")
        both = {**sent, **inner} if isinstance(inner, Mapping) else sent
        said |= {
            key: str(value)
            for key, value in both.items()
            if isinstance(value, str | int) and not isinstance(value, bool)
        }
    elif request.method == "POST":
        said |= {key: request.POST[key] for key in request.POST}
    return said
