"""Versions of a record between programs: what an answer shows, and what a request holds on to."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from peyvand.api.endpoint import Call, answer
from peyvand.api.errors import Stale

# The version, and behind the hyphen what is shown of it: a linked record's title may change without the version.
_TAG: Final = re.compile(r'(?:W/)?"(\d+)(?:-[0-9a-f]*)?"')


def answer_item(call: Call, item: dict[str, Any], status: int = 200, **headers: str) -> HttpResponse:
    """A record as an answer, with its ETag; 304 where If-None-Match says that the caller has just this already."""
    response = answer(item, status, **headers)
    digest = blake2b(response.content, digest_size=8).hexdigest()
    tag = response["ETag"] = f'"{item["version"]}-{digest}"'
    known = call.request.META.get("HTTP_IF_NONE_MATCH")
    if known and call.request.method == "GET" and (known == "*" or tag in known):
        response = HttpResponseNotModified()
        response["ETag"] = tag
    return response


def hold(request: HttpRequest, record: Any) -> None:
    """Go on only with a version that the request's If-Match names, if it names any.

    Raises:
        Stale: the record has another one by now.
    """
    match: str = request.META.get("HTTP_IF_MATCH", "*")
    if match.strip() != "*" and str(record.version) not in _TAG.findall(match):
        raise Stale
