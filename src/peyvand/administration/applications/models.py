"""Applications of others and what people let them do. Outside row security: they are read before any scope opens."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, TokenMixin
from django.db import models

from peyvand.administration.members.public import scope_options
from peyvand.kernel import clock
from peyvand.platform.identity.grants import Grants
from peyvand.platform.workspaces.models import Workspace

# Names of this very machine.
LOCAL = ("127.0.0.1", "[::1]", "localhost")


class Application(models.Model, ClientMixin):  # type: ignore[misc]  # Authlib has no types
    """A program of somebody else that people here may let act for them (a client, in OAuth's words)."""

    client_id = models.CharField(max_length=40, unique=True)
    # SHA-256; empty for one that cannot keep a secret: an app on a phone, a page in a browser.
    secret_hash = models.CharField(max_length=64, blank=True)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    redirect_uris = models.JSONField(default=list)
    scopes = models.JSONField(default=list)
    # Whether it may come without a person; it acts as this user then.
    is_service = models.BooleanField(default=False)
    user_id = models.BigIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oauth_application"

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str) -> str:
        """Of what is asked for, what it was registered for; everything it was registered for where nothing is asked."""
        if not scope:
            return " ".join(self.scopes)
        # What it was registered for is known, also where no workspace is open and so no object of its own.
        known = {*self.scopes, *(option.key for option in scope_options())}
        mine = Grants(only=frozenset(self.scopes))
        return " ".join(s for s in dict.fromkeys(scope.split()) if s in known and mine.reaches(s))

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret_hash) and secrets.compare_digest(self.secret_hash, digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        if not self.secret_hash:
            return method == "none"
        return method in ("client_secret_basic", "client_secret_post")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and bool(self.redirect_uris)

    def check_grant_type(self, grant_type: str) -> bool:
        if grant_type == "client_credentials":
            return self.is_service and bool(self.secret_hash)
        return grant_type in ("authorization_code", "refresh_token") and bool(self.redirect_uris)


class Grant(models.Model, AuthorizationCodeMixin):  # type: ignore[misc]
    """What one person let one application do; the code it is fetched with, once. Access tokens point here."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="grants")
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    user_id = models.BigIntegerField()
    scopes = models.JSONField(default=list)
    code_hash = models.CharField(max_length=64, null=True, unique=True)
    code_ends_at = models.DateTimeField(null=True)
    code_used_at = models.DateTimeField(null=True)
    redirect_uri = models.TextField(blank=True)
    code_challenge = models.CharField(max_length=128, blank=True)
    code_challenge_method = models.CharField(max_length=10, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oauth_grant"
        indexes = [models.Index(fields=["workspace", "user_id"], name="oauth_grant_user")]

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return " ".join(self.scopes)


class RefreshToken(models.Model, TokenMixin):  # type: ignore[misc]
    """What an application gets its next access token with, once; one that comes back a second time was stolen."""

    token_hash = models.CharField(max_length=64, unique=True)
    grant = models.ForeignKey(Grant, models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "oauth_refresh_token"

    def check_client(self, client: Any) -> bool:
        return bool(self.grant.application_id == client.id)

    def get_scope(self) -> str:
        return self.grant.get_scope()

    def is_expired(self) -> bool:
        return self.expires_at < clock.now()

    def is_revoked(self) -> bool:
        return self.used_at is not None or self.grant.revoked_at is not None


def digest(secret: str) -> str:
    """What a secret is kept as."""
    return hashlib.sha256(secret.encode()).hexdigest()
