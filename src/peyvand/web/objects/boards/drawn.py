"""The drawn parts of a board: heads, columns with their first cards, single cards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from peyvand.kernel.conditions import parse
from peyvand.platform.access.decisions import decide
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.lanes import (
    Key,
    LaneRows,
    Lanes,
    LaneSums,
    first_rows,
    following_rows,
    lane_sums,
    rows_of,
)
from peyvand.platform.objects.queries import ListQuery
from peyvand.web.objects.boards.kinds import Board
from peyvand.web.objects.boards.layout import Lane, Layout
from peyvand.web.objects.boards.pen import EMPTY, Pen
from peyvand.web.objects.lists.state import ListState

FIRST = 20
FURTHER = 40


@dataclass(frozen=True)
class Column:
    """One column of the page."""

    lane: Lane
    head: SafeString
    cards: SafeString
    count: int


@dataclass
class DrawnBoard:
    """One board as one address shows it; each part is fetched when it is first asked for, and once."""

    ctx: Context
    board: Board
    state: ListState
    layout: Layout

    def __post_init__(self) -> None:
        self.pen = Pen(self.ctx, self.board.spec)
        self.paths = self.board.sums(self.ctx)
        self.fields = self.board.columns(self.ctx)
        self.keys: list[Key] = [lane.key for lane in self.layout.lanes]

    @property
    def base(self) -> str:
        """The board's own address."""
        return f"{self.pen.base}/board"

    @property
    def query_string(self) -> str:
        """What keeps the board the same in its other addresses."""
        return "&".join(filter(None, (self.state.query_string, urlencode(self.layout.kept))))

    @cached_property
    def draw(self):  # type: ignore[no-untyped-def]
        """The function that draws a card."""
        return self.board.drawer(self.pen, self.layout)

    @cached_property
    def lanes(self) -> Lanes:
        spec = self.board.spec
        condition = parse({"or": []}, spec.condition_schema) if self.state.problems else self.state.condition
        return Lanes(
            ListQuery(spec, self.ctx.actor, (), condition, (), self.state.text),
            self.board.by.column,
            self.board.rank,
        )

    @cached_property
    def sums(self) -> dict[Key, LaneSums]:
        return lane_sums(self.lanes, self.keys, self.paths)

    def columns(self) -> list[Column]:
        """Every column with its first cards: two queries, however many there are."""
        pages = first_rows(self.lanes, self.keys, self.fields, FIRST)
        return [
            Column(lane, self.head(lane), self.cards(lane, pages[lane.key], FIRST), self.sums[lane.key].count)
            for lane in self.layout.lanes
        ]

    def head(self, lane: Lane) -> SafeString:
        can_add = self.board.spec.creatable and decide(self.ctx.actor, self.board.spec.permission("create"))
        add = ""
        if can_add:
            begin = {**self.board.new_card(self.layout, lane), "next": f"{self.base}?{self.query_string}"}
            add = f"{self.pen.base}/new?{urlencode(begin)}"
        return self.pen.head(
            lane, self.sums[lane.key], has_amount=bool(self.paths), has_weighted=len(self.paths) > 1, add=add
        )

    def heads(self) -> SafeString:
        """All heads and the total, each to replace the one that the page has."""
        return _joined([*map(self.head, self.layout.lanes), self.total()])

    def total(self) -> SafeString:
        return self.pen.total(
            list(self.sums.values()), has_amount=bool(self.paths), has_weighted=len(self.paths) > 1
        )

    def cards(self, lane: Lane, page: LaneRows, shown: int) -> SafeString:
        """Cards, and at their end what fetches those that follow."""
        return _joined([*(self.draw(row, False) for row in page.rows), self._more(lane, page, shown)])

    def _more(self, lane: Lane, page: LaneRows, shown: int) -> SafeString:
        if page.next is None:
            return EMPTY
        query = urlencode({"lane": lane.key, "after": page.next, "shown": shown})
        words = self.board.more(self.pen, max(1, self.sums[lane.key].count - shown))
        return format_html(
            '<button class="more" type="button" hx-get="{}/lane?{}" hx-trigger="intersect once, click"'
            ' hx-swap="outerHTML">{}</button>',
            self.base,
            f"{query}&{self.query_string}" if self.query_string else query,
            words,
        )

    def following(self, lane: Lane, after: str, shown: int) -> SafeString:
        """The cards of a column behind a cursor, of which the page has ``shown`` already."""
        page = following_rows(self.lanes, lane.key, self.fields, after, FURTHER)
        return self.cards(lane, page, shown + len(page.rows))

    def placed(self, ids: Sequence[int]) -> SafeString:
        """Those of these cards that belong on the board, each saying where."""
        by, kept = self.board.by.column, set(self.keys)
        rows = (
            rows_of(self.lanes, self.fields)
            .filter(id__in=list(ids), **{f"{by}__in": list(kept)})
            .order_by(*(f"-{n}" for n in self.lanes.order))
        )
        return _joined(self.draw(row, True) for row in rows.values_list(*self.fields))


def _joined(parts: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((part,) for part in parts))
