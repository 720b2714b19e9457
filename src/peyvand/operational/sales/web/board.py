"""The board of deals: stages of one pipeline, cards with their next step and age, and the three endings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from peyvand.kernel import clock
from peyvand.kernel.errors import Invalid, Problem, msg
from peyvand.kernel.persian.calendar import format_time
from peyvand.operational.activities.public import TASK
from peyvand.operational.sales.actions import SOLD, TICKED, lose_deal, move_deal, win_deal
from peyvand.operational.sales.models import Deal, LostReason, Pipeline, Stage
from peyvand.operational.sales.objects import DEAL, REQUIRABLE, STEP_KINDS
from peyvand.operational.sales.queries import Health
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.action import action_named
from peyvand.platform.actions.context import Context
from peyvand.platform.actions.long import fresh
from peyvand.platform.fields.choices import Choices
from peyvand.platform.fields.types import Choice, Day, Option, Text
from peyvand.platform.objects.cleaning import clean
from peyvand.platform.objects.inputs import clean_inputs
from peyvand.platform.objects.records import create_record
from peyvand.web.components.icons import icon
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.boards.kinds import Board, lane_named, register_board, undo_of
from peyvand.web.objects.boards.layout import Ask, Chooser, Drop, Lane, Layout, Move, Moved
from peyvand.web.objects.boards.layout import Choice as Way
from peyvand.web.objects.boards.pen import EMPTY, Pen
from peyvand.web.objects.pages.access import open_record
from peyvand.web.objects.pages.drawn import with_titles
from peyvand.web.objects.pages.forewords import Foreword, foreword_of

WON = Drop("won", _("Won"), "trophy", _("the contract is signed"), "won")
LOST = Drop("lost", _("Lost"), "xc", _("the reason is asked for"), "lost")
LATER = Drop("later", _("Later"), "zzz", _("a reminder on a day of your choice"))
_ASKED = frozenset(
    {option.key for option in REQUIRABLE} | {"closed_on", "lost_reason", "competitor", "lost_note"}
)
_ICONS = {option.key: option.icon for option in STEP_KINDS}
REMIND_AFTER = timedelta(days=7)
REMIND_HOUR = 9


class DealBoard(Board):
    """Lanes are the open stages of one pipeline; won and lost are drops at the foot."""

    rank = "board_rank"
    weighted = "weighted"

    def layout(self, ctx: Context, given: QueryDict) -> Layout:
        """The stages of the pipeline that the address names, else of the default one."""
        pipelines = list(
            Pipeline.objects.filter(deleted_at__isnull=True).order_by("-is_default", "position", "id")
        )
        settings = "settings/pipelines" if decide(ctx.actor, "pipeline.update") else ""
        if not pipelines:
            return Layout((), settings_path=settings)
        pipeline = next((p for p in pipelines if str(p.id) == given.get("pipeline")), pipelines[0])
        stages = list(
            Stage.objects.filter(pipeline_id=pipeline.id, deleted_at__isnull=True).order_by("position", "id")
        )
        kinds = {stage.kind for stage in stages}
        lanes = [
            Lane(s.id, s.name, s.probability, s.rots_after or pipeline.rots_after)
            for s in stages
            if s.kind == "open"
        ]
        drops = [drop for drop in (WON, LOST) if drop.key in kinds]
        if decide(ctx.actor, "task.create"):
            drops.append(LATER)
        ways = [Way(p.name, f"?{_with(given, pipeline=str(p.id))}", p.id == pipeline.id) for p in pipelines]
        # What is named is kept, the default too: a saved view may name another.
        kept = {"pipeline": str(pipeline.id)} if "pipeline" in given or pipeline is not pipelines[0] else {}
        return Layout(lanes, drops, Chooser(_("Pipeline"), pipeline.name, ways), kept, settings)

    def columns(self, ctx: Context) -> tuple[str, ...]:
        """As the general board, then what a deal's card tells beside."""
        return (
            "id",
            "name",
            "stage_id",
            "board_rank",
            "company_id",
            "company__name",
            "amount",
            "owner_id",
            "owner__name",
            "next_activity_at",
            "next_activity_kind",
            "next_activity_title",
            "stage_since",
        )

    def drawer(self, pen: Pen, layout: Layout) -> Callable[[Sequence[Any], bool], SafeString]:
        """Draws a deal's card."""
        hidden = pen.ctx.actor.grants.hides("deal")
        limits = {lane.key: lane.rots_after for lane in layout.lanes}

        def draw(values: Sequence[Any], placed: bool = False) -> SafeString:
            (
                id,
                name,
                stage,
                rank,
                company_id,
                company,
                amount,
                owner_id,
                owner,
                next_at,
                next_kind,
                next_title,
                since,
            ) = values
            health = Health(max(0, (pen.now - since).days), limits.get(stage))
            return pen.card(
                id,
                name,
                under=pen.under(company, "company", company_id)
                if company is not None and "company" not in hidden
                else EMPTY,
                amount=pen.amount(amount) if "amount" not in hidden else EMPTY,
                owner=pen.owner(owner, owner_id) if "owner" not in hidden else EMPTY,
                foot=format_html(
                    "{}{}",
                    _next(pen, next_at, next_kind, next_title) if "next_activity_at" not in hidden else EMPTY,
                    _age(pen, health),
                ),
                rotting=health.is_rotting,
                lane=stage if placed else None,
                rank=rank,
            )

        return draw

    def new_card(self, layout: Layout, lane: Lane) -> dict[str, Any]:
        """A deal added in a column begins in its stage."""
        return {**layout.kept, "stage": lane.key}

    def may_move(self, ctx: Context) -> bool:
        """Whether the actor may move deals at all."""
        return bool(decide(ctx.actor, "deal.move"))

    def move(self, ctx: Context, move: Move, layout: Layout) -> Moved:
        """Move a deal to a stage or to one of the endings; what the playbook holds back, and for what the deal was sold, is
        asked for with the rest."""
        try:
            with transaction.atomic():
                return self._carried(ctx, move, layout)
        except Invalid as error:
            is_plain = all(problem.field != TICKED.key for problem in error.problems)
            sold = SOLD.boxes(ctx, self.taken(ctx, move)) if move.stage == WON.key else None
            if is_plain and (sold is None or not sold.options):
                raise
            raise self._lacking(ctx, move, error, sold) from error

    def _carried(self, ctx: Context, move: Move, layout: Layout) -> Moved:
        deal = self.taken(ctx, move)
        if move.stage in (WON.key, LOST.key, LATER.key):
            return {WON.key: self._win, LOST.key: self._lose, LATER.key: self._later}[move.stage](
                ctx, deal, move
            )
        lane = lane_named(layout, move.stage)
        back = _neighbour(deal)
        values = self.typed(ctx, move)
        try:
            with transaction.atomic():
                move_deal(ctx, deal, stage=int(lane.key), before=move.before, after=move.after, **values)
        except Invalid as error:
            if any(problem.code != "stale" for problem in error.problems):
                raise
            # The neighbours are somewhere else by now: the column is still what was meant.
            move_deal(ctx, self.taken(ctx, move), stage=int(lane.key), **values)
        if move.source == move.stage:
            return Moved()
        return Moved(self.said(deal, lane), undo_of(move, **back) if move.source else None)

    def typed(self, ctx: Context, move: Move) -> dict[str, Any]:
        """Clean values of what a dialog asked for.

        Raises:
            Invalid: each that is wrong.
        """
        if move.form is None:
            return {}
        raw = read_inputs((f for f in DEAL.fields if f.key in _ASKED), move.form, ctx.reader)
        ticked = {}
        if TICKED.key in move.form:
            ticked = {TICKED.key: TICKED.parse([i for i in move.form.getlist(TICKED.key) if i], ctx.reader)}
        return {**clean(ctx, DEAL, raw, partial=True), **ticked}

    def _lacking(self, ctx: Context, move: Move, error: Invalid, sold: Choices | None) -> Ask:
        """The dialog with what is open of the playbook, the fields that are missing besides, and for what it was sold."""
        keys = dict.fromkeys((problem.field or "").partition(".")[0] for problem in error.problems)
        fields = [
            TICKED.boxes(ctx, self.taken(ctx, move)) if key == TICKED.key else DEAL.field(key)
            for key in keys
            if key == TICKED.key or key in DEAL.all_fields
        ]
        has_choice = sold is not None and bool(sold.options)
        if sold is not None and has_choice:
            fields = [sold, *fields]
        raw = read_inputs(fields, move.form, ctx.reader) if move.form is not None else {}
        return Ask(
            gettext("What is still missing"),
            fields,
            lead=say(error.problems[0].message),
            foreword=_sold_for(ctx, move.card) if has_choice else None,
            values=with_titles(ctx, fields, raw),
            problems=error.problems if move.form is not None else (),
        )

    def more(self, pen: Pen, count: int) -> str:
        return ngettext("%(n)s more deal", "%(n)s more deals", count) % {"n": pen.number(count)}

    def _win(self, ctx: Context, deal: Deal, move: Move) -> Moved:
        back = _neighbour(deal)
        if move.form is None:
            self._ask_for_what_it_was_sold(ctx, deal)
            win_deal(ctx, deal)
        else:
            chosen = [id for id in move.form.getlist(SOLD.key) if id]
            win_deal(ctx, deal, as_sold=SOLD.parse(chosen, ctx.reader), **self.typed(ctx, move))
        return Moved(say(msg("“%(title)s” is won.", title=deal.name)), self._undo(deal, move, back))

    def _ask_for_what_it_was_sold(self, ctx: Context, deal: Deal) -> None:
        """Ask as the dialog of winning does, where the deal says something else; with all else that is missing, if it is."""
        sold = SOLD.boxes(ctx, deal)
        if not sold.options:
            return
        with transaction.atomic():
            win_deal(fresh(ctx), Deal.objects.get(id=deal.id))
            transaction.set_rollback(True)
        title = say(msg("Mark “%(title)s” as won", title=deal.name))
        raise Ask(title, [sold], foreword=_sold_for(ctx, deal.id), submit=_("Won"))

    def _lose(self, ctx: Context, deal: Deal, move: Move) -> Moved:
        back = _neighbour(deal)
        if move.form is None:
            raise self._why(deal)
        try:
            values = self.typed(ctx, move)
        except Invalid as error:
            raise self._why(deal, move.form, error.problems) from error
        if values.get("lost_reason") is None:
            raise self._why(
                deal, move.form, [Problem("lost_reason", msg("Say why it was lost."), "required")]
            )
        lose_deal(ctx, deal, **values)
        return Moved(say(msg("“%(title)s” is lost.", title=deal.name)), self._undo(deal, move, back))

    def _undo(self, deal: Deal, move: Move, back: dict[str, int]) -> dict[str, Any] | None:
        return {"card": deal.id, "stage": move.source, "from": deal.stage_id, **back} if move.source else None

    def _why(self, deal: Deal, typed: QueryDict | None = None, problems: Iterable[Problem] = ()) -> Ask:
        reasons = (
            LostReason.objects.filter(deleted_at__isnull=True)
            .order_by("position", "id")
            .values_list("id", "name")
        )
        reason = DEAL.field("lost_reason")
        options = tuple(Option(str(id), name) for id, name in reasons)
        fields = (
            Choice(key="lost_reason", label=reason.label, options=options, required=True),
            DEAL.field("competitor"),
            replace(DEAL.field("lost_note"), label=_("Note")),
        )
        values = {f.key: typed[f.key] for f in fields if f.key in typed} if typed is not None else {}
        title = say(msg("Why was “%(title)s” lost?", title=deal.name))
        return Ask(
            title, fields, values=values, problems=tuple(problems), submit=_("Lost"), tone="danger-solid"
        )

    def _later(self, ctx: Context, deal: Deal, move: Move) -> Moved:
        fields = (
            Day(key="remind_on", label=_("Remind me on"), required=True),
            Text(key="remind_of", label=_("What is to be done then"), required=True, max_length=300),
        )
        title = say(msg("Set “%(title)s” aside", title=deal.name))
        if move.form is None:
            day = clock.today(ctx.tenant.tz) + REMIND_AFTER
            values: dict[str, Any] = {
                "remind_on": day,
                "remind_of": gettext("Follow up: %(title)s") % {"title": deal.name},
            }
            raise Ask(title, fields, values=values, submit=_("Remind me"))
        typed = {f.key: move.form.get(f.key, "") for f in fields}
        try:
            given = clean_inputs(ctx, fields, typed)
        except Invalid as error:
            problems = error.problems
            raise Ask(title, fields, values=typed, problems=problems, submit=_("Remind me")) from error
        at = datetime.combine(given["remind_on"], time(REMIND_HOUR), ctx.tenant.tz)
        create_record(
            ctx,
            TASK,
            {"title": given["remind_of"], "kind": "follow_up", "due_at": at, "about": f"deal:{deal.id}"},
        )
        return Moved(say(msg("You will be reminded of “%(title)s”.", title=deal.name)))


def _sold_for(ctx: Context, id: int) -> Foreword | None:
    """What stands above the dialog of winning this deal."""
    action = action_named("deal.win")
    assert action is not None
    return foreword_of(ctx, open_record(ctx, DEAL, id, ()), action, {})


def _with(given: QueryDict, **changes: str) -> str:
    kept = given.copy()
    for name in ("part", "ids", "lane", "after", "shown", "build"):
        kept.pop(name, None)
    for name, value in changes.items():
        kept[name] = value
    return kept.urlencode()


def _neighbour(deal: Deal) -> dict[str, int]:
    """The card over or under a deal, by which an undo finds its old place."""
    column = Deal.objects.filter(stage_id=deal.stage_id, deleted_at__isnull=True).exclude(id=deal.id)
    above = (
        column.filter(board_rank__gt=deal.board_rank)
        .order_by("board_rank")
        .values_list("id", flat=True)
        .first()
    )
    if above is not None:
        return {"after": above}
    below = (
        column.filter(board_rank__lte=deal.board_rank)
        .order_by("-board_rank")
        .values_list("id", flat=True)
        .first()
    )
    return {"before": below} if below is not None else {}


def _next(pen: Pen, at: datetime | None, kind: str, title: str) -> SafeString:
    """When the next step is due; its absence and its lateness stand out."""
    if at is None:
        return format_html('<span class="next none">{}{}</span>', icon("alert"), gettext("No next step"))
    local = at.astimezone(pen.reader.tz)
    said = pen.day(local.date())
    if local.date() == pen.today:
        said = f"{said} {format_time(at, pen.reader.tz, pen.reader.language)}"
    state = ""
    if at < pen.now:
        state, said = " late", gettext("%(when)s, overdue") % {"when": said}
    elif local.date() == pen.today:
        state = " soon"
    return format_html(
        '<span class="next{}" title="{}">{}<span class="trunc">{}</span></span>',
        state,
        title,
        icon(_ICONS.get(kind) or "task"),
        said,
    )


def _age(pen: Pen, health: Health) -> SafeString:
    """Days in the stage; of a rotting deal against its limit."""
    said = pen.days(health.days) if health.days else gettext("today")
    if health.is_rotting:
        said = gettext("%(age)s; limit %(limit)s") % {"age": said, "limit": pen.number(health.limit or 0)}
    return format_html('<span class="age">{}</span>', said)


register_board("deal", DealBoard)
