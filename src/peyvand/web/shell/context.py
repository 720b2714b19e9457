from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """What every template may use: the actor's context, if the request is inside a workspace."""
    ctx = getattr(request, "ctx", None)
    return {"ctx": ctx, "tenant": ctx.tenant if ctx else None}
