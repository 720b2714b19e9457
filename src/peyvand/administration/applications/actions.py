"""Registering applications, and letting them act for oneself: every write that a person makes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from peyvand.administration.applications.events import (
    AccessEnded,
    AccessGiven,
    ApplicationRegistered,
    ApplicationRemoved,
)
from peyvand.administration.applications.models import LOCAL, Application, Grant, digest
from peyvand.administration.applications.server import revoke
from peyvand.administration.members.public import EVERYTHING, clean_scopes
from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, NotAllowed, NotFound, msg
from peyvand.platform.access.decisions import demand_lasting
from peyvand.platform.actions.action import action, on_change
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.grants import Scope
from peyvand.platform.identity.models import User


@action(
    "application.register",
    label=_("Register an application"),
    on="none",
    icon="box",
    button=False,
    admin=True,
)
def register_application(
    ctx: Context,
    *,
    name: str,
    redirect_uris: Sequence[str],
    scopes: Sequence[str],
    is_public: bool,
    is_service: bool,
) -> tuple[Application, str]:
    """Make an application known; return it with its secret, shown this once (empty for a public one).

    Raises:
        Invalid: an address that people cannot be sent back to, or none at all. NotAllowed: by a lent role or a narrowed key.
    """
    demand_lasting(ctx.actor)
    if ctx.actor.user_id is None or ctx.actor.grants.only is not None:
        raise NotAllowed
    for uri in redirect_uris:
        _check_address(uri)
    if is_service and is_public:
        raise Invalid.of(msg("Whoever comes without a person must keep a secret."), "is_service")
    if not redirect_uris and not is_service:
        raise Invalid.of(msg("Name the address that people are sent back to."), "redirect_uris")
    secret = "" if is_public else "pvs_" + secrets.token_urlsafe(32)
    application = Application.objects.create(
        client_id="pvc_" + secrets.token_hex(12), secret_hash=digest(secret) if secret else "", workspace_id=ctx.tenant.id,
        name=name, redirect_uris=list(redirect_uris), scopes=clean_scopes(scopes) or [EVERYTHING], is_service=is_service,
        user_id=ctx.actor.user_id,
    )  # fmt: skip
    ctx.record(
        ApplicationRegistered(object="user", object_id=ctx.actor.user_id, title=ctx.actor.name, name=name)
    )
    return application, secret


@action(
    "application.remove", label=_("Remove an application"), on="none", icon="trash", button=False, admin=True
)
def remove_application(ctx: Context, application_id: int) -> None:
    """Make an application unknown, and end all that people let it do."""
    row = Application.objects.filter(id=application_id, workspace_id=ctx.tenant.id, revoked_at=None).first()
    if row is None:
        raise NotFound
    row.revoked_at = clock.now()
    row.save(update_fields=["revoked_at"])
    revoke(*Grant.objects.filter(application=row, revoked_at=None))
    ctx.record(
        ApplicationRemoved(
            object="user", object_id=ctx.actor.user_id or 0, title=ctx.actor.name, name=row.name
        )
    )


@action("token.consent", label=_("Let an application act for you"), on="none", icon="key", button=False)
def record_consent(ctx: Context, application: Application, scopes: Sequence[str]) -> None:
    """Write down that the actor lets an application act for them."""
    if ctx.actor.user_id is None or ctx.actor.is_preview or ctx.actor.raised is not None:
        raise NotAllowed
    ctx.record(
        AccessGiven(
            object="user",
            object_id=ctx.actor.user_id,
            title=ctx.actor.name,
            name=application.name,
            scopes=tuple(scopes),
        )
    )


@action("token.end_consent", label=_("End what an application may do"), on="none", icon="xc", button=False)
def end_consent(ctx: Context, grant_id: int) -> None:
    """End what an application may do for oneself, or for anybody, where the role allows that."""
    grant = Grant.objects.filter(id=grant_id, workspace_id=ctx.tenant.id, revoked_at=None).first()
    if grant is None:
        raise NotFound
    if grant.user_id != ctx.actor.user_id and ctx.actor.grants.scope("token.end_consent") is not Scope.ALL:
        raise NotFound
    revoke(grant)
    ctx.record(
        AccessEnded(object="user", object_id=grant.user_id, title=ctx.actor.name, name=grant.application.name)
    )


@on_change
def end_grants(ctx: Context, object_key: str, ids: Sequence[int]) -> None:
    """End what applications may do for users who were switched off; switched on again, they are asked anew."""
    if object_key != "user":
        return
    shut = User.objects.filter(id__in=ids, is_active=False).values_list("id", flat=True)
    revoke(*Grant.objects.filter(workspace_id=ctx.tenant.id, user_id__in=list(shut), revoked_at=None))


# As urlsplit names them, without brackets.
_HERE: Final = frozenset(host.strip("[]") for host in LOCAL)
# What an address may consist of: no fragment, no space, nothing that a browser reads as another sign or a header ends at.
_ADDRESS: Final = re.compile(r"[\w.~:/?\[\]@!$&'()*+,;=%-]+", re.ASCII)
# Its host and port: nobody's name before them, and no sign that the content policy splits at.
_PLACE: Final = re.compile(r"[\w.:\[\]-]*", re.ASCII)
# What browsers run or open by themselves; an app's own scheme does not even begin so.
_RUN: Final = frozenset(
    {"about", "blob", "chrome", "data", "file", "filesystem", "ftp", "http", "https", "intent", "jar", "javascript", "livescript",
     "mhtml", "mocha", "resource", "vbscript", "view-source", "ws", "wss"}
)  # fmt: skip


def _check_address(uri: str) -> None:
    """https, this machine, or an app's own scheme, named as its domain turned round ("com.example.app:/back")."""
    if not _is_safe(uri):
        raise Invalid.of(
            msg("“%(uri)s” is no address that people can be sent back to.", uri=uri), "redirect_uris"
        )


def _is_safe(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        # Reading it refuses what is no number, or too high.
        is_reachable = parts.port != 0
    except ValueError:
        return False
    if not is_reachable or not _ADDRESS.fullmatch(uri) or not _PLACE.fullmatch(parts.netloc):
        return False
    if parts.scheme in ("http", "https"):
        return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in _HERE)
    first, dot, _rest = parts.scheme.partition(".")
    return bool(dot) and first not in _RUN and bool(parts.path or parts.netloc)
