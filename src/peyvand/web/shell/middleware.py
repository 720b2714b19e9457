"""How a request becomes an actor in a workspace: one transaction, one scope, rolled back on any answer of 400 or more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.cache import patch_vary_headers

from peyvand.kernel import clock
from peyvand.kernel.errors import NotAllowed, NotFound, msg
from peyvand.platform.access import previews
from peyvand.platform.actions.context import Context
from peyvand.platform.database.prepared import fetch
from peyvand.platform.identity.actor import TENANT_COLUMNS, Actor, actor_from, user_actor
from peyvand.platform.identity.sessions import ACCOUNT
from peyvand.platform.schema.reading import shown_to
from peyvand.platform.workspaces.scope import SETTING, adopted_scope
from peyvand.web.components.reading import read_by
from peyvand.web.shell.errors import error_response
from peyvand.web.shell.once import is_named, once

# The one address that is answered for the user themselves while they look through other eyes.
END_PREVIEW = "/settings/preview/end"
Handler = Callable[[HttpRequest], HttpResponse]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# One statement finds the workspace, whether the account may enter it, and opens its scope.
_ENTER = f"""
select m.user_id, {", ".join(f"w.{c}" for c in TENANT_COLUMNS)}, set_config('{SETTING}', w.id::text, true)
from membership m join workspace w on w.id = m.workspace_id where m.account_id = %s::bigint and w.slug = %s::text
"""  # noqa: S608 made of our own names


class SecurityHeaders:
    """Headers that hold for every answer."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", POLICY)
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", "same-origin")
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), payment=()")
        if request.is_secure():
            response.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


class WorkspaceRequests:
    """Opens the scope for addresses under /w/<slug>/ and puts the actor's Context on the request as ``ctx``."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(("/api/", "/healthz")):
            return self.get_response(request)
        with translation.override(guest_language(request)):
            try:
                slug = workspace_slug(request.path_info)
                response = self.get_response(request) if slug is None else self._inside(request, slug)
            except Exception as error:  # noqa: BLE001 any fault at all is answered
                response = error_response(request, error)
        patch_vary_headers(response, ("HX-Request", "Cookie"))
        if "text/html" in response.get("Content-Type", ""):
            response.setdefault("Cache-Control", "no-store")
        return response

    def _inside(self, request: HttpRequest, slug: str) -> HttpResponse:
        account_id = request.session.get(ACCOUNT)
        if account_id is None:
            return to_sign_in(request)
        with transaction.atomic():
            found = fetch(_ENTER, [account_id, slug])
            if not found:
                raise NotFound
            user_id, *tenant, _ = found[0]
            with adopted_scope(tenant[0]):
                return self._answer(request, self._eyes(request, slug, actor_from(tenant, user_id)))

    def _eyes(self, request: HttpRequest, slug: str, actor: Actor) -> Actor:
        """Whom the request is answered for: the user of the session, or the one whose eyes they look through."""
        looking = request.session.get(previews.SESSION_KEY)
        if (
            not looking
            or looking["workspace"] != actor.workspace_id
            or request.path_info == f"/w/{slug}{END_PREVIEW}"
        ):
            return actor
        try:
            seen = previews.seen_as(actor, user_actor(actor.workspace_id, looking["user"]))
        except NotAllowed:
            seen = None
        if seen is None or looking["until"] < clock.now().timestamp():
            del request.session[previews.SESSION_KEY]
            return actor
        if request.method not in ("GET", "HEAD", "OPTIONS") or request.path_info.startswith(
            f"/w/{slug}/account/"
        ):
            raise NotAllowed(msg("You only look through somebody else's eyes; nothing can be changed."))
        return seen

    def _answer(self, request: HttpRequest, actor: Actor) -> HttpResponse:
        request.ctx = Context(actor, "web", ip=request.META.get("REMOTE_ADDR") or None)  # type: ignore[attr-defined]
        shown_to(actor.role)
        with translation.override(actor.language), read_by(request.ctx.reader):  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 400 or actor.is_preview:
                transaction.set_rollback(True)
            return response

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponse],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
    ) -> HttpResponse | None:
        """Carry out what a form asks for, once; forgery was ruled out by now."""
        if not hasattr(request, "ctx") or not is_named(request):
            return None
        try:
            return once(request, context_of(request), lambda: view(request, *args, **kwargs))
        except Exception as error:  # noqa: BLE001 any fault at all is answered
            return error_response(request, error)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse:
        return error_response(request, error)


def workspace_slug(path: str) -> str | None:
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "w" else None


def guest_language(request: HttpRequest) -> str:
    """The language of someone who is not signed in: their choice here, else their browser's."""
    return translation.get_language_from_request(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    where = f"/sign-in?next={quote(request.get_full_path())}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = where
        return response
    return HttpResponseRedirect(where)


def context_of(request: Any) -> Context:
    """The actor's context that the middleware put on the request."""
    ctx: Context = request.ctx
    return ctx
