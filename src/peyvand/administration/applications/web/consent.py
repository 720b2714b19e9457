"""Where a person is asked whether an application may act for them."""

from __future__ import annotations

from urllib.parse import urlsplit

from authlib.oauth2 import OAuth2Error
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from peyvand.administration.applications.actions import record_consent
from peyvand.administration.applications.models import Application
from peyvand.administration.applications.server import server
from peyvand.administration.members.public import in_words
from peyvand.kernel.errors import NotFound, RuleViolation, msg
from peyvand.platform.access.decisions import demand
from peyvand.web.shell.middleware import POLICY, context_of


@require_GET
def authorize(request: HttpRequest) -> HttpResponse:
    """The address that applications send people to: on to the workspace that the application belongs to."""
    application = server.query_client(request.GET.get("client_id", ""))
    if application is None:
        raise NotFound(msg("This application is not known here."))
    where = f"/w/{application.workspace.slug}/oauth/authorize?{request.META.get('QUERY_STRING', '')}"
    return HttpResponseRedirect(where)


@require_http_methods(["GET", "POST"])
def consent(request: HttpRequest, workspace: str) -> HttpResponse:
    """What is asked for, in plain words; the answer sends the person back."""
    ctx = context_of(request)
    demand(ctx.actor, "token.create")
    try:
        grant = server.get_consent_grant(request, end_user=ctx.actor)
    except OAuth2Error as error:
        raise RuleViolation(
            msg("This application asks in a way that cannot be answered: %(reason)s.", reason=error.error)
        ) from error
    application: Application = grant.client
    if application.workspace_id != ctx.tenant.id:
        raise NotFound
    challenge = request.GET.get("code_challenge_method"), request.GET.get("code_challenge")
    if challenge[0] != "S256" or not challenge[1]:
        raise RuleViolation(
            msg("This application asks in a way that cannot be answered: %(reason)s.", reason="PKCE (S256)")
        )
    scopes = application.get_allowed_scope(request.GET.get("scope", "")).split()
    if request.method == "POST":
        is_allowed = request.POST.get("answer") == "allow"
        if is_allowed:
            record_consent(ctx, application, scopes)
        response: HttpResponse = server.create_authorization_response(
            request, grant_user=ctx.actor if is_allowed else None, grant=grant
        )
        return response
    back = urlsplit(grant.redirect_uri)
    response = render(
        request, "applications/consent.html",
        {"application": application, "asked": in_words(scopes), "back": back.hostname or back.scheme},
    )  # fmt: skip
    # A browser follows the answer's redirect only where the page said that its form may lead.
    origin = f"{back.scheme}://{back.netloc}" if back.netloc else f"{back.scheme}:"
    response["Content-Security-Policy"] = POLICY.replace("form-action 'self'", f"form-action 'self' {origin}")
    return response
