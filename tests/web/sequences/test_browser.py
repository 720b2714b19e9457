"""In a real browser, in Persian: somebody builds a sequence and puts a customer in; the SMS reaches the gateway, the call is a task,
and the customer's answer ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import expect

from peyvand.collaborative.sequences.enrolling import enrol
from peyvand.collaborative.sequences.models import Enrolment, Sequence
from peyvand.collaborative.sequences.objects import SEQUENCE, STEP
from peyvand.collaborative.sequences.reactions import stop_on_reply
from peyvand.collaborative.sequences.running import run_due
from peyvand.collaborative.sms.objects import LINE
from peyvand.collaborative.sms.sending import send_due
from peyvand.kernel import clock
from peyvand.operational.activities.public import Task
from peyvand.operational.contacts.public import PERSON
from peyvand.platform.actions.context import Context
from peyvand.platform.events.facts import rebuild
from peyvand.platform.events.models import EventRow
from peyvand.platform.events.reactions import Cause
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record, create_records, update_records
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


def add_step(page: Any, kind: str, title: str, text: str, days: str = "") -> None:
    page.get_by_role("link", name="افزودن گام").click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("نوع", exact=True).select_option(label=kind)
    dialog.get_by_label("عنوان", exact=True).fill(title)
    if days:
        dialog.get_by_label("چند روز کاری بعد").fill(days)
    dialog.locator("textarea[name=text]").fill(text)
    dialog.get_by_role("button", name="ایجاد").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def test_a_sequence_from_its_making_to_the_answer(
    committed: Any, near: None, receiver: Any, signed_in: Any, site: str
) -> None:
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        line = create_record(
            ctx, LINE, {"name": "خط", "gateway": "general", "url": receiver.url, "sender": "3000"}
        )
        person = create_record(
            ctx, PERSON, {"given_name": "رضا", "family_name": "کریمی", "phones": [{"value": "09121112233"}]}
        )
    page = signed_in(committed.sara)
    page.goto("/w/arman/sequences/new")
    page.get_by_label("نام", exact=True).fill("پیگیری نمایشگاه")
    page.get_by_role("button", name="ایجاد").click()
    page.get_by_role("link", name="دیدن گام‌ها").click()
    expect(page.get_by_text("هنوز گامی نیست")).to_be_visible()
    add_step(page, "پیامک", "خوش‌آمد", "{{person.given_name|دوست}} گرامی، خوش آمدید.")
    add_step(page, "تماس", "تماس با مشتری", "بپرسید چه می‌خواهد.", days="۱")
    expect(page.get_by_text("رضا گرامی، خوش آمدید.")).to_be_visible()
    page.get_by_role("button", name="آغاز").click()
    expect(page.get_by_text("فعال", exact=True)).to_be_visible()

    page.goto(f"/w/arman/people/{person.id}/")
    page.locator("[hx-get$='/do/enrol'], [href$='/do/enrol']").first.dispatch_event("click")
    dialog = page.locator("#dialog")
    dialog.locator("pv-picker[name=sequence] input[role=combobox]").fill("پیگیری")
    dialog.get_by_role("option", name="پیگیری نمایشگاه").click()
    dialog.get_by_role("button", name="گذاشتن در زنجیره").click()
    expect(page.get_by_text("گام ۱ از ۲").first).to_be_visible()

    # The clock goes on to the moment of the first step.
    with workspace_scope(committed.arman.id):
        one = Enrolment.objects.get()
        assert one.sequence_id == Sequence.objects.get().id
        first = one.next_at or clock.now()
    with clock.freeze(first):
        run_due(committed.arman)
        send_due(committed.arman)
    [request] = receiver.requests
    assert request["json"]["text"] == "رضا گرامی، خوش آمدید."
    with workspace_scope(committed.arman.id):
        call_at = Enrolment.objects.get().next_at
        assert call_at is not None
        assert call_at - first >= timedelta(hours=12)
        assert not Task.objects.exists()

    answered = Client().post(
        f"/s/{committed.arman.id}-{line.token}", {"from": "09121112233", "text": "لطفاً تماس بگیرید"}
    )
    assert answered.json()["taken"] == "message"
    with workspace_scope(committed.arman.id):
        # As the worker does, which cannot run beside the browser's own loop.
        [told] = EventRow.objects.filter(wire="sms.message_received.v1")
        fact = rebuild(told.wire, told.object, told.object_id, told.at, told.data)
        assert fact is not None
        stop_on_reply(Cause(committed.arman, told.id, 1), [fact])
        assert Enrolment.objects.get().reason == "replied"
    with clock.freeze(call_at):
        run_due(committed.arman)
    with workspace_scope(committed.arman.id):
        assert not Task.objects.exists()


def test_a_call_of_a_sequence_is_a_task_of_its_owner(committed: Any, signed_in: Any) -> None:
    at = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
    with clock.freeze(at), workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        person = create_record(ctx, PERSON, {"given_name": "رضا", "family_name": "کریمی"})
        [sequence] = create_records(ctx, SEQUENCE, [{"name": "تماس‌ها"}])
        create_records(
            ctx, STEP, [{"sequence": sequence.id, "kind": "call", "name": "تماس با {{person.name}}"}]
        )
        update_records(ctx, SEQUENCE, [sequence], [{"is_active": True}])
        enrol(ctx, PERSON, [person], sequence.id)
    with clock.freeze(at):
        run_due(committed.arman)
    page = signed_in(committed.sara)
    page.goto("/w/arman/tasks/?view=all")
    expect(page.get_by_text("تماس با رضا کریمی").first).to_be_visible()
