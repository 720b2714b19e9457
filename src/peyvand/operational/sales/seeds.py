"""What a new workspace sells by until it knows better: a pipeline, and reasons of loss, in its own language."""

from __future__ import annotations

from typing import NamedTuple

from peyvand.operational.sales.objects import LOST_REASON, PIPELINE, STAGE
from peyvand.platform.actions.context import Context
from peyvand.platform.modules.seeds import seed
from peyvand.platform.objects.records import create_records


class Step(NamedTuple):
    fa: str
    en: str
    probability: int
    rots_after: int | None
    kind: str = "open"

    def called(self, language: str) -> str:
        return self.fa if language == "fa" else self.en


PIPELINE_NAME = {"fa": "کاریز فروش", "en": "Sales"}
ROTS_AFTER = 21
STEPS = (
    Step("شناسایی نیاز", "Prospecting", 10, 21),
    Step("ارزیابی", "Qualified", 25, 14),
    Step("پیشنهاد قیمت", "Proposal", 50, 14),
    Step("مذاکره", "Negotiation", 70, 10),
    Step("عقد قرارداد", "Contract", 90, 10),
    Step("برنده", "Won", 100, None, "won"),
    Step("از دست رفته", "Lost", 0, None, "lost"),
)
REASONS = (
    ("قیمت", "Price"),
    ("انتخاب رقیب", "Chose a competitor"),
    ("نبود بودجه", "No budget"),
    ("زمان نامناسب", "Bad timing"),
    ("نیاز از میان رفت", "No longer needed"),
    ("ویژگی‌های ناکافی", "Missing features"),
    ("پاسخی نداد", "No answer"),
    ("دیگر", "Other"),
)


@seed
def plant(ctx: Context) -> None:
    language = "fa" if ctx.tenant.language == "fa" else "en"
    pipeline = create_records(
        ctx, PIPELINE, [{"name": PIPELINE_NAME[language], "is_default": True, "rots_after": ROTS_AFTER}]
    )[0]
    create_records(ctx, STAGE, [
        {"pipeline": pipeline.id, "name": step.called(language), "kind": step.kind, "position": n, "required": [],
         "probability": step.probability, "rots_after": step.rots_after}
        for n, step in enumerate(STEPS)
    ])  # fmt: skip
    create_records(
        ctx,
        LOST_REASON,
        [{"name": fa if language == "fa" else en, "position": n} for n, (fa, en) in enumerate(REASONS)],
    )
