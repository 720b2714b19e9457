"""Work in the background: what goes on, and what failed for good."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from peyvand.administration.operations.actions import dismiss_letter, run_letter_again
from peyvand.administration.operations.queries import letters, running
from peyvand.administration.operations.web import BACKGROUND
from peyvand.administration.operations.web.places import place_before
from peyvand.platform.access.decisions import demand
from peyvand.web.objects.pages.answers import with_events
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.settings_pages import render_settings


@require_GET
def background(request: HttpRequest, workspace: str) -> HttpResponse:
    """The page; with ``before`` only the failed jobs that follow."""
    ctx = context_of(request)
    demand(ctx.actor, BACKGROUND.operation)
    before = place_before(request)
    page, following = letters(before)
    shown = {"letters": page, "next": following}
    if before is not None:
        return render(request, "operations/_letters.html", shown)
    return render_settings(
        request, BACKGROUND, "operations/background.html", {**shown, "running": running(ctx)}
    )


@require_POST
def again(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Put a failed job back into the queue."""
    run_letter_again(context_of(request), id)
    return _done(request, gettext("The job is in the queue again."))


@require_POST
def dismiss(request: HttpRequest, workspace: str, id: int) -> HttpResponse:
    """Forget a failed job."""
    dismiss_letter(context_of(request), id)
    return _done(request, gettext("The failed job was dismissed."))


def _done(request: HttpRequest, sentence: str) -> HttpResponse:
    back = f"/w/{context_of(request).tenant.slug}/settings/{BACKGROUND.path}"
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(back)
    response = with_events(HttpResponse(), toast={"text": sentence, "kind": "good"})
    response["HX-Redirect"] = back
    return response
