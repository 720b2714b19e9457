"""What customers said lately, as it was written down: content, not so content, or just asking."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Final

from peyvand.administration.demo.stage import Stage
from peyvand.kernel import clock
from peyvand.operational.activities.public import NOTE
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records

MONTHS: Final = 6
EACH: Final = 16
SAID: Final = {
    True: (
        "از کیفیت لعاب خیلی راضی بودند و تشکر کردند.", "گفتند نصاب‌ها عالی و منظم کار کردند.", "بسته‌بندی خوب بود و به‌موقع رسید.",
        "همسایه‌شان را هم به ما معرفی کردند؛ بسیار خوشحال بودند.",
        "سه کارتن شکسته رسیده و خیلی ناراحت بودند.", "از تأخیر دوهفته‌ای در تحویل شاکی‌اند و گفتند دیگر سفارش نمی‌دهند.",
        "رنگ با نمونه فرق دارد؛ راضی نیستند و می‌خواهند پس بدهند.", "پشتیبانی تلفن را جواب نداده؛ عصبانی بودند.",
        "پرسیدند برای حیاط چه جنسی مناسب است.", "متراژ را دوباره اندازه می‌گیرند و خبر می‌دهند.", "نشانی انبار را خواستند.",
    ),
    False: (
        "Very happy with the glaze and thanked us.", "The layers worked quickly and well, they said.", "Arrived on time and well packed.",
        "Three boxes arrived broken; they are angry.", "Annoyed about two weeks of delay; they will not order again.",
        "The colour differs from the sample; not content, wants to return it.", "Asked what suits a courtyard.",
        "They will measure once more and tell us.",
    ),
}  # fmt: skip


def fill_voices(stage: Stage) -> None:
    """Notes on companies and people of the last half year."""
    dice = Random(f"{stage.tenant.slug} voices")  # noqa: S311 made-up data, not a secret
    ctx = replace(stage.acting[stage.owner], silent=True)
    whose = [(Ref("company", c.id, ""), c.owner_id) for c in stage.companies]
    whose += [(Ref("person", p.id, ""), p.owner_id) for p, _ in stage.households]
    for n in range(MONTHS):
        with clock.freeze(stage.now - timedelta(days=30 * (MONTHS - n) - dice.randrange(2, 28))):
            create_records(ctx, NOTE, [
                {"about": about, "owner": owner, "text": dice.choice(SAID[stage.is_persian])} for about, owner in dice.sample(whose, EACH)
            ])  # fmt: skip
