"""Answers are sent compressed to whoever reads gzip: a list page is a seventh of its size."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

# Shorter ones would not arrive sooner.
SHORTEST: Final = 1000
# Level 3 is twice as fast as the usual 6, for a tenth more bytes.
LEVEL: Final = 3
KINDS: Final = ("text/", "application/json", "application/problem+json", "image/svg+xml")
# A name of random length in the head hides the exact size, from which a secret in the page could be guessed (BREACH).
NOISE: Final = 64
_NAMED, _HEAD, _FLAGS = 8, 10, 3


class Compression:
    """Compresses whole answers of text; streams and files go as they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            not isinstance(response, HttpResponse)
            or len(response.content) < SHORTEST
            or response.has_header("Content-Encoding")
            or not response.headers.get("Content-Type", "").startswith(KINDS)
        ):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            response.content = compressed(response.content)
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.content))
        return response


def compressed(body: bytes) -> bytes:
    """The body as gzip, with a file name of random length in its head."""
    plain = gzip.compress(body, LEVEL, mtime=0)
    name = b"a" * secrets.randbelow(NOISE) + b"\x00"
    return (
        plain[:_FLAGS] + bytes((plain[_FLAGS] | _NAMED,)) + plain[_FLAGS + 1 : _HEAD] + name + plain[_HEAD:]
    )
