"""What a board consists of, and what happens to a card that is carried: values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise

from peyvand.kernel.errors import Problem
from peyvand.platform.fields.types import Field
from peyvand.platform.objects.lanes import Key
from peyvand.web.objects.pages.forewords import Foreword

Label = str | Promise


@dataclass(frozen=True)
class Lane:
    """One column: the value of the board's field that its cards have. ``probability`` in percent."""

    key: Key
    name: Label
    probability: int | None = None
    # Days in it after which a card is rotting.
    rots_after: int | None = None


@dataclass(frozen=True)
class Drop:
    """A place at the board's foot that shows itself while a card is carried."""

    key: str
    name: Label
    icon: str
    hint: Label = ""
    tone: str = ""


@dataclass(frozen=True)
class Choice:
    label: str
    href: str
    is_current: bool = False


@dataclass(frozen=True)
class Chooser:
    """A menu in the filter bar that changes which lanes there are: of which pipeline."""

    label: Label
    chosen: str
    choices: Sequence[Choice]


@dataclass(frozen=True)
class Layout:
    """The lanes of one board as its address says. ``kept`` is what its other addresses must carry."""

    lanes: Sequence[Lane]
    drops: Sequence[Drop] = ()
    chooser: Chooser | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    # Who may, may make lanes here when there are none.
    settings_path: str = ""


@dataclass(frozen=True)
class Move:
    """A card carried from the lane ``source`` to ``stage``, a lane or a drop."""

    card: int
    stage: str
    source: str = ""
    before: int | None = None
    after: int | None = None
    # What the dialog's form sent with it.
    form: QueryDict | None = None


@dataclass(frozen=True)
class Moved:
    """How a move went: what to say, and what to post to take it back (the fields of a Move)."""

    said: str = ""
    undo: Mapping[str, Any] | None = None


class Ask(Exception):
    """The move needs more than the place: these fields, asked for in a dialog that sends the move again."""

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        lead: str = "",
        foreword: Foreword | None = None,
        values: Mapping[str, Any] | None = None,
        problems: Sequence[Problem] = (),
        submit: Label = "",
        tone: str = "primary",
    ) -> None:
        super().__init__(title)
        self.title, self.fields, self.lead, self.foreword = title, fields, lead, foreword
        self.values, self.problems, self.submit, self.tone = values or {}, problems, submit, tone
