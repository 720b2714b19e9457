"""The way into the settings: straight to the first page that the actor may open."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import NotAllowed
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import open_pages


@require_GET
def index(request: HttpRequest, workspace: str) -> HttpResponse:
    """On to the first page that is open to the actor."""
    pages = open_pages(context_of(request))
    if not pages:
        raise NotAllowed
    return HttpResponseRedirect(f"/w/{workspace}/settings/{pages[0].path}")
