from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore


@pytest.fixture
def visiting(cast: Any) -> Callable[..., Client]:
    """``visiting(user)``: a client signed in as one of the cast."""

    def client(user: Any, language: str = "en") -> Client:
        session = SessionStore()
        session[ACCOUNT] = user.account_id
        session.create()
        signed_in = Client()
        signed_in.cookies["peyvand_session"] = session.session_key
        Account.objects.filter(id=user.account_id).update(language=language)
        access_changed(user.workspace_id)
        return signed_in

    return client
