from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peyvand.kernel.persian.text import (
    ZWNJ,
    compact,
    ezafe,
    fold,
    sort_key,
    tidy,
    to_ascii_digits,
    to_persian_digits,
    words,
)

LETTERS = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیءأإؤئيىكةۀەھہٱڪ"
MARKS = "ـًٌٍَُِّْٰٕٓٔ" + ZWNJ + "\u200b\u200d\u200e\u200f\u202a\u202b\u202c\u2066\u2069\ufeff\u00a0"
PRESENTATION = "ﻋﻠﯽﷲﻻﭘﮔﯿ﷼"
LATIN = "abzABZéÉüÖçğşİñ"
SIGNS = "0123456789۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩ \t\n\r.,:;<=>?@[]'\\-_٬٫،؛؟«»\x01\x02"
office_text = st.text(st.sampled_from(LETTERS + MARKS + PRESENTATION + LATIN + SIGNS + " " * 20), max_size=60)
# What PostgreSQL can hold; characters that a newer Unicode added may normalise differently on two sides.
any_text = st.text(
    st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cn", "Co"]), max_size=40
)


@pytest.mark.parametrize("text", ["علی‌رضا", "عليرضا", "علی رضا", "عَلي‌رِضا", "ﻋﻠﯽ ﺭﺿﺎ", " علـی  رضا\u200f"])
def test_spellings_of_one_name_find_one_another(text: str) -> None:
    assert compact(text) == "علیرضا"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("مؤمني", "مومنی"),
        ("مسئول", "مسیول"),
        ("خانۀ", "خانه"),
        ("أحمد", "احمد"),
        ("آرش", "ارش"),
        ("فاطمة", "فاطمه"),
        ("كاظمی‌\u200cزاده", "کاظمی زاده"),
        ("۰۹۱۲٣٤٥", "0912345"),
        ("  José\u00a0 PÉREZ\t", "jose perez"),
        ("", ""),
        (ZWNJ, ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(office_text)
def test_fold_is_stable_and_single_spaced(text: str) -> None:
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == folded.strip(" ")
    assert "  " not in folded
    assert fold(text.swapcase()) == folded or not text.isascii()


@settings(max_examples=400)
@given(st.lists(st.one_of(office_text, any_text), max_size=20))
def test_postgresql_agrees(database: psycopg.Connection[tuple[Any, ...]], texts: list[str]) -> None:
    rows = database.execute(
        "SELECT peyvand_fold(t), peyvand_compact(t), peyvand_sort(t)"
        " FROM unnest(%s::text[]) WITH ORDINALITY u(t, n) ORDER BY n",
        [texts],
    ).fetchall()
    assert rows == [(fold(text), compact(text), sort_key(text)) for text in texts]


def test_postgresql_orders_as_python_does(database: psycopg.Connection[tuple[Any, ...]]) -> None:
    names = ["ژاله", "آرش", "Bob", "گلی", "ابراهیم", "۱۲", "پروین", "کاوه", "alice", "یاسر", "چنگیز"]
    rows = database.execute(
        'SELECT t FROM unnest(%s::text[]) u(t) ORDER BY peyvand_sort(t) COLLATE "C"', [names]
    ).fetchall()
    assert [name for (name,) in rows] == sorted(names, key=sort_key)


def test_the_functions_may_stand_in_generated_columns(database: psycopg.Connection[tuple[Any, ...]]) -> None:
    database.execute(
        "CREATE TEMPORARY TABLE person (name text, q text GENERATED ALWAYS AS (peyvand_fold(name)) STORED)"
    )
    database.execute("INSERT INTO person (name) VALUES ('عَلي‌رِضا'), (NULL)")
    assert database.execute("SELECT q FROM person").fetchall() == [("علی رضا",), (None,)]


ORDERED = (
    "12", "آب", "آرش", "ابر", "بابک", "پروین", "تهران", "ثریا", "جواد", "چنگیز", "حسن", "خسرو", "داود",
    "ذبیح", "رضا", "زهرا", "ژاله", "سارا", "شهرام", "صبا", "ضیا", "طاهر", "ظفر", "عباس", "غلام", "فرید",
    "قاسم", "کاوه", "گلی", "لاله", "مریم", "نادر", "وحید", "هادی", "یاسر", "Ali", "bob",
)  # fmt: skip


@given(st.permutations(ORDERED))
def test_the_order_is_the_persian_alphabets(names: list[str]) -> None:
    assert sorted(names, key=sort_key) == list(ORDERED)


def test_sorting_looks_through_marks_and_keyboards() -> None:
    assert sort_key("عليرضا") == sort_key("علی‌رضا") == sort_key("عَلیرضا")
    assert sort_key("Bob") == sort_key("bob")


@given(st.text())
def test_digits_go_there_and_back(text: str) -> None:
    ascii_text = to_ascii_digits(text)
    assert to_ascii_digits(to_persian_digits(text)) == ascii_text
    assert not set("۰۱۲۳۴۵۶۷۸۹٠١٢٣٤٥٦٧٨٩") & set(ascii_text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  علي   رضا ", "علی رضا"),
        ("می‌روم", "می‌روم"),
        (f"خوب{ZWNJ} {ZWNJ}است{ZWNJ}", "خوب است"),
        (f"می{ZWNJ}{ZWNJ}روم", "می‌روم"),
        ("خط یک \r\n\r\n\n  خط دو", "خط یک\n\nخط دو"),
        ("\u202bسلام\u202c\x00", "سلام"),
        ("آ", "آ"),
        ("عیـــد مؤمن", "عیـــد مؤمن"),
        ("رئیس", "رئیس"),
        ("ري\u0654يس", "رئیس"),
    ],
)
def test_tidy(text: str, kept: str) -> None:
    assert tidy(text) == kept


@given(office_text)
def test_tidy_is_stable_and_changes_no_match(text: str) -> None:
    kept = tidy(text)
    assert tidy(kept) == kept
    assert fold(kept) == fold(text)


@pytest.mark.parametrize(
    ("word", "before_more"),
    [
        ("معامله", "معاملهٔ"),
        ("کالا", "کالای"),
        ("پیش‌فاکتور", "پیش‌فاکتور"),
        ("گروه", "گروه"),
        ("مشتری", "مشتری"),
        ("دستگاه", "دستگاه"),
    ],
)
def test_ezafe(word: str, before_more: str) -> None:
    assert ezafe(word) == before_more


def test_words() -> None:
    assert words("سلام، «علی‌رضا» a.B@x.ir (۰۹۱۲)! -") == ("سلام", "علی", "رضا", "a.b@x.ir", "0912")
    assert words(" … ") == ()
