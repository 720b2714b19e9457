"""What contacts do when their records are written: names put together, primary phone and mail copied, rules held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from peyvand.kernel.errors import Invalid, Problem, RuleViolation, msg
from peyvand.operational.contacts.models import Company, Person, Relationship
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.trees import keep_a_tree

Values = Mapping[str, Any]


def prepare_people(ctx: Context, people: Sequence[Person], values: Sequence[Values]) -> None:
    for person, given in zip(people, values, strict=True):
        if "name" in given and not ("given_name" in given or "family_name" in given):
            person.given_name, _, person.family_name = person.name.partition(" ")
        for part in ("given_name", "family_name"):
            if len(getattr(person, part)) > 100:
                raise Invalid.of(msg("This is too long: at most %(max)s characters.", max=100), "name")
        person.name = f"{person.given_name} {person.family_name}".strip()
        if not person.name:
            raise Invalid([Problem("family_name", msg("A person needs a name."), "required")])
    _keep_primary_points(people, values)


def prepare_companies(ctx: Context, companies: Sequence[Company], values: Sequence[Values]) -> None:
    _keep_primary_points(companies, values)
    problem = msg("A company cannot be its own parent, even through others.")
    keep_a_tree(ctx, companies, values, "parent", problem)


def prepare_relationships(ctx: Context, rows: Sequence[Relationship], values: Sequence[Values]) -> None:
    for row in rows:
        if (row.person_id is None) == (row.company_id is None):
            raise RuleViolation(msg("Choose a person or a company, and only one of them."), "person")
        if (row.to_person_id is None) == (row.to_company_id is None):
            raise RuleViolation(msg("Choose a person or a company, and only one of them."), "to_company")
        if row.started_on and row.ended_on and row.ended_on < row.started_on:
            raise RuleViolation(msg("The end cannot be before the beginning."), "ended_on")


def _keep_primary_points(records: Sequence[Company | Person], values: Sequence[Values]) -> None:
    """Copy the primary phone and mail into columns of their own."""
    for record, given in zip(records, values, strict=True):
        for points, column in (("phones", "phone"), ("emails", "email")):
            if points in given:
                setattr(record, column, next((p["value"] for p in given[points] if p["primary"]), ""))
