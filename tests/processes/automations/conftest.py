"""An automation that makes a task when a deal is won, what happens, and what the worker does then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from peyvand.kernel import clock
from peyvand.platform.actions.context import Context
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import react as run_reaction
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, create_records
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.processes.automations.actions import begin
from peyvand.processes.automations.models import Automation
from peyvand.processes.automations.objects import AUTOMATION, STEP

# A Saturday morning in Tehran, when everybody works.
NOW = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
CREATED = "objects.record_created.v1"
WON = "sales.deal_won.v1"


@pytest.fixture
def ctx(cast: Any) -> Iterator[Context]:
    """Sara, who runs the workspace, in its open scope at a moment that stands still."""
    with workspace_scope(cast.arman.id), clock.freeze(NOW):
        yield Context(user_actor(cast.arman.id, cast.sara.id), "web")


@pytest.fixture
def automation(ctx: Context) -> Callable[..., Automation]:
    """``automation(*steps, **values)``: one that is switched on; by default it answers to new people with a task."""

    def make(*steps: dict[str, Any], **values: Any) -> Automation:
        usual = {"name": "Greet", "event": CREATED, "object": "person", "quiet_days": 0}
        made: Automation = create_record(ctx, AUTOMATION, usual | values)
        for step in steps or ({"kind": "task", "title": "Call {{person.name}}", "whom": "rules"},):
            create_record(ctx, STEP, {"automation": made.id, **step})
        begin(ctx, made)
        return made

    return make


@pytest.fixture
def people(ctx: Context) -> Callable[..., list[Any]]:
    """``people("Reza", …, **values)``: new people of these names."""

    def make(*names: str, **values: Any) -> list[Any]:
        return create_records(ctx, object_named("person"), [{"name": name, "given_name": name, **values} for name in names])  # fmt: skip

    return make


def react(ctx: Context, wire: str = CREATED) -> None:
    """What the worker does with all facts of this kind, as of one action: each is answered to once."""
    ids = list(EventRow.objects.filter(wire=wire).order_by("id").values_list("id", flat=True))
    run_reaction(ctx.tenant, "processes.automations.reactions.act", ids)
