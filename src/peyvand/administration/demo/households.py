"""People who buy for themselves: how each of the last two years came to know the business, and who asked and did not buy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from peyvand.administration.demo.stage import Stage, Way
from peyvand.administration.demo.ways import STAGES, between
from peyvand.administration.demo.writing import write_down
from peyvand.kernel import clock
from peyvand.kernel.phone import phone
from peyvand.operational.activities.public import CALL, MEETING
from peyvand.operational.contacts.public import PERSON, Person
from peyvand.operational.leads.public import LEAD, Lead, LeadReason, convert_lead
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.records import update_records

MONTHS: Final = 24
MONTH: Final = timedelta(days=30)
VISIT: Final = timedelta(minutes=40)
# Who has called writes it down afterwards.
HARDLY: Final = timedelta(minutes=8)
# In the first months those come into the books who had bought before; afterwards a few more each month.
BOOKED: Final = (5, 4, 3, 2)
BETTER: Final = (15, 20)
# Where inquiries come from, how many of a hundred come from there, and how many of a hundred of those become deals.
SOURCES: Final = (
    ("referral", 18, 65), ("exhibition", 14, 50), ("website", 26, 8), ("phone", 14, 10), ("social", 16, 4), ("advertisement", 12, 3),
)  # fmt: skip
# Of the inquiries with deals, so many are written down as conversions; others just came and bought.
CONVERTED: Final = {True: 54, False: 50}
# On which days of their month they order first: those with a deal, and others.
BOUGHT: Final = (20, 28)
CAME: Final = (17, 28)
MESSAGES: Final = {
    True: (
        "برای بازسازی آشپزخانه حدود ۳۰ متر می‌خواهم.", "قیمت پرسلان مات برای پذیرایی چند است؟", "استخر ویلا را می‌خواهیم نو کنیم.",
        "نمونهٔ کاشی هفت‌رنگ برای حیاط دارید؟", "نصب را هم خودتان انجام می‌دهید؟",
    ),
    False: (
        "I need about thirty square metres for a kitchen.", "What does matt porcelain cost for a living room?",
        "We would like to renew the pool.", "Do you lay the tiles as well?",
    ),
}  # fmt: skip
CAMPAIGNS: Final = {
    True: {"exhibition": "نمایشگاه پاییز", "social": "بازسازی خانه", "advertisement": "جشنوارهٔ نوروز"},
    False: {"exhibition": "Autumn fair", "social": "New homes", "advertisement": "Spring offer"},
}  # fmt: skip
PLACE: Final = {True: ("بازدید از نمایشگاه دائمی", "نمایشگاه دائمی تهران"), False: ("Visit to the showroom", "Showroom")}  # fmt: skip


@dataclass(frozen=True)
class _Month:
    """A month of the two years: when it begins, who of us writes things down, and the dice of this part."""

    stage: Stage
    ctx: Context
    dice: Random
    begins: datetime

    def later(self, least: int, most: int) -> datetime:
        days = self.dice.randint(least, most)
        return self.stage.hours.past(self.begins + timedelta(days=days, minutes=self.dice.randrange(500)))


def fill_households(stage: Stage) -> None:
    """Month by month: people, their first touches, and inquiries of others."""
    dice = Random(f"{stage.tenant.slug} households")  # noqa: S311 made-up data, not a secret
    # Of what happened long ago nobody is told any more.
    ctx = replace(stage.acting[stage.owner], silent=True)
    names = _names(stage, dice)
    reasons = list(LeadReason.objects.order_by("position").values_list("id", flat=True))
    shares = [*BOOKED, *(1 + n / 40 for n in range(MONTHS - len(BOOKED)))]
    # More inquiries became deals lately, but for those that may still do so.
    lucky = [share * (2 if BETTER[0] <= n <= BETTER[1] else 1) for n, share in enumerate(shares)]
    left = {
        "households": stage.size.households,
        "inquiries": stage.size.inquiries,
        "converted": CONVERTED[stage.is_persian],
    }
    for n in range(MONTHS):
        begins = stage.hours.near(stage.now - MONTH * (MONTHS - n) + timedelta(days=dice.randrange(4)))
        month = _Month(stage, ctx, dice, begins)
        part, luck = shares[n] / sum(shares[n:]), lucky[n] / sum(lucky[n:])
        people, others = (round(left[key] * part) for key in ("households", "inquiries"))
        deals = min(people, round(left["converted"] * luck))
        for key, many in (("households", people), ("inquiries", others), ("converted", deals)):
            left[key] -= many
        _arrive(month, [next(names) for _ in range(people)], deals)
        _ask(month, [next(names) for _ in range(others)], reasons)


def _names(stage: Stage, dice: Random) -> Any:
    """Names that nobody of the companies' people has."""
    words, taken = stage.words, {(person.given_name, person.family_name) for person in stage.people}
    pairs = [(given, family) for given in words.given_names for family in words.family_names]
    free = [pair for pair in pairs if pair not in taken] or pairs
    # Where there are more people than names, some are namesakes.
    while True:
        yield from dice.sample(free, len(free))


def _arrive(month: _Month, names: Sequence[tuple[str, str]], deals: int) -> None:
    """People who came and bought: after an inquiry, a call, a visit, or more than one of them."""
    stage, dice = month.stage, month.dice
    sources = [_source(dice, by_deals=n < deals) for n in range(len(names))]
    came = [month.later(0, 7) for _ in names]
    people: list[Person] = write_down(month.ctx, PERSON, [
        {"given_name": given, "family_name": family, "source": source, "owner": dice.choice(stage.agents),
         "city": dice.choice(stage.words.cities)[0], "phones": (_mobile(stage, dice),)}
        for (given, family), source in zip(names, sources, strict=True)
    ], came)  # fmt: skip
    asked = [n for n in range(len(people)) if n < deals or dice.random() < 0.25]
    leads: list[Lead] = write_down(
        month.ctx,
        LEAD,
        [
            {**_said(stage, dice, sources[n]), "person": people[n].id, "owner": people[n].owner_id}
            for n in asked
        ],
        [came[n] for n in asked],
    )
    by_lead = {lead.person_id: lead for lead in leads}
    calls: list[dict[str, Any]] = []
    visits: list[dict[str, Any]] = []
    first = {person.id: month.later(*(BOUGHT if n < deals else CAME)) for n, person in enumerate(people)}
    for n, person in enumerate(people):
        if person.id not in by_lead or dice.random() < 0.5:
            calls.append({"person": person.id, "started_at": stage.hours.past(came[n] + timedelta(days=dice.randint(1, 5))),
                          "direction": dice.choice(("in", "in", "out")), "owner": person.owner_id, "duration": dice.randint(40, 500),
                          "result": "answered", "notes": dice.choice(stage.words.calls)})  # fmt: skip
        if n % 3 == 0:
            title, place = PLACE[stage.is_persian]
            begun = month.later(13, 16)
            visits.append({"title": title, "starts_at": begun, "ends_at": begun + VISIT, "place": place, "status": "held",
                           "owner": person.owner_id, "participants": ({"id": person.id, "name": ""},)})  # fmt: skip
    write_down(month.ctx, CALL, calls, [stage.hours.past(row["started_at"] + HARDLY) for row in calls])
    write_down(month.ctx, MEETING, visits, [stage.hours.past(row["ends_at"]) for row in visits])
    converted = [by_lead[person.id] for person in people[:deals]]
    stage.ways += [_convert(month, lead, first[lead.person_id or 0]) for lead in converted]
    with clock.freeze(month.later(20, 20)):
        rest = [lead for lead in leads if lead not in converted]
        update_records(month.ctx, LEAD, rest, [{"state": "qualified"} for _ in rest])
    stage.households += [(person, first[person.id]) for person in people]


def _convert(month: _Month, lead: Lead, won: datetime) -> Way:
    """Its deal, won on the day of their first order."""
    stage, dice, opened = month.stage, month.dice, month.later(9, 16)
    with clock.freeze(opened):
        amount = dice.randrange(20, 160) * (10_000_000 if stage.is_persian else 2_000)
        deal = convert_lead(month.ctx, lead, amount=amount, has_company=False)
    moves = between(stage, dice, opened, won, STAGES)
    return Way(opened, moves, deal.owner_id or stage.owner, won.date(), end="won", made=deal)


def _ask(month: _Month, names: Sequence[tuple[str, str]], reasons: Sequence[int]) -> None:
    """Inquiries that came to nothing, or rest; those of the last month are open yet."""
    stage, dice = month.stage, month.dice
    leads = write_down(month.ctx, LEAD, [
        {**_said(stage, dice, _source(dice, by_deals=False)), "given_name": given, "family_name": family, "owner": dice.choice(stage.agents),
         "phone": _mobile(stage, dice)["value"], "city": dice.choice(stage.words.cities)[0]}
        for given, family in names
    ], [month.later(0, 8) for _ in names])  # fmt: skip
    at = month.later(12, 20)
    if at >= stage.now - MONTH:
        return
    with clock.freeze(at):
        update_records(
            month.ctx, LEAD, leads, [{"state": "disqualified", "reason": dice.choice(reasons)} for _ in leads]
        )


def _said(stage: Stage, dice: Random, source: str) -> dict[str, Any]:
    return {
        "source": source, "message": dice.choice(MESSAGES[stage.is_persian]), "state": "new",
        "campaign": CAMPAIGNS[stage.is_persian].get(source, ""), "utm_source": "google" if source == "advertisement" else "",
    }  # fmt: skip


def _source(dice: Random, *, by_deals: bool) -> str:
    """Where an inquiry comes from: of those that became deals, or of those that did not."""
    weights = [many * (deals if by_deals else 100 - deals) for _, many, deals in SOURCES]
    return dice.choices([key for key, *_ in SOURCES], weights)[0]


def _mobile(stage: Stage, dice: Random) -> dict[str, Any]:
    number = dice.randrange(1_000_000, 9_999_999)
    value = phone(f"0919{number}" if stage.is_persian else f"+4917{number}9")
    return {"value": value, "label": "mobile", "primary": True, "consent": "granted"}
