"""The user guide within the product: a list of chapters, a chapter, its pictures."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from peyvand.kernel.errors import NotFound
from peyvand.web.guide.reading import PICTURES, chapters, section_about
from peyvand.web.shell.middleware import context_of
from peyvand.web.shell.navigation import Screen, here, register_screen

GUIDE = register_screen(Screen("guide", _("Guide"), "help", "guide/", at_end=True, asks_where=True))
_DAY: Final = 86_400


@require_GET
def guide(request: HttpRequest, workspace: str) -> HttpResponse:
    """All chapters; with ``?at=`` the section that speaks of the page there ("deals/board"), if one does."""
    ctx = context_of(request)
    at = request.GET.get("at")
    if at is not None and (found := section_about(_language(), f"/{at}")):
        chapter, section = found
        return HttpResponseRedirect(f"{here(ctx, GUIDE.path)}{chapter.key}#{section.anchor}")
    return render(request, "guide/index.html", {"chapters": chapters(_language()), "screen": GUIDE})


@require_GET
def chapter(request: HttpRequest, workspace: str, key: str) -> HttpResponse:
    """One chapter, with the way to the others."""
    ctx = context_of(request)
    all_ = chapters(_language())
    place = next((n for n, each in enumerate(all_) if each.key == key), None)
    if place is None:
        raise NotFound
    context = {
        "screen": GUIDE,
        "chapters": all_,
        "chapter": all_[place],
        "text": all_[place].drawn(here(ctx).rstrip("/")),
        "next": all_[place + 1] if place + 1 < len(all_) else None,
    }
    return render(request, "guide/chapter.html", context)


@require_GET
def picture(request: HttpRequest, workspace: str, name: str) -> HttpResponse:
    """One picture of the guide."""
    # Looked for among what is there: a name is no path.
    file = next((each for each in PICTURES.iterdir() if each.name == name), None)
    if file is None:
        raise NotFound
    response = HttpResponse(file.read_bytes(), content_type="image/png")
    response["Cache-Control"] = f"private, max-age={_DAY}"
    return response


def _language() -> str:
    return get_language() or "en"
