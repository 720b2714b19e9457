"""Companies, the people in them, and how they stand to each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from peyvand.administration.demo.stage import BEGINNING, DAYS, Stage
from peyvand.administration.demo.writing import write_down
from peyvand.kernel.phone import phone
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import object_named

KINDS = ("customer",) * 5 + ("prospect",) * 6 + ("distributor", "partner", "supplier", "government")
SOURCES = ("website", "referral", "exhibition", "phone", "social", "advertisement")
ROLES = ("decision_maker", "influencer", "shareholder", "referrer", "partner")


def fill_contacts(stage: Stage) -> None:
    ctx, dice = stage.acting[stage.owner], stage.dice
    companies, people = _companies(stage), _people_rows(stage)
    # Most came over from the old books; others came since.
    known = [_known_since(stage, n) for n in range(len(companies))]
    stage.companies += write_down(ctx, COMPANY, companies, known)
    for row in people:
        company = dice.choice(stage.companies)
        row |= {"company": company.id, "owner": company.owner_id, "city": company.city}
    since = dict(zip([company.id for company in stage.companies], known, strict=True))
    met = [stage.hours.past(since[row["company"]] + timedelta(days=dice.randrange(12))) for row in people]
    stage.people += write_down(ctx, PERSON, people, met)
    stage.phones = {person.id: row["phones"] for person, row in zip(stage.people, people, strict=True)}
    with stage.at(stage.size.steps // 2):
        chosen = dice.sample(stage.people, len(stage.people) // 8)
        create_records(ctx, object_named("relationship"), [
            {"role": dice.choice(ROLES), "person": person.id, "to_company": dice.choice(stage.companies).id} for person in chosen
        ])  # fmt: skip


def _known_since(stage: Stage, n: int) -> datetime:
    """Two of three since the beginning, the others at any time until half a year ago."""
    ago = BEGINNING - timedelta(days=20) if n % 3 else timedelta(days=stage.dice.randrange(180, DAYS))
    return stage.hours.past(stage.now - ago + timedelta(minutes=7 * n))


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
