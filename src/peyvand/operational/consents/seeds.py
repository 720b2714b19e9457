"""The purposes that a new workspace begins with, in its own language."""

from __future__ import annotations

from typing import Final, NamedTuple

from peyvand.operational.consents.objects import PURPOSE
from peyvand.platform.actions.context import Context
from peyvand.platform.modules.seeds import seed
from peyvand.platform.objects.records import create_records


class Beginning(NamedTuple):
    word: str
    fa: str
    en: str
    needs_consent: bool = True


# Workspaces that were there before this slice got the same by its first migration.
PURPOSES: Final = (
    Beginning("marketing", "پیشنهادهای فروش", "Offers"),
    Beginning("newsletter", "خبرنامه", "Newsletter"),
    Beginning("survey", "نظرسنجی", "Surveys"),
    Beginning("events", "رویدادها و دعوت‌ها", "Events and invitations"),
    Beginning("service", "اطلاع‌رسانی خدمات", "Service notices", needs_consent=False),
    Beginning("contract", "امور قرارداد و پرداخت", "Contracts and payments", needs_consent=False),
)


@seed
def plant(ctx: Context) -> None:
    is_persian = ctx.tenant.language == "fa"
    create_records(ctx, PURPOSE, [
        {"word": p.word, "name": p.fa if is_persian else p.en, "needs_consent": p.needs_consent, "position": n}
        for n, p in enumerate(PURPOSES)
    ])  # fmt: skip
