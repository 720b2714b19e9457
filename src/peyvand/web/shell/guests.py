"""Pages that people without an account open by an address that nobody guesses: a customer's quote, a booking, an answer.

The address carries a token “<workspace>-<secret>”. A slice opens what the secret names (a context manager that yields its own
kind of guest, inside the workspace and in the guest's language) and guards its views with it:

    @guarded(_opened, "quote", 60)
    def page(guest: Guest) -> HttpResponse: …
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from peyvand.api.limits import is_within
from peyvand.kernel.errors import NotFound
from peyvand.platform.fields.types import whole_id
from peyvand.platform.identity.actor import Tenant, tenant_by

# 43 signs are the 32 bytes of secrets.token_urlsafe(32).
_TOKEN: Final = re.compile(r"(\d{1,18})-([\w-]{43})", re.ASCII)

Opener = Callable[[HttpRequest, str], AbstractContextManager[Any]]


def read_token(token: str, module: str) -> tuple[Tenant, str]:
    """The workspace and the secret of a token.

    Raises:
        NotFound: it is none, there is no such workspace, or it does without the module.
    """
    found = _TOKEN.fullmatch(token)
    tenant = tenant_by(id=whole_id(found[1])) if found else None
    if found is None or tenant is None or module in tenant.modules_off:
        raise NotFound
    return tenant, found[2]


def guarded(
    opened: Opener, what: str, most: int
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view of a guest: at most so many for ``what`` in a minute from one address of the network, opened by the token, and
    kept by nobody on the way."""

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answer(request: HttpRequest, token: str, **words: str) -> HttpResponse:
            if not is_within(request, what, most):
                response = HttpResponse(gettext("Too many requests; try again in a minute."), status=429)
                response["Retry-After"] = "60"
            else:
                with opened(request, token) as guest:
                    response = view(guest, **words)
            response["Cache-Control"] = "no-store"
            response["Referrer-Policy"] = "same-origin"
            response["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return answer

    return wrap
