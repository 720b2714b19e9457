"""A person at work in a real browser: creating by the dialog, editing in place, writing in the composer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import expect

from peyvand.operational.catalog.public import PRODUCT
from peyvand.operational.contacts.objects import PERSON
from peyvand.operational.sales.public import PIPELINE, STAGE
from peyvand.platform.actions.context import Context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.queries import fetch_row
from peyvand.platform.objects.records import create_record
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow


@pytest.fixture
def browsing(signed_in: Callable[..., Any]) -> Callable[..., Any]:
    """``with browsing(user) as page``: their browser in Persian; at the end nothing may have gone wrong in it."""

    @contextmanager
    def open_page(user: Any) -> Iterator[Any]:
        page = signed_in(user)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        assert wrong == []

    return open_page


def test_a_person_is_created_edited_in_place_and_written_about(committed, browsing):
    with browsing(committed.sara) as page:
        page.goto("/w/arman/people/new")
        page.fill("#f-given_name", "نگار")
        page.fill("#f-family_name", "رستگار")
        page.fill("input[name=phones-0-value]", "۱۲")
        page.click(".form-acts .primary")
        page.wait_for_selector(".rep .err")
        expect(page.locator("#f-family_name")).to_have_value("رستگار")
        page.fill("input[name=phones-0-value]", "۰۹۱۲ ۴۳۸ ۲۲۱۷")
        page.click("[data-add] >> nth=0")
        page.fill("input[name=phones-1-value]", "031 3628 1400")
        page.click(".form-acts .primary")
        page.wait_for_selector(".rec-head")
        expect(page.locator(".rec-head h2")).to_contain_text("نگار رستگار")
        expect(page.locator("#rec-side")).to_contain_text("۰۹۱۲ ۴۳۸ ۲۲۱۷")

        # In place: Enter saves, Escape restores, a refusal keeps what was typed.
        city = page.locator("dd[data-edit$='/field/city']")
        city.click()
        page.fill("#f-city", "اصفهان")
        page.keyboard.press("Enter")
        expect(city).to_have_text("اصفهان")
        city.click()
        page.fill("#f-city", "یزد")
        page.keyboard.press("Escape")
        expect(city).to_have_text("اصفهان")

        # By the dialog, over the page.
        page.keyboard.press("e")
        page.wait_for_selector("dialog[open] #f-job_title")
        page.fill("dialog #f-job_title", "مدیر خرید")
        page.click("dialog .modal-f .primary")
        page.wait_for_selector("dialog:not([open])", state="attached")
        page.wait_for_selector(".rec-head .meta:has-text('مدیر خرید')")

        # The composer: Ctrl-Enter enters, the note stands on top, the box is empty again.
        page.fill("#c-note textarea", "پیش‌فاکتور تا شنبه")
        page.press("#c-note textarea", "Control+Enter")
        page.wait_for_selector("#timeline .ev >> text=پیش‌فاکتور تا شنبه")
        expect(page.locator("#c-note textarea")).to_have_value("")
        page.click("#k-task")
        page.click("#c-task button.primary")
        page.wait_for_selector("#c-task .err")
        page.fill("#c-task input[name=title]", "تماس با نگار")
        page.click("#c-task button.primary")
        page.wait_for_selector("#timeline .ev >> text=تماس با نگار")

        # Deleting and taking it back.
        page.click(".acts .menu summary")
        page.click(".acts .menu .danger")
        page.wait_for_selector(".notice.warn")
        page.locator(".toast button:not(.x)").last.click()
        page.wait_for_selector(".rec-page:not(:has(.notice.warn)) .acts")
        id = int(page.url.split("/")[-2])
    with workspace_scope(committed.arman.id):
        row = fetch_row(PERSON, user_actor(committed.arman.id, committed.sara.id), id)
        assert [p["value"] for p in row.values["phones"]] == ["+989124382217", "+983136281400"]
        assert (row.values["city"], row.values["job_title"]) == ("اصفهان", "مدیر خرید")


def test_the_undo_is_offered_even_if_what_was_pressed_is_drawn_anew_meanwhile(committed, browsing):
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        person = create_record(ctx, PERSON, {"name": "Neda"})
    with browsing(committed.sara) as page:
        page.goto(f"/w/arman/people/{person.id}/")

        def slowly(route: Any) -> None:
            page.evaluate("document.querySelector('.acts .menu').remove()")
            route.continue_()

        page.route("**/delete", slowly)
        page.click(".acts .menu summary")
        page.click(".acts .menu .danger")
        page.click(".toast button:not(.x)")
        page.wait_for_selector(".toast.good")


def test_a_deal_takes_its_products_price_and_only_stages_of_its_pipeline(committed, browsing):
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        create_record(ctx, PRODUCT, {"name": "کاشی", "price": 1_250_000})
        service = create_record(ctx, PIPELINE, {"name": "خدمات"})
        create_record(ctx, STAGE, {"name": "درخواست", "pipeline": service.id})
    with browsing(committed.sara) as page:
        page.goto("/w/arman/deals/new")
        page.fill("#f-name", "لابی")
        stage = page.locator("pv-picker[name=stage]")
        stage.locator("text=شناسایی نیاز").first.wait_for()
        page.locator("pv-picker[name=pipeline] input[role=combobox]").click()
        page.locator("pv-picker[name=pipeline] [role=option]:has-text('خدمات')").click()
        expect(stage.locator(".one")).to_have_count(0)
        stage.locator("input[role=combobox]").click()
        page.wait_for_selector("pv-picker[name=stage] [role=option]")
        expect(stage.locator("[role=option]")).to_have_text([re.compile(r"^\s*درخواست\s*خدمات\s*$")])
        stage.locator("[role=option]").click()

        page.click("pv-repeat[data-count=lines-count] [data-add]")
        page.locator("pv-picker[name=lines-0-product] input[role=combobox]").fill("کاشی")
        page.locator("pv-picker[name=lines-0-product] [role=option]").first.click()
        expect(page.locator("input[name=lines-0-price]")).to_have_value("۱۲۵٬۰۰۰")
        page.fill("input[name=lines-0-quantity]", "۲")
        expect(page.locator("output[data-sum]")).to_have_text("۲۵۰٬۰۰۰")
        page.click(".form-acts .primary")
        page.wait_for_selector(".rec-head")
        expect(page.locator(".lines .sum")).to_contain_text("۲۵۰٬۰۰۰ تومان")
        expect(page.locator(".path")).to_contain_text("درخواست")
        expect(page.locator("#rec-related .notice.warn")).to_have_count(1)


def test_a_page_whose_record_is_gone_stops_following_it_quietly(committed, browsing):
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        person = create_record(ctx, PERSON, {"name": "Neda"})
    with browsing(committed.sara) as page:
        page.goto(f"/w/arman/people/{person.id}/")
        page.wait_for_selector("#rec-side[data-live]")
        page.route("**/people/*/?part=*", lambda route: route.fulfill(status=404))
        page.evaluate(
            "document.dispatchEvent(new CustomEvent('pv:changed', { detail: { object: '*', ids: null } }))"
        )
        page.wait_for_selector("#rec-side:not([data-live])")
        page.wait_for_load_state("networkidle")
        assert page.locator(".toast").count() == 0
