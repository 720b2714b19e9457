"""Records that are there twice, as it happens where many write: the search for duplicates finds them."""

from __future__ import annotations

from peyvand.administration.demo.stage import Stage
from peyvand.operational.contacts.public import COMPANY, PERSON
from peyvand.operational.duplicates.public import begin_search
from peyvand.platform.objects.records import create_records

TWICE = 4


def fill_doubles(stage: Stage) -> None:
    ctx, dice = stage.acting[stage.owner], stage.dice
    people, companies = dice.sample(stage.people, TWICE), dice.sample(stage.companies, TWICE)
    more = "شرکت {name}" if stage.is_persian else "{name} Ltd."
    with stage.at(stage.size.steps - 1):
        # As they come from a form on the web: the name as it was spelled there, and the mail that was given before.
        create_records(ctx, PERSON, [
            {"given_name": person.given_name.replace("\u200c", " "), "family_name": person.family_name, "source": "website",
             "city": person.city, "emails": (_mail(n),), "phones": stage.phones[person.id] if n % 2 else ()}
            for n, person in enumerate(people)
        ])  # fmt: skip
        create_records(ctx, COMPANY, [
            {"name": more.format(name=company.name), "city": company.city, "industry": company.industry, "source": "exhibition"}
            for company in companies
        ])  # fmt: skip
    for spec in (PERSON, COMPANY):
        begin_search(ctx, spec.key)


def _mail(n: int) -> dict[str, object]:
    return {"value": f"web{n + 1}@mail.example", "label": "work", "primary": True, "consent": "unknown"}
