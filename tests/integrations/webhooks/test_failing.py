"""Receivers that fail: tried again, waited for, at last switched off; and everything can be sent again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from peyvand.integrations.webhooks import outcomes
from peyvand.integrations.webhooks.eyes import forget_messages
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.integrations.webhooks.outcomes import PATIENCE, PAUSES, Outcome, write_down
from peyvand.kernel import clock
from peyvand.platform.identity.actor import tenant_by
from peyvand.platform.outgoing.posting import Reply
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program

from .conftest import work
from .test_telling import hook, program_workspace


def states(program: Program) -> list[tuple[str, int]]:
    with workspace_scope(program_workspace(program)):
        return [(d.state, d.attempts) for d in Delivery.objects.order_by("id")]


def test_a_failed_message_waits_and_those_behind_it_wait_with_it(sara: Program, receiver: Any) -> None:
    id = hook(sara, receiver, objects=["company"])
    receiver.behave(503)
    for n in range(4):
        sara.post("companies", {"name": f"C{n}"})
    work()
    # One found out; the others did not try, and lost nothing.
    assert states(sara) == [("waiting", 1), ("waiting", 0), ("waiting", 0), ("waiting", 0)]
    assert len(receiver.requests) == 1
    with workspace_scope(program_workspace(sara)):
        first = Delivery.objects.order_by("id").first()
        assert PAUSES[0] == 5
        pause = outcomes.PAUSES[0]
        assert timedelta(seconds=pause) <= first.next_at - first.tried_at <= timedelta(seconds=pause * 1.1)
        assert Webhook.objects.get(id=id).failing_since is not None
    assert sara.get(f"webhooks/{id}").json["failing_since"] is not None

    receiver.behave(204)
    assert sara.post(f"webhooks/{id}/replay_failed").json["result"] == {"count": 4}
    work()
    assert states(sara) == [("delivered", 2), ("delivered", 1), ("delivered", 1), ("delivered", 1)]
    ids = [r["headers"]["webhook-id"] for r in receiver.requests]
    assert ids[0] == ids[1], "an attempt more is the same message"
    assert sara.get(f"webhooks/{id}").json["failing_since"] is None


def test_one_success_lets_all_go_that_waited(sara: Program, receiver: Any) -> None:
    id = hook(sara, receiver, objects=["company"])
    receiver.behave(500)
    for n in range(3):
        sara.post("companies", {"name": f"C{n}"})
    work()
    receiver.behave(200)
    with workspace_scope(program_workspace(sara)):
        delivery = Delivery.objects.order_by("-id").first()
    assert sara.post(f"webhooks/{id}/replay", {"delivery": delivery.id}).status == 200
    work()
    assert [state for state, _ in states(sara)] == ["delivered"] * 3


def test_after_days_of_failing_it_is_switched_off_and_its_keepers_are_told(
    sara: Program, receiver: Any, mailoutbox: Any
) -> None:
    id = hook(sara, receiver, objects=["company"])
    with workspace_scope(program_workspace(sara)):
        Webhook.objects.update(failing_since=clock.now() - PATIENCE - timedelta(hours=1), failures=9)
    receiver.behave(500)
    company = sara.post("companies", {"name": "A"}).json
    work()
    shown = sara.get(f"webhooks/{id}").json
    assert (shown["is_active"], shown["disabled_at"] is None) == (False, False)
    assert [m.to for m in mailoutbox] == [["sara@arman.example"]]
    assert "ERP" in mailoutbox[0].subject
    assert receiver.url in mailoutbox[0].body
    sara.patch(f"companies/{company['id']}", {"city": "قم"})
    work()
    assert len(receiver.requests) == 1

    receiver.behave(200)
    assert sara.patch(f"webhooks/{id}", {"is_active": True}).json["disabled_at"] is None
    sara.post(f"webhooks/{id}/replay_failed")
    work()
    assert len(receiver.requests) == 2
    sara.patch(f"companies/{company['id']}", {"city": "ری"})
    work()
    assert receiver.requests[-1]["json"]["data"]["change"]["changes"]["city"][1] == "ری"


def test_a_receiver_that_is_gone_is_switched_off_at_once(sara: Program, receiver: Any) -> None:
    id = hook(sara, receiver, objects=["company"])
    receiver.behave(410)
    sara.post("companies", {"name": "A"})
    work()
    assert sara.get(f"webhooks/{id}").json["is_active"] is False


@pytest.mark.parametrize("behaviour", ["redirect", 404])
def test_a_redirect_is_a_failure_and_is_not_followed(sara: Program, receiver: Any, behaviour: Any) -> None:
    hook(sara, receiver, objects=["company"])
    receiver.behave(behaviour)
    sara.post("companies", {"name": "A"})
    work()
    assert [r["path"] for r in receiver.requests] == ["/hook"]
    assert states(sara) == [("waiting", 1)]


@pytest.mark.parametrize("status", [200, 500])
def test_what_is_asked_for_during_an_attempt_outlives_it(sara: Program, receiver: Any, status: int) -> None:
    id = hook(sara, receiver, objects=["company"])
    receiver.behave(500)
    for name in ("A", "B"):
        sara.post("companies", {"name": name})
    work()
    workspace = program_workspace(sara)
    tenant = tenant_by(id=workspace)
    assert tenant is not None
    came = Outcome(Reply(status, {}, "so", 5), clock.now())
    with workspace_scope(workspace):
        webhook = Webhook.objects.get(id=id)
        again, forgotten = Delivery.objects.order_by("id")
        assert sara.post(f"webhooks/{id}/replay", {"delivery": again.id}).status == 200
        write_down(tenant, webhook, again, {}, came)
        now = Delivery.objects.get(id=again.id)
        assert (now.state, now.by_hand, now.attempts) == ("waiting", True, again.attempts + 1)

        forget_messages(webhook)
        write_down(tenant, webhook, forgotten, {}, came)
        now = Delivery.objects.get(id=forgotten.id)
        assert (now.state, now.body, now.response_body, now.response_status) == ("failed", "", "", status)

        again.delete()
        write_down(tenant, webhook, forgotten, {}, came)
        assert list(Delivery.objects.values_list("id", flat=True)) == [forgotten.id]
