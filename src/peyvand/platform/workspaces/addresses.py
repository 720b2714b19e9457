"""Full addresses of this installation's pages, for what is read elsewhere: letters."""

from __future__ import annotations

import logging
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest

log = logging.getLogger(__name__)


def full_address(path: str, request: HttpRequest | None = None) -> str | None:
    """The full address of a path: under PEYVAND_URL, or as this request reached the installation.

    A Host header is whatever its sender likes, and a letter must not carry someone to a stranger's site:
    without PEYVAND_URL it is believed only if PEYVAND_HOSTS names it or it lies in a private network; else None.
    """
    if settings.PUBLIC_URL:
        return f"{settings.PUBLIC_URL.rstrip('/')}{path}"
    if request is None:
        return None
    if settings.ALLOWED_HOSTS != ["*"] or _is_private(request.get_host()):
        return request.build_absolute_uri(path)
    log.error("a letter has no link: set PEYVAND_URL to this installation's address")
    return None


def _is_private(host: str) -> bool:
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if name == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_private
    except ValueError:
        return False
