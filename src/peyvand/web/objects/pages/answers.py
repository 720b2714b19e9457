"""Answers after something was done: a toast, an address to go to, a dialog that closes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from peyvand.kernel.errors import PeyvandError, RuleViolation
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.history import latest_change
from peyvand.platform.objects.spec import ObjectSpec
from peyvand.web.components.tags import say
from peyvand.web.objects.resolve import address

_RECORD_PAGE = re.compile(r"/w/[^/]+/[^/]+/\d+/")


def page_url(ctx: Context, spec: ObjectSpec, id: int, *parts: str) -> str:
    """The address of a record's page, or of something beneath it."""
    return f"{address(ctx, spec, id)}/" + "/".join(parts)


def with_events(response: HttpResponse, **events: Any) -> HttpResponse:
    """The response, and what the page is told by it: ``toast``, ``closeDialog``, ``changed``."""
    response["HX-Trigger"] = json.dumps(events)
    return response


def not_typed(why: RuleViolation) -> HttpResponse:
    """What an editor answers that does not open: the reason, as a toast."""
    return with_events(HttpResponse(status=why.status), toast={"text": say(why.message), "kind": "bad"})


def moved(
    request: HttpRequest,
    where: str,
    words: str = "",
    undo: Mapping[str, str] | None = None,
    *,
    is_list: bool = False,
    **events: Any,
) -> HttpResponse:
    """Go elsewhere. Another record's page, or a list, is swapped in, so that the toast survives; other screens are loaded
    whole."""
    if not request.headers.get("HX-Request"):
        return HttpResponseRedirect(where)
    response = HttpResponse()
    if is_list or _RECORD_PAGE.fullmatch(urlsplit(where).path):
        response["HX-Location"] = json.dumps(
            {"path": where, "target": "#main", "select": "#main", "swap": "outerHTML"}
        )
    else:
        response["HX-Redirect"] = where
    return with_events(
        response,
        closeDialog=True,
        **({"toast": {"text": words, "kind": "good", **(undo or {})}} if words else {}),
        **events,
    )


def saved_in_place(
    spec: ObjectSpec, id: int, words: str, undo: Mapping[str, str] | None = None, **events: Any
) -> HttpResponse:
    """Stay on the screen the dialog was opened from; what shows the record there fetches it again."""
    response = HttpResponse()
    response["HX-Reswap"] = "none"
    return with_events(
        response,
        closeDialog=True,
        toast={"text": words, "kind": "good", **(undo or {})},
        changed={"object": spec.key, "ids": [id]},
        **events,
    )


def refused(error: PeyvandError) -> HttpResponse:
    """A refusal said in a toast; the page stays as it is."""
    return with_events(HttpResponse(status=409), toast={"text": say(error.message), "kind": "bad"})


def undo_of(ctx: Context, spec: ObjectSpec, id: int, version: int) -> dict[str, str]:
    """What a toast offers to take back the change that was just made of a record which had this version before; nothing
    if none was made."""
    now = spec.rows.filter(id=id).values_list("version", flat=True).first()
    event = latest_change(ctx, spec, id) if now not in (None, version) else 0
    return {"undo": f"{page_url(ctx, spec, id, 'undo', str(event))}?version={now}"} if event else {}


def came_from(request: HttpRequest) -> str:
    """The path of the page that htmx sent this from; empty for a plain form."""
    return urlsplit(request.headers.get("HX-Current-URL", "")).path
