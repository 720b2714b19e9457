"""The authorization server: Authlib's, with our accounts, our tokens and nothing kept in the clear.

Authorization code with PKCE (S256, always), refresh with rotation, client credentials, revocation, introspection.
An access token is an ApiToken like those that people make: the API knows one kind of key.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from authlib.integrations.django_oauth2 import AuthorizationServer
from authlib.integrations.django_oauth2.requests import DjangoOAuth2Payload, DjangoOAuth2Request
from authlib.oauth2.rfc6749 import OAuth2Request, grants
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from django.http import HttpRequest

from peyvand.administration.applications.models import LOCAL, Application, Grant, RefreshToken, digest
from peyvand.administration.members.public import EVERYTHING
from peyvand.kernel import clock
from peyvand.platform.identity.models import ApiToken

ACCESS_SECONDS: Final = 3600
REFRESH: Final = timedelta(days=60)
CODE: Final = timedelta(minutes=5)
METHODS: Final = ["none", "client_secret_basic", "client_secret_post"]


class _Request(DjangoOAuth2Request):  # type: ignore[misc]
    """Authlib takes requests over TLS only; we do too, but for a program and an installation on the same machine."""

    def __init__(self, request: HttpRequest) -> None:
        uri = request.build_absolute_uri()
        if request.get_host().rpartition(":")[0] in LOCAL or request.get_host() in LOCAL:
            uri = uri.replace("http://", "https://", 1)
        OAuth2Request.__init__(self, request.method, uri, headers=request.headers)
        self.payload = DjangoOAuth2Payload(request)
        self._request = request


class Server(AuthorizationServer):  # type: ignore[misc]  # Authlib has no types
    """See the module's docstring."""

    def create_oauth2_request(self, request: HttpRequest) -> DjangoOAuth2Request:
        return _Request(request)

    def query_client(self, client_id: str) -> Application | None:
        return Application.objects.filter(client_id=client_id, revoked_at=None).first()

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        application: Application = request.client
        now = clock.now()
        scopes = token.get("scope", "").split()
        grant: Grant = request.user or Grant.objects.create(
            application=application,
            workspace_id=application.workspace_id,
            user_id=application.user_id,
            scopes=scopes,
        )
        text: str = token["access_token"]
        ApiToken.objects.create(
            token_hash=digest(text), workspace_id=grant.workspace_id, user_id=grant.user_id, name=application.name,
            hint=text[:8], expires_at=now + timedelta(seconds=ACCESS_SECONDS), grant_id=grant.id,
            scopes=None if scopes == [EVERYTHING] else scopes,
        )  # fmt: skip
        if refresh := token.get("refresh_token"):
            RefreshToken.objects.create(token_hash=digest(refresh), grant=grant, expires_at=now + REFRESH)

    def create_bearer_token_generator(self) -> BearerTokenGenerator:
        return BearerTokenGenerator(
            access_token_generator=lambda **_: "pva_" + secrets.token_urlsafe(32),
            refresh_token_generator=lambda **_: "pvr_" + secrets.token_urlsafe(40),
            expires_generator=lambda client, grant_type: ACCESS_SECONDS,
        )


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def save_authorization_code(self, code: str, request: Any) -> None:
        actor = request.user
        sent = request.payload.data
        Grant.objects.create(
            application=request.client, workspace_id=actor.workspace_id, user_id=actor.user_id,
            scopes=request.client.get_allowed_scope(request.payload.scope or "").split(),
            code_hash=digest(code), code_ends_at=clock.now() + CODE, redirect_uri=request.payload.redirect_uri or "",
            code_challenge=sent["code_challenge"], code_challenge_method=sent["code_challenge_method"],
        )  # fmt: skip

    def query_authorization_code(self, code: str, client: Application) -> Grant | None:
        grant = Grant.objects.select_for_update().filter(code_hash=digest(code), application=client).first()
        if grant is None:
            return None
        if grant.code_used_at is not None:
            revoke(grant)
            return None
        is_late = grant.code_ends_at is None or grant.code_ends_at < clock.now()
        return None if grant.revoked_at or is_late else grant

    def delete_authorization_code(self, authorization_code: Grant) -> None:
        # Kept, so that a second use of it is known for what it is.
        authorization_code.code_used_at = clock.now()
        authorization_code.save(update_fields=["code_used_at"])

    def authenticate_user(self, authorization_code: Grant) -> Grant:
        return authorization_code


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    INCLUDE_NEW_REFRESH_TOKEN = True
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        found = _refresh_token(refresh_token)
        if found is not None and found.used_at is not None:
            revoke(found.grant)
        return None if found is None or found.is_revoked() or found.is_expired() else found

    def authenticate_user(self, refresh_token: RefreshToken) -> Grant:
        return refresh_token.grant

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        refresh_token.used_at = clock.now()
        refresh_token.save(update_fields=["used_at"])


class ServiceGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS[1:]

    def validate_token_request(self) -> None:
        super().validate_token_request()
        # Nothing asked for is everything it was registered for.
        if not self.request.payload.scope:
            self.request.payload.data["scope"] = self.request.client.get_allowed_scope("")


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token_string: str, token_type_hint: str | None) -> Grant | None:
        return _grant_of(token_string)

    def authenticate_token(self, request: Any, client: Application) -> Grant | None:
        self.check_params(request, client)
        grant = self.query_token(request.form["token"], None)
        return grant if grant is not None and grant.application_id == client.id else None

    def revoke_token(self, token: Grant, request: Any) -> None:
        revoke(token)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    CLIENT_AUTH_METHODS = METHODS[1:]

    def authenticate_token(self, request: Any, client: Application) -> dict[str, Any] | None:
        self.check_params(request, client)
        return _told(request.form["token"], client)

    def create_introspection_payload(self, token: dict[str, Any] | None) -> dict[str, Any]:
        return token or {"active": False}


def revoke(*granted: Grant) -> None:
    """End what people let applications do: the access tokens and those that could still be got."""
    now, ids = clock.now(), [grant.id for grant in granted]
    Grant.objects.filter(id__in=ids, revoked_at=None).update(revoked_at=now)
    ApiToken.objects.filter(grant_id__in=ids, revoked_at=None).update(revoked_at=now)


def _refresh_token(text: str) -> RefreshToken | None:
    # With its grant, so that none is used while the person ends what it is for.
    rows = RefreshToken.objects.select_for_update(of=("self", "grant")).select_related("grant__application")
    return rows.filter(token_hash=digest(text)).first()


def _grant_of(text: str) -> Grant | None:
    access = ApiToken.objects.filter(token_hash=digest(text), grant_id__isnull=False).first()
    if access is not None and access.grant_id is not None:
        return Grant.objects.filter(id=access.grant_id).first()
    refresh = _refresh_token(text)
    return refresh.grant if refresh else None


def _told(text: str, client: Application) -> dict[str, Any] | None:
    """What an application may know of a token of its own; None of any other, and of one that is over."""
    now = clock.now()
    access = ApiToken.objects.filter(token_hash=digest(text), grant_id__isnull=False, revoked_at=None).first()
    if access is not None and access.grant_id is not None and access.expires_at and access.expires_at > now:
        grant = Grant.objects.get(id=access.grant_id)
        began, ends, scopes = access.created_at, access.expires_at, access.scopes
    else:
        refresh = _refresh_token(text)
        if refresh is None or refresh.is_revoked() or refresh.is_expired():
            return None
        grant = refresh.grant
        began, ends, scopes = refresh.expires_at - REFRESH, refresh.expires_at, grant.scopes
    if grant.application_id != client.id:
        return None
    return {
        "active": True, "client_id": client.client_id, "scope": " ".join([EVERYTHING] if scopes is None else scopes), "sub": str(grant.user_id),
        "exp": int(ends.timestamp()), "iat": int(began.timestamp()), "token_type": "Bearer",
    }  # fmt: skip


class S256(CodeChallenge):  # type: ignore[misc]
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    DEFAULT_CODE_CHALLENGE_METHOD = "S256"


def _server() -> Server:
    made = Server(Application, None)
    made.register_grant(CodeGrant, [S256(required=True)])
    made.register_grant(RefreshGrant)
    made.register_grant(ServiceGrant)
    made.register_endpoint(Revocation)
    made.register_endpoint(Introspection)
    return made


server: Final = _server()
