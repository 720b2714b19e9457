"""Answers after something was done: a toast, an address to go to, a dialog that closes."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.objects.resolve import address

_RECORD_PAGE = re.compile(r"/w/[^/]+/[^/]+/\d+/")


def page_url(ctx: Context, spec: ObjectSpec, id: int, *parts: str) -> str:
    """The address of a record's page, or of something beneath it."""
    return f"{address(ctx, spec, id)}/" + "/".join(parts)


def with_events(response: HttpResponse, **events: Any) -> HttpResponse:
    """The response, and what the page is told by it: ``toast``, ``closeDialog``, ``changed``."""
    response["HX-Trigger"] = json.dumps(events)
    return response


def moved(request: HttpRequest, where: str, words: str = "") -> HttpResponse:
    """Go elsewhere. Another record's page is swapped in, so that the toast survives; other screens are loaded whole."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(where)
    response = HttpResponse()
    if _RECORD_PAGE.fullmatch(urlsplit(where).path):
        response["HX-Location"] = json.dumps(
            {"path": where, "target": "#main", "select": "#main", "swap": "outerHTML"}
        )
    else:
        response["HX-Redirect"] = where
    return with_events(
        response, closeDialog=True, **({"toast": {"text": words, "kind": "good"}} if words else {})
    )


def saved_in_place(spec: ObjectSpec, id: int, words: str) -> HttpResponse:
    """Stay on the screen the dialog was opened from; what shows the record there fetches it again."""
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    return with_events(
        response,
        closeDialog=True,
        toast={"text": words, "kind": "good"},
        changed={"object": spec.key, "ids": [id]},
    )


def came_from(request: HttpRequest) -> str:
    """The path of the page that htmx sent this from; empty for a plain form."""
    return urlsplit(request.headers.get("HX-Current-URL", "")).path
