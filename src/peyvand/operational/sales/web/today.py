"""Today's deals that went quiet, and my numbers of the month."""

from __future__ import annotations

from dataclasses import dataclass

from peyvand.kernel import clock
from peyvand.kernel.persian.calendar import calendar_of, month_names, parts
from peyvand.operational.sales.objects import DEAL
from peyvand.operational.sales.queries import (
    deals_gone_quiet,
    deals_seeming_won,
    deals_without_step,
    my_numbers,
)
from peyvand.operational.sales.winning import signs_of
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.web.shell.navigation import here
from peyvand.web.shell.today import Card, today_card


@dataclass(frozen=True)
class QuietLine:
    """A deal that lies still: since how many days, and in which stage."""

    id: int
    title: str
    company: str
    stage: str
    days: int
    amount: int | None
    has_missed_step: bool


@today_card("quiet", order=10, column=2, live="deal")
def quiet_deals(ctx: Context) -> Card | None:
    """My open deals that lie in their stage longer than they may, with nothing planned."""
    if not decide(ctx.actor, "deal.view"):
        return None
    now = clock.now()
    lines = [
        QuietLine(
            row.id, row.title, DEAL.field("company").show(row.values["company"], ctx.reader),
            DEAL.field("stage").show(row.values["stage"], ctx.reader), (now - row.values["stage_since"]).days,
            row.values["amount"], row.values["next_activity_at"] is not None,
        )
        for row in deals_gone_quiet(ctx.actor, limit=8)
    ]  # fmt: skip
    return Card("sales/today_quiet.html", {"lines": lines, "list": here(ctx, "deals/")})


@today_card("winning", order=8, column=2, live="deal")
def winning(ctx: Context) -> Card | None:
    """My open deals that seem won: an accepted quote, a paid invoice; nothing where there are none."""
    if not decide(ctx.actor, "deal.win"):
        return None
    rows = deals_seeming_won(ctx.actor)
    if not rows:
        return None
    reasons = signs_of([row.id for row in rows])
    return Card("sales/today_winning.html", {
        "rows": [(row, reasons[row.id]) for row in rows], "list": here(ctx, "deals/"),
    })  # fmt: skip


@today_card("stepless", order=12, column=2, live="deal")
def stepless(ctx: Context) -> Card | None:
    """My open deals without a next step, of pipelines in which a deal must have one; nothing where all have theirs."""
    if not decide(ctx.actor, "deal.view") or "next_activity_at" in ctx.actor.grants.hides("deal"):
        return None
    rows = deals_without_step(ctx.actor)
    return Card("sales/today_stepless.html", {"rows": rows, "list": here(ctx, "deals/")}) if rows else None


@today_card("numbers", order=10, column=3, live="deal")
def numbers(ctx: Context) -> Card | None:
    """What I have in hand, and what I won and lost this month of my calendar; nothing where I may not know the amounts."""
    if not decide(ctx.actor, "deal.view") or ctx.actor.grants.hides("deal") & {"amount", "weighted"}:
        return None
    year, month, _ = parts(clock.today(ctx.tenant.tz), calendar_of(ctx.actor.language))
    name = month_names(ctx.actor.language)[month - 1]
    return Card("sales/today_numbers.html", {"numbers": my_numbers(ctx.actor), "month": name, "year": year})
