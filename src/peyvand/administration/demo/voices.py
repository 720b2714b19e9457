"""What customers said lately, as it was written down: content, not so content, or just asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.administration.demo.writing import write_down
from peyvand.operational.activities.public import NOTE, Note
from peyvand.platform.actions.action import action_named
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import find_object

MONTHS: Final = 6
MONTH: Final = timedelta(days=30)
EACH: Final = 40
# What is said, by topic: how it begins and how it goes on; every beginning goes with every end.
SAID: Final = {
    True: {
        "کیفیت": (
            ("دربارهٔ کیفیت لعاب گفتند:", "کاشی‌ها را دیدند و گفتند:", "رنگ و لعاب را بررسی کردند؛", "پس از نصب تماس گرفتند:"),
            ("خیلی راضی‌اند و تشکر کردند.", "رنگ با نمونه فرق دارد و راضی نیستند.", "لعاب یکدست و عالی است.",
             "چند کاشی لب‌پر بود و ناراحت بودند.", "ضخامت همان است که می‌خواستند."),
        ),
        "تحویل": (
            ("بار رسید؛", "دربارهٔ زمان تحویل گفتند:", "از انبارشان تماس گرفتند:", "راننده بار را تحویل داد؛"),
            ("بسته‌بندی خوب بود و به‌موقع رسید.", "سه کارتن شکسته رسیده و خیلی ناراحت بودند.",
             "از تأخیر دوهفته‌ای شاکی‌اند و گفتند دیگر سفارش نمی‌دهند.", "نشانی انبار تازه را دادند.", "ارسال زودتر از قرار بود؛ خوشحال شدند."),
        ),
        "قیمت و پرداخت": (
            ("فهرست قیمت را دیدند؛", "دربارهٔ پرداخت پرسیدند:", "تخفیف خواستند و گفتند:", "مدیر مالی‌شان تماس گرفت:"),
            ("قیمت به نظرشان گران است.", "با چک دوماهه موافق‌اند.", "تخفیف عمده را پسندیدند.", "فاکتور اشتباه بود و گله داشتند.",
             "پیش‌پرداخت را فردا واریز می‌کنند."),
        ),
        "نصب و پشتیبانی": (
            ("دربارهٔ نصاب‌ها گفتند:", "پس از پایان نصب گفتند:", "از پشتیبانی گفتند:", "برای خدمات پس از فروش تماس گرفتند:"),
            ("کارشان عالی و منظم بود.", "تلفن را کسی جواب نداده؛ عصبانی بودند.", "بندکشی باید تکرار شود.",
             "همسایه‌شان را هم معرفی کردند؛ بسیار خوشحال بودند.", "متراژ را دوباره اندازه می‌گیرند و خبر می‌دهند."),
        ),
    },
    False: {
        "Quality": (
            ("About the glaze they said:", "They looked at the tiles:", "After laying the first row:", "On colour and finish:"),
            ("very happy with the quality and thanked us.", "the colour differs from the sample; not content.", "even and beautiful.",
             "some edges were chipped and they are unhappy.", "the thickness is what they asked for."),
        ),
        "Delivery": (
            ("The pallets arrived;", "About the delivery they said:", "Their warehouse called:", "The driver unloaded;"),
            ("well packed and on time.", "three boxes were broken; they are angry.", "annoyed about two weeks of delay.",
             "they gave us a new address for unloading.", "it came earlier than agreed; great."),
        ),
        "Price and payment": (
            ("They read the price list;", "About the payment they asked:", "They want a discount;", "Their finance called:"),
            ("they find it too expensive.", "two instalments would suit them.", "content with the terms for larger orders.",
             "the invoice was wrong and they complained.", "the first payment comes tomorrow."),
        ),
        "Laying and service": (
            ("About our layers they said:", "Once the work was done:", "On our service:", "They called our support:"),
            ("quick, clean and very good work.", "nobody answered the phone; they were angry.", "the joints have to be done again.",
             "they recommended us to a neighbour, very happy.", "they will measure the area once more."),
        ),
    },
}  # fmt: skip
# Of so many in a hundred a hurried colleague says something else.
HURRIED: Final = 6


def fill_voices(stage: Stage) -> None:
    """Notes on companies and people of the last half year, and what colleagues say they are about."""
    dice = Random(f"{stage.tenant.slug} voices")  # noqa: S311 made-up data, not a secret
    ctx = replace(stage.acting[stage.owner], silent=True)
    whose = [(Ref("company", c.id, ""), c.owner_id) for c in stage.companies]
    known = stage.now - MONTH * (MONTHS + 1)
    whose += [(Ref("person", p.id, ""), p.owner_id) for p, first in stage.households if first < known]
    topics = SAID[stage.is_persian]
    said: list[tuple[str, Note]] = []
    for n in range(MONTHS):
        rows, about, moments = [], [], []
        for of, owner in dice.sample(whose, EACH):
            topic = dice.choice(list(topics))
            begins, ends = topics[topic]
            rows.append({"about": of, "owner": owner, "text": f"{dice.choice(begins)} {dice.choice(ends)}"})
            about.append(topic if dice.randrange(100) >= HURRIED else dice.choice(list(topics)))
            ago = MONTH * (MONTHS - 1 - n) + timedelta(
                days=dice.randrange(1, 30), minutes=dice.randrange(500)
            )
            moments.append(stage.hours.past(stage.now - ago))
        said += zip(about, write_down(ctx, NOTE, rows, moments), strict=True)
    _name_topics(stage, list(topics), said)


def _name_topics(stage: Stage, names: list[str], said: list[tuple[str, Note]]) -> None:
    """The list of topics, and which of them each note is about."""
    spec, label = find_object("text_topic"), action_named("note.set_topics")
    if spec is None or label is None:
        return
    ctx = stage.acting[stage.owner]
    for one in create_records(ctx, spec, [{"name": name, "position": n} for n, name in enumerate(names)]):
        notes = [note for topic, note in said if topic == one.name]
        label.function(ctx, notes, topic=one.id)
