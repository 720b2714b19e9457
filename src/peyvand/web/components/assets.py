"""Built front-end files by the names of their sources."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@cache
def _manifest() -> dict[str, Any]:
    file = settings.STATIC_FOLDER / "peyvand" / "manifest.json"
    try:
        return dict(json.loads(file.read_text()))
    except FileNotFoundError:
        raise ImproperlyConfigured("The front end is not built; `make run` builds it.") from None


def asset_url(source: str) -> str:
    """The address of a built file: ``asset_url("src/app.ts")``.

    Raises:
        KeyError: the front end has no such source.
    """
    return f"{settings.STATIC_URL}peyvand/{_manifest()[source]['file']}"
