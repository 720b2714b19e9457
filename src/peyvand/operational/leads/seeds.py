"""What a new workspace judges leads by until it knows better: reasons, and rules of scoring, in its own language."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import orjson

from peyvand.operational.leads.objects import LEAD_REASON, SCORE_RULE
from peyvand.platform.actions.context import Context
from peyvand.platform.modules.seeds import seed
from peyvand.platform.objects.records import create_records

REASONS: Final = (
    ("نیاز ندارد", "No need"),
    ("بودجه ندارد", "No budget"),
    ("پاسخ نمی‌دهد", "Does not answer"),
    ("خارج از حوزهٔ ما", "Not our market"),
    ("اطلاعات نادرست", "Wrong details"),
    ("رقیب یا هرزنامه", "Competitor or spam"),
)


class Beginning(NamedTuple):
    fa: str
    en: str
    points: int
    condition: Any = None
    event: str = ""
    half_life: int | None = None


def _filled(field: str) -> dict[str, str]:
    return {"field": field, "op": "filled"}


RULES: Final = (
    Beginning(
        "شرکت معلوم است", "The company is known", 20, {"or": [_filled("company"), _filled("company_name")]}
    ),
    Beginning(
        "هم تلفن دارد و هم رایانامه",
        "Phone and e-mail are known",
        15,
        {"and": [_filled("person.phone"), _filled("person.email")]},
    ),
    Beginning("بودجه را گفته است", "Named a budget", 25, _filled("budget")),
    Beginning("محصول را گفته است", "Named a product", 15, _filled("product")),
    Beginning("معرفی شده است", "Was referred", 20, {"field": "source", "op": "is", "value": "referral"}),
    Beginning("سمت دارد", "Has a position", 5, _filled("person.job_title")),
    Beginning("درخواست فرستاد", "Sent an inquiry", 30, event="inquiry", half_life=14),
    Beginning("به تماس پاسخ داد", "Answered a call", 25, event="call_answered", half_life=21),
    Beginning("به تماس پاسخ نداد", "Did not answer a call", -5, event="call_missed", half_life=14),
    Beginning("به جلسه آمد", "Came to a meeting", 40, event="meeting_held", half_life=30),
    Beginning("جلسه را لغو کرد", "Cancelled a meeting", -10, event="meeting_cancelled", half_life=21),
    Beginning("پیش‌تر خریده است", "Bought before", 20, event="deal_won", half_life=180),
)


@seed
def plant(ctx: Context) -> None:
    is_persian = ctx.tenant.language == "fa"
    create_records(
        ctx,
        LEAD_REASON,
        [{"name": fa if is_persian else en, "position": n} for n, (fa, en) in enumerate(REASONS)],
    )
    create_records(ctx, SCORE_RULE, [
        {"name": rule.fa if is_persian else rule.en, "side": "engagement" if rule.event else "fit", "points": rule.points,
         "condition": orjson.dumps(rule.condition).decode() if rule.condition else "", "event": rule.event,
         "half_life": rule.half_life, "is_active": True, "position": n}
        for n, rule in enumerate(RULES)
    ])  # fmt: skip
