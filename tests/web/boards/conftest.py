from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from peyvand.operational.sales.objects import DEAL
from peyvand.operational.sales.public import Deal, Pipeline, Stage
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Account
from peyvand.platform.identity.sessions import ACCOUNT, SessionStore
from peyvand.platform.objects.records import create_record


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


@pytest.fixture
def deal() -> Callable[..., Deal]:
    """``deal(ctx, "Tiles", stage, amount=…)``: a deal; inside a scope."""

    def make(ctx: Any, name: str, stage: Stage, **raw: Any) -> Deal:
        made: Deal = create_record(ctx, DEAL, {"name": name, "stage": stage.id, **raw})
        return made

    return make


@pytest.fixture
def open_stages() -> Callable[[], list[Stage]]:
    """``open_stages()``: those of the default pipeline, in order; inside a scope."""

    def stages() -> list[Stage]:
        pipeline = Pipeline.objects.get(is_default=True)
        return list(Stage.objects.filter(pipeline=pipeline, kind="open").order_by("position"))

    return stages
