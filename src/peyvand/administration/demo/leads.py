"""Inquiries of the last months: some of people who are known, most of new ones; worked on, put off, given up, won over."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any, Final

from peyvand.administration.demo.stage import Stage, Way
from peyvand.administration.demo.ways import STAGES, between
from peyvand.kernel import clock
from peyvand.kernel.phone import phone
from peyvand.operational.activities.public import CALL
from peyvand.operational.catalog.public import Product
from peyvand.operational.consents.public import Purpose
from peyvand.operational.leads.public import (
    LEAD,
    LEAD_FORM,
    Lead,
    LeadForm,
    LeadReason,
    convert_lead,
    refresh,
)
from peyvand.platform.objects.records import create_records, update_records

# How many inquiries come in a step of history; the newest step has the most.
EACH: Final = 6
CONVERTED: Final = 8
SOURCES: Final = ("website", "website", "referral", "exhibition", "phone", "social", "advertisement")
MESSAGES: Final = {
    True: (
        "لطفاً قیمت و زمان تحویل را بفرمایید.", "برای پروژهٔ تازه‌مان به پیشنهاد شما نیاز داریم.", "کاتالوگ محصولات را می‌خواهم.",
        "آیا نصب و راه‌اندازی هم با شماست؟", "شرایط همکاری برای نمایندگی چیست؟", "یک جلسهٔ معرفی در دفتر ما ممکن است؟",
    ),
    False: (
        "Please send prices and delivery times.", "We need an offer for a new project.", "Could I have your catalogue?",
        "Do you install as well?", "What are your terms for resellers?", "Could you present your products at our office?",
    ),
}  # fmt: skip
CAMPAIGNS: Final = {
    True: ("", "", "نمایشگاه پاییز", "جشنوارهٔ نوروز"),
    False: ("", "", "Autumn fair", "Spring offer"),
}
FORM: Final = {
    True: ("درخواست قیمت", "قیمت بخواهید", "چند خط از نیازتان بنویسید؛ در نخستین روز کاری پاسخ می‌دهیم.",
           "می‌پذیرم که پیشنهادهای شما از راه تلفن و رایانامه به من برسد."),
    False: ("Request a quote", "Ask for a price", "Tell us what you need; we answer within one working day.",
            "I agree to receive your offers by phone and e-mail."),
}  # fmt: skip
BUDGETS: Final = (0, 0, 500_000_000, 1_200_000_000, 3_500_000_000)


def fill_leads(stage: Stage) -> None:
    form = _form(stage)
    leads: list[Lead] = []
    for step in range(stage.size.steps):
        with stage.at(step):
            count = EACH * (3 if step == stage.size.steps - 1 else 1)
            leads += create_records(
                stage.acting[stage.owner], LEAD, [_inquiry(stage, form) for _ in range(count)]
            )
    _work(stage, leads)
    refresh(stage.acting[stage.owner], [lead.id for lead in leads])


def _form(stage: Stage) -> LeadForm:
    name, heading, intro, consent = FORM[stage.is_persian]
    with stage.at(0):
        form: LeadForm = create_records(stage.acting[stage.owner], LEAD_FORM, [{
            "name": name, "heading": heading, "intro": intro, "language": "visitor", "is_active": True, "source": "website",
            "asked": ["name", "phone", "email", "company_name", "product", "message"], "needed": ["name", "phone"],
            "consent_text": consent, "purpose": Purpose.objects.filter(word="marketing").values_list("id", flat=True).first(),
        }])[0]  # fmt: skip
    return form


def _inquiry(stage: Stage, form: LeadForm) -> dict[str, Any]:
    dice, words = stage.dice, stage.words
    source = dice.choice(SOURCES)
    said = {
        "message": dice.choice(MESSAGES[stage.is_persian]), "source": source, "campaign": dice.choice(CAMPAIGNS[stage.is_persian]),
        "budget": dice.choice(BUDGETS) // (1 if stage.is_persian else 10_000) or None, "state": "new",
        "owner": dice.choice((*stage.agents, *stage.agents, None)),
        "product": dice.choice((None, *_products(stage))), "utm_source": "google" if source == "advertisement" else "",
    }  # fmt: skip
    if dice.random() < 0.25:
        person = dice.choice(stage.people)
        return {**said, "person": person.id, "company": person.company_id}
    number = dice.randrange(1_000_000, 9_999_999)
    business = (
        words.called.format(business=dice.choice(words.businesses)[0], name=dice.choice(words.business_names))
        if dice.random() < 0.7
        else ""
    )
    return {
        **said, "given_name": dice.choice(words.given_names), "family_name": dice.choice(words.family_names), "company_name": business,
        "phone": phone(f"0935{number}" if stage.is_persian else f"+4917{number}0"),
        "email": f"lead{number}@example.com" if dice.random() < 0.6 else "", "city": dice.choice(words.cities)[0],
        "job_title": dice.choice(words.job_titles) if dice.random() < 0.5 else "",
    }  # fmt: skip


def _products(stage: Stage) -> list[int]:
    return list(Product.objects.order_by("id").values_list("id", flat=True)[:6])


def _work(stage: Stage, leads: list[Lead]) -> None:
    """What became of those that are not of yesterday, by whoever they belong to."""
    dice = stage.dice
    reasons = list(LeadReason.objects.order_by("position").values_list("id", flat=True))
    changes: dict[int, list[tuple[Lead, dict[str, Any]]]] = defaultdict(list)
    calls: dict[int, list[dict[str, Any]]] = defaultdict(list)
    converted: list[Lead] = []
    for lead in leads[: -EACH * 2]:
        luck, owner = dice.random(), lead.owner_id or stage.owner
        if luck < 0.25:
            changes[owner].append((lead, {"state": "disqualified", "reason": dice.choice(reasons)}))
        elif luck < 0.4:
            until = clock.today(stage.tenant.tz) + timedelta(days=dice.randint(3, 60))
            changes[owner].append((lead, {"state": "nurturing", "nurture_until": until}))
        elif luck < 0.6:
            changes[owner].append((lead, {"state": "qualified"}))
        elif luck < 0.85:
            changes[owner].append((lead, {"state": "working"}))
        elif len(converted) < CONVERTED:
            converted.append(lead)
        if luck > 0.4 and dice.random() < 0.7:
            ago = timedelta(days=dice.randint(1, 25), minutes=dice.randrange(500))
            at = stage.hours.past(max(stage.now - ago, lead.created_at + timedelta(minutes=20)))
            calls[owner].append({"person": lead.person_id, "started_at": at, "direction": "out", "duration": dice.randint(30, 600),
                                 "result": dice.choice(("answered", "answered", "no_answer")), "owner": owner})  # fmt: skip
    for owner, pairs in changes.items():
        update_records(
            stage.acting[owner], LEAD, [lead for lead, _ in pairs], [change for _, change in pairs]
        )
    for owner, rows in calls.items():
        create_records(stage.acting[owner], CALL, rows)
    stage.ways += [_went_on(stage, lead, is_won=n % 2 == 0) for n, lead in enumerate(converted)]


def _went_on(stage: Stage, lead: Lead, *, is_won: bool) -> Way:
    """The deal of an inquiry some days later, and how it goes on: it is won, or under way yet."""
    ctx, dice = stage.acting[stage.owner], stage.dice
    opened = stage.hours.past(lead.created_at + timedelta(days=dice.randint(2, 12)))
    with clock.freeze(opened):
        amount = lead.budget or dice.randrange(2, 9) * (1_000_000_000 if stage.is_persian else 400_000)
        deal = convert_lead(ctx, lead, amount=amount, has_company=lead.company_id is not None)
    until = stage.hours.past(opened + timedelta(days=dice.randint(25, 45)))
    is_won = is_won and until < stage.now
    moves = between(stage, dice, opened, until, STAGES if is_won else dice.randint(1, 3))
    end = "won" if is_won else ""
    return Way(
        opened,
        moves,
        deal.owner_id or stage.owner,
        stage.ahead(dice.randint(2, 60)).date(),
        end=end,
        made=deal,
    )
