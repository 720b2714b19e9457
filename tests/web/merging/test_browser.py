"""Duplicates in a real browser: warned while typing, decided by keys, merged and taken apart, readable on a phone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.utils import translation
from playwright.sync_api import expect

from peyvand.operational.duplicates.matching.engine import Evidence, Match
from peyvand.operational.duplicates.models import Pair
from peyvand.operational.duplicates.searching import store
from peyvand.platform.actions.context import Context, job_context
from peyvand.platform.identity.actor import user_actor
from peyvand.platform.objects.records import create_record
from peyvand.platform.objects.spec import object_named
from peyvand.platform.workspaces.scope import workspace_scope

pytestmark = pytest.mark.slow

PERSON = object_named("person")


@pytest.fixture
def people(committed: Any) -> list[int]:
    """Four people, of whom two and two may be one."""
    with workspace_scope(committed.arman.id):
        ctx = Context(user_actor(committed.arman.id, committed.sara.id), "web")
        company = create_record(ctx, object_named("company"), {"name": "کاشی کویر"})
        rows: list[dict[str, Any]] = [
            {"given_name": "ندا", "family_name": "رستم‌پور", "phones": "09121112233", "city": "یزد", "company": company.id},
            {"given_name": "ندا", "family_name": "رستم پور", "job_title": "مدیر خرید", "phones": ["09121112233", "03512345678"],
             "emails": "neda@example.ir"},
            {"given_name": "کاوه", "family_name": "صادقی", "city": "قم"},
            {"given_name": "Kaveh", "family_name": "Sadeghi", "emails": "kaveh@example.ir", "tags": "نمایشگاه"},
        ]  # fmt: skip
        made = [create_record(job_context(committed.arman), PERSON, row).id for row in rows]
        store("person", 1, [
            Match(made[0], made[1], 0.994, (
                Evidence("phones", "a phone in common", 13.0), Evidence("name", "the same name", 9.0), Evidence("city", "another city", -2.0),
            )),
            Match(made[2], made[3], 0.91, (Evidence("name", "the same name in another spelling or script", 8.0),)),
        ])  # fmt: skip
    return made


@pytest.fixture
def browsing(signed_in: Callable[..., Any]) -> Callable[..., Any]:
    """``with browsing(user, width) as page``: their browser in Persian; at the end nothing may have gone wrong in it."""

    @contextmanager
    def open_page(user: Any, width: int = 1440, language: str = "fa") -> Iterator[Any]:
        page = signed_in(user, language, width)
        wrong: list[str] = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        yield page
        assert wrong == []

    return open_page


def look(page: Any, name: str) -> None:
    if folder := os.environ.get("PEYVAND_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def states(committed: Any) -> list[str]:
    with workspace_scope(committed.arman.id):
        return [p.state for p in Pair.objects.order_by("id")]


def test_whoever_types_somebody_who_is_there_is_told_and_led_there(
    committed: Any, people: list[int], browsing: Any
) -> None:
    with browsing(committed.sara) as page:
        page.goto("/w/arman/people/")
        page.goto("/w/arman/people/new")
        page.fill("#f-given_name", "ندا")
        page.fill("#f-family_name", "رستم‌پور")
        page.fill("input[name=phones-0-value]", "۰۹۱۲ ۱۱۱ ۲۲۳۳")
        page.wait_for_selector(".similar .who")
        expect(page.locator(".similar")).to_contain_text("تلفن یکسان")
        look(page, "warning")
        page.fill("input[name=phones-0-value]", "")
        page.fill("#f-family_name", "دیگری")
        page.wait_for_selector(".similar", state="detached")
        page.fill("#f-family_name", "رستم پور")
        page.on("dialog", lambda dialog: dialog.accept())
        page.click(".similar .btn >> nth=0")
        page.wait_for_selector(".rec-head, dialog[open]")


def test_the_queue_is_worked_off_by_keys(committed: Any, people: list[int], browsing: Any) -> None:
    with browsing(committed.sara) as page:
        page.goto("/w/arman/duplicates/people/")
        expect(page.locator("#compared h2")).to_contain_text("۹۹")
        assert page.locator(".compare tr.said.differs").count() >= 1
        look(page, "queue")
        page.keyboard.press("l")
        page.wait_for_selector(".compare >> text=Kaveh")
        assert states(committed) == ["later", "open"]
        page.keyboard.press("n")
        page.wait_for_selector(".page-empty")
        assert states(committed) == ["later", "different"]
        look(page, "empty")
        page.goto("/w/arman/duplicates/people/?state=later")
        page.check(f"input[name=winner][value='{people[0]}']")
        page.wait_for_selector(f"thead th.win input[value='{people[0]}']")
        page.check(f"input[name='choice-family_name'][value='{people[1]}']")
        page.keyboard.press("Escape")
        page.locator("#compared h2").click()
        page.keyboard.press("m")
        page.wait_for_selector(".toast button")
        assert states(committed) == ["merged", "different"]
        with workspace_scope(committed.arman.id):
            kept = PERSON.rows.get(id=people[0])
            assert (kept.family_name, kept.job_title, kept.email) == (
                "رستم پور",
                "مدیر خرید",
                "neda@example.ir",
            )
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.click(".toast button")
        page.goto(f"/w/arman/people/{people[1]}/")
        expect(page.locator(".rec-head h2")).to_contain_text("رستم پور")


def test_chosen_rows_are_merged_from_the_list_and_taken_apart_on_the_page(
    committed: Any, people: list[int], browsing: Any
) -> None:
    with browsing(committed.sara) as page:
        page.goto("/w/arman/people/")
        page.wait_for_load_state("networkidle")
        for id in people[2:]:
            page.check(f"input[name=ids][value='{id}']")
        page.click("form.bulk button[hx-get$='/merge']")
        page.wait_for_url("**/people/merge?ids=*")
        look(page, "merge")
        page.click(".form-acts .primary")
        page.wait_for_selector(".rec-head")
        winner = int(page.url.rstrip("/").rsplit("/", 1)[1])
        other = next(id for id in people[2:] if id != winner)
        page.goto(f"/w/arman/people/{other}/")
        assert page.url.endswith(f"/people/{winner}/")
        page.click(".rec-head .menu summary")
        look(page, "menu")
        page.click("button[hx-post*='unmerge']")
        page.wait_for_selector(".toast")
        page.goto(f"/w/arman/people/{other}/")
        assert page.url.endswith(f"/people/{other}/")


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_phone_shows_the_pair_without_scrolling_sideways(
    committed: Any, people: list[int], browsing: Any, language: str
) -> None:
    with browsing(committed.sara, 360, language) as page:
        for name, where in (
            ("queue", "/w/arman/duplicates/people/"),
            ("rules", "/w/arman/settings/duplicates"),
        ):
            page.goto(where)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
            look(page, f"phone-{name}-{language}")
        with translation.override(language):
            page.goto("/w/arman/duplicates/people/")
            assert page.locator(".pair-acts .primary").is_visible()
