"""Lists in a real browser: keys, cells, many rows, endless scroll, the reading direction and small screens."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect
from tests.web.browsing import faults
from tests.web.lists.filling import make, people, value

from peyvand.testing.installation import eventually

LIST = "/w/arman/people/"


def settle(page: Any) -> None:
    page.wait_for_load_state("networkidle")


@pytest.fixture
def page(committed: Any, signed_in: Any) -> Any:
    people(committed.sara, 120)
    made = signed_in(committed.sara)
    failures: list[str] = []
    made.on("pageerror", lambda error: failures.append(str(error)))
    made.goto(f"{LIST}?sort=name")
    settle(made)
    yield made
    assert failures == []


def names(page: Any) -> list[str]:
    return [text.strip() for text in page.locator("tbody tr[data-id] .c-n .trunc").all_text_contents()]


def test_rows_are_walked_chosen_and_peeked_by_keys(page: Any) -> None:
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("tbody input:checked")).to_have_count(2)
    expect(page.locator("[data-bulk]")).to_be_visible()
    page.keyboard.press("Space")
    page.locator("#peek h2, #peek h3").first.wait_for()
    expect(page.locator("#peek")).to_contain_text("Ali002")
    page.keyboard.press("Escape")
    expect(page.locator("#peek")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("tbody input:checked")).to_have_count(0)


def test_a_cell_is_edited_by_keys_and_taken_back(page: Any, committed: Any) -> None:
    id = int(page.locator("tbody tr[data-id]").first.get_attribute("data-id"))
    page.dblclick(f"td[data-edit$='/{id}/cell/city']")
    page.locator(".editing input[name=city]").fill("Shiraz")
    page.keyboard.press("Tab")
    page.locator("td[data-edit$='/cell/owner'].editing").wait_for()
    assert eventually(lambda: value(committed.sara, "person", id, "city") == "Shiraz")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.locator(".toast button").first.click()
    expect(page.locator("tbody tr[data-id]").first).to_contain_text("Tehran")
    assert eventually(lambda: value(committed.sara, "person", id, "city") == "Tehran")


def test_a_second_click_edits_a_cell_and_shows_no_record_beside_it(page: Any, committed: Any) -> None:
    make(committed.sara, "deal", {"name": "Lobby", "amount": 10_000_000})
    page.goto("/w/arman/deals/?view=all")
    settle(page)
    cell = page.locator("td[data-edit$='/cell/amount']")
    cell.dblclick()
    field = page.locator(".editing input[name=amount]")
    field.fill("")
    page.keyboard.type("1250000")
    expect(field).to_have_value("۱٬۲۵۰٬۰۰۰")
    # Longer than a single click waits to become a double one.
    page.wait_for_timeout(500)
    assert page.locator("#peek").is_hidden()
    page.keyboard.press("Enter")
    expect(cell).to_contain_text("۱٬۲۵۰٬۰۰۰")
    cell.click()
    page.locator("#peek h2").wait_for()


def test_a_refused_cell_stays_open_with_what_was_typed(page: Any) -> None:
    page.goto(f"{LIST}?sort=name&columns=name,national_id")
    settle(page)
    page.dblclick("tbody tr:first-child td[data-edit$='/cell/national_id']")
    page.locator(".editing input[name=national_id]").fill("123")
    page.keyboard.press("Enter")
    page.locator(".editing .err").wait_for()
    expect(page.locator(".editing input[name=national_id]")).to_have_value("123")


def test_many_are_edited_deleted_and_brought_back(page: Any) -> None:
    for place in (0, 1, 2):
        page.locator("tbody input[name=ids]").nth(place).check()
    page.click("[data-bulk] [hx-post*='bulk/edit']")
    expect(page.locator("#bulk-which")).to_be_focused()
    settle(page)
    page.select_option("#bulk-which", "city")
    page.locator("#bulk-inputs input[name=city]").fill("Qom")
    page.click("#dialog .btn.primary")
    expect(page.locator("#rows td", has_text="Qom")).to_have_count(3)
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("[data-bulk]")).to_be_hidden()
    before = names(page)
    page.locator("tbody input[name=ids]").first.check()
    page.click("[data-bulk] [hx-post*='bulk/delete']")
    expect(page.locator("#rows")).not_to_contain_text("Ali000")
    page.locator(".toast button", has_text=re.compile("برگردان|Undo")).last.click()
    expect(page.locator("#rows")).to_contain_text("Ali000")
    assert names(page)[:3] == before[:3]


def test_scrolling_brings_every_row_once(page: Any) -> None:
    def all_are_there() -> bool:
        page.locator(".scroll").evaluate("e => e.scrollTo(0, e.scrollHeight)")
        page.wait_for_timeout(60)
        return bool(page.locator("tbody tr[data-id]").count() >= 120)

    assert eventually(all_are_there, pause=0)
    settle(page)
    assert names(page) == sorted(names(page))
    assert len(set(names(page))) == 120
    page.locator("[data-select-all]").check()
    expect(page.locator("[data-bulk-count]")).to_contain_text(re.compile("۱۲۰|120"))
    assert page.locator("[data-bulk-match]").is_hidden(), "all that match are chosen already"


def test_all_that_match_can_be_chosen(page: Any) -> None:
    page.locator("[data-select-all]").check()
    page.locator("#bulk-match").click()
    expect(page.locator("[data-bulk-count]")).to_contain_text(re.compile("۱۲۰|120"))
    page.click("[data-bulk] [hx-post*='bulk/edit']")
    expect(page.locator("#dialog h2")).to_contain_text(re.compile("۱۲۰|120"))


def test_chips_search_and_views_keep_the_address(page: Any) -> None:
    page.locator("#list-q").fill("Ali11")
    expect(page.locator("tbody tr[data-id]")).to_have_count(10)
    expect(page).to_have_url(re.compile(r"(?=.*q=Ali11)(?=.*sort=name)"))
    expect(page.locator("#list-q")).to_be_focused()
    page.click(".fbar .chip.dash")
    which = page.locator("#dialog pv-filter .flt-r pv-picker.which")
    which.locator("input[role=combobox]").fill("شهر")
    expect(which.locator("[role=option]").first).to_have_text("شهر")
    page.keyboard.press("Enter")
    operators = page.locator("#dialog pv-filter .flt-r select")
    expect(operators).to_be_focused()
    operators.select_option("is")
    page.locator("#dialog pv-filter .val input").fill("Tehran")
    page.click("#dialog .btn.primary")
    page.wait_for_url("**filter=**")
    assert "q=Ali11" in page.url
    expect(page.locator(".chip.on")).to_contain_text("Tehran")
    page.locator(".chip.on a").last.click()
    expect(page).not_to_have_url(re.compile("filter="))


def test_menus_sort_and_choose_columns(page: Any) -> None:
    page.locator("summary", has_text=re.compile("مرتب‌سازی|Sort")).click()
    page.locator("[role=menuitem][href*='sort=name%2Ccity']").click()
    page.wait_for_url("**sort=name%2Ccity**")
    page.locator("summary", has_text=re.compile("ستون‌ها|Columns")).click()
    page.locator("[role=menuitemcheckbox][aria-checked=false]").first.click()
    page.wait_for_url("**columns=**")
    expect(page.locator("tbody tr[data-id]")).to_have_count(50)


def test_a_column_moved_by_key_is_kept_in_the_address(page: Any) -> None:
    page.locator("thead th[data-col=company] a").focus()
    page.keyboard.press("Alt+ArrowLeft")
    page.wait_for_url("**columns=name%2Cjob_title%2Ccompany**")
    settle(page)
    expect(page.locator("thead th[data-col]").nth(2)).to_have_attribute("data-col", "company")


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("fa", "light", 1440), ("fa", "dark", 360), ("en", "light", 1440), ("en", "dark", 360)],
)
def test_looks_right(committed: Any, signed_in: Any, language: str, theme: str, width: int) -> None:
    """Nothing scrolls sideways but scrollers, and axe finds nothing."""
    make(
        committed.sara,
        "person",
        *(
            {"given_name": "نگار", "family_name": f"رستگار {n}", "city": "یزد", "tags": "vip"}
            for n in range(30)
        ),
    )
    page = signed_in(committed.sara, language, width, theme)
    page.goto(
        f'{LIST}?filter={{"field":"city","op":"is","value":"یزد"}}&columns=name,company,phone,tags,city,owner,created_at'
    )
    settle(page)
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "fa" else "ltr")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if width > 720:
        page.locator("tbody input[name=ids]").first.check()
        page.keyboard.press("Space")
    page.wait_for_timeout(400)
    assert faults(page) == []
