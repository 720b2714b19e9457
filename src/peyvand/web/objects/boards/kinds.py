"""How boards work: the one that suits any choice or link, and the registry of those that slices made for
their own objects.

A slice subclasses ``Board`` and calls ``register_board`` in its ``web`` module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from peyvand.kernel.errors import Conflict, Invalid, NotFound, Problem, RuleViolation, msg
from peyvand.platform.access.decisions import decide, visible
from peyvand.platform.actions.context import Context
from peyvand.platform.fields.types import Choice, Field, Link, Money, Ref
from peyvand.platform.identity.grants import FieldAccess
from peyvand.platform.objects.queries import load_record
from peyvand.platform.objects.records import update_record
from peyvand.platform.objects.spec import Board as BoardSpec
from peyvand.platform.objects.spec import ObjectSpec, object_named
from peyvand.web.components.cells import cell
from peyvand.web.components.inputs import read_inputs
from peyvand.web.components.tags import say
from peyvand.web.objects.boards.layout import Lane, Layout, Move, Moved
from peyvand.web.objects.boards.pen import EMPTY, Pen

MOST_LANES = 30
# What the dialog's form carries of the move itself.
_CARRIED = frozenset({"card", "stage", "from", "before", "after"})


class Board:
    """A board of one object: which lanes it has, how its cards look, and what moving one means."""

    # ORM path of a card's place in its lane, highest first; empty where cards are ordered by age.
    rank = ""
    # Key of the field that is the amount by its probability.
    weighted = ""

    def __init__(self, spec: ObjectSpec, board: BoardSpec) -> None:
        self.spec, self.by = spec, spec.field(board.by)
        self.amount = board.amount

    def layout(self, ctx: Context, given: QueryDict) -> Layout:
        """The lanes of the board that the address asks for."""
        if isinstance(self.by, Choice):
            return Layout([Lane(option.key, option.label) for option in self.by.options])
        assert isinstance(self.by, Link)
        linked = object_named(self.by.to)
        rows = visible(ctx.actor, linked.key, linked.rows.filter(deleted_at__isnull=True))
        pairs = rows.order_by(linked.title).values_list("id", linked.title)[:MOST_LANES]
        return Layout([Lane(id, str(title)) for id, title in pairs])

    def sums(self, ctx: Context) -> tuple[str, ...]:
        """ORM paths of what the heads add up: the amount, then the weighted one; nothing that the actor may
        not see.
        """
        hidden = ctx.actor.grants.hides(self.spec.key)
        if not self.amount or self.amount in hidden:
            return ()
        paths = [self.spec.field(self.amount).column]
        if self.weighted and self.weighted not in hidden and "probability" not in hidden:
            paths.append(self.spec.field(self.weighted).column)
        return tuple(paths)

    def shown(self, ctx: Context) -> tuple[Field, ...]:
        """The fields on a card beside its title, those that the actor may see."""
        hidden = ctx.actor.grants.hides(self.spec.key)
        keys = (self.spec.subtitle, self.amount, "owner", self._last())
        return tuple(
            self.spec.field(key)
            for key in dict.fromkeys(keys)
            if key in self.spec.all_fields and key not in hidden
        )

    def _last(self) -> str:
        """The field at a card's foot: the first of the list's columns that says when."""
        fields = (self.spec.all_fields.get(key) for key in self.spec.list_columns)
        return next((f.key for f in fields if f is not None and f.widget in ("date", "instant")), "")

    def columns(self, ctx: Context) -> tuple[str, ...]:
        """The ORM paths that ``card`` needs: id, title, the lane's value, the rank, then what is shown."""
        # The path "pk" is the id once more: each place of the values has a path of its own.
        rank = self.rank or "pk"
        return (
            "id",
            self.spec.title,
            self.by.column,
            rank,
            *(c for f in self.shown(ctx) for c in f.columns()),
        )

    def drawer(self, pen: Pen, layout: Layout) -> Callable[[Sequence[Any], bool], SafeString]:
        """A function that draws one card from the values of ``columns``, with its place if that is asked
        for.
        """
        fields = self.shown(pen.ctx)

        def draw(values: Sequence[Any], placed: bool = False) -> SafeString:
            id, title, lane, rank, *rest = values
            under = amount = owner = foot = EMPTY
            at = 0
            for field in fields:
                width = len(field.columns())
                value = field.from_columns(rest[at : at + width])
                at += width
                if value in (None, ""):
                    continue
                if field.key == "owner" and isinstance(value, Ref):
                    owner = pen.owner(value.title, value.id)
                elif isinstance(field, Money):
                    amount = pen.amount(value)
                elif isinstance(value, Ref):
                    under = pen.under(value.title, value.object, value.id)
                else:
                    foot = cell(field, value, pen.reader)
            return pen.card(
                id, title, under=under, amount=amount, owner=owner, foot=foot,
                lane=lane if placed else None, rank=rank if placed or self.rank else None,
            )  # fmt: skip

        return draw

    def new_card(self, layout: Layout, lane: Lane) -> dict[str, Any]:
        """What a card added in this lane begins with."""
        return {self.by.key: lane.key}

    def may_move(self, ctx: Context) -> bool:
        """Whether the actor may carry any card at all."""
        writable = ctx.actor.grants.field_access(self.spec.key, self.by.key) is FieldAccess.WRITE
        return writable and not self.by.readonly and bool(decide(ctx.actor, self.spec.permission("update")))

    def move(self, ctx: Context, move: Move, layout: Layout) -> Moved:
        """Carry out a move.

        Raises:
            Ask: something more has to be said first.
            Conflict: the card is no longer where it was taken from.
        """
        record = self.taken(ctx, move)
        lane = lane_named(layout, move.stage)
        if str(self.by.read(record)) != move.stage:
            update_record(ctx, self.spec, record, {**self.answers(ctx, move), self.by.key: lane.key})
        return Moved(
            self.said(record, lane), undo_of(move) if move.source and move.source != move.stage else None
        )

    def taken(self, ctx: Context, move: Move) -> Any:
        """The record of the card, locked; still in the lane that it was taken from.

        Raises:
            NotFound: it is gone, or the actor may not see it.
            Conflict: a colleague moved it meanwhile.
        """
        record = load_record(self.spec, ctx.actor, move.card, lock=True)
        at = self.by.read(record)
        if move.source and str(at) != move.source:
            raise Conflict(
                msg(
                    "“%(title)s” was moved by a colleague meanwhile; it is shown where it is now.",
                    title=str(record),
                )
            )
        return record

    def answers(self, ctx: Context, move: Move) -> dict[str, Any]:
        """Raw values of the fields that the dialog asked for."""
        if move.form is None:
            return {}
        return read_inputs((f for f in self.spec.own_fields if f.key not in _CARRIED), move.form, ctx.reader)

    def said(self, record: Any, lane: Lane) -> str:
        """What the toast says after a move."""
        return say(msg("“%(title)s” is now in %(lane)s.", title=str(record), lane=lane.name))

    def more(self, pen: Pen, count: int) -> str:
        """What the end of a column says while more cards follow."""
        return ngettext("%(n)s more", "%(n)s more", count) % {"n": pen.number(count)}


def lane_named(layout: Layout, key: str) -> Lane:
    """The lane with this key.

    Raises:
        NotFound: this board has none.
    """
    found = next((lane for lane in layout.lanes if str(lane.key) == key), None)
    if found is None:
        raise NotFound(msg("This column is no longer there. Reload the board."))
    return found


def undo_of(move: Move, **more: Any) -> dict[str, Any]:
    """The move that takes another back."""
    return {"card": move.card, "stage": move.source, "from": move.stage, **more}


def asked_for(spec: ObjectSpec, error: Invalid | RuleViolation) -> list[Field] | None:
    """The object's fields that a refusal names; None where it is about anything else."""
    problems: Sequence[Problem] = (
        error.problems if isinstance(error, Invalid) else [Problem(error.field, error.message)]
    )
    keys = [(p.field or "").partition(".")[0] for p in problems]
    if not all(key in spec.all_fields and not spec.field(key).readonly for key in keys):
        return None
    return [spec.field(key) for key in dict.fromkeys(keys)]


_boards: dict[str, type[Board]] = {}


def register_board(object_key: str, kind: type[Board]) -> type[Board]:
    """Have the boards of an object made by a class of its slice's own."""
    if object_key in _boards:
        raise ValueError(f"the board of {object_key} is declared twice")
    _boards[object_key] = kind
    return kind


def board_of(spec: ObjectSpec) -> Board:
    """The board of an object.

    Raises:
        NotFound: it has none.
    """
    if spec.board is None:
        raise NotFound
    return _boards.get(spec.key, Board)(spec, spec.board)
