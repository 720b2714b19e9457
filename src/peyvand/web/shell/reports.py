"""The page of reports: every screen whose address lies beneath reports/ is one, whichever slice it comes from."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.platform.objects import areas
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, any_beneath, here, register_screen, screens_beneath

BENEATH: Final = "reports/"
REPORTS = register_screen(
    Screen(
        "reports",
        _("Reports"),
        "chart",
        BENEATH,
        menu=70,
        area=areas.INSIGHTS,
        opens=lambda ctx: any_beneath(ctx, BENEATH),
    )
)


@require_GET
def reports(request: HttpRequest, workspace: str) -> HttpResponse:
    """The reports that the actor may open."""
    ctx = context_of(request)
    found = [(screen, here(ctx, screen.path)) for screen in screens_beneath(ctx, BENEATH)]
    return render(request, "shell/reports.html", {"reports": found})
