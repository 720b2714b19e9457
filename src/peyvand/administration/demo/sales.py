"""Deals under way, what was done about all of them, and what is to be done next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from peyvand.administration.demo.past import ended_ways
from peyvand.administration.demo.stage import Stage, Way
from peyvand.administration.demo.ways import between, offer, walk
from peyvand.administration.demo.writing import write_down
from peyvand.operational.activities.public import CALL, MEETING, NOTE, TASK, Task
from peyvand.operational.sales.public import Deal, refresh
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.fields.types import Ref
from peyvand.platform.objects.records import create_records
from peyvand.platform.objects.spec import ObjectSpec

Rows = list[dict[str, Any]]
RESULTS = ("answered",) * 5 + ("no_answer", "busy")
PRIORITIES = ("normal", "normal", "normal", "high", "low")
SOURCES: Final = ("website", "referral", "exhibition", "phone")
# In which stage open deals stand, in turn; one of so many has stood there for too long.
STANDING: Final = (0, 1, 2, 0, 3, 1, 4, 2, 0, 1)
QUIET: Final = 7
# How often somebody called about a deal in thirty days: what is won is spoken about more.
CALLS: Final = {"won": 1.5, "lost": 0.6}
MONTH: Final = timedelta(days=30)
# Who has called writes it down afterwards, and what is written about deals goes back so far.
HARDLY: Final = timedelta(minutes=8)
HOUR: Final = timedelta(hours=1)
LATELY: Final = timedelta(days=110)


def fill_sales(stage: Stage) -> None:
    under_way = [_open(stage, n) for n in range(stage.size.deals)]
    ways = [*stage.ways, *ended_ways(stage), *under_way]
    walk(stage, ways)
    _work(stage, ways)
    _plan_ahead(stage, [way.deal for way in ways if not way.end])
    refresh(stage.acting[stage.owner], {way.deal.id for way in ways})


def _open(stage: Stage, n: int) -> Way:
    """A deal under way: how it came to where it stands."""
    dice, moved = stage.dice, STANDING[n % len(STANDING)]
    stood = dice.randint(25, 55) if n % QUIET == 0 else dice.randint(1, 16)
    since = stage.hours.past(stage.now - timedelta(days=stood, minutes=dice.randrange(500)))
    opened = (
        since
        if not moved
        else stage.hours.past(since - timedelta(days=sum(dice.randint(6, 17) for _ in range(moved))))
    )
    values = offer(stage, dice, opened, dice.choice(SOURCES))
    expected_on = stage.ahead(dice.randint(-4, 75)).date()
    return Way(
        opened,
        between(stage, dice, opened, since, moved),
        values["owner"],
        expected_on,
        {**values, "tags": stage.tags(1)},
    )


def _work(stage: Stage, ways: Sequence[Way]) -> None:
    """What was done about deals while they were open: calls, and of those of the last months notes, tasks and meetings."""
    dice, words = Random(f"{stage.tenant.slug} work"), stage.words  # noqa: S311 made-up data, not a secret
    done: dict[tuple[str, int], list[tuple[dict[str, Any], datetime]]] = defaultdict(list)

    def write(spec: ObjectSpec, way: Way, at: datetime, row: dict[str, Any]) -> None:
        row |= {"about": Ref("deal", way.deal.id, ""), "owner": way.owner}
        done[spec.key, way.owner].append((row, stage.hours.past(at)))

    def then(way: Way) -> datetime:
        return stage.hours.past(way.opened + ((way.ended or stage.now) - way.opened) * dice.random())

    for way in ways:
        often = (
            CALLS[way.end or dice.choice(("won", "lost"))] * ((way.ended or stage.now) - way.opened) / MONTH
        )
        for _ in range(int(often + dice.random()) if way.deal.person_id else 0):
            at = then(way)
            write(CALL, way, at + HARDLY, {
                "person": way.deal.person_id, "direction": dice.choice(("out", "out", "in")), "started_at": at,
                "duration": dice.randint(20, 900), "result": dice.choice(RESULTS), "notes": dice.choice(words.calls),
            })  # fmt: skip
        if way.ended and way.ended < stage.now - LATELY:
            continue
        if dice.random() < 0.6:
            write(NOTE, way, then(way), {"text": dice.choice(words.notes)})
        if dice.random() < 0.6:
            title, kind = dice.choice(words.tasks)
            write(
                TASK,
                way,
                then(way),
                {"title": title, "kind": kind, "status": "done", "priority": dice.choice(PRIORITIES)},
            )
        if dice.random() < 0.35:
            at = stage.hours.past(min(then(way), stage.now - HOUR))
            write(MEETING, way, at + HOUR, {
                "title": dice.choice(words.meetings), "starts_at": at, "ends_at": at + HOUR,
                "place": dice.choice(words.places), "status": "held", "outcome": dice.choice(words.outcomes),
                "participants": _with(way.deal),
            })  # fmt: skip
    for spec in (CALL, NOTE, TASK, MEETING):
        for owner in stage.acting:
            pairs = done[spec.key, owner]
            ctx = replace(stage.acting[owner], silent=True)
            made = write_down(ctx, spec, [row for row, _ in pairs], [at for _, at in pairs])
            if spec is TASK:
                ends = [(task.id, at) for task, (_, at) in zip(made, pairs, strict=True)]
                update_rows(Task, ["done_at"], ends)


def _plan_ahead(stage: Stage, deals: Sequence[Deal]) -> None:
    """What is still to be done: most open deals have a next step, some are late, a few have gone quiet."""
    dice, words = stage.dice, stage.words
    tasks: Rows = []
    meetings: Rows = []
    for deal in deals:
        whom = {"about": Ref("deal", deal.id, ""), "owner": deal.owner_id}
        if dice.random() < 0.72:
            title, kind = dice.choice(words.tasks)
            tasks.append({**whom, "title": title, "kind": kind, "priority": dice.choice(PRIORITIES),
                          "due_at": stage.ahead(dice.choice((-5, -3, -1, 0, 0, 0, 1, 1, 2, 4, 7, 12)), dice.randint(8, 17))})  # fmt: skip
        if dice.random() < 0.22:
            begins = stage.ahead(dice.choice((0, 0, 1, 2, 3, 6)), dice.randint(9, 16))
            meetings.append({**whom, "title": dice.choice(words.meetings), "starts_at": begins, "ends_at": begins + timedelta(hours=1),
                             "place": dice.choice(words.places), "participants": _with(deal)})  # fmt: skip
    # The one whose login the demonstration names finds something to do as well.
    for days in (-1, 0, 0, 1):
        title, kind = dice.choice(words.tasks)
        company = dice.choice(stage.companies)
        tasks.append({"about": Ref("company", company.id, ""), "owner": stage.owner, "title": title, "kind": kind,
                      "due_at": stage.ahead(days, dice.randint(8, 17))})  # fmt: skip
    begins = stage.ahead(0, 16)
    meetings.append({"about": Ref("company", company.id, ""), "owner": stage.owner, "title": dice.choice(words.meetings),
                     "starts_at": begins, "ends_at": begins + timedelta(hours=1), "place": dice.choice(words.places)})  # fmt: skip
    for spec, rows in ((TASK, tasks), (MEETING, meetings)):
        mine: dict[int, Rows] = defaultdict(list)
        for row in rows:
            mine[row["owner"]].append(row)
        for owner, theirs in mine.items():
            create_records(stage.acting[owner], spec, theirs)


def _with(deal: Deal) -> tuple[dict[str, Any], ...]:
    return ({"id": deal.person_id, "name": ""},) if deal.person_id is not None else ()
