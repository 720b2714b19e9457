"""What a board is made of: cards that are a question to the warehouse, or drawn of what an analysis keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from peyvand.analytical.reports.question import LAST_DAYS, LAST_MONTHS, Question
from peyvand.analytical.reports.rights import demand_question
from peyvand.kernel.errors import NotAllowed
from peyvand.platform.actions.context import Context

_JALALI: Final = {"month": "jalali_month", "quarter": "jalali_quarter", "year": "jalali_year"}
_TILE, _HALF, _WHOLE = 1, 2, 3
Draw = Callable[[Context, Mapping[str, str]], Mapping[str, Any]]
"""``draw(ctx, given)``: the template and what it is drawn of; ``given`` is what the address of the card says."""


@dataclass(frozen=True)
class Card:
    """A question, or what ``draw`` draws. ``size``: 1 a tile, 2 half of the width, 3 all of it. ``opens`` says for whom it is,
    beside the rights that its question asks for. ``of``: the facts it is about, "sale" or "subscription": where the workspace has none
    of them, it stands behind those that have something to show. ``is_now``: it is of no span, whatever the page's is."""

    key: str
    label: str | Promise
    size: int = _HALF
    question: Question | None = None
    draw: Draw | None = None
    opens: Callable[[Context], bool] = lambda ctx: True
    says: str | Promise = ""
    of: str = ""
    is_now: bool = False

    def asked(self, ctx: Context) -> Question:
        """Its question, by the periods of the reader's calendar."""
        assert self.question is not None
        if not ctx.reader.is_persian:
            return self.question
        return replace(self.question, by=tuple(_JALALI.get(key, key) for key in self.question.by))

    def is_open(self, ctx: Context) -> bool:
        """Whether the actor may have it."""
        if not self.opens(ctx):
            return False
        if self.question is not None:
            try:
                demand_question(ctx.actor, self.question)
            except NotAllowed:
                return False
        return True


@dataclass(frozen=True)
class Board:
    """A page of cards at ``path``. Keys of cards are theirs alone among all boards'. ``shows_pinned``: reports that people pinned follow."""

    key: str
    label: str | Promise
    path: str
    cards: tuple[Card, ...]
    # Whoever may ask for any of these has use of it.
    needs: tuple[str, ...]
    shows_pinned: bool = False


def tile(key: str, label: str | Promise, measure: str, of: str = "") -> Card:
    """A figure of the last thirty days beside the thirty before: on every day of a month the like is compared."""
    question = Question((measure,), chart="number", span=LAST_DAYS, compare="before")
    return Card(key, label, _TILE, question, says=_("last 30 days"), of=of)


def asking(
    key: str,
    label: str | Promise,
    *measures: str,
    size: int = _HALF,
    says: str | Promise = "",
    of: str = "",
    opens: Callable[[Context], bool] = lambda ctx: True,
    **told: Any,
) -> Card:
    """A question of the last twelve months; ``told`` as Question has it."""
    question = Question(measures, span=LAST_MONTHS, **told)
    return Card(key, label, size, question, opens=opens, says=says, of=of)
