"""Who works when, who is away, and how new leads were given out: two rules, some leave, and the reasons on every lead."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from peyvand.administration.demo.stage import Stage
from peyvand.operational.assignment.public import RULE, SEAT, SKILL, give_out
from peyvand.operational.availability.public import ABSENCE, WORKING_HOURS, approve_absence
from peyvand.operational.leads.public import LEAD
from peyvand.platform.actions.action import perform
from peyvand.platform.identity.models import User
from peyvand.platform.objects.records import create_records

NAMES: Final = {
    True: ("سرنخ‌های وب‌سایت به‌نوبت", "بودجهٔ بزرگ به سرپرستان", "نیمه‌وقت", ("عربی", "انگلیسی", "ترکی"), "عروسی خواهرم"),
    False: ("Leads of the website in turn", "Large budgets to the heads", "Part time", ("Arabic", "French", "Turkish"), "My sister's wedding"),
}  # fmt: skip
LARGE: Final = {True: 1_000_000_000, False: 100_000}
# Days from today: begins, ends, kind; the first is away now.
LEAVE: Final = ((0, 1, "leave"), (-20, -18, "sick"), (6, 8, "travel"), (12, 13, "leave"))


def fill_assignment(stage: Stage) -> None:
    ctx = stage.acting[stage.owner]
    members = list(User.objects.filter(role__key="member", is_active=True).order_by("id"))
    heads = list(User.objects.filter(role__key="manager", is_active=True).order_by("id"))
    in_turn, large, part_time, languages, note = NAMES[stage.is_persian]
    with stage.at(0):
        rules = create_records(ctx, RULE, [
            {"name": large, "object": "lead", "position": 1, "way": "load", "at_work": "today", "when_away": "keep",
             "condition": f'{{"field":"budget","op":"gte","value":{LARGE[stage.is_persian]}}}'},
            {"name": in_turn, "object": "lead", "position": 2, "way": "turns", "at_work": "today", "when_away": "deputy",
             "previous_first": True, "condition": '{"field":"source","op":"in","value":["website","advertisement","social"]}'},
        ])  # fmt: skip
        seats = [{"rule": rules[0].id, "user": head.id} for head in heads]
        # Whoever works half the time gets half as many.
        seats += [
            {"rule": rules[1].id, "user": member.id, "weight": 1 if n == 1 else 2}
            for n, member in enumerate(members)
        ]
        create_records(ctx, SEAT, seats)
        create_records(ctx, SKILL, [
            {"name": name, "user": member.id, "level": 3 + n % 3} for n, (name, member) in enumerate(zip(languages, members, strict=False))
        ])  # fmt: skip
        if len(members) > 1:
            days = (
                ("saturday", "sunday", "monday") if stage.is_persian else ("monday", "tuesday", "wednesday")
            )
            half = {
                "name": part_time,
                "user": members[1].id,
                "country": "IR" if stage.is_persian else "",
                **dict.fromkeys(days, "09:00-14:00"),
            }
            create_records(ctx, WORKING_HOURS, [half])
    _leave(stage, members, note)
    _give(stage)


def _leave(stage: Stage, members: list[User], note: str) -> None:
    """Each asks for themselves; the newest wish waits for an answer."""
    today = stage.today
    for n, (begins, ends, kind) in enumerate(LEAVE):
        member, deputy = members[n % len(members)], members[(n + 1) % len(members)]
        asked: dict[str, Any] = {
            "owner": member.id, "kind": kind, "starts_on": today + timedelta(days=begins), "ends_on": today + timedelta(days=ends),
            "deputy": deputy.id if deputy.id != member.id else None, "note": note if n == len(LEAVE) - 1 else "",
        }  # fmt: skip
        with stage.on(stage.now - timedelta(days=25 - n)):
            [absence] = create_records(stage.acting[member.id], ABSENCE, [asked])
            if n < len(LEAVE) - 1:
                approve_absence(stage.acting[stage.owner], absence)


def _give(stage: Stage) -> None:
    """New leads of which nobody has heard yet were given out minutes after they came."""
    ctx = stage.acting[stage.owner]
    for lead in LEAD.rows.filter(state="new", touched_at__isnull=True, deleted_at__isnull=True).order_by(
        "created_at", "id"
    ):
        with stage.on(lead.created_at + timedelta(minutes=5)):
            perform(ctx, "lead.assign_now_many", [lead], partial(give_out, ctx, LEAD, [lead]))
