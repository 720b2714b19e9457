"""What a webhook tells, to whom and how: a real receiver, the real worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from peyvand.integrations.webhooks import delivering
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.kernel import clock
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import Program, program_of

from .conftest import work


def hook(program: Program, receiver: Any, **more: Any) -> int:
    made = program.post("webhooks", {"name": "ERP", "url": receiver.url, **more})
    assert made.status == 201, made.json
    return int(made.json["id"])


def test_what_happens_is_told_once_signed_and_with_the_record(sara: Program, receiver: Any) -> None:
    sara.post("companies", {"name": "Before"})
    id = hook(sara, receiver, objects=["company"])
    secret = sara.post(f"webhooks/{id}/show_secret").json["result"]["secret"]
    company = sara.post("companies", {"name": "Avand", "city": "تهران"}).json
    sara.post("people", {"name": "Neda"})
    sara.patch(f"companies/{company['id']}", {"city": "قم"})
    work()
    first, second = receiver.requests
    assert Verifier(secret).verify(first["body"], first["headers"]) == first["json"]
    with pytest.raises(WebhookVerificationError):
        Verifier(secret).verify(first["body"] + " ", first["headers"])
    assert first["headers"]["content-type"] == "application/json"
    assert first["headers"]["webhook-id"] != second["headers"]["webhook-id"]
    assert [r["json"]["type"] for r in (first, second)] == [
        "objects.record_created.v1",
        "objects.record_updated.v1",
    ]
    assert first["json"]["data"]["record"]["name"] == "Avand"
    assert second["json"]["data"]["change"]["changes"] == {"city": ["تهران", "قم"]}
    log = Delivery.everywhere
    with workspace_scope(program_workspace(sara)):
        rows = list(log.order_by("id"))
    assert [(d.state, d.attempts, d.response_status, d.response_body) for d in rows] == [
        ("delivered", 1, 200, "hello")
    ] * 2


def test_only_what_is_asked_for_is_told(sara: Program, receiver: Any) -> None:
    condition = {"field": "city", "op": "is", "value": "قم"}
    hook(
        sara,
        receiver,
        objects=["company"],
        events=["objects.record_created.v1"],
        condition=condition,
        payload="thin",
    )
    wanted = sara.post("companies", {"name": "A", "city": "قم"}).json
    sara.patch(f"companies/{wanted['id']}", {"name": "B"})
    sara.post("companies", {"name": "C", "city": "ری"})
    work()
    (only,) = receiver.requests
    assert only["json"]["data"].keys() == {"event", "object", "id"}
    assert only["json"]["data"]["id"] == wanted["id"]


def test_a_webhook_sees_with_the_eyes_of_its_user(sara: Program, committed: Any, receiver: Any) -> None:
    with workspace_scope(committed.arman.id):
        role = Role.objects.get(key="member")
        role.is_builtin = False
        role.grants |= {"webhook.*": "all"}
        role.fields = {"company.revenue": "hidden"}
        role.save()
        access_changed(committed.arman.id)
    babak = program_of(committed.babak, committed.arman)
    id = hook(babak, receiver, objects=["company"])
    sara.post("companies", {"name": "Sara's"})
    mine = sara.post("companies", {"name": "Babak's", "revenue": 5, "owner": committed.babak.id}).json
    sara.patch(f"companies/{mine['id']}", {"revenue": 7, "city": "قم"})
    work()
    created, updated = (r["json"]["data"] for r in receiver.requests)
    assert created["title"] == "Babak's"
    assert "revenue" not in created["record"]
    assert updated["change"]["changes"].keys() == {"city"}
    assert "revenue" not in receiver.requests[1]["body"]

    # Whoever says where messages go says it with their own rights, not with those of the one before.
    sara.patch(f"webhooks/{id}", {"payload": "thin"})
    assert sara.get(f"webhooks/{id}").json["seen_as"]["title"] == "Sara Moini"


def test_whoever_has_much_to_send_goes_on_later(sara: Program, receiver: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(delivering, "MOST_AT_ONCE", 2)
    hook(sara, receiver, objects=["company"])
    names = [f"C{n}" for n in range(5)]
    for name in names:
        sara.post("companies", {"name": name})
    work()
    assert [r["json"]["data"]["title"] for r in receiver.requests] == names
    with workspace_scope(program_workspace(sara)):
        assert Webhook.objects.get().busy_until is None


def test_another_workspace_hears_nothing(sara: Program, committed: Any, receiver: Any) -> None:
    hook(sara, receiver)
    cyrus = program_of(committed.cyrus, committed.rival)
    cyrus.post("companies", {"name": "Theirs"})
    work()
    assert [r["json"]["data"]["object"] for r in receiver.requests] == ["webhook"]


def test_during_a_rotation_both_secrets_hold(sara: Program, receiver: Any) -> None:
    id = hook(sara, receiver, objects=["company"])
    old = sara.post(f"webhooks/{id}/show_secret").json["result"]["secret"]
    new = sara.post(f"webhooks/{id}/rotate_secret").json["result"]["secret"]
    assert old != new
    sara.post("companies", {"name": "A"})
    work()
    got = receiver.requests[0]
    for secret in (old, new):
        Verifier(secret).verify(got["body"], got["headers"])
    with workspace_scope(program_workspace(sara)):
        row = Webhook.objects.get(id=id)
        assert old not in (row.secret, row.old_secret)
        Webhook.objects.update(old_secret_until=clock.now() - timedelta(seconds=1))
    sara.post("companies", {"name": "B"})
    work()
    got = receiver.requests[1]
    Verifier(new).verify(got["body"], got["headers"])
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(got["body"], got["headers"])


def test_a_test_message_is_sent_and_only_once(sara: Program, receiver: Any) -> None:
    id = hook(sara, receiver)
    work()
    receiver.behave(500)
    assert sara.post(f"webhooks/{id}/test").status == 200
    work()
    with workspace_scope(program_workspace(sara)):
        row = Delivery.objects.get(wire="webhook.test")
        assert (row.state, row.attempts, row.response_status) == ("failed", 1, 500)
        assert Webhook.objects.get(id=id).failing_since is None


def test_what_makes_no_sense_is_refused(sara: Program, committed: Any, settings: Any) -> None:
    good = {"name": "x", "url": "https://example.com/hook"}
    for wrong in (
        {"url": "ftp://example.com"},
        {"url": "https://user:secret@example.com"},
        {"url": "https://"},
        {"url": "https://exa mple.com"},
        {"events": ["no.such.v1"]},
        {"objects": ["nosuch"]},
        {"condition": {"field": "city", "op": "is", "value": "x"}},
        {"objects": ["company"], "condition": {"field": "nosuch", "op": "is", "value": "x"}},
        {"objects": ["company"], "condition": "{"},
        {"payload": "everything"},
    ):
        assert sara.post("webhooks", good | wrong).status == 422, wrong
    settings.OUTGOING_NETWORKS = []
    assert sara.post("webhooks", good | {"url": "http://example.com"}).status == 422
    viewer = program_of(committed.viewer, committed.arman)
    assert viewer.get("webhooks").status == 403
    assert program_of(committed.babak, committed.arman).post("webhooks", good).status == 403


def program_workspace(program: Program) -> int:
    return int(program.get("me").json["workspace"]["id"])
