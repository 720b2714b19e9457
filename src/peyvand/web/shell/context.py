"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from peyvand.platform.actions.context import Context
from peyvand.platform.database.compiled import Slot
from peyvand.platform.identity.models import Membership
from peyvand.platform.workspaces.lookups import lookup
from peyvand.web.shell.navigation import Navigation

RTL = frozenset({"fa"})


def shell(request: HttpRequest) -> dict[str, Any]:
    """``ctx`` and ``tenant`` inside a workspace, ``nav`` (asked for by whole pages only), ``language`` and ``direction``."""
    ctx: Context | None = getattr(request, "ctx", None)
    language = (get_language() or "en").partition("-")[0]
    theme = request.COOKIES.get("theme", "")
    found: dict[str, Any] = {
        "request": request,
        "ctx": ctx,
        "tenant": ctx.tenant if ctx else None,
        "language": language,
        "direction": "rtl" if language in RTL else "ltr",
        "theme": theme if theme in ("light", "dark") else "light",
        "rail": "narrow" if request.COOKIES.get("rail") == "narrow" else "wide",
    }
    if ctx is not None:
        found["nav"] = SimpleLazyObject(lambda: Navigation(ctx, request))
        found["other_workspaces"] = SimpleLazyObject(lambda: _other_workspaces(ctx))
    return found


def _other_workspaces(ctx: Context) -> list[Any]:
    """Slug and name of the account's other workspaces."""
    return _memberships(ctx.actor.account_id or 0, ctx.tenant.id)


@lookup("bigint", "bigint")
def _memberships(account: Slot, here: Slot) -> QuerySet[Any]:
    members = Membership.objects.filter(account_id=account).exclude(workspace_id=here)
    return members.order_by("workspace__name").values_list("workspace__slug", "workspace__name")
