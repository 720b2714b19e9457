"""The settings' page of webhooks, in both languages."""

from __future__ import annotations

from typing import Any

import pytest

from peyvand.integrations.webhooks.models import Delivery, Webhook
from peyvand.integrations.webhooks.outbox import new_message_id
from peyvand.platform.events.models import EventRow
from peyvand.platform.identity.models import Account
from peyvand.platform.workspaces.scope import workspace_scope
from peyvand.testing.programs import program_of

AT = "/w/arman/settings/webhooks"


@pytest.fixture
def hook(cast: Any) -> int:
    made = program_of(cast.sara, cast.arman).post(
        "webhooks", {"name": "ERP", "url": "https://example.com/hook"}
    )
    return int(made.json["id"])


def sent(cast: Any, hook: int, **more: Any) -> Delivery:
    with workspace_scope(cast.arman.id):
        return Delivery.objects.create(
            webhook_id=hook,
            message_id=new_message_id(),
            wire="objects.record_created.v1",
            body='{"a":"سلام"}',
            **more,
        )


def test_it_is_made_in_a_form_with_a_box_for_each_event(browse: Any, cast: Any) -> None:
    page = browse(cast.sara)
    form = page.get("/w/arman/webhooks/new", headers={"HX-Request": "true"}).content.decode()
    assert 'value="sales.deal_won.v1"' in form
    answer = page.post(
        "/w/arman/webhooks/new",
        {"name": "ERP", "url": "https://example.com/x", "objects": ["", "deal"], "events": ["", "sales.deal_won.v1", "sales.deal_lost.v1"],
         "condition": "", "payload": "thin", "is_active": ["0", "1"]},
        headers={"HX-Request": "true"},
    )  # fmt: skip
    assert answer.status_code < 300, answer.content.decode()
    with workspace_scope(cast.arman.id):
        row = Webhook.objects.get()
        assert (row.objects_told, row.events) == (["deal"], ["sales.deal_lost.v1", "sales.deal_won.v1"])
        assert row.seen_as_id == cast.sara.id
    assert "ERP" in page.get(AT).content.decode()


@pytest.mark.parametrize(("language", "word"), [("fa", "وب‌هوک"), ("en", "Webhooks")])
def test_the_pages_show_messages_and_what_came_back(
    browse: Any, cast: Any, hook: int, language: str, word: str
) -> None:
    Account.objects.filter(id=cast.sara.account_id).update(language=language)
    message = sent(
        cast, hook, state="failed", attempts=3, response_status=500, response_body="<b>boom</b>", error="so"
    )
    page = browse(cast.sara)
    assert word in page.get(AT).content.decode()
    shown = page.get(f"{AT}/{hook}").content.decode()
    assert "objects.record_created.v1" in shown
    assert f"{AT}/{hook}/deliveries/{message.id}" in shown
    dialog = page.get(f"{AT}/{hook}/deliveries/{message.id}").content.decode()
    assert "سلام" in dialog
    assert "&lt;b&gt;boom" in dialog


def test_whatever_leads_to_a_webhook_leads_to_its_own_page(browse: Any, cast: Any, hook: int) -> None:
    answer = browse(cast.sara).get(f"/w/arman/webhooks/{hook}/")
    assert (answer.status_code, answer["Location"]) == (302, f"{AT}/{hook}")
    assert browse(cast.babak).get(f"/w/arman/webhooks/{hook}/").status_code == 404


def test_a_test_a_message_again_and_all_failed_again(browse: Any, cast: Any, hook: int) -> None:
    message = sent(cast, hook, state="failed", event_id=1)
    page = browse(cast.sara)
    htmx = {"HX-Request": "true"}
    assert page.post(f"{AT}/{hook}/test", headers=htmx).status_code == 200
    assert page.post(f"{AT}/{hook}/deliveries/{message.id}/again", headers=htmx).status_code == 200
    assert page.post(f"{AT}/{hook}/replay-failed", headers=htmx).status_code == 200
    with workspace_scope(cast.arman.id):
        assert sorted(Delivery.objects.values_list("wire", "state", "by_hand")) == [
            ("objects.record_created.v1", "waiting", True),
            ("webhook.test", "waiting", True),
        ]
    assert page.post(f"{AT}/{hook}/deliveries/999999/again", headers=htmx).status_code == 404


def test_looking_at_the_secret_is_recorded(browse: Any, cast: Any, hook: int) -> None:
    page = browse(cast.sara)
    first = page.post(f"{AT}/{hook}/secret").content.decode()
    assert "whsec_" in first
    assert page.get(f"{AT}/{hook}/secret").status_code == 405
    assert page.post(f"{AT}/{hook}/secret/new").content.decode() != first
    with workspace_scope(cast.arman.id):
        wires = list(EventRow.objects.filter(object="webhook").order_by("id").values_list("wire", flat=True))
    assert wires == ["objects.record_created.v1", "webhooks.secret_shown.v1", "webhooks.secret_rotated.v1"]


def test_who_may_not_sees_nothing_of_it(browse: Any, cast: Any, hook: int) -> None:
    for user in (cast.babak, cast.viewer):
        page = browse(user)
        assert page.get(AT).status_code == 403
        assert page.get(f"{AT}/{hook}").status_code == 403
        assert page.post(f"{AT}/{hook}/secret").status_code == 403
    stranger = browse(cast.cyrus)
    assert stranger.get(f"/w/rival/settings/webhooks/{hook}").status_code == 404


def test_a_condition_is_built_in_tomans_and_kept_in_rials(browse: Any, cast: Any, hook: int) -> None:
    page = browse(cast.sara)
    form = {
        "name": "ERP",
        "url": "https://example.com/x",
        "objects": ["", "deal"],
        "events": [""],
        "payload": "thin",
        "is_active": ["0", "1"],
    }
    built = {"condition": '{"and":[{"field":"amount","op":"gte","value":7000}]}', "condition-of": "deal"}
    answer = page.post(f"/w/arman/webhooks/{hook}/edit", form | built, headers={"HX-Request": "true"})
    assert answer.status_code < 300, answer.content.decode()
    with workspace_scope(cast.arman.id):
        assert '"value":70000' in Webhook.objects.get(id=hook).condition.replace(" ", "")
    assert "۷٬۰۰۰ تومان" in page.get(f"{AT}/{hook}").content.decode()


def test_a_reason_is_said_in_the_readers_language(browse: Any, cast: Any, hook: int) -> None:
    message = sent(cast, hook, state="failed", attempts=1, error="the name example.com has no address")
    shown = browse(cast.sara).get(f"{AT}/{hook}/deliveries/{message.id}").content.decode()
    assert "نشانی‌ای در شبکه ندارد" in shown
