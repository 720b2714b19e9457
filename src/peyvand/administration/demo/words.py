"""What a demonstration is made of: one set of words for each language. Everybody and everything in it is invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Colleague:
    name: str
    login: str
    title: str
    role: str
    # Number of the team: 0 for those above the teams.
    team: int = 0
    leads: bool = False


@dataclass(frozen=True)
class Item:
    """A product; ``price`` in the unit people speak of (tomans, dollars), ``most`` is the largest usual quantity."""

    name: str
    series: str
    unit: str
    price: int
    most: int
    kind: str = "goods"


@dataclass(frozen=True)
class Words:
    teams: tuple[str, ...]
    colleagues: tuple[Colleague, ...]
    given_names: tuple[str, ...]
    family_names: tuple[str, ...]
    # (what it does, industry)
    businesses: tuple[tuple[str, str], ...]
    business_names: tuple[str, ...]
    # How a business is called from the two.
    called: str
    # (city, province or state, code of its phone numbers)
    cities: tuple[tuple[str, str, str], ...]
    country: str
    streets: tuple[str, ...]
    job_titles: tuple[str, ...]
    products: tuple[Item, ...]
    projects: tuple[str, ...]
    tags: tuple[str, ...]
    competitors: tuple[str, ...]
    notes: tuple[str, ...]
    calls: tuple[str, ...]
    tasks: tuple[tuple[str, str], ...]
    meetings: tuple[str, ...]
    places: tuple[str, ...]
    outcomes: tuple[str, ...]
    losses: tuple[str, ...]
