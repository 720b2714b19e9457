"""Companies, the people in them, and how they stand to each other."""

from __future__ import annotations

from typing import Any

from peyvand.administration.demo.stage import Stage
from peyvand.kernel.phone import phone
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import object_named

BATCHES = 3
KINDS = ("customer",) * 5 + ("prospect",) * 6 + ("distributor", "partner", "supplier", "government")
SOURCES = ("website", "referral", "exhibition", "phone", "social", "advertisement")
ROLES = ("decision_maker", "influencer", "shareholder", "referrer", "partner")


def fill_contacts(stage: Stage) -> None:
    ctx, dice = stage.acting[stage.owner], stage.dice
    companies, people = _companies(stage), _people_rows(stage)
    for batch in range(BATCHES):
        with stage.at(batch * stage.size.steps // (BATCHES * 2)):
            stage.companies += create_records(ctx, COMPANY, companies[batch::BATCHES])
    for row in people:
        company = dice.choice(stage.companies)
        row |= {"company": company.id, "owner": company.owner_id, "city": company.city}
    for batch in range(BATCHES):
        with stage.at(1 + batch * stage.size.steps // (BATCHES * 2)):
            some = people[batch::BATCHES]
            made = create_records(ctx, PERSON, some)
            stage.people += made
            stage.phones |= {person.id: row["phones"] for person, row in zip(made, some, strict=True)}
    with stage.at(stage.size.steps // 2):
        chosen = dice.sample(stage.people, len(stage.people) // 8)
        create_records(ctx, object_named("relationship"), [
            {"role": dice.choice(ROLES), "person": person.id, "to_company": dice.choice(stage.companies).id} for person in chosen
        ])  # fmt: skip


def _companies(stage: Stage) -> list[dict[str, Any]]:
    dice, words = stage.dice, stage.words
    pairs = [(business, name) for business in words.businesses for name in words.business_names]
    rows = []
    for (business, industry), name in dice.sample(pairs, stage.size.companies):
        city, province, code = dice.choice(words.cities)
        rows.append({
            "name": words.called.format(business=business, name=name), "kind": dice.choice(KINDS), "industry": industry, "city": city,
            "country": words.country, "owner": dice.choice((*stage.agents, stage.owner)), "source": dice.choice(SOURCES), "tags": stage.tags(),
            "employees": dice.choice((8, 15, 24, 40, 75, 120, 260, 540)), "phones": (_point(_landline(stage, code), "work"),),
            "addresses": ({"label": "", "country": words.country, "province": province, "city": city, "street": dice.choice(words.streets),
                           "postal_code": "", "primary": True},),
        })  # fmt: skip
    return rows


def _people_rows(stage: Stage) -> list[dict[str, Any]]:
    dice, words = stage.dice, stage.words
    pairs = [(given, family) for given in words.given_names for family in words.family_names]
    rows = []
    for n, (given, family) in enumerate(dice.sample(pairs, min(stage.size.people, len(pairs)))):
        emails = (_point(f"contact{n + 101}@mail.example", "work"),) if dice.random() < 0.6 else ()
        rows.append({
            "given_name": given, "family_name": family, "job_title": dice.choice(words.job_titles), "source": dice.choice(SOURCES),
            "phones": (_point(_mobile(stage), "mobile"),), "emails": emails, "tags": stage.tags(1),
        })  # fmt: skip
    return rows


def _point(value: str, label: str) -> dict[str, Any]:
    return {
        "value": value,
        "label": label,
        "primary": True,
        "consent": "granted" if label == "mobile" else "unknown",
    }


def _mobile(stage: Stage) -> str:
    dice = stage.dice
    if stage.is_persian:
        return phone(f"0912{dice.randrange(1_000_000, 9_999_999)}")
    return phone(f"+4915{dice.randrange(100_000_000, 999_999_999)}")


def _landline(stage: Stage, code: str) -> str:
    if stage.is_persian:
        return phone(f"0{code}{stage.dice.randrange(32_000_000, 89_999_999)}")
    return phone(f"+{code.replace(' ', '')}{stage.dice.randrange(2_000_000, 8_999_999)}")
