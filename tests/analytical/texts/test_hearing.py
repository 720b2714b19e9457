"""The mood is heard by words, however they are typed, with what turns them and what makes more of them."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from peyvand.analytical.texts.hearing import HAPPY, NEUTRAL, UNHAPPY, hear
from peyvand.analytical.texts.lexicon import WORDS

FOLDER = os.environ.get("PEYVAND_DATASETS", "")

SAID = {
    UNHAPPY: [
        "کالا دیر رسید و بسته‌بندی پاره بود. خواهش می‌کنم پیگیری کنید. با تشکر",
        "از خدمات شما راضی نیستم", "راضي نيستيم", "محصول خوب و سریع نبود", "کیفیت خوبی نداشت", "فوق‌العاده سرد", "افتضااااح بود",
        "Not very good, the device doesn't work", "We are not happy with the delay", "😡", "خوب نبود 👎",
        "محصول خوب است ولی خیلی دیر رسید و ناراحتم",
    ],
    HAPPY: [
        "خیلی ممنون از پشتیبانی خوب شما", "عااااالی بود", "مشکلی نبود، همه چیز خوب بود", "بدون مشکل رسید", "خوشمزه‌ست", "دمتون گرم 🌹",
        "Thank you, everything works well", "We love it", "❤️", "بهترین خرید ما بود", "قبلا دیر می‌رسید اما این بار عالی بود",
    ],
    NEUTRAL: [
        "", "   ", "سلام، قیمت روز میلگرد ۱۴ را اعلام کنید", "ممنون می‌شوم پیش‌فاکتور بفرستید", "Thanks in advance for the quotation",
        "موفق باشید", "مانده حساب را می‌خواهم", "Please issue the invoice. Best regards", "خوشحال می‌شویم همکاری کنیم", "کار می‌کند", "۱۲۳", "!!!",
    ],
}  # fmt: skip


@pytest.mark.parametrize(("mood", "text"), [(mood, text) for mood, texts in SAID.items() for text in texts])
def test_moods_are_heard(mood: str, text: str) -> None:
    assert hear(text).mood == mood, hear(text)


def test_typing_makes_no_difference() -> None:
    """Half-spaces, spaces or none; Arabic letters; letters drawn out."""
    plain = hear("بی‌کیفیت")
    for typed in ("بی کیفیت", "بيكيفيت", "بی‌كيفيت", "بی‌کیفیییت", "بـی‌کیفیت"):
        assert (hear(typed).mood, hear(typed).sum) == (plain.mood, plain.sum), typed


def test_the_words_that_decided_are_told_with_what_turned_them() -> None:
    heard = hear("پشتیبانی خوب بود ولی کیفیت اصلا خوب نیست و دیر رسید")
    assert heard.hits[0].weight < 0
    assert {hit.word for hit in heard.hits if hit.weight < 0} == {"خوب نیست", "دیر"}
    assert hear("very good").sum > hear("good").sum > hear("slightly good").sum > hear("not good").sum
    assert hear("not bad at all").sum > 0


def test_only_the_beginning_of_a_long_text_counts() -> None:
    assert hear("سلام " * 2000 + "افتضاح").mood == NEUTRAL


def test_no_word_is_glad_and_cross_and_all_can_be_heard() -> None:
    assert len(WORDS) > 700
    deaf = [word for word, weight in WORDS.items() if abs(weight) >= 1 and hear(word).mood == NEUTRAL]
    assert deaf == []


@pytest.mark.slow
@pytest.mark.skipif(not FOLDER, reason="PEYVAND_DATASETS names no folder")
def test_of_what_people_said_of_their_food_it_names_seven_of_eight_where_it_names_any() -> None:
    """Comments on food, glad or sad by what people pressed; half of them were looked at when words were chosen, these are the others."""
    with (Path(FOLDER) / "persian" / "snappfood_dev.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))[3150:]
    told = [(hear(row["comment"]).mood, HAPPY if row["label"] == "HAPPY" else UNHAPPY) for row in rows]
    named = [(said, came) for said, came in told if said != NEUTRAL]
    assert len(named) / len(told) >= 0.73
    assert sum(said == came for said, came in named) / len(named) >= 0.875
