"""What people said of being reached: most of them something, some changed their mind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from peyvand.administration.demo.stage import Stage
from peyvand.operational.consents.public import ANY, CONSENT, GRANTED, REFUSED, Purpose
from peyvand.platform.objects.records import create_records

SOURCES = ("form", "web", "call", "visit", "letter")
WORDS = {
    True: "می‌پذیرم که خبرها و پیشنهادهای شما از این راه به من برسد. هر زمان بخواهم می‌توانم آن را پس بگیرم.",
    False: "I agree to receive your news and offers by this channel. I can withdraw at any time.",
}
FORM = {True: "فرم نمایشگاه، شمارهٔ {n}", False: "Exhibition form no. {n}"}


def fill_consents(stage: Stage) -> None:
    ctx, dice = stage.acting[stage.owner], stage.dice
    purposes = list(
        Purpose.objects.filter(needs_consent=True).order_by("position").values_list("id", flat=True)
    )
    asked = dice.sample(stage.people, len(stage.people) * 2 // 3)
    for step in range(1, stage.size.steps):
        with stage.at(step):
            some = asked[step :: stage.size.steps]
            create_records(
                ctx, CONSENT, [row for person in some for row in _granted(stage, person.id, purposes)]
            )
    with stage.at(stage.size.steps - 1) as now:
        gone = dice.sample(asked, len(asked) // 8)
        create_records(ctx, CONSENT, [
            {"person": person.id, "state": REFUSED, "channel": dice.choice(("email", "sms", ANY)), "purpose": dice.choice((*purposes, None)),
             "given_at": now, "source": dice.choice(("call", "web"))}
            for person in gone
        ])  # fmt: skip


def _granted(stage: Stage, person: int, purposes: list[int]) -> list[dict[str, Any]]:
    dice, is_persian = stage.dice, stage.is_persian
    source = dice.choice(SOURCES)
    # A few gave their word for some months only, and those are over.
    lasts = dice.random() < 0.1
    return [
        {"person": person, "state": GRANTED, "channel": channel, "purpose": purpose, "source": source, "basis": "consent",
         "expires_at": stage.now - timedelta(hours=1) if lasts else None, "words": WORDS[is_persian] if source in ("form", "web") else "",
         "proof": FORM[is_persian].format(n=dice.randrange(100, 999)) if source == "form" else ""}
        for channel in dice.sample(("email", "sms", "phone", "post"), dice.randrange(1, 3))
        for purpose in dice.sample(purposes, dice.randrange(1, 4))
    ]  # fmt: skip
