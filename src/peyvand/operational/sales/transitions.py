"""What happens when a deal is created, changes its stage, or its owner: one piece of code for every path of writing.

``prepare_deals`` runs before deals are saved: it finds where each one goes, holds the stage's gate, and sets what
follows (status, probability, closing day, place in the column). ``tell_deals`` runs after: history and facts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from peyvand.kernel import clock
from peyvand.kernel.errors import Conflict, Invalid, Problem, Refusals, RuleViolation, msg
from peyvand.operational.sales.events import BigDeal, DealAssigned, DealLost, DealMoved, DealReopened, DealWon
from peyvand.operational.sales.figures import mark_way, reckon_lines, settle_chance
from peyvand.operational.sales.giving import give_customers
from peyvand.operational.sales.health import reckon
from peyvand.operational.sales.models import Deal, DealContact, DealLine, LostReason, Stage, StageMove
from peyvand.operational.sales.playbook import open_items
from peyvand.operational.sales.ranks import GAP, tops
from peyvand.operational.sales.team import check_shares
from peyvand.platform.actions.context import Context
from peyvand.platform.database.bulk import insert_rows, next_ids
from peyvand.platform.events.facts import Event
from peyvand.platform.identity.models import User
from peyvand.platform.objects.references import Subjects, subjects_of
from peyvand.platform.objects.spec import object_named

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Before:
    """What a deal was like in the database."""

    stage_id: int | None = None
    status: str = ""
    stage_since: datetime | None = None
    owner_id: int | None = None
    expected_on: date | None = None
    amount: int | None = None


@dataclass(frozen=True)
class Transition:
    """One deal's way from what it was: to another stage, to another owner, or both."""

    before: Before
    to_stage: Stage | None = None
    at: datetime | None = None
    # The moment is another than that of the writing: a deal whose end is entered afterwards.
    is_past: bool = False
    to_owner: bool = False
    is_big: bool = False


# What makes a writing one that history reads the former values for.
_TOLD_BY = frozenset(
    {"stage", "pipeline", "owner", "closed_on", "probability", "forecast", "expected_on", "amount", "lines"}
)


def prepare_deals(ctx: Context, deals: Sequence[Deal], values: Sequence[dict[str, Any]]) -> None:
    """Bring deals about to be saved in line with their stage.

    Raises:
        Invalid: the stage asks for fields that are empty; its problems name each of them.
        RuleViolation: the stage is not of the pipeline; a lost deal has no reason.
    """
    before = _before(deals, values)
    reckon_lines(deals, values, {id: was.amount for id, was in before.items()})
    stages = _stages()
    lined = _with_lines(deals, values, stages)
    moved: list[Deal] = []
    left = _leaving(deals, values, before, stages)
    still_open = open_items(left) if left else {}
    refusals = Refusals()
    for deal, given in zip(deals, values, strict=True):
        with refusals.of(deal.id):
            was = before.get(deal.id, Before())
            stage = _destination(deal, given, was, stages)
            entering = stage.id != was.stage_id
            if entering:
                moved.append(deal)
                lacking = _gate(deal, given, stage, has_lines=deal.id in lined)
                lacking += _hold_playbook(still_open.get(deal.id, ()), stages.get(was.stage_id or 0))
                if lacking:
                    raise Invalid(lacking)
            _settle(ctx, deal, given, stage, entering)
            mark_way(deal, was.expected_on, was.stage_id is None)
            if "team" in given:
                check_shares(deal, given["team"] or ())
            reassigned = was.stage_id is not None and "owner" in given and deal.owner_id != was.owner_id
            big = _turned_big(deal, was, stage)
            deal.transition = (
                Transition(was, to_owner=reassigned, is_big=big) if entering or reassigned or big else None
            )
            if entering:
                _enter(ctx, deal, stage, was)
    refusals.settle()
    _place(moved)


def _before(deals: Sequence[Deal], values: Sequence[Values]) -> dict[int, Before]:
    """What the database holds of changed deals, locked until the transaction ends: history must have no gap.

    Raises:
        Conflict: somebody else changed one of them since it was read.
    """
    versions = {
        d.id: d.version
        for d, given in zip(deals, values, strict=True)
        if not d._state.adding and given.keys() & _TOLD_BY
    }
    rows = (
        Deal.objects.select_for_update().filter(id__in=versions).order_by("id")
        if versions
        else Deal.objects.none()
    )
    columns = ("stage_id", "status", "stage_since", "owner_id", "expected_on", "amount")
    found: dict[int, Before] = {}
    for id, version, *row in rows.values_list("id", "version", *columns):
        if version != versions[id]:
            raise Conflict
        found[id] = Before(*row)
    same = {
        d.id: Before(d.stage_id, d.status, d.stage_since, d.owner_id, d.expected_on, d.amount)
        for d in deals
        if not d._state.adding
    }
    return same | found


def _stages() -> dict[int, Stage]:
    """Every stage, those of the default pipeline first, each pipeline's in order. A deal may still lie in one that was
    deleted; into it none can go."""
    order = ("-pipeline__is_default", "pipeline__position", "pipeline_id", "position", "id")
    return {s.id: s for s in Stage.objects.select_related("pipeline").order_by(*order)}


def _is_there(stage: Stage | None) -> bool:
    return stage is not None and stage.deleted_at is None and stage.pipeline.deleted_at is None


def _destination(deal: Deal, given: Values, was: Before, stages: Mapping[int, Stage]) -> Stage:
    if given.get("stage"):
        stage = stages.get(given["stage"])
        if stage is None or (not _is_there(stage) and stage.id != was.stage_id):
            raise Invalid.of(msg("This record does not exist or you may not see it."), "stage", "missing")
        if given.get("pipeline") and stage.pipeline_id != given["pipeline"]:
            raise RuleViolation(msg("This stage belongs to another pipeline."), "stage")
        return stage
    current = stages.get(deal.stage_id)
    if current is not None and (not given.get("pipeline") or current.pipeline_id == given["pipeline"]):
        return current
    asked = given.get("pipeline")
    first = next(
        (s for s in stages.values() if s.kind == "open" and _is_there(s) and asked in (None, s.pipeline_id)),
        None,
    )
    if first is None:
        raise RuleViolation(msg("This pipeline has no open stage."), "pipeline")
    return first


def _with_lines(deals: Sequence[Deal], values: Sequence[Values], stages: Mapping[int, Stage]) -> set[int]:
    """Ids of the deals that have products, asked only where a stage wants them."""
    if not any("lines" in stage.required for stage in stages.values()):
        return set()
    given = {d.id for d, v in zip(deals, values, strict=True) if v.get("lines")}
    asked = [d.id for d, v in zip(deals, values, strict=True) if "lines" not in v and not d._state.adding]
    rows = DealLine.objects.filter(deal_id__in=asked).values_list("deal_id", flat=True).distinct()
    return given | (set(rows) if asked else set())


def _gate(deal: Deal, given: Values, stage: Stage, *, has_lines: bool) -> list[Problem]:
    """Every field that the stage requires and that is empty."""
    spec = object_named("deal")
    empty = []
    for key in stage.required:
        there = has_lines if key == "lines" else spec.field(key).read(deal) not in (None, "")
        if not there:
            empty.append(key)
    # A deal recorded with the day of its loss is history, whose reason may be unknown.
    history = deal._state.adding and given.get("closed_on") is not None
    if stage.kind == "lost" and deal.lost_reason_id is None and not history and "lost_reason" not in empty:
        empty.append("lost_reason")
    sentence = msg("The stage “%(stage)s” asks for this.", stage=stage.name)
    return [Problem(key, sentence, "required") for key in empty]


def _leaving(
    deals: Sequence[Deal], values: Sequence[Values], before: Mapping[int, Before], stages: Mapping[int, Stage]
) -> dict[int, int]:
    """The open stages that deals leave, by deal, for another stage than a lost one."""
    found: dict[int, int] = {}
    for deal, given in zip(deals, values, strict=True):
        was, to = before.get(deal.id, Before()), stages.get(given.get("stage") or 0)
        stage = stages.get(was.stage_id or 0)
        if (
            stage is None
            or was.status != "open"
            or (to is not None and (to.id == stage.id or to.kind == "lost"))
        ):
            continue
        if to is not None or given.get("pipeline") not in (None, stage.pipeline_id):
            found[deal.id] = stage.id
    return found


def _hold_playbook(names: Sequence[str], stage: Stage | None) -> list[Problem]:
    """All that the playbook of the stage which is left requires and that is not done."""
    if stage is None:
        return []
    return [
        Problem("stage", msg("The playbook of “%(stage)s” asks for: %(item)s", stage=stage.name, item=name), "playbook")
        for name in names
    ]  # fmt: skip


def _turned_big(deal: Deal, was: Before, stage: Stage) -> bool:
    """Whether an open deal has just reached its pipeline's threshold."""
    least = stage.pipeline.big_deal
    if least is None or stage.kind != "open" or deal.amount is None or deal.amount < least:
        return False
    return was.stage_id is None or was.amount is None or was.amount < least


def _settle(ctx: Context, deal: Deal, given: Values, stage: Stage, entering: bool) -> None:
    deal.stage_id, deal.pipeline_id, deal.status = stage.id, stage.pipeline_id, stage.kind
    settle_chance(deal, given, stage, entering)
    if stage.kind == "open":
        deal.closed_on = None
    else:
        if entering and given.get("closed_on") is None:
            deal.closed_on = clock.today(ctx.tenant.tz)
        elif deal.closed_on is None:
            raise Invalid.of(msg("A deal that has ended has a closing date."), "closed_on", "required")
    if entering and stage.kind != "lost":
        deal.lost_reason_id, deal.lost_note = None, ""
    amount = deal.amount or 0
    deal.weighted = (
        None if deal.amount is None else (amount * deal.probability + (99 if amount < 0 else 0)) // 100
    )
    if deal.engaged_on and deal.closed_on and deal.closed_on < deal.engaged_on:
        raise RuleViolation(msg("The end cannot be before the beginning."), "closed_on")


def _enter(ctx: Context, deal: Deal, stage: Stage, was: Before) -> None:
    """Say when the deal entered: now, or on the day that its own dates tell."""
    now = clock.now()
    day = deal.closed_on if stage.kind != "open" else deal.engaged_on if was.stage_id is None else None
    at = now if day is None or day >= clock.today(ctx.tenant.tz) else _noon(ctx, day)
    if was.stage_since is not None and at < was.stage_since:
        at = min(now, was.stage_since)
    deal.stage_since = at
    transition = deal.transition or Transition(was)
    deal.transition = replace(transition, to_stage=stage, at=at, is_past=at != now)


def _noon(ctx: Context, day: date) -> datetime:
    return datetime.combine(day, time(12), ctx.tenant.tz)


def _place(deals: Sequence[Deal]) -> None:
    """Lay deals on top of the columns they enter, the first of a set uppermost."""
    if not deals:
        return
    top = tops(d.stage_id for d in deals)
    for deal in reversed(deals):
        top[deal.stage_id] += GAP
        deal.board_rank = top[deal.stage_id]


def tell_deals(ctx: Context, deals: Sequence[Deal], values: Sequence[Values], created: bool) -> None:
    """Write the history of stages and the facts of deals that changed their stage or owner, and reckon their health."""
    _tell(ctx, deals)
    give_customers(ctx, deals, values, created)
    alive = [d.id for d in deals if d.status == "open" or d.health is not None]
    ctx.touch("deal", *reckon(ctx.tenant, alive))


def _tell(ctx: Context, deals: Sequence[Deal]) -> None:
    told = [(d, d.transition) for d in deals if d.transition is not None]
    if not told:
        return
    moves = [(deal, t, t.to_stage) for deal, t in told if t.to_stage is not None]
    if moves:
        _write_history(ctx, moves)
    names = dict(
        Stage.objects.filter(
            id__in={t.before.stage_id for _, t, _ in moves if t.before.stage_id}
        ).values_list("id", "name")
    )
    reasons = dict(
        LostReason.objects.filter(
            id__in={d.lost_reason_id for d, _, _ in moves if d.lost_reason_id}
        ).values_list("id", "name")
    )
    owners = dict(
        User.objects.filter(id__in={d.owner_id for d, t in told if t.to_owner and d.owner_id}).values_list(
            "id", "name"
        )
    )
    involved: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for deal_id, person_id in DealContact.objects.filter(deal_id__in=[d.id for d, _ in told]).values_list(
        "deal_id", "person_id"
    ):
        involved[deal_id].append(("person", person_id))
    facts: list[Event] = []
    for (deal, t), subjects in zip(
        told, subjects_of(object_named("deal"), [d for d, _ in told]), strict=True
    ):
        subjects = tuple(dict.fromkeys([*subjects, *involved[deal.id]]))
        if t.is_big:
            facts.append(BigDeal(object="deal", object_id=deal.id, title=deal.name, subjects=subjects, amount=deal.amount,
                                 owner_id=deal.owner_id))  # fmt: skip
        if t.to_stage is not None and (fact := _stage_fact(deal, t, t.to_stage, subjects, names, reasons)):
            facts.append(fact)
        if t.to_owner:
            facts.append(DealAssigned(
                object="deal", object_id=deal.id, title=deal.name, subjects=subjects, from_owner_id=t.before.owner_id,
                to_owner_id=deal.owner_id, to_owner=owners.get(deal.owner_id or 0, ""),
            ))  # fmt: skip
    ctx.record(*facts)


def told_by_facts(deal: Deal) -> frozenset[str]:
    """Fields whose change the deal's own facts tell already, after the writing that just took place."""
    t = deal.transition
    told = {"weighted", "stage_since", "has_own_probability", "pushes", "margin", "recurring", "total_value"}
    if t is not None and t.to_stage is not None:
        told |= {
            "pipeline",
            "stage",
            "status",
            "probability",
            "forecast",
            "closed_on",
            "lost_reason",
            "lost_note",
        }
    return frozenset(told | {"owner"} if t is not None and t.to_owner else told)


def _write_history(ctx: Context, moves: Sequence[tuple[Deal, Transition, Stage]]) -> None:
    insert_rows(
        StageMove,
        ("id", "workspace_id", "deal_id", "from_stage_id", "to_stage_id", "at", "by_id", "seconds"),
        (
            (id, ctx.tenant.id, deal.id, t.before.stage_id, stage.id, t.at, ctx.actor.user_id,
             int((t.at - t.before.stage_since).total_seconds()) if t.at and t.before.stage_since else None)
            for id, (deal, t, stage) in zip(next_ids(StageMove, len(moves)), moves, strict=True)
        ),
    )  # fmt: skip


def _stage_fact(
    deal: Deal,
    t: Transition,
    stage: Stage,
    subjects: Subjects,
    names: Mapping[int, str],
    reasons: Mapping[int, str],
) -> Event | None:
    at = t.at if t.is_past else None
    closed_on = deal.closed_on.isoformat() if deal.closed_on else ""
    if stage.kind == "won":
        return DealWon(object="deal", object_id=deal.id, title=deal.name, subjects=subjects, at=at, amount=deal.amount,
                       owner_id=deal.owner_id, closed_on=closed_on)  # fmt: skip
    if stage.kind == "lost":
        return DealLost(object="deal", object_id=deal.id, title=deal.name, subjects=subjects, at=at, amount=deal.amount,
                        owner_id=deal.owner_id, closed_on=closed_on, reason=reasons.get(deal.lost_reason_id or 0, ""))  # fmt: skip
    if t.before.stage_id is None:
        return None
    if t.before.status != "open":
        return DealReopened(
            object="deal",
            object_id=deal.id,
            title=deal.name,
            subjects=subjects,
            to_stage_id=stage.id,
            to_stage=stage.name,
        )
    return DealMoved(
        object="deal", object_id=deal.id, title=deal.name, subjects=subjects, from_stage_id=t.before.stage_id,
        from_stage=names.get(t.before.stage_id, ""), to_stage_id=stage.id, to_stage=stage.name,
    )  # fmt: skip
