"""Every failure as an answer for a person: what happened, what was kept, what to do. Never a traceback."""

from __future__ import annotations

import logging
import uuid
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import is_valid_path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel.errors import Conflict, PeyvandError
from peyvand.platform.database.failures import Unavailable, explained
from peyvand.platform.workspaces.scope import held
from peyvand.web.components.tags import say

log = logging.getLogger(__name__)

_TITLES = {
    400: _("This request could not be understood"),
    403: _("You may not do this"),
    404: _("There is nothing here"),
    409: _("Someone else was faster"),
    413: _("This is too large"),
    422: _("Something needs correcting"),
    500: _("Something went wrong on our side"),
    503: _("The database is not reachable just now"),
}
_ADVICE = {
    403: _("Ask an administrator of your workspace if you need this."),
    404: _("It may have been deleted, or you may not have access to it."),
    500: _("Nothing was saved. Try again; if it stays, give this number to your administrator."),
    503: _("Nothing was saved, nothing is lost. This page works again by itself in a moment."),
}


def error_response(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page, or for htmx the fragment, that answers for an exception."""
    status, sentence = _read(error)
    reference = ""
    if status == 503:
        log.warning("request failed for want of the database (%s) %s", error, request.path)
    elif status >= 500:
        reference = uuid.uuid4().hex[:8]
        log.error("request failed (%s) %s", reference, request.path, exc_info=error)
    context = {
        "status": status,
        "title": _TITLES.get(status, _TITLES[500]),
        "sentence": sentence,
        "advice": _ADVICE.get(status, ""),
        "reference": reference,
    }
    response = HttpResponse(_page(request, context), status=status)
    if status == 503:
        response["Retry-After"] = "3"
    return response


def outrun(request: HttpRequest, error: Conflict, back: tuple[str, str]) -> HttpResponse:
    """The page that says what somebody else did first, in the shell, with the way ``back``: an address and what is there."""
    context = {
        "status": error.status,
        "title": _TITLES[error.status],
        "sentence": say(error.message),
        "back": back,
    }
    return HttpResponse(render_to_string("shell/closed.html", context, request=request), status=error.status)


def _page(request: HttpRequest, context: dict[str, Any]) -> str:
    """What is shown: within a workspace the shell stays around a page that is closed or not there, for one goes on from it."""
    if request.headers.get("HX-Request"):
        return render_to_string("shell/_error.html", context, request=request)
    # The shell reads rows: only for a user of the workspace, while it is open, and where nothing broke its transaction.
    is_inside = hasattr(request, "ctx") and held() is not None and not connection.needs_rollback
    if context["status"] in (403, 404) and is_inside:
        return render_to_string("shell/closed.html", context, request=request)
    return render_to_string("shell/error.html", context, request=request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(
        request,
        PermissionDenied(
            gettext("This page was open too long or came from elsewhere. Reload it and try again.")
        ),
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The page that says so; an address that lacks no more than its last slash is led on."""
    path = request.path_info
    if request.method in ("GET", "HEAD") and not is_valid_path(path) and is_valid_path(f"{path}/"):
        return HttpResponseRedirect(request.get_full_path(force_append_slash=True))
    return error_response(request, Http404())


def failed(request: HttpRequest) -> HttpResponse:
    return error_response(request, RuntimeError("a failure that no other handler answered"))


def _read(error: Exception) -> tuple[int, str]:
    error = explained(error) or error
    if isinstance(error, Unavailable):
        return 503, ""
    if isinstance(error, PeyvandError):
        return error.status, say(error.message)
    if isinstance(error, Http404):
        return 404, ""
    if isinstance(error, PermissionDenied):
        return 403, str(error)
    if isinstance(error, RequestDataTooBig):
        return 413, ""
    if isinstance(error, SuspiciousOperation):
        return 400, ""
    return 500, ""
