"""Reading numbers and days from addresses."""

from __future__ import annotations

from django.http import HttpRequest


def number_in(request: HttpRequest, name: str) -> int | None:
    """A positive whole number of the address; None where there is none that could be one."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def place_before(request: HttpRequest) -> int | None:
    """Where the page of a list begins: behind this id."""
    return number_in(request, "before")
