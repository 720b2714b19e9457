"""Verbs of deals: move, win, lose, reopen, assign; one by one or many at once. All lead through the same gate and history
(transitions.py), for all of them write by update_records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Problem, RuleViolation, msg
from peyvand.operational.activities.public import TASK, Task
from peyvand.operational.sales.events import PlaybookTicked
from peyvand.operational.sales.models import Deal, Pipeline, PlaybookItem, PlaybookTick, Stage
from peyvand.operational.sales.objects import DEAL, REQUIRABLE, STEP_KINDS
from peyvand.operational.sales.playbook import still_asked
from peyvand.operational.sales.ranks import rank_between
from peyvand.operational.sales.steps import WHEN, working_moment
from peyvand.operational.sales.winning import take_over, what_was_sold
from peyvand.platform.actions.action import action
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import update_rows
from peyvand.platform.fields.choices import Awaited
from peyvand.platform.fields.types import Choice, Field, Flag, Instant, Link, Ref, Text, UserLink, is_empty
from peyvand.platform.objects.cleaning import missing_links
from peyvand.platform.objects.records import create_records, update_records
from peyvand.platform.objects.references import subjects_of


def _inputs(*keys: str, required: bool = False) -> tuple[Field, ...]:
    return tuple(replace(DEAL.field(key), required=required) for key in keys)


_STAGE = replace(DEAL.field("stage"), required=True)
_CARDS = (
    Link(key="before", label=_("Above the card"), to="deal"),
    Link(key="after", label=_("Beneath the card"), to="deal"),
)
_GATE = _inputs(*(option.key for option in REQUIRABLE))
_CLOSED_ON = replace(DEAL.field("closed_on"), help=_("Default: today."))
_LOSS = (
    replace(DEAL.field("lost_reason"), required=True),
    *_inputs("competitor", "lost_note"),
    _CLOSED_ON,
)
TICKED = Awaited(
    key="ticked",
    label=_("Done of the playbook"),
    help=_("The stage is left once all of this is done."),
    open_of=lambda ctx, deal: still_asked(deal),
)
SOLD = Awaited(
    key="as_sold",
    label=_("Amount and products"),
    help=_("Unticked, the deal keeps its own amount; targets and reports count that."),
    open_of=what_was_sold,
)
_ALL_AS_SOLD = Flag(
    key="as_sold",
    label=_("Take over what was sold"),
    help=_(
        "Where the customer accepted another amount than the deal says: that quote's products and amount. Otherwise each deal keeps its own."
    ),
)
_OWNER = UserLink(key="owner", label=_("Owner"), required=True)


def _asks_next(deal: Deal) -> str:
    """Where the pipeline wants every deal to have a next step and this one has none, it is asked for."""
    if deal.status == "lost" or deal.next_activity_at is not None:
        return ""
    return "plan" if Pipeline.objects.filter(id=deal.pipeline_id, wants_step=True).exists() else ""


@action(
    "deal.move",
    label=_("Move"),
    icon="arrow",
    inputs=(_STAGE, *_CARDS, TICKED, *_GATE, *_LOSS[2:], *_inputs("lost_reason")),
    button=False,
    then=_asks_next,
)
def move_deal(
    ctx: Context,
    /,
    deal: Deal,
    *,
    stage: int,
    before: int | None = None,
    after: int | None = None,
    ticked: Sequence[int] = (),
    **values: Any,
) -> None:
    """Move a deal to a stage (its own too), above the card ``before`` or beneath ``after``, else on top.

    ``ticked`` are items of the playbook that are done with this; ``values`` are cleaned values of the deal's fields, for a
    stage that asks for them.

    Raises:
        Invalid: the stage asks for fields that are empty, each named; what the playbook of the one that is left still
            requires; or the neighbouring card is gone.
    """
    with _by_playbook(ctx, deal, ticked):
        if stage != deal.stage_id or _given(values):
            _write(ctx, [deal], {"stage": stage, **_given(values)})
    if before is not None or after is not None:
        deal.board_rank = rank_between(deal.stage_id, deal.id, above=after, below=before)
        update_rows(Deal, ("board_rank",), [(deal.id, deal.board_rank)])
        ctx.touch("deal", deal.id)


@action("deal.move_many", label=_("Move"), on="many", icon="arrow", inputs=(_STAGE, *_GATE), button=False)
def move_deals(ctx: Context, /, deals: Sequence[Deal], *, stage: int, **values: Any) -> None:
    """Move several deals to a stage. ``values`` are set on all of them."""
    _write(ctx, deals, {"stage": stage, **_given(values)})


@action(
    "deal.win",
    label=_("Mark as won"),
    icon="trophy",
    tone="good",
    inputs=(SOLD, TICKED, _CLOSED_ON),
    offered=lambda deal: deal.status == "open",
    then=_asks_next,
)
def win_deal(
    ctx: Context, /, deal: Deal, *, closed_on: date | None = None, ticked: Sequence[int] = (), as_sold: Sequence[int] = (),
    **values: Any,
) -> None:  # fmt: skip
    """Say that a deal is won, today unless another day is given. ``ticked`` are items of the playbook that are done with
    this; ``as_sold`` is what it was sold as, where that differs from what it says (an accepted quote, by id); ``values``
    fill what the stage of winning asks for."""
    take_over(ctx, [deal], as_sold)
    with _by_playbook(ctx, deal, ticked):
        _end(ctx, [deal], "won", {"closed_on": closed_on, **values})


@action(
    "deal.win_many",
    label=_("Mark as won"),
    on="many",
    icon="trophy",
    tone="good",
    inputs=(_ALL_AS_SOLD, _CLOSED_ON),
    button=False,
)
def win_deals(
    ctx: Context, deals: Sequence[Deal], *, closed_on: date | None = None, as_sold: bool = False
) -> None:
    """Say that several deals are won. ``as_sold``: each that was sold as something else than it says (an accepted quote
    that the actor may see) takes that over."""
    if as_sold:
        take_over(ctx, deals, None)
    _end(ctx, deals, "won", {"closed_on": closed_on})


@action(
    "deal.lose",
    label=_("Mark as lost"),
    icon="xc",
    tone="danger",
    inputs=_LOSS,
    offered=lambda deal: deal.status == "open",
)
def lose_deal(
    ctx: Context, /, deal: Deal, *, lost_reason: int, competitor: int | None = None, lost_note: str = "",
    closed_on: date | None = None, **values: Any,
) -> None:  # fmt: skip
    """Say that a deal is lost: why, to whom, and when (today unless another day is given)."""
    given = {
        "lost_reason": lost_reason,
        "competitor": competitor,
        "lost_note": lost_note,
        "closed_on": closed_on,
    }
    _end(ctx, [deal], "lost", {**given, **values})


@action(
    "deal.lose_many", label=_("Mark as lost"), on="many", icon="xc", tone="danger", inputs=_LOSS, button=False
)
def lose_deals(
    ctx: Context, deals: Sequence[Deal], *, lost_reason: int, competitor: int | None = None, lost_note: str = "",
    closed_on: date | None = None,
) -> None:  # fmt: skip
    """Say that several deals are lost, for one reason."""
    given = {
        "lost_reason": lost_reason,
        "competitor": competitor,
        "lost_note": lost_note,
        "closed_on": closed_on,
    }
    _end(ctx, deals, "lost", given)


@action(
    "deal.reopen",
    label=_("Reopen"),
    icon="undo",
    inputs=_inputs("stage"),
    offered=lambda deal: deal.status != "open",
    then=_asks_next,
)
def reopen_deal(ctx: Context, deal: Deal, *, stage: int | None = None) -> None:
    """Take an ended deal up again, in ``stage`` or else in the first open stage of its pipeline.

    Raises:
        RuleViolation: it has not ended, or the stage is not an open one.
    """
    if deal.status == "open":
        raise RuleViolation(msg("This deal is open already."), "status")
    target = _ending([deal], "open")[deal.pipeline_id] if stage is None else stage
    if not Stage.objects.filter(id=target, kind="open", deleted_at__isnull=True).exists():
        raise RuleViolation(msg("A deal is reopened in an open stage."), "stage")
    _write(ctx, [deal], {"stage": target})


@action(
    "deal.plan",
    label=_("Plan the next step"),
    icon="clock",
    inputs=(
        Text(key="title", label=_("What comes next"), required=True, max_length=300),
        Choice(key="kind", label=_("Kind"), options=STEP_KINDS[:-1], default="follow_up"),
        Choice(key="when", label=_("When"), options=WHEN, default="d2"),
        Instant(key="due_at", label=_("Or exactly at")),
    ),
    offered=lambda deal: deal.status != "lost",
)
def plan_step(
    ctx: Context, deal: Deal, *, title: str, kind: str = "follow_up", when: str = "d2", due_at: datetime | None = None
) -> Task:  # fmt: skip
    """Make the task that comes next about a deal, for its owner: in some working days, or exactly at ``due_at``."""
    at = due_at or working_moment(ctx.tenant, when or "d2")
    values = {"title": title, "kind": kind or "follow_up", "due_at": at, "about": Ref("deal", deal.id, ""),
              "owner": deal.owner_id or ctx.actor.user_id, "priority": "normal", "status": "open"}  # fmt: skip
    task: Task = create_records(ctx, TASK, [values])[0]
    return task


@action(
    "deal.tick",
    label=_("Tick off in the playbook"),
    icon="check",
    inputs=(
        Link(key="item", label=_("Item of the playbook"), to="playbook_item", required=True),
        Flag(key="done", label=_("Done"), default=True),
    ),
    button=False,
)
def tick_item(ctx: Context, deal: Deal, *, item: int, done: bool = True) -> None:
    """Say that an item of the playbook of the deal's stage is done, or not after all. Said twice, it is as said once.

    Raises:
        Invalid: the deal's stage has no such item.
    """
    asked = PlaybookItem.objects.filter(id=item, stage_id=deal.stage_id, deleted_at__isnull=True).first()
    if asked is None:
        raise Invalid.of(msg("The playbook of this stage has no such item."), "item", "missing")
    if done:
        values = {"at": clock.now(), "by_id": ctx.actor.user_id}
        changed = PlaybookTick.objects.get_or_create(deal_id=deal.id, item_id=item, defaults=values)[1]
    else:
        changed = bool(PlaybookTick.objects.filter(deal_id=deal.id, item_id=item).delete()[0])
    if changed:
        [subjects] = subjects_of(DEAL, [deal])
        ctx.record(PlaybookTicked(object="deal", object_id=deal.id, title=deal.name, subjects=subjects, item_id=item,
                                  item=asked.name, is_done=done))  # fmt: skip
        ctx.touch("deal", deal.id)


@action(
    "deal.use_stage_probability",
    label=_("Use the stage's probability"),
    icon="undo",
    offered=lambda deal: deal.status == "open" and deal.has_own_probability,
)
def use_stage_probability(ctx: Context, deal: Deal) -> None:
    """Take back a probability that somebody gave the deal itself: that of its stage holds again."""
    update_records(ctx, DEAL, [deal], [{"probability": None}])


@action("deal.assign", label=_("Assign"), icon="user", inputs=(_OWNER,))
def assign_deal(ctx: Context, deal: Deal, *, owner: int) -> None:
    """Give a deal to another owner."""
    _write(ctx, [deal], {"owner": owner})


@action("deal.assign_many", label=_("Assign"), on="many", icon="user", inputs=(_OWNER,), button=False)
def assign_deals(ctx: Context, deals: Sequence[Deal], *, owner: int) -> None:
    """Give several deals to another owner."""
    _write(ctx, deals, {"owner": owner})


@contextmanager
def _by_playbook(ctx: Context, deal: Deal, ticked: Sequence[int]) -> Iterator[None]:
    """Tick what is done with a move; what the playbook then still holds back is named by that input."""
    try:
        for item in ticked:
            tick_item(ctx, deal, item=item)
        yield
    except Invalid as error:
        raise Invalid([_of_playbook(problem) for problem in error.problems]) from error


def _of_playbook(problem: Problem) -> Problem:
    return (
        replace(problem, field=TICKED.key)
        if problem.code == "playbook" or problem.field == "item"
        else problem
    )


def _given(values: dict[str, Any]) -> dict[str, Any]:
    """What was really filled in: a form also sends what was left empty."""
    return {key: value for key, value in values.items() if not is_empty(value)}


def _write(ctx: Context, deals: Sequence[Deal], values: dict[str, Any]) -> None:
    if problems := missing_links(ctx, DEAL, [values])[0]:
        raise Invalid(problems)
    update_records(ctx, DEAL, deals, [values] * len(deals))


def _end(ctx: Context, deals: Sequence[Deal], kind: str, values: dict[str, Any]) -> None:
    given = _given(values)
    if problems := missing_links(ctx, DEAL, [given])[0]:
        raise Invalid(problems)
    stages = _ending(deals, kind)
    update_records(ctx, DEAL, deals, [{"stage": stages[deal.pipeline_id], **given} for deal in deals])


def _ending(deals: Sequence[Deal], kind: str) -> dict[int, int]:
    """For each pipeline of the deals, its first stage of this kind.

    Raises:
        RuleViolation: a pipeline has none.
    """
    pipelines = {deal.pipeline_id for deal in deals}
    rows = Stage.objects.filter(pipeline_id__in=pipelines, kind=kind, deleted_at__isnull=True).order_by(
        "-position", "-id"
    )
    found: dict[int, int] = dict(rows.values_list("pipeline_id", "id"))
    if pipelines - found.keys():
        raise RuleViolation(msg("This pipeline has no such stage; add one in the settings."), "pipeline")
    return found
