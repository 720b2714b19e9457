"""Deals that ended: about as many in every month of two years, and of these about as many won."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, Final

from peyvand.administration.demo.stage import DAYS, Stage, Way
from peyvand.administration.demo.ways import STAGES, between, offer
from peyvand.kernel.persian.calendar import calendar_of, period, shift
from peyvand.operational.sales.public import Competitor, LostReason

MONTHS: Final = 23
# The first deals of the books were begun before these.
EARLIEST: Final = timedelta(days=DAYS + 20)
# Of a month's deals so many of a hundred are won, in turn; more deals end each year than in the one before.
WON: Final = (44, 52, 38, 47, 55, 41, 49, 36, 46, 53, 40)
GROWTH: Final = 1.2
# So many at least are of businesses, which bring the most.
LEAST: Final = 2
# Whoever was recommended or came to the stand buys more often.
SOURCES: Final = {
    "won": ("referral", "exhibition", "referral", "exhibition", "phone", "website"),
    "lost": ("phone", "website", "phone", "referral", "social", "exhibition"),
}
# How many of those that are lost fall out of each stage, and the usual days in one.
FALL_OUT: Final = (26, 25, 22, 16, 11)
STAY: Final = (9, 17)


def ended_ways(stage: Stage) -> Iterator[Way]:
    """What is wanting in each month, besides the deals of the stage that ended in it."""
    dice = Random(f"{stage.tenant.slug} past")  # noqa: S311 made-up data, not a secret
    calendar = calendar_of(stage.tenant.language)
    month = period("month", stage.today, calendar)[0]
    reasons = list(LostReason.objects.order_by("position").values_list("id", flat=True))
    rivals = [None, *Competitor.objects.order_by("id").values_list("id", flat=True)]
    for n in range(MONTHS, -1, -1):
        starts = shift(month, -n, "month", calendar)
        days, part = _worked(stage, starts, shift(starts, 1, "month", calendar))
        known = Counter(way.end for way in stage.ways if way.ended and _within(way.ended, days))
        many = round(stage.size.ended * part * GROWTH ** (-n / 12))
        won = max(known["won"] + round(LEAST * part), round(many * WON[n % len(WON)] / 100))
        lost = max(many - won, round(won * (100 / WON[n % len(WON)] - 1)))
        for end, wanted in (("won", won), ("lost", lost)):
            for _ in range(wanted - known[end]):
                begin, until = dice.choice(days)
                at = min(begin + (until - begin) * dice.random(), stage.now)
                loss: dict[str, Any] = {
                    "lost_reason": dice.choice(reasons), "competitor": dice.choice(rivals), "lost_note": dice.choice(stage.words.losses),
                } if end == "lost" else {}  # fmt: skip
                yield _way(stage, dice, at, end, loss)


def _way(stage: Stage, dice: Random, at: datetime, end: str, loss: dict[str, Any]) -> Way:
    """The deal that ended then, back to its beginning."""
    stages = STAGES if end == "won" else 1 + dice.choices(range(STAGES), FALL_OUT)[0]
    took = timedelta(
        days=sum(dice.randint(*STAY) for _ in range(stages)) + (end == "lost") * dice.randint(5, 30)
    )
    opened = stage.hours.past(max(at - took, stage.now - EARLIEST))
    values = offer(stage, dice, opened, dice.choice(SOURCES[end]))
    expected_on = (at + timedelta(days=dice.randint(-12, 15))).date()
    return Way(
        opened, between(stage, dice, opened, at, stages), values["owner"], expected_on, values, end, loss
    )


def _worked(stage: Stage, starts: date, ends: date) -> tuple[list[tuple[datetime, datetime]], float]:
    """The working periods of a month so far, and which part of all of its own they are."""
    tz = stage.tenant.tz
    whole = [p for p in stage.hours.periods if starts <= p[0].astimezone(tz).date() < ends]
    past = [(begin, min(end, stage.now)) for begin, end in whole if begin < stage.now]
    return past, len(past) / max(1, len(whole))


def _within(at: datetime, days: list[tuple[datetime, datetime]]) -> bool:
    return bool(days) and days[0][0] <= at <= days[-1][1]
