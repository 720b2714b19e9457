"""What applications call themselves: tokens, their end, their state, and where all of it is."""

from __future__ import annotations

from collections.abc import Callable

from authlib.oauth2 import OAuth2Error
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from peyvand.administration.applications.server import METHODS, Introspection, Revocation, server
from peyvand.administration.members.public import scope_options
from peyvand.api.limits import spend_by_address
from peyvand.kernel.errors import PeyvandError


@csrf_exempt
@require_POST
def token(request: HttpRequest) -> HttpResponse:
    """An access token for a code, a refresh token or an application's own secret."""
    return _answered(request, lambda: server.create_token_response(request))


@csrf_exempt
@require_POST
def revoke(request: HttpRequest) -> HttpResponse:
    """End the grant that a token belongs to (RFC 7009)."""
    return _answered(request, lambda: server.create_endpoint_response(Revocation.ENDPOINT_NAME, request))


@csrf_exempt
@require_POST
def introspect(request: HttpRequest) -> HttpResponse:
    """What one of the application's own tokens is good for (RFC 7662)."""
    return _answered(request, lambda: server.create_endpoint_response(Introspection.ENDPOINT_NAME, request))


@require_GET
def metadata(request: HttpRequest) -> HttpResponse:
    """Where everything is (RFC 8414)."""
    root = request.build_absolute_uri("/").rstrip("/")
    return JsonResponse(
        {
            "issuer": root,
            "authorization_endpoint": f"{root}/oauth/authorize",
            "token_endpoint": f"{root}/oauth/token",
            "revocation_endpoint": f"{root}/oauth/revoke",
            "introspection_endpoint": f"{root}/oauth/introspect",
            "service_documentation": f"{root}/api/v1/openapi.json",
            "scopes_supported": [option.key for option in scope_options()],
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": METHODS,
            "revocation_endpoint_auth_methods_supported": METHODS,
            "introspection_endpoint_auth_methods_supported": METHODS[1:],
        }
    )


def _answered(request: HttpRequest, answer: Callable[[], HttpResponse]) -> HttpResponse:
    try:
        spend_by_address(request)
    except PeyvandError as error:
        return JsonResponse({"error": "slow_down", "error_description": str(error)}, status=error.status)
    # A refusal commits too: a code or token that came twice ends what it was given for.
    try:
        with transaction.atomic():
            response = answer()
    except OAuth2Error as error:
        response = JsonResponse(dict(error.get_body()), status=error.status_code)
    response["Cache-Control"] = "no-store"
    return response
