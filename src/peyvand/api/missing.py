"""Addresses that do not exist, answered like everything else here."""

from __future__ import annotations

from django.http import HttpResponse

from peyvand.api.endpoint import Call, endpoint
from peyvand.kernel.errors import NotFound


def nothing(call: Call) -> HttpResponse:
    raise NotFound


missing = endpoint(GET=nothing, POST=nothing, PATCH=nothing, PUT=nothing, DELETE=nothing)
