"""Reading numbers and days from addresses."""

from __future__ import annotations

from django.http import HttpRequest

from peyvand.platform.fields.types import whole_id


def number_in(request: HttpRequest, name: str) -> int | None:
    """A positive whole number of the address; None where there is none that could be one."""
    return whole_id(request.GET.get(name, "")) or None


def place_before(request: HttpRequest) -> int | None:
    """Where the page of a list begins: behind this id."""
    return number_in(request, "before")
