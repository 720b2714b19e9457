"""A webhook's messages hold what its eyes see: smaller eyes neither read them nor send them elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.integrations.webhooks.actions import replay_failed
from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.kernel import clock
from peyvand.platform.identity.actor import access_changed
from peyvand.platform.identity.models import Role, User
from peyvand.platform.objects.records import create_records, update_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.outgoing.judging import Forbidden, judged
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of


@pytest.fixture
def message(cast: Any, acting: Any) -> Delivery:
    """One that waits, made with the owner's eyes; Babak looks after webhooks and sees no amounts."""
    with workspace_scope(cast.arman.id):
        hook = create_records(
            acting(cast.sara), object_named("webhook"), [{"name": "w", "url": "https://a.example/x"}]
        )[0]
        role = Role.objects.create(
            key="hooks",
            name="Hooks",
            grants={"webhook.*": "all", "webhook.replay_failed": "all", "deal.view": "all"},
            fields={"deal.amount": "hidden"},
        )
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
        made: Delivery = Delivery.objects.create(
            webhook=hook,
            message_id="msg_1",
            wire="objects.record_updated.v1",
            body='{"amount":431862431862}',
            response_status=200,
            response_body="got 431862431862",
            next_at=clock.now(),
            event_id=1,
        )
    return made


def page(browse: Any, user: Any, message: Delivery) -> bytes:
    at = f"/w/arman/settings/webhooks/{message.webhook_id}/deliveries/{message.id}"
    answer = browse(user).get(at)
    assert answer.status_code == 200
    return bytes(answer.content)


def test_only_eyes_as_large_read_a_message(cast: Any, browse: Any, message: Delivery) -> None:
    assert b"431862431862" in page(browse, cast.sara, message)
    assert b"431862431862" not in page(browse, cast.babak, message)


def test_who_takes_a_webhook_over_gets_nothing_made_before(
    cast: Any, acting: Any, browse: Any, message: Delivery
) -> None:
    with workspace_scope(cast.arman.id):
        hook = Webhook.objects.get(id=message.webhook_id)
        update_record(
            acting(cast.babak), object_named("webhook"), hook, {"url": "https://elsewhere.example/x"}
        )
        assert Webhook.objects.get(id=hook.id).seen_as_id == cast.babak.id
        assert not Delivery.objects.filter(state=Delivery.WAITING).exists()
        assert replay_failed(acting(cast.babak), hook)["count"] == 0
    assert b"431862431862" not in page(browse, cast.babak, message)


def test_an_owner_who_mends_an_address_loses_nothing(cast: Any, acting: Any, message: Delivery) -> None:
    with workspace_scope(cast.arman.id):
        hook = Webhook.objects.get(id=message.webhook_id)
        update_record(acting(cast.sara), object_named("webhook"), hook, {"url": "https://b.example/x"})
        assert Delivery.objects.get().state == Delivery.WAITING
        assert Delivery.objects.get().body


@pytest.mark.parametrize("host", ["fec0::1", "192.0.0.8", "192.0.0.200", "192.88.99.1"])
def test_addresses_of_a_site_or_a_protocol_are_not_public(host: str) -> None:
    with pytest.raises(Forbidden):
        judged(host, 443, is_secure=True)


@pytest.mark.parametrize("companies", ["none", "own", "all"])
def test_a_condition_through_a_link_tells_nobody_of_records_out_of_sight(cast: Any, companies: str) -> None:
    asked = {"field": "company.name", "op": "contains", "value": "Zagros"}
    made = program_of(cast.sara, cast.arman).post(
        "webhooks", {"name": "w", "url": "https://a.example", "objects": ["deal"], "condition": asked}
    )
    assert made.status == 201
    with workspace_scope(cast.arman.id):
        grants = {"deal.*": "all", "webhook.*": "all", "stage.view": "all", "company.view": companies}
        role = Role.objects.create(key="hooks", name="Hooks", grants=grants, fields={})
        User.objects.filter(id=cast.babak.id).update(role=role)
        access_changed(cast.arman.id)
    listed = program_of(cast.babak, cast.arman).get("webhooks").json["items"]
    assert [hook["condition"] for hook in listed] == ([asked] if companies == "all" else [])
